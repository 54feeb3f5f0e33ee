package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestClock: 180 days are 15,552,000 seconds and 24 hours are 86,400, wherever the clocks are changed, a year
// ends or has a day more; and people are told the end in the time that their clocks show then.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, decided string
		ends          string // of the long term, as people in the UK are told
		dayEnds       string // of 24 hours that begin at the same moment
	}{
		{"into summer time", "2026-03-02T12:00:00Z", "29 August 2026, 13:00 BST", "3 March 2026, 12:00 GMT"},
		{"the day before the clocks go forward", "2026-03-28T12:00:00Z", "24 September 2026, 13:00 BST", "29 March 2026, 13:00 BST"},
		{"a minute before the clocks go forward", "2026-03-29T00:59:00Z", "25 September 2026, 01:59 BST", "30 March 2026, 01:59 BST"},
		{"the day before the clocks go back", "2026-10-24T11:30:00Z", "22 April 2027, 12:30 BST", "25 October 2026, 11:30 GMT"},
		{"in the hour that comes twice, first", "2026-10-25T00:30:00Z", "23 April 2027, 01:30 BST", "26 October 2026, 00:30 GMT"},
		{"in the hour that comes twice, again", "2026-10-25T01:30:00Z", "23 April 2027, 02:30 BST", "26 October 2026, 01:30 GMT"},
		{"ending within the hour that comes twice", "2026-04-28T00:30:00Z", "25 October 2026, 01:30 BST", "29 April 2026, 01:30 BST"},
		{"ending in it again", "2026-04-28T01:30:00Z", "25 October 2026, 01:30 GMT", "29 April 2026, 02:30 BST"},
		{"on a leap day", "2028-02-29T10:00:00Z", "27 August 2028, 11:00 BST", "1 March 2028, 10:00 GMT"},
		{"over a leap day", "2027-12-01T10:00:00Z", "29 May 2028, 11:00 BST", "2 December 2027, 10:00 GMT"},
		{"the day before a leap day", "2028-02-28T23:59:59Z", "27 August 2028, 00:59 BST", "29 February 2028, 23:59 GMT"},
		{"the last second of a year", "2026-12-31T23:59:59Z", "30 June 2027, 00:59 BST", "1 January 2027, 23:59 GMT"},
		{"into a century's year", "2099-12-31T23:00:00Z", "30 June 2100, 00:00 BST", "1 January 2100, 23:00 GMT"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			decided := must(time.Parse(time.RFC3339, c.decided))(t)
			w := newWorld(t)
			w.now = decided
			w.take(fmt.Sprintf("request LT-%d-00001", decided.Year()),
				email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}})
			review := w.expect(toAsha, toBen, "receipt > "+corner)[0]
			w.take("decision "+review.Ref, reply(review, asha, "APPROVE"))
			e := must(w.store.Exception(t.Context(), review.Ref))(t)
			same(t, "seconds", 15_552_000.0, e.EndsAt.Sub(e.StartsAt).Seconds())
			same(t, "ends", c.ends, shownInUK(w, e.EndsAt))
			short := must(w.Grant(t.Context(), "rosa@dental.test", "other", "", ""))(t)
			same(t, "seconds of a day", 86_400.0, short.EndsAt.Sub(short.StartsAt).Seconds())
			same(t, "the day ends", c.dayEnds, shownInUK(w, short.EndsAt))
			w.sent()

			// Each notice comes at its moment and not a second before.
			for _, left := range []time.Duration{30 * day, 14 * day, 7 * day, day, 0} {
				at := e.EndsAt.Add(-left)
				if left > day {
					at = byDay(w, at)
				}
				w.now = at.Add(-time.Second)
				w.sweep()
				w.sent()
				w.now = w.now.Add(time.Second)
				w.sweep()
				var got []string
				for _, o := range w.sent() {
					if o.Ref == e.Ref && o.To == sam {
						got = append(got, string(o.Template))
					}
				}
				want := string(intake.LetterWarning)
				if left == 0 {
					want = string(intake.LetterEnded)
				}
				same(t, fmt.Sprintf("%v before the end", left), want, strings.Join(got, " "))
			}
		})
	}
}

// byDay is when a warning goes out that would come at a moment: the same, if people are at work, and else half past eight in the
// morning of the last day with work on which that was before.
func byDay(w *world, at time.Time) time.Time {
	local, days := at.In(w.config.Policy.Zone), w.config.WorkingDays()
	for day := range 10 {
		opens := time.Date(local.Year(), local.Month(), local.Day()-day, 8, 30, 0, 0, local.Location())
		switch {
		case !days.Has(opens) || opens.After(at):
		case day == 0 && local.Hour() < 18:
			return at
		default:
			return opens
		}
	}
	return at
}

// shownInUK is a moment as people in the UK are told of it.
func shownInUK(w *world, at time.Time) string {
	return at.In(w.config.Policy.Zone).Format("2 January 2006, 15:04 MST")
}
