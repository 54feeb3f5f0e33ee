package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// alertsOf returns the alerts of a kind among letters.
func alertsOf(letters []intake.Outbound, kind intake.AlertKind) []intake.Outbound {
	return slices.DeleteFunc(letters, func(o intake.Outbound) bool {
		return o.Template != intake.LetterAlert || intake.AlertKind(o.Facts.Why).Family() != kind
	})
}

// TestAnswersToRefusals: whoever was only refused is no user by answering that, hides no user who writes, and fills no
// disk.
func TestAnswersToRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	stored := 0
	for i := range 3 {
		from := fmt.Sprintf("m%d@evil.test", i)
		w.hello(from)
		l := w.expect("refused not-registered > " + from)[0]
		for j := range 40 {
			file := pdf(strings.Repeat("x", 200_000) + fmt.Sprint(i, j))
			m := w.take("refused(not-registered)", reply(l, from, fmt.Sprint("I never asked for this ", j), file))
			stored += len(must(w.store.Message(t.Context(), m.ID))(t).Raw)
			if m.Whole == "" {
				t.Fatal("stored whole")
			}
		}
		same(t, "alerts by a stranger", 0, len(alertsOf(w.sent(), intake.AlertUserWrote)))
	}
	if stored > 6<<20 {
		t.Errorf("%d bytes are stored of one domain's", stored)
	}
	w.take("information LT-2026-00001", email{from: sam, subject: "Help", text: "Somebody is taking over my account."})
	same(t, "alerts", 1, len(alertsOf(w.sent(), intake.AlertUserWrote)))
}

// TestUserStoredBriefly: nothing refers to the files that a user sends to a person.
func TestUserStoredBriefly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	m := w.take("information LT-2026-00001", email{from: sam, subject: "Help", text: "See this.",
		files: []string{pdf(strings.Repeat("x", 200_000))}})
	if m.Whole == "" {
		t.Error("stored whole")
	}
}

// TestTooManyStoredBriefly: what a site asks for above a day's limit is read from its mailbox if it is read again.
func TestTooManyStoredBriefly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.RequestsADay = 1 }))
	big := func(i int) email {
		return email{from: corner, subject: fmt.Sprint("MFA ", i), text: strings.ReplaceAll(asked, "sam.lee", fmt.Sprint("u", i)),
			files: []string{pdf(strings.Repeat("x", 200_000) + fmt.Sprint(i))}}
	}
	first := w.take("request LT-2026-00001", big(1))
	same(t, "with evidence", "", first.Whole)
	for i := range 100 {
		m := w.take("quarantined(too-many)", big(i+2))
		if stored := len(must(w.store.Message(t.Context(), m.ID))(t).Raw); m.Whole == "" || i > 80 && stored > 8<<10 {
			t.Fatalf("%d bytes of message %d are stored", stored, i)
		}
	}
}

// flooded has one site write so much that alerts of its own are kept back, of either kind.
func (w *world) flooded(text string) {
	w.t.Helper()
	for i := range 120 {
		w.takeAll(w.arrival(email{from: bright, subject: "MFA", text: fmt.Sprintf(text, i)}))
	}
	w.sent()
}

// TestSiteFlood: however much one site writes, what another writes about an active exception reaches the operator at
// once, and nobody is told that a person reads what no person is shown.
func TestSiteFlood(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flood, text string
		kind        intake.AlertKind
	}{
		{"WITHDRAW\n\n%d", "WITHDRAW\n\nSam has left us, and his account is being used by somebody else.", intake.AlertWithdraw},
		{"When do you open? This is question %d.", "Somebody else seems to use this account now.", intake.AlertSiteWrote},
	} {
		w := newWorld(t)
		toSite, _ := w.approved()
		w.flooded(c.flood)
		w.takeAll(w.arrival(reply(toSite, corner, c.text)))
		letters := w.sent()
		if l := alertsOf(slices.Clone(letters), c.kind); len(l) != 1 || l[0].Facts.Said != c.text {
			t.Errorf("%s: the alerts are %v", c.kind, l)
		}
		same(t, "told", true, slices.ContainsFunc(letters, func(o intake.Outbound) bool { return o.Template == intake.LetterPassedOn }))
	}
}

