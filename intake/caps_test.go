package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// answersADay is a policy of so many answers to one address, about half of them at once.
func answersADay(n int) func(*config) {
	return caps(func(p *intake.Policy) { p.AnswersADay = n })
}

func caps(change func(p *intake.Policy)) func(*config) {
	return func(c *config) {
		p := *c.Policy
		change(&p)
		c.Policy = &p
	}
}

// TestNewAllowance: what goes out at once and what comes back in a day stay just below one letter too many
// together.
func TestNewAllowance(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 2, 3, 4, 49, 50, 1000, 1_000_000} {
		a := intake.NewAllowance("x", int(n))
		same(t, fmt.Sprint("in a day, of ", n), (n+1)*intake.OneLetter-1, a.Burst+a.Refill)
		if a.Burst < intake.OneLetter || a.Burst%intake.OneLetter != 0 || a.Burst > 2*a.Refill ||
			2*a.Burst < n*intake.OneLetter || 2*a.Burst > (n+1)*intake.OneLetter {
			t.Errorf("%d a day: %+v", n, a)
		}
	}
}

// hello has somebody ask for what they will not get.
func (w *world) hello(from string) {
	w.t.Helper()
	w.take("refused(not-registered)", email{from: from, subject: "MFA", text: "Hello"})
}

// answered counts the answers since the last time by who got them.
func (w *world) answered() map[string]int {
	got := make(map[string]int)
	for _, o := range w.sent() {
		got[o.To]++
	}
	return got
}

// TestAddressCap: one address gets only so many answers that change nothing, and the others get theirs.
func TestAddressCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(5))
	for range 5 {
		w.hello(stranger)
	}
	const other = "other@elsewhere.test"
	w.hello(other)
	same(t, "at once", map[string]int{stranger: 3, other: 1}, w.answered())
	w.events("", "unanswered", "unanswered")
	same(t, "on record", "refused was not sent: 5 answers to one address in a day are the most",
		must(w.store.History(t.Context(), ""))(t)[0].Text)
	w.now = w.now.Add(day)
	for range 5 {
		w.hello(stranger)
	}
	same(t, "the day after", map[string]int{stranger: 2}, w.answered()) // the third comes a second later
}

// TestDomainCap: many addresses of one domain are one stranger, who is told of.
func TestDomainCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AnswersADayDomain = 4 }))
	write := func(domain string) {
		for i := range 4 {
			w.hello(fmt.Sprintf("u%d@%s", i, domain))
		}
	}
	write("elsewhere.test")
	same(t, "letters", map[string]int{"u0@elsewhere.test": 1, "u1@elsewhere.test": 1, ops: 1}, w.answered())
	write("below.elsewhere.test") // whoever has a domain has all below it
	same(t, "letters to a domain below", map[string]int{}, w.answered())
	write("another.test")
	same(t, "letters to another domain", map[string]int{"u0@another.test": 1, "u1@another.test": 1}, w.answered())
	w.now = w.now.Add(time.Hour)
	w.hello("u9@another.test")
	alert := w.expect("alert many-answers > " + ops)[0]
	same(t, "headline", "Somebody makes us answer a lot", alert.Facts.Headline)
	for _, want := range []string{"4 answers to the domain another.test", "u9@another.test"} {
		if !strings.Contains(strings.Join(alert.Facts.Lines, "\n"), want) {
			t.Errorf("no %q in %q", want, alert.Facts.Lines)
		}
	}
}

// TestDomainCapIsForStrangers: sites, their contacts and reviewers do not come under it. Whoever shares a
// domain with them does, and cannot use up what is theirs.
func TestDomainCapIsForStrangers(t *testing.T) {
	t.Parallel()
	const contact = "mo@elsewhere.test"
	register := strings.Replace(sites, ",jo@corner.test", ",jo@corner.test;"+contact, 1)
	w := newWorld(t, caps(func(p *intake.Policy) { p.AnswersADayDomain = 1 }), func(c *config) {
		c.Sites = intake.NewRegister(must(intake.ReadSites("sites.csv", strings.NewReader(register)))(t))
	})
	w.hello(stranger)
	w.hello("another@elsewhere.test")
	same(t, "strangers", map[string]int{stranger: 1, ops: 1}, w.answered())
	w.hello("x@helpdesk.test")
	w.hello("y@helpdesk.test")
	same(t, "of a reviewer's domain", map[string]int{"x@helpdesk.test": 1}, w.answered())
	w.take("refused(personal-mailbox)", email{from: contact, subject: "MFA", text: "Hello"})
	w.expect("refused personal-mailbox > " + contact)
}

// TestStrangersCap: no stranger is answered when it is reached, and then no other allowance is charged. Sites
// and reviewers are, and what they ask for is done.
func TestStrangersCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AnswersADayTotal, p.AnswersADay = 8, 1 }))
	w.hello("a@one.test")
	w.hello("a@two.test")
	w.hello("a@three.test")
	w.hello("a@four.test")
	same(t, "letters", map[string]int{"a@one.test": 1, "a@two.test": 1, ops: 1}, w.answered())
	a, _, _ := w.pending()
	w.take("refused(no-command) "+a.Ref, reply(a, asha, "Hm."))
	w.expect("not-understood no-command > " + asha)
	w.now = w.now.Add(9 * time.Hour) // one comes back, and three have none of their own
	w.hello("a@one.test")
	w.hello("a@three.test")
	same(t, "letters later", map[string]int{"a@three.test": 1}, w.answered())
}

// TestSweepTidies: a clock that was ahead locks nobody out once it is right.
func TestSweepTidies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answersADay(1))
	w.now = noon.Add(1000 * day)
	w.hello(stranger)
	w.now = noon
	w.hello(stranger)
	w.sweep()
	w.hello(stranger)
	same(t, "at once", map[string]int{stranger: 1}, w.answered())
	w.now = noon.Add(day + time.Second)
	w.hello(stranger)
	same(t, "a day later", map[string]int{stranger: 1}, w.answered())
}

// TestPassedOn: what a site writes is passed on only so often a day, and is on record always.
func TestPassedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AnswersADay = 3 }))
	_, _, receipt := w.pending()
	for i := range 4 {
		w.take("information "+receipt.Ref, reply(receipt, corner, fmt.Sprintf("One more thing, number %d.", i)))
	}
	got := make(map[string]int)
	for _, o := range w.sent() {
		got[string(o.Template)+" > "+o.To]++
	}
	same(t, "letters", map[string]int{"information > " + asha: 2, "information > " + ben: 2, "alert > " + ops: 1}, got)
	w.events(receipt.Ref, "complete", "information", "information", "information", "information")
}
