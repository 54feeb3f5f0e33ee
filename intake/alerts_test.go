package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// alerting has so many alerts of a kind come.
func (w *world) alerting(n int, kind intake.AlertKind) {
	w.t.Helper()
	for i := range n {
		ok(w.t, w.AlertOperator(w.t.Context(), kind, outbox.Cause{}, fmt.Sprintf("Trouble %d", i), "Reference: LT-2026-00001"))
	}
}

// TestAlertFlood: no flood of one kind buries the operator or another kind, and what is kept back is told.
func TestAlertFlood(t *testing.T) {
	t.Parallel()
	for _, kind := range []intake.AlertKind{
		intake.AlertUndelivered, intake.AlertBounce, intake.AlertSiteWrote, intake.AlertFailed, intake.AlertNoReviewer, intake.AlertAway,
	} {
		w := newWorld(t)
		w.alerting(500, kind)
		same(t, fmt.Sprint("at once, of ", kind), 24, len(w.sent()))
		w.alerting(1, intake.AlertSites)
		w.expect("alert sites > " + ops)
		w.passes(time.Hour)
		rest := w.expect("alert " + string(kind) + " > " + ops)[0]
		same(t, "headline", fmt.Sprintf("476 more alerts of one kind: %s", kind), rest.Facts.Headline)
		w.alerts(rest, "476 of this kind", "Trouble 24; Reference: LT-2026-00001", "Trouble 73;", "And 426 more.")
		if strings.Contains(strings.Join(rest.Facts.Others, "\n"), "Trouble 74") {
			t.Errorf("%s: all of them are told one by one", kind)
		}
		w.passes(day)
		same(t, "afterwards", []string(nil), w.followed())
	}
}

// TestAlertFloodGoesOn: a flood that does not end brings some alerts an hour.
func TestAlertFloodGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 * 24 {
		w.alerting(20, intake.AlertBounce)
		w.passes(time.Hour)
	}
	if n := len(w.sent()); n < 72 || n > 24+3*(25+24) {
		t.Errorf("%d alerts in three days", n)
	}
}

// TestAlertCounts: of a kind that anybody can cause, the next alert says how many were kept back.
func TestAlertCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.judge.unproven = map[string]bool{stranger: true}
	w.alerting(10, intake.AlertUnauthenticated)
	first := w.expect("alert unauthenticated > " + ops)[0]
	w.alerts(first, "`mfabot inbound` lists them")
	w.passes(3 * time.Hour)
	w.take("quarantined(unauthenticated)", email{from: stranger, subject: "MFA", text: "Hello"})
	w.alerts(w.expect("alert unauthenticated > " + ops)[0], "From: "+stranger, "Not sent since 2 March 2026, 12:00 GMT", "9 of this kind")
}

// TestAlertOfEveryCode: alerts that are told apart by a code are of one kind.
func TestAlertOfEveryCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range int64(100) {
		w.alerting(1, intake.AlertAttempt.Of("code", i))
	}
	same(t, "at once", 24, len(w.sent()))
}

// TestAlertsToDo: without a directory, each alert is something to do: a busy day's are all sent, and those of a
// flood all told.
func TestAlertsToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.alerting(150, intake.AlertDirectory)
	w.sent()
	same(t, "at once", 150, len(w.directory))
}
