package intake_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
	"mfabot/parser"
	"mfabot/store"
)

// The people of the tests.
const (
	corner   = "pharmacy@corner.test" // the shared mailbox of FA001
	bright   = "eyes@bright.test"     // that of FB002, of which ben is a contact
	jo       = "jo@corner.test"       // a contact of FA001
	stranger = "sue@elsewhere.test"
	asha     = "asha@helpdesk.test"
	ben      = "ben@helpdesk.test"
	cleo     = "cleo@helpdesk.test" // asha's deputy, where there is one
	ops      = "ops@helpdesk.test"
	sam      = "sam.lee@corner.test"
	kim      = "kim.day@corner.test"
)

const sites = `ods_code,name,kind,mailbox,aliases,contacts
FA001,Corner Pharmacy,pharmacy,pharmacy@corner.test,old@corner.test,jo@corner.test
FB002,Bright Eyes,optometry,eyes@bright.test,,ben@helpdesk.test;pat@bright.test
FC003,Dental Care,dental,teeth@dental.test,,pat@bright.test
`

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// judge proves every sender but those in it, and panics where told to.
type judge struct {
	unproven  map[string]bool
	crash     string   // a subject
	uncovered []string // fields that the proof says nothing of
	unsure    error
}

func (j *judge) Judge(_ context.Context, m *parser.Message, _ []byte) (intake.Verdict, error) {
	if j.crash != "" && m.Subject == j.crash {
		panic("the judge is confused")
	}
	proven := !j.unproven[m.From]
	return intake.Verdict{Authentic: proven && j.unsure == nil, Uncovered: j.uncovered,
		Checks: []intake.Check{{Name: "test", Passed: proven, Result: m.From}}}, j.unsure
}

// world is the domain on a store of its own, with a clock that the test moves.
type world struct {
	directory []string          // what the operator was asked to do there
	mornings  []intake.Outbound // the digests

	toOperator []intake.Outbound // what tells the operator of what nobody has done by hand
	*domain
	config  config
	t       *testing.T
	store   *store.Store
	file    string // of its database
	judge   *judge
	now     time.Time
	uid     uint32
	letters int // that were looked at already

	tampered bool // somebody else has written to its database
}

// tamper has somebody else write to the database.
func (w *world) tamper(statement string) {
	w.t.Helper()
	db := must(sql.Open("sqlite3", w.file))(w.t)
	_, err := db.ExecContext(w.t.Context(), statement)
	ok(w.t, errors.Join(err, db.Close()))
	w.tampered = true
}

// newWorld changes the usual configuration as told.
func newWorld(t *testing.T, changes ...func(*config)) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s, err := store.Open(t.Context(), file)
	ok(t, err)
	key := store.SealKey{Secret: []byte("0123456789abcdef0123456789abcdef")}
	ok(t, s.Seal(t.Context(), key))
	ok(t, s.SealRows(t.Context(), key, noon, func(string) error { return nil }))
	w := &world{t: t, store: s, file: file, judge: &judge{unproven: make(map[string]bool)}, now: noon}
	t.Cleanup(func() {
		if refused := s.Refusals(); len(refused) > 0 && !w.tampered { // nobody else writes to it
			t.Errorf("refused are %v", refused)
		}
		ok(t, s.Close())
	})
	w.configure(changes...)
	return w
}

// configure starts the domain anew, as after a change of the configuration.
func (w *world) configure(changes ...func(*config)) {
	w.t.Helper()
	policy, err := intake.DefaultPolicy()
	ok(w.t, err)
	policy.Domains = []string{"corner.test", "helpdesk.test", "trust.test"} // of users whom any site asks for
	register, err := intake.ReadSites("sites.csv", strings.NewReader(sites))
	ok(w.t, err)
	holidays, err := intake.DefaultHolidays()
	ok(w.t, err)
	var seed [32]byte
	copy(seed[:], fmt.Sprint(w.now, w.uid))
	c := config{Service: intake.Service{Policy: policy, Holidays: holidays, Sites: intake.NewRegister(register),
		Reviewers: intake.Reviewers{
			{Address: asha, Name: "Asha Patel", Aliases: []string{"a.patel@trust.test"}}, {Address: ben, Name: "Ben Okoro"}},
		Mailboxes: map[string]intake.Mailbox{"helpdesk": {}, "own": {Site: "FA001"}},
		Address:   "mfa@helpdesk.test", Operator: ops, Instance: w.store.Instance(), Clock: func() time.Time { return w.now }},
		judge: w.judge, key: []byte("0123456789abcdef0123456789abcdef"), random: rand.NewChaCha8(seed), log: slog.New(slog.DiscardHandler)}
	for _, change := range changes {
		change(&c)
	}
	w.config = c
	w.domain = newDomain(c, w.store, nil)
}

