package intake_test

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// returned has a letter sent and come back, so late that it is not sent again by itself.
func (w *world) returned(o intake.Outbound) {
	w.t.Helper()
	w.delivered()
	w.now = w.now.Add(15 * day)
	w.takeAll(w.arrival(bounceOf(o, "5.7.705")))
}

// TestResend: what was given up is sent again, and what waits at once, and what was sent only if something says that it did
// not arrive; all that is named or nothing.
func TestResend(t *testing.T) {
	t.Parallel()
	const sent = "nothing says that it did not arrive"
	for name, c := range map[string]struct {
		before func(w *world, o intake.Outbound)
		wrong  string // empty: it is sent again
	}{
		"in the queue": {func(w *world, o intake.Outbound) {
			ok(w.t, w.store.Retry(w.t.Context(), o.ID, w.now, w.now.Add(time.Hour), "550 5.1.8 sender"))
		}, ""},
		"sent": {func(w *world, _ intake.Outbound) { w.delivered() }, sent},
		"given up": {func(w *world, o intake.Outbound) {
			ok(w.t, w.GiveUp(w.t.Context(), o.ID, intake.Refusal{Text: "no"}))
		}, ""},
		"sent and refused": {func(w *world, o intake.Outbound) { w.delivered(); w.takeAll(w.arrival(bounceOf(o, "5.1.1"))) }, ""},
		"returned for us":  {func(w *world, o intake.Outbound) { w.returned(o) }, ""},
		"another returned": {func(w *world, o intake.Outbound) { w.returned(w.letterOf(o.ID - 1)) }, sent},
		"sent again since": {func(w *world, o intake.Outbound) {
			w.returned(o)
			must(w.Resend(w.t.Context(), []int64{o.ID}, "Jo Hill"))(w.t)
			w.now = w.now.Add(time.Minute)
			w.delivered()
		}, sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, _, receipt := w.pending()
			c.before(w, receipt)
			was := w.letterOf(receipt.ID)
			again, err := w.Resend(t.Context(), []int64{receipt.ID}, "Jo Hill")
			now := w.letterOf(receipt.ID)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) {
					t.Errorf("error %v", err)
				}
				same(t, "the letter", was, now)
				return
			}
			ok(t, err)
			same(t, "sent again", receipt.ID, again[0].ID)
			same(t, "the letter", []any{intake.Queued, receipt.MessageID, time.Time{}}, []any{now.State, now.MessageID, now.DueAt})
		})
	}
}

// TestResendAllOrNone: one that is not to be sent again keeps the others back.
func TestResendAllOrNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, receipt := w.pending()
	ok(t, w.GiveUp(t.Context(), receipt.ID, intake.Refusal{Text: "no"}))
	w.delivered()
	for _, with := range []int64{a.ID, b.ID, 4711} {
		if _, err := w.Resend(t.Context(), []int64{receipt.ID, with}, "Jo Hill"); err == nil {
			t.Errorf("with %d: no error", with)
		}
		same(t, "given up", intake.Failed, w.letterOf(receipt.ID).State)
	}
}
