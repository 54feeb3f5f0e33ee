package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	netmail "net/mail"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/parser"
)

const (
	rivalRounds = 100
	shownWrong  = 3 // rounds, and lines of a log: what goes wrong often looks the same each time
)

// rivalry is two reviewers who give opposite answers at the same moment, each in a mailbox of its own.
type rivalry struct {
	ctx    context.Context //nolint:containedctx // of the test
	office *post.Office    // where everybody reads their mail
	dir    string          // with the configurations and the database
	desks  []*helpdesk     // where each rival's answers arrive
	policy *intake.Policy
}

// rivals are the reviewers, in the order of their desks.
var rivals = []string{asha, ben}

// contest is one request and what the reviewers answer.
type contest struct {
	ref     string
	subject string            // an address
	says    map[string]string // by the reviewer's address: approve or reject
	answers [][]byte          // in the order of the desks
}

// TestRivals has two reviewers contradict each other at the same moment, again and again: whoever comes first
// decides, once and for all, and the other is told.
func TestRivals(t *testing.T) {
	r := newRivalry(t)
	contests := r.begin(t)
	took := r.race(t, contests)
	r.start(t, "later", "run", "--until-idle").end(t)

	ledger := answered[inboundView](t, r, "inbound")
	letters := answered[outboundView](t, r, "outbound")
	won, states := make(map[string]int), make(map[string]int)
	told, wrong := r.told(t), 0
	for i, c := range contests {
		request := answered[requestView](t, r, "show", c.ref)[0]
		got := aftermathOf(request, ledger, letters)
		winner := got.winner(t, i)
		won[winner]++
		states[request.State]++
		if diff := cmp.Diff(c.expected(winner), got); diff == "" {
			r.checkTold(t, request, winner, told)
		} else if wrong++; wrong <= shownWrong {
			t.Errorf("round %d, %s: (-want +got)\n%s", i, c.ref, diff)
		}
	}
	if wrong > shownWrong {
		t.Errorf("%d rounds of %d went wrong", wrong, rivalRounds)
	}
	r.checkSums(t, states, ledger, letters)
	t.Logf("%d rounds in %v, won by %v, so that requests are %v", rivalRounds, took.Round(time.Millisecond), won, states)
}

func newRivalry(t *testing.T) *rivalry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience) // kills what hangs
	t.Cleanup(cancel)
	r := &rivalry{ctx: ctx, dir: t.TempDir()}
	accounts := demo.Accounts()
	for i := range rivalRounds {
		accounts = append(accounts, subjectOf(i))
	}
	var err error
	if r.policy, err = intake.DefaultPolicy(); err != nil {
		t.Fatal(err)
	}
	if r.office, err = post.Embedded(context.WithoutCancel(r.ctx), accounts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.office.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, account := range []string{"decisions-a@helpdesk.test", "decisions-b@helpdesk.test"} {
		r.desks = append(r.desks, newHelpdesk(t, account, r.office.Password))
	}
	r.arrange(t)
	return r
}

func subjectOf(i int) string { return fmt.Sprintf("user%03d@pharmacy.test", i) }

// begin has a site ask for a hundred users, and returns what the reviewers will answer to the review emails.
func (r *rivalry) begin(t *testing.T) []*contest {
	t.Helper()
	for i := range rivalRounds {
		user := subjectOf(i)
		raw := post.Client{App: post.Outlook, Date: time.Now()}.New(pharmacy, service, "MFA exception for "+user,
			"User: "+user+"\nReason: secure location\nDetails: Works in a prison, where no phones are allowed.",
			post.Letter("letter.pdf", "To let in "+user))
		if err := r.office.Send(r.ctx, post.Bare(pharmacy), []string{service}, raw); err != nil {
			t.Fatal(err)
		}
	}
	r.start(t, "office", "run", "--until-idle").end(t)

	reviews := make(map[string]map[string][]byte) // by reviewer and reference
	for _, who := range rivals {
		reviews[who] = make(map[string][]byte)
		for _, m := range r.inbox(t, who) {
			reviews[who][refOf(t, m.Raw)] = m.Raw
		}
	}
	var contests []*contest
	for i, v := range answered[requestView](t, r, "queue") {
		c := &contest{ref: v.Ref, subject: v.Subject.Email, says: make(map[string]string)}
		for j, who := range rivals {
			verb, words := "approve", "APPROVE"
			if (i+j)%2 == 1 {
				verb, words = "reject", "REJECT The letter is not signed."
			}
			c.says[post.Bare(who)] = verb
			original := reviews[who][c.ref]
			if original == nil {
				t.Fatalf("%s was not asked about %s", who, c.ref)
			}
			answer := post.Client{App: post.Outlook, Date: time.Now()}.Reply(who, original, words, nil)
			c.answers = append(c.answers, answer)
		}
		contests = append(contests, c)
	}
	if len(contests) != rivalRounds {
		t.Fatalf("%d requests, expected %d", len(contests), rivalRounds)
	}
	return contests
}