// through puts trouble between the domain and its store.
func (w *world) through(t *trouble) { w.domain = newDomain(w.config, w.store, t) }

// twoApprovals is a policy in which accessibility needs two reviewers.
func twoApprovals(c *config) {
	p := *c.Policy
	p.LongTerm.Reasons = slices.Clone(p.LongTerm.Reasons)
	p.LongTerm.Reasons[0].Approvals = 2
	c.Policy = &p
}

// withCleo makes cleo asha's deputy, and nothing else.
func withCleo(c *config) {
	c.Reviewers = append(slices.Clone(c.Reviewers), intake.Reviewer{Address: cleo, Name: "Cleo Dunn", Standby: true})
	c.Reviewers[0].Deputy = cleo
}

// email is a message before it is put on the wire.
type email struct {
	from, subject, text string
	id                  string   // Message-ID; one of its own where empty
	answers             []string // References, the last of them In-Reply-To
	header              []string // more lines
	files               []string // contents, each of a PDF
	parts               []string // other parts, each with its header
	box                 string   // the mailbox; helpdesk where empty
	to                  string   // the header lines that say to whom; to us where empty
}

// raw writes the message as it would be sent (RFC 5322, RFC 2046).
func (e email) raw(uid uint32, now time.Time) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	if e.from != "" {
		line("From: <%s>", e.from)
	}
	if e.id == "" {
		e.id = fmt.Sprintf("m%d@sender.test", uid)
	}
	if e.to == "" {
		e.to = "To: <mfa@helpdesk.test>"
	}
	line("%s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>", e.to, e.subject, now.Format(time.RFC1123Z), e.id)
	if n := len(e.answers); n > 0 {
		line("In-Reply-To: <%s>\r\nReferences: <%s>", e.answers[n-1], strings.Join(e.answers, "> <"))
	}
	for _, h := range e.header {
		line("%s", h)
	}
	text := strings.ReplaceAll(e.text, "\n", "\r\n")
	if len(e.files)+len(e.parts) == 0 {
		line("Content-Type: text/plain; charset=utf-8\r\n\r\n%s", text)
		return []byte(b.String())
	}
	line("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s", text)
	for i, f := range e.files {
		line("--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"+
			"Content-Disposition: attachment; filename=letter%d.pdf\r\n\r\n%s",
			i+1, base64.StdEncoding.EncodeToString([]byte(f)))
	}
	for _, p := range e.parts {
		line("--b\r\n%s", strings.ReplaceAll(p, "\n", "\r\n"))
	}
	line("--b--")
	return []byte(b.String())
}

// pdf is a file that counts as evidence, with a content of its own.
func pdf(content string) string {
	return "%PDF-1.4\n" + content + strings.Repeat("\n% the letter of a doctor", 100) + "\n%%EOF\n"
}

// arrival gives a message the next UID.
func (w *world) arrival(e email) intake.Arrival {
	w.uid++
	if e.box == "" {
		e.box = "helpdesk"
	}
	raw := e.raw(w.uid, w.now)
	return intake.Arrival{Copy: intake.Copy{Mailbox: e.box, UIDValidity: 1, UID: w.uid}, Raw: raw, Size: int64(len(raw))}
}

// takeAll takes a batch and returns its entries of the ledger, all concluded.
func (w *world) takeAll(batch ...intake.Arrival) []intake.Inbound {
	w.t.Helper()
	filings, err := w.Take(w.t.Context(), batch)
	ok(w.t, err)
	ledger := must(w.store.Inbound(w.t.Context()))(w.t)
	ledger = ledger[len(ledger)-len(batch):]
	for i, m := range ledger {
		if m.Outcome == "" || m.Folder == "" {
			w.t.Errorf("message %d ended without an outcome or a folder: %+v", m.ID, m.Conclusion)
		}
		same(w.t, "filing", intake.Filing{Copy: batch[i].Copy, Folder: m.Folder}, filings[i])
	}
	return ledger
}

// take takes one message and compares what became of it with want: outcome, reason and references, as
// "refused(not-registered)" or "request LT-2026-00001".
func (w *world) take(want string, e email) intake.Inbound {
	w.t.Helper()
	m := w.takeAll(w.arrival(e))[0]
	same(w.t, "outcome", want, outcome(m))
	return m
}

func outcome(m intake.Inbound) string {
	s := string(m.Outcome)
	if m.Reason != "" {
		s += "(" + string(m.Reason) + ")"
	}
	return strings.TrimSpace(s + " " + m.Ref)
}

