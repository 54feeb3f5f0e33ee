package intake_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/store"
)

const dana = "dana@helpdesk.test" // stood in for asha, and has left

// lettersIn counts the letters of a day in which sweeps are ten minutes apart.
func (w *world) lettersIn(template intake.Template, to string) (n int) {
	w.t.Helper()
	for range 6 * 24 {
		w.later(10*time.Minute + time.Second)
		for _, o := range w.sent() {
			if o.Template == template && o.To == to {
				n++
			}
		}
	}
	return n
}

// TestClockAhead: a request that came while the clock was ahead has the deputy asked once.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	w.now = noon.Add(2 * day)
	w.asksFor(sam)
	w.now = noon
	must(w.Delegate(t.Context(), asha, "", "", "Ops"))(t)
	w.expect(toAsha, toBen, "receipt > "+corner, "review away > "+cleo)
	same(t, "asked again within a day", 0, w.lettersIn(intake.LetterReview, cleo))
}

// forgetfulTx is a transaction that knows nothing of the codes of cleo.
type forgetfulTx struct{ *store.Tx }

func (t forgetfulTx) Reviews(ctx context.Context, ref string) ([]intake.Review, error) {
	all, err := t.Tx.Reviews(ctx, ref)
	return slices.DeleteFunc(all, func(r intake.Review) bool { return r.Reviewer == cleo }), err
}

// TestAskedBounded: whatever is on record, nobody is asked without end.
func TestAskedBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	w.pending()
	w.through(&trouble{reviews: func(seen *review.Tx, tx *store.Tx) { seen.Decisions = forgetfulTx{tx} }})
	must(w.Delegate(t.Context(), asha, "", "", "Ops"))(t)
	w.expect("review away > " + cleo)
	same(t, "asked again within a day", 3, w.lettersIn(intake.LetterReview, cleo))
}

// TestDeputyOfMany: a deputy is asked about the requests of one message in one letter, from which each is decided.
func TestDeputyOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	w.takeAll(w.arrival(asksFor(corner, "many", "u1@corner.test", "u2@corner.test", "u3@corner.test")))
	w.asksFor(sam)
	w.asksFor(kim)
	w.sent()
	must(w.Delegate(t.Context(), asha, "", "", "Ops"))(t)
	l := w.expect("reviews away > "+cleo, "review away > "+cleo, "review away > "+cleo)[0]
	same(t, "letter", []any{3, "Asha Patel", 1}, []any{len(l.Facts.Undecided), l.Facts.Undecided[0].InPlaceOf, len(l.Attach)})
	w.take("decision LT-2026-00002", tapped(cleo, l.Facts.Undecided[1], "APPROVE"))
	w.take("decision LT-2026-00001,LT-2026-00003", email{from: cleo, subject: "All [" + l.Facts.AllCode + "]", text: "REJECT It is forged"})
}

// TestManyWithoutAnybody: where everybody is away, one alert stands for all that waits.
func TestManyWithoutAnybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 9 {
		w.asksFor(fmt.Sprintf("user%d@corner.test", i))
	}
	must(w.Delegate(t.Context(), asha, ben, "", "Ops"))(t)
	w.sent()
	must(w.Delegate(t.Context(), ben, asha, "", "Ops"))(t)
	alert := w.expect("alert nobody-there > " + ops)[0]
	w.alerts(alert, "`mfabot queue` lists them")
	w.later(11 * time.Minute)
	w.expect()
	w.later(2 * time.Hour)
	w.expect()
	w.later(14 * day)
	same(t, "after long", []string{"16 Mar 14:11 alert undecided > ops"}, w.followed())
}

// withDana has dana besides as one who may stand in; cleo is asha's deputy, and ben is no reviewer.
func withDana(c *config) {
	withCleo(c)
	c.Reviewers = intake.Reviewers{c.Reviewers[0], c.Reviewers[2], {Address: dana, Name: "Dana Fry", Standby: true}}
}

// TestDeputyLeft: in the place of one who stood in and has left the configuration comes the deputy that it
// names; without one, the operator hears of it.
func TestDeputyLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withDana)
	must(w.Delegate(t.Context(), asha, dana, "", "Ops"))(t)
	left := func(c *config) { c.Reviewers = c.Reviewers[:2] }
	w.configure(withDana, left)
	w.asksFor(sam)
	w.sweep()
	w.expect(toAsha, "receipt > "+corner, "review away > "+cleo)

	w.configure(func(c *config) { c.Reviewers[0].Deputy = "" })
	w.asksFor(kim)
	w.sweep()
	alert := w.expect(toAsha, toBen, "receipt > "+corner, "alert away > "+ops)[3]
	same(t, "headline", asha+" is away, and the deputy may not decide any more", alert.Facts.Headline)
	w.passes(12 * time.Hour)
	w.expect("alert nobody-there > " + ops) // for the first request, on which ben was not asked
	w.passes(13 * time.Hour)
	w.expect("alert away > " + ops)
}

// TestBackAfterLong: who comes back when the deputy has been asked for long is reminded as well.
func TestBackAfterLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, _, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.passes(13 * day)
	w.sent()
	w.take("refused(no-token)", email{from: asha, subject: "hello", text: "I am back"})
	w.isAway(false)
	w.sent()
	w.later(time.Hour)
	same(t, "once back", []string{"15 Mar 13:00 reminder undecided > cleo", "15 Mar 13:00 reminder > asha"}, w.followed())
}