// race delivers both answers at the same moment, round by round, while another process that tries to run is refused.
// In the end every answer is on record and filed.
func (r *rivalry) race(t *testing.T, contests []*contest) (took time.Duration) {
	t.Helper()
	p := r.start(t, "desks", "run")
	r.rest(t, 0)
	r.refused(t, p)
	began := time.Now()
	for i, c := range contests {
		for j, d := range r.desks {
			if err := d.put(c.answers[j]); err != nil {
				t.Fatal(err)
			}
		}
		// Neither is always told first, and neither always approves.
		first := i / 2 % 2
		r.desks[first].wake()
		r.desks[1-first].wake()
		r.rest(t, i)
	}
	took = time.Since(began)
	p.terminate(t)
	return took
}

// refused has others try to run beside a process: each ends at once, and says which process it is.
func (r *rivalry) refused(t *testing.T, p *rivalProcess) {
	t.Helper()
	for _, args := range [][]string{{"run"}, {"run", "--until-idle"}} {
		var stdout, stderr bytes.Buffer
		status := runMain(append(args, "--config", filepath.Join(r.dir, "office.toml")), &stdout, &stderr)
		want := fmt.Sprintf("mfabot.db, by process %d on ", p.Process.Pid)
		if status != exitFailed || !strings.Contains(stderr.String(), want) {
			t.Errorf("%v beside a process that runs: exit status %d, %q does not say %q", args, status, stderr.String(), want)
		}
	}
}