// sent returns the letters written since the last time. What the operator is asked to do in the directory
// goes to w.directory, the morning's digests to w.mornings, and what tells the operator of what nobody has done yet to
// w.toOperator, for the tests of just those.
func (w *world) sent() []intake.Outbound {
	w.t.Helper()
	all := must(w.store.Outbound(w.t.Context()))(w.t)
	fresh := all[w.letters:]
	w.letters = len(all)
	for i := range fresh {
		fresh[i] = w.WithCode(fresh[i])
	}
	return slices.DeleteFunc(fresh, func(o intake.Outbound) bool {
		switch {
		case o.Template == intake.LetterMorning && o.Facts.Audience == intake.ToOperator:
			w.toOperator = append(w.toOperator, o)
			return true
		case o.Template == intake.LetterMorning:
			w.mornings = append(w.mornings, o)
			return true
		case o.Facts.Why == "directory":
			w.directory = append(w.directory, o.Facts.Headline)
			return true
		}
		return false
	})
}

// delivered has the server take all letters that wait.
func (w *world) delivered() {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.State == intake.Queued {
			ok(w.t, w.store.Sent(w.t.Context(), intake.Accepted{ID: o.ID, At: w.now}))
		}
	}
}

// expect compares the letters since the last time with "template why > to", in any order, and returns them in
// the order of want.
func (w *world) expect(want ...string) []intake.Outbound {
	w.t.Helper()
	byName := make(map[string]intake.Outbound)
	var got []string
	for _, o := range w.sent() {
		name := string(o.Template) + " > " + o.To
		if o.Facts.Why != "" {
			name = string(o.Template) + " " + string(o.Facts.Why) + " > " + o.To
		}
		got = append(got, name)
		byName[name] = o
	}
	var out []intake.Outbound
	for _, name := range want {
		out = append(out, byName[name])
	}
	sorted := slices.Sorted(slices.Values(want))
	slices.Sort(got)
	if diff := cmp.Diff(sorted, got, cmp.Transformer("none", func(s []string) string { return strings.Join(s, "\n") })); diff != "" {
		w.t.Fatalf("letters (-want +got):\n%s", diff)
	}
	return out
}

// reply answers a letter as mail clients do.
func reply(o intake.Outbound, from, text string, files ...string) email {
	return email{from: from, subject: "Re: [" + o.Ref + "] something", text: text,
		answers: append(slices.Clone(o.References), o.MessageID), files: files}
}

// answer is the site's reply to our latest letter to it about a reference.
func (w *world) answer(ref, text string, files ...string) email {
	w.t.Helper()
	var last intake.Outbound
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.Ref == ref && o.To == corner {
			last = o
		}
	}
	return reply(last, corner, text, files...)
}

// inState checks the state of a request.
func (w *world) inState(ref string, want intake.State) *intake.Request {
	w.t.Helper()
	r := must(w.store.Request(w.t.Context(), ref))(w.t)
	same(w.t, "state of "+ref, want, r.State)
	return r
}

// events checks what happened to a reference.
func (w *world) events(ref string, want ...string) {
	w.t.Helper()
	var got []string
	for _, e := range must(w.store.History(w.t.Context(), ref))(w.t) {
		got = append(got, string(e.Event))
	}
	same(w.t, "history of "+ref, want, got)
}

// asked is what a complete request says.
const asked = "Please exempt Sam Lee, sam.lee@corner.test, from MFA. Sam has a tremor, which is an accessibility issue.\n"

const (
	toAsha = "review > " + asha
	toBen  = "review > " + ben
)

// pending makes a complete request, and returns the two review letters and the receipt.
func (w *world) pending() (ashas, bens, receipt intake.Outbound) {
	w.t.Helper()
	w.take(fmt.Sprintf("request LT-2026-%05d", w.count()+1),
		email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}})
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	return l[0], l[1], l[2]
}

// count is the number of requests.
func (w *world) count() (n int) {
	for {
		if _, err := w.store.Request(w.t.Context(), fmt.Sprintf("LT-2026-%05d", n+1)); err != nil {
			return n
		}
		n++
	}
}

// approved makes an exception, and returns its letters to the site and to asha.
func (w *world) approved() (toSite, toReviewer intake.Outbound) {
	w.t.Helper()
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	l := w.expect("approved > "+corner, "decided > "+asha, "approved > "+sam, "decided > "+ben)
	return l[0], l[1]
}

// sweep does all that is due.
func (w *world) sweep() {
	w.t.Helper()
	for must(w.Sweep(w.t.Context()))(w.t) > 0 {
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