// TestWithdrawalsLimited: a site that takes back something again and again is passed on as often as one that writes
// anything else.
func TestWithdrawalsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AnswersADay = 4 }))
	for i := range 10 {
		w.take("information", email{from: bright, subject: "MFA", text: fmt.Sprint("WITHDRAW\n\n", i)})
	}
	letters := w.sent()
	same(t, "alerts", 2, len(alertsOf(slices.Clone(letters), intake.AlertWithdraw)))
	same(t, "it writes a lot", 1, len(alertsOf(slices.Clone(letters), intake.AlertAnswers)))
	same(t, "told", 2, len(slices.DeleteFunc(letters, func(o intake.Outbound) bool { return o.Template != intake.LetterPassedOn })))
}

// TestKeptByCause: of what is kept back each cause is named with a few lines, and every active exception, first.
func TestKeptByCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	toSite, _ := w.approved()
	remarks := func(from, to int) {
		for i := from; i < to; i++ {
			w.takeAll(w.arrival(email{from: corner, subject: "[" + toSite.Ref + "] MFA",
				text: fmt.Sprint("Something is wrong there, as I said: ", i)}))
		}
	}
	remarks(0, 10)
	w.flooded("When do you open? This is question %d.")
	remarks(10, 30)
	w.sent()
	w.passes(time.Hour)
	rest := alertsOf(w.sent(), intake.AlertSiteWrote)
	if len(rest) != 1 {
		t.Fatalf("%d letters tell of the rest", len(rest))
	}
	lines := rest[0].Facts.Others
	w.alerts(rest[0], "more by the site FB002.", "more by the site FA001 about "+toSite.Ref+".", "“Something is wrong there")
	if !strings.Contains(lines[1], toSite.Ref) || len(lines) > 10 {
		t.Errorf("they tell\n%s", strings.Join(lines, "\n"))
	}
}

// TestLoop: a program that answers every email of ours without saying so gets a few answers, and takes nothing from
// what its site asks for.
func TestLoop(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Thank you for contacting Corner Pharmacy. We are still waiting for new stock. We will let you know when it is ready.",
		"Thank you for your message. If you are chasing a prescription, please call us on 01234 567890. Any updates will be sent by text.",
		"We aim to reply within two days. For a list of our opening times visit our website. This is ticket %d.",
	} {
		w := newWorld(t)
		w.take("information", email{from: corner, subject: "MFA", text: "STATUS"})
		answered, letters := 0, w.sent()
		for i := 0; len(letters) > 0 && i < 120; i++ {
			w.now = w.now.Add(time.Second)
			last := letters[len(letters)-1]
			answered++
			said := text
			if strings.Contains(text, "%d") {
				said = fmt.Sprintf(text, i)
			}
			w.takeAll(w.arrival(email{from: corner, subject: "Re: " + string(last.Template), answers: []string{last.MessageID},
				text: said}))
			letters = slices.DeleteFunc(w.sent(), func(o intake.Outbound) bool { return o.To != corner })
		}
		if answered > 5 {
			t.Errorf("%d answers to %q", answered, text)
		}
		w.sent()
		w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
			text: "Please exempt Sam Lee, sam.lee@corner.test. An accessibility issue."})
		w.expect("rejected no-evidence > " + corner)
	}
}

// TestForwardCap: what makes us answer a lot does not keep back the letter without which a request does not go on.
func TestForwardCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(3))
	for range 5 {
		w.take("information", email{from: corner, subject: "MFA", text: "STATUS"})
	}
	w.sent()
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "A colleague needs an exception."})
	w.expect("incomplete > " + corner)
}

// TestTypedAddress: no command that the operator is to copy has more in it than it says.
func TestTypedAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		sam: sam, "o'neil@corner.test": `'o'\''neil@corner.test'`, "a#b@corner.test": "'a#b@corner.test'", "-x@corner.test": "",
		"`reboot`|sh@evil.test": "", "sam&reboot&x@corner.test": "", "$x@evil.test": "", "a;b@evil.test": "",
	} {
		same(t, addr, want, intake.Typed(addr))
	}
	w := newWorld(t)
	toSite, _ := w.approved()
	w.take("information LT-2026-00001", reply(toSite, corner, "The address sam.lee@corner.test is wrong, it should be "+
		"sam&reboot&x@corner.test."))
	for _, o := range w.sent() {
		for _, line := range o.Facts.Lines {
			if strings.Contains(line, "mfabot") && strings.Contains(line, "&") {
				t.Errorf("it says %q", line)
			}
		}
	}
}