// rest waits until both mailboxes have nothing left to be read.
func (r *rivalry) rest(t *testing.T, round int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, 2*patience)
	defer cancel()
	for _, d := range r.desks {
		if err := d.rest(ctx); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// aftermath is everything that a round left behind.
type aftermath struct {
	State     string
	Exception string         // its state; empty for none
	Decisions []string       // in the audit
	Used      []string       // review codes, and for what
	Ledger    map[string]int // what became of the messages
	Letters   map[string]int
}

func aftermathOf(v requestView, ledger []inboundView, letters []outboundView) aftermath {
	o := aftermath{State: v.State, Ledger: make(map[string]int), Letters: make(map[string]int)}
	if v.Exception != nil {
		o.Exception = v.Exception.State
	}
	for _, h := range v.History {
		if h.Event != string(intake.EventComplete) {
			o.Decisions = append(o.Decisions, h.Event+" "+h.By)
		}
	}
	for _, used := range v.Reviewers {
		if used.Decision != "" {
			o.Used = append(o.Used, used.Decision+" "+used.Address)
		}
	}
	for _, m := range ledger {
		if m.Ref == v.Ref {
			o.Ledger[strings.TrimSpace(m.From+" "+m.Outcome+" "+m.Reason)]++
		}
	}
	for _, l := range letters {
		if l.Ref == v.Ref {
			o.Letters[l.Template+" "+strings.Join(l.To, " ")+" "+l.State]++
		}
	}
	return o
}

// winner is the reviewer whose decision is first on record.
func (o aftermath) winner(t *testing.T, round int) string {
	t.Helper()
	if len(o.Decisions) == 0 {
		t.Fatalf("round %d: nothing was decided: %+v", round, o)
	}
	_, who, _ := strings.Cut(o.Decisions[0], " ")
	return who
}

// expected is all that a round may leave behind if that reviewer was first.
func (c *contest) expected(winner string) aftermath {
	verb, loser, site := c.says[winner], "", post.Bare(pharmacy)
	for who := range c.says {
		if who != winner {
			loser = who
		}
	}
	o := aftermath{
		State:     string(intake.Rejected),
		Decisions: []string{verb + " " + winner},
		Used:      []string{verb + " " + winner},
		Ledger:    map[string]int{site + " request": 1, winner + " decision": 1, loser + " refused already-decided": 1},
		Letters: map[string]int{
			"receipt " + site + " sent":          1,
			"review " + winner + " sent":         1,
			"review " + loser + " sent":          1,
			"decided " + winner + " sent":        1,
			"decided " + loser + " sent":         1,
			"already-decided " + loser + " sent": 1,
		},
	}
	if verb == "reject" {
		o.Letters["rejected "+site+" sent"] = 1
		return o
	}
	o.State, o.Exception = string(intake.Approved), string(intake.Active)
	o.Letters["approved "+site+" sent"] = 1
	o.Letters["approved "+c.subject+" sent"] = 1
	o.Letters["todo ops@helpdesk.test sent"] = 1
	return o
}

// told is the text of the emails that say that a request is already decided, by reference and address.
func (r *rivalry) told(t *testing.T) map[string]string {
	t.Helper()
	told := make(map[string]string)
	read := parser.New(r.policy.Vocabulary())
	for _, who := range rivals {
		for _, m := range r.inbox(t, who) {
			letter, err := read.Parse(bytes.NewReader(m.Raw))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(letter.Subject, "Already ") {
				told[refOf(t, m.Raw)+" "+post.Bare(who)] += strings.Join(strings.Fields(letter.Text), " ")
			}
		}
	}
	return told
}

// checkTold compares what the loser was told with what was decided, by whom and when.
func (r *rivalry) checkTold(t *testing.T, v requestView, winner string, told map[string]string) {
	t.Helper()
	i := slices.IndexFunc(v.Reviewers, func(w reviewerView) bool { return w.Address == winner })
	if i < 0 {
		t.Fatalf("%s: %s has decided, and is no reviewer of it", v.Ref, winner)
	}
	words := map[string]string{string(intake.Approved): "approved", string(intake.Rejected): "rejected"}
	name := map[string]string{post.Bare(asha): "Asha Patel", post.Bare(ben): "Ben Okafor"}
	at := v.Reviewers[i].At.In(r.policy.Zone).Format("Monday 2 January 2006, 15:04 MST")
	want := "Outcome: the request was " + words[v.State] + " By: " + name[winner] + " On: " + at + " Reference: " + v.Ref
	for _, who := range rivals {
		text, was := told[v.Ref+" "+post.Bare(who)]
		switch lost := post.Bare(who) != winner; {
		case was != lost:
			t.Errorf("%s: %s was told that it is decided: %v, expected %v", v.Ref, who, was, lost)
		case lost && !strings.Contains(text, want):
			t.Errorf("%s: %s was not told %q, but: %s", v.Ref, who, want, text)
		}
	}
}

// checkSums compares all of it with what came in and went out.
func (r *rivalry) checkSums(t *testing.T, states map[string]int, ledger []inboundView, letters []outboundView) {
	t.Helper()
	approved := states[string(intake.Approved)]
	outcomes, templates, to := make(map[string]int), make(map[string]int), make(map[string]int)
	for _, m := range ledger {
		outcomes[m.Outcome]++
	}
	for _, l := range letters {
		templates[l.Template]++
		for _, address := range l.To {
			to[address]++
		}
	}
	got := map[string]int{
		"decided":             approved + states[string(intake.Rejected)],
		"undecided":           len(answered[requestView](t, r, "queue")),
		"exceptions":          len(answered[exceptionView](t, r, "exceptions")),
		"alerts":              templates[string(intake.LetterAlert)],
		"to-dos":              templates[string(intake.LetterTodo)],
		"already decided":     templates[string(intake.LetterAlreadyDecided)],
		"messages":            len(ledger),
		"decisions in ledger": outcomes[string(intake.OutcomeDecision)],
		"refused":             outcomes[string(intake.OutcomeRefused)],
	}
	// One alert says that the server does not let the helpdesks in.
	want := map[string]int{"decided": rivalRounds, "undecided": 0, "exceptions": approved, "alerts": 1, "to-dos": approved,
		"already decided": rivalRounds, "messages": 3 * rivalRounds, "decisions in ledger": rivalRounds, "refused": rivalRounds}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the sums do not agree: (-want +got)\n%s", diff)
	}
	for _, address := range slices.Sorted(maps.Keys(to)) {
		if n := r.office.Delivered(address); n != to[address] {
			t.Errorf("%s got %d emails, expected %d", address, n, to[address])
		}
	}
}

var refInSubject = regexp.MustCompile(`\[(LT-\d{4}-\d{5})`)

// refOf is the reference in the subject of an email of ours.
func refOf(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	found := refInSubject.FindStringSubmatch(m.Header.Get("Subject"))
	if found == nil {
		t.Fatalf("no reference in %q", m.Header.Get("Subject"))
	}
	return found[1]
}
