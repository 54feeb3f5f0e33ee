package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mfabot/intake"
)

const owner = "owner@helpdesk.test"

func withOwner(c *config) { c.Owner = owner }

// monthly are the letters to the owner since the last time, as "4 Jan 08:00: 2026-12 1/0+0".
func (w *world) monthlyLetters() (out []string) {
	w.t.Helper()
	for _, o := range w.sent() {
		if o.Template != intake.LetterReport {
			continue
		}
		same(w.t, "to", owner, o.To)
		line := o.CreatedAt.In(w.config.Policy.Zone).Format("2 Jan 15:04") + ":"
		for _, m := range o.Facts.Months {
			line += " " + m.Month + " " + strings.Join([]string{string(rune('0' + m.Requests)), string(rune('0' + m.Approved)),
				string(rune('0' + m.Rejected))}, "/")
		}
		out = append(out, line)
	}
	return out
}

// TestMonthly: the owner gets the numbers of a month on the first working day after it, in the morning, once, and later if the
// bot was down then; not of months before it began.
func TestMonthly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withOwner)
	at := func(s string) {
		t.Helper()
		w.now = must(time.ParseInLocation("2006-01-02 15:04", s, w.config.Policy.Zone))(t).UTC()
		w.sweep()
		w.sweep()
	}
	at("2026-11-02 12:00")
	same(t, "with nothing on record", []string(nil), w.monthlyLetters())
	w.now = w.now.Add(day)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	at("2026-11-04 12:00")
	same(t, "of the month before it began", []string(nil), w.monthlyLetters())

	at("2026-12-01 05:00")
	same(t, "before the hour", []string(nil), w.monthlyLetters())
	w.configure(withOwner) // a start anew
	at("2026-12-01 08:29")
	at("2026-12-01 08:30")
	same(t, "at the hour", []string{"1 Dec 08:30: 2026-11 1/1/0"}, w.monthlyLetters())
	w.configure(withOwner)
	at("2026-12-01 08:31")
	at("2026-12-02 09:00")
	w.now = w.now.Add(day)
	w.pending()
	at("2027-01-01 12:00") // a holiday, and a weekend
	at("2027-01-03 12:00")
	same(t, "on no day off, nor again", []string(nil), w.monthlyLetters())
	at("2027-01-04 12:00")
	same(t, "late that day", []string{"4 Jan 12:00: 2026-12 1/0/0 2026-11 1/1/0"}, w.monthlyLetters())
	at("2027-03-20 12:00") // down all February; a Saturday
	at("2027-03-22 08:29")
	same(t, "not yet", []string(nil), w.monthlyLetters())
	at("2027-03-22 08:30")
	at("2027-03-22 08:31")
	same(t, "later in the month, and only the last month's",
		[]string{"22 Mar 08:30: 2027-02 0/0/0 2027-01 0/0/0 2026-12 1/0/0 2026-11 1/1/0"}, w.monthlyLetters())
	for _, s := range []string{"2027-04-01 12:00", "2027-03-23 12:00", "2027-04-01 12:00", "2027-03-24 12:00"} {
		at(s)
	}
	same(t, "a clock that goes back and forth", 1, len(w.monthlyLetters()))
	at("2028-02-01 12:00")
	letters := w.monthlyLetters()
	if len(letters) != 1 || strings.Count(letters[0], "/") != 24 || !strings.HasSuffix(letters[0], " 2027-02 0/0/0") {
		t.Errorf("twelve months: got %q", letters)
	}
}

// TestMonthlyToNobody: where there is no owner none is written, and one who comes later gets last month's.
func TestMonthlyToNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending()
	w.now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	w.sweep()
	same(t, "without an owner", []string(nil), w.monthlyLetters())
	w.configure(withOwner)
	w.sweep()
	same(t, "with one", []string{"1 Apr 13:00: 2026-03 1/0/0"}, w.monthlyLetters())
}

// TestMonthlyOnce: neither a failure in between nor two at once bring a second letter, or none.
func TestMonthlyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withOwner)
	w.pending()
	w.now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	full := errors.New("the disk is full")
	w.through(&trouble{update: func(context.Context) error { return full }})
	if err := w.domain.monthly.Write(t.Context()); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	same(t, "not written", []string(nil), w.monthlyLetters())
	w.through(nil)
	var all sync.WaitGroup
	failed := make([]error, 4)
	for i := range failed {
		all.Go(func() { failed[i] = w.domain.monthly.Write(t.Context()) })
	}
	all.Wait()
	ok(t, errors.Join(failed...))
	same(t, "written", []string{"1 Apr 13:00: 2026-03 1/0/0"}, w.monthlyLetters())
}

const blocksTold = `How the requests were decided
- Requests that came: 3
- Were approved: 1
- Were rejected by reviewers: 0
- Were rejected for lack of evidence: 1
- Questions to the sites: 0
- Half were decided within: 0 1 working days, or 24 hours by the clock
- Nearly all (95 of 100) within: 0 1 working days, or 24 hours by the clock
Reasons for the requests
- Accessibility issue: 3
Sites with the most requests
- Corner Pharmacy (FA001): 2
- Bright Eyes (FB002): 1
Emails that were refused, by the reason
- Not registered: 1
Short-term exceptions that were granted
- Temporarily at a place with no mobile signal or internet: 2
- Users with more than one: 1 the most for one: 2
Exceptions
- Long-term ones at the end of the month: 1
- Short-term ones at the end of the month: 0
- Ended in time: 2
- Were ended early: 0
- Gave way to a newer one: 0
What waits now
- For reviewers: 1 the longest for 22 working days
- For the operator, by hand: 2 the longest for 21 working days
- For Asha Patel: 1 the longest for 22 working days
- For Ben Okoro: 1 the longest for 22 working days
`

// TestMonthlySays: what the letter is made of, without a user.
func TestMonthlySays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withOwner)
	a, _, _ := w.pending()
	w.asksFor(kim)
	w.take("refused(not-registered)", email{from: stranger, subject: "MFA", text: asked})
	w.take("request LT-2026-00003", email{from: bright, subject: "MFA", text: strings.ReplaceAll(asked, sam, "al@trust.test")})
	w.now = noon.Add(day)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	for range 2 {
		must(w.Grant(t.Context(), "ed@corner.test", "no-signal", "", ""))(t)
		w.now = w.now.Add(25 * time.Hour)
	}
	w.now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	w.sweep()
	var f intake.Facts
	for _, o := range w.sent() {
		if o.Template == intake.LetterReport {
			f = o.Facts
		}
	}
	same(t, "what is told first", []any{true, 1.0, 1.0, int64(1), 22.0, int64(0), int64(1), int64(1)},
		[]any{f.Timed, f.Half, f.Most, f.Late, f.LateDays, f.Overdue, f.Lacking, f.Repeated})
	var b strings.Builder
	for _, block := range f.Blocks {
		fmt.Fprintf(&b, "%s\n", block.Title)
		for _, n := range block.Numbers {
			fmt.Fprintf(&b, "%s\n", strings.TrimSpace(fmt.Sprintf("- %s: %d %s", n.Label, n.N, n.Note)))
		}
	}
	same(t, "blocks", blocksTold, b.String())
	if !strings.Contains(f.CSV, "\r\nrequests,all,3\r\n") || strings.Contains(f.CSV+b.String(), "sam.lee") {
		t.Errorf("the file: %s", f.CSV)
	}
}
