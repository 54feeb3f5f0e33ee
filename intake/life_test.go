package intake_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
)

// told lists the notices of an exception to its site, with the days left, as "150 warning 30": on which day,
// which one, and how many days are left.
func (w *world) told() (out []string) {
	w.t.Helper()
	users := 0
	for _, o := range w.sent() {
		if o.To == sam {
			users++
			continue
		}
		out = append(out, fmt.Sprintf("%.5g %s %d", o.CreatedAt.Sub(noon).Hours()/24, o.Template,
			max(0, int(math.Round(o.Facts.Ends.Sub(o.CreatedAt).Hours()/24)))))
	}
	if users != len(out) {
		w.t.Errorf("the site got %d notices, the user %d", len(out), users)
	}
	return out
}

// TestNotices walks through the time of an exception: at each of the days Sweep runs, and never between.
func TestNotices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		days []float64
		want []string
	}{
		{"every warning, two of them on the Friday before", []float64{1, 149.99, 150, 150, 150.1, 164.81, 164.8125, 165, 166, 171.81, 171.8125,
			173, 178.99, 179, 179.9, 180, 181},
			[]string{"150 warning 30", "164.81 warning 15", "171.81 warning 8", "179 warning 1", "180 ended 0"}},
		{"a little late", []float64{150.2, 166.2, 173.01, 179.5, 180.25},
			[]string{"150.2 warning 30", "166.2 warning 14", "173.01 warning 7", "179.5 warning 1", "180.25 ended 0"}},
		{"late, and by night", []float64{150.4, 150.8, 150.8125, 151, 179.6, 180},
			[]string{"150.81 warning 29", "179.6 warning 0", "180 ended 0"}},
		{"late, and by night until the next is due", []float64{150, 171.8, 171.8125, 179, 180},
			[]string{"150 warning 30", "171.81 warning 8", "179 warning 1", "180 ended 0"}},
		{"down for twenty days", []float64{149, 170, 170.5, 173, 179, 180},
			[]string{"170 warning 10", "173 warning 7", "179 warning 1", "180 ended 0"}},
		{"down until the last hours", []float64{179.75, 179.8, 180}, []string{"179.75 warning 0", "180 ended 0"}},
		{"down past the end", []float64{150, 200, 201}, []string{"150 warning 30", "200 ended 0"}},
		{"down all the time", []float64{3000}, []string{"3000 ended 0"}},
		{"the clock goes back", []float64{150, 140, 149, 150, 151, 166, 150, 166, 180, 170, 179, 180},
			[]string{"150 warning 30", "166 warning 14", "180 ended 0"}},
		{"the clock goes back before the start", []float64{150, -300, 150, 180}, []string{"150 warning 30", "180 ended 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.approved()
			for _, d := range c.days {
				w.now = noon.Add(time.Duration(d * float64(day)))
				w.sweep()
			}
			same(t, "notices", c.want, w.told())
			e := must(w.store.Exception(t.Context(), "LT-2026-00001"))(t)
			same(t, "state", intake.Ended, e.State)
		})
	}
}

// TestShortLife: what ends before its warnings has none of them.
func TestShortLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE UNTIL 2026-03-11"))
	w.sent()
	for h := range 24 * 20 {
		w.now = noon.Add(time.Duration(h) * time.Hour)
		w.sweep()
	}
	same(t, "notices", []string{"1.875 warning 8", "8.5 warning 1", "9.5 ended 0"}, w.told())
}

// TestShortTermNotices: a grant of 24 hours is warned of an hour before.
func TestShortTermNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "other", "FA001", ""))(t)
	w.sent()
	for m := range 60 * 30 {
		if m%30 == 0 {
			w.now = noon.Add(time.Duration(m) * time.Minute)
			w.sweep()
			w.delivered()
		}
	}
	same(t, "notices", []string{"0.95833 warning 0", "1 ended 0"}, w.told())
	w.events("ST-2026-00001", "granted", "warning", "ended")
}

// TestStateAt: what should have ended is not active, whether or not anybody saw to it.
func TestStateAt(t *testing.T) {
	t.Parallel()
	end := noon.Add(day)
	for _, c := range []struct {
		state intake.ExceptionState
		at    time.Time
		want  intake.ExceptionState
	}{
		{intake.Active, noon, intake.Active},
		{intake.Active, end.Add(-time.Nanosecond), intake.Active},
		{intake.Active, end, intake.Ended},
		{intake.Active, end.Add(1000 * day), intake.Ended},
		{intake.Active, end.In(time.FixedZone("", 3600)), intake.Ended},
		{intake.Revoked, end.Add(day), intake.Revoked},
		{intake.Superseded, noon, intake.Superseded},
		{intake.Ended, noon, intake.Ended},
	} {
		e := intake.Exception{State: c.state, EndsAt: end}
		same(t, fmt.Sprintf("%s at %s", c.state, c.at), c.want, e.StateAt(c.at))
	}
}

// TestSummerTime: 180 days are 15,552,000 seconds whenever they begin.
func TestSummerTime(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"2026-03-28T23:30:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z",
		"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
		"2026-06-01T12:00:00Z", "2027-10-01T00:00:00Z"} {
		w := newWorld(t)
		w.now = must(time.Parse(time.RFC3339, start))(t)
		w.takeAll(w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}))
		review := w.sent()[0]
		w.takeAll(w.arrival(reply(review, asha, "APPROVE")))
		e := must(w.store.Exception(t.Context(), review.Ref))(t)
		same(t, start, 15_552_000.0, e.EndsAt.Sub(e.StartsAt).Seconds())
		s := must(w.Grant(t.Context(), kim, "other", "", ""))(t)
		same(t, start, 86_400.0, s.EndsAt.Sub(s.StartsAt).Seconds())
	}
}

// TestManyDue: more than fit one transaction are dealt with in several.
func TestManyDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 130 {
		must(w.Grant(t.Context(), fmt.Sprintf("u%d@corner.test", i), "other", "", ""))(t)
	}
	w.sent()
	w.now = noon.Add(2 * day)
	same(t, "first batch", 100, must(w.Sweep(t.Context()))(t))
	same(t, "second batch", 30, must(w.Sweep(t.Context()))(t))
	same(t, "third batch", 0, must(w.Sweep(t.Context()))(t))
	same(t, "letters", 130, len(w.sent()))
}

// TestDirectory: the operator is asked to exempt a user when an exception starts, and to take that back when
// it is over, however it ends; not between two.
func TestDirectory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const exempt, end = "Exempt " + sam + " from MFA now", "End the MFA exemption of " + sam + " now"
	ask := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, w.directory); diff != "" {
			t.Fatalf("asked of the operator (-want +got):\n%s", diff)
		}
		w.directory = nil
	}
	w.approved()
	ask(exempt)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE")) // supersedes the first
	w.expect("decided > "+asha, "decided > "+ben, "approved > "+corner, "approved > "+sam)
	ask()
	w.now = w.now.Add(180 * day)
	w.sweep()
	w.expect("ended > "+corner, "ended > "+sam)
	ask(end)
	e := must(w.Grant(t.Context(), sam, "phone-misplaced", "", ""))(t)
	w.expect("granted > " + sam)
	ask() // whoever granted it is told on the spot
	must(w.RevokeByHand(t.Context(), e.Ref, "found", "Ops"))(t)
	w.expect("revoked > " + sam)
	ask(end)
}
