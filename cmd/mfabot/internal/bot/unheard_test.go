package bot

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// unheardBot is a bot whose operator has an address that takes everything or, as they have none, nothing.
func unheardBot(t *testing.T, operator string) *leaping {
	t.Helper()
	l := newLeaping(t)
	l.bot.Settings.Service.Operator = operator
	l.restart()
	done(t, l.bot.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Works(t.Context(), intake.WayOperator) }))
	l.settles(time.Minute, time.Minute)
	return l
}

// tells tells the operator something, and returns the letter.
func (l *leaping) tells() intake.Outbound {
	l.t.Helper()
	done(l.t, l.bot.Outbox.AlertOperator(l.t.Context(), intake.AlertAudit.Of("test", l.now.Unix()), outbox.Cause{}, "Something"))
	l.settles(0, 0)
	all, err := l.bot.Store.Outbound(l.t.Context())
	done(l.t, err)
	return all[len(all)-1]
}

// comesBack has a letter come back.
func (l *leaping) comesBack(o intake.Outbound) {
	l.t.Helper()
	done(l.t, l.bot.Store.Update(l.t.Context(), func(tx *store.Tx) error {
		return l.bot.Outbox.Undelivered(l.t.Context(), letters(tx, l.now), &o,
			outbox.Failure{Kind: intake.AlertBounce, Refused: true, Status: "5.1.1", Cause: "Status: 5.1.1"})
	}))
}

// passes lets time pass in steps of a minute.
func (l *leaping) passes(d time.Duration) {
	l.t.Helper()
	for range d / time.Minute {
		l.settles(time.Minute, time.Minute)
	}
}

// unheard checks whether the operator is known not to be reached, whether they were alarmed of that, and what the pages say.
func (l *leaping) unheard(is, told bool) {
	l.t.Helper()
	w, got, err := unheard(l.t.Context(), l.bot)
	done(l.t, err)
	if got != is || w.Told.IsZero() == told {
		l.t.Fatalf("not reached %v, %+v; want %v, told %v", got, w, is, told)
	}
	page := func(path string) string {
		r := httptest.NewRecorder()
		l.bot.Handler(l.t.Context()).ServeHTTP(r, httptest.NewRequestWithContext(l.t.Context(), http.MethodGet, path, nil))
		return r.Body.String()
	}
	for0 := 0.0
	if is {
		for0 = l.now.Sub(w.Since).Seconds()
	}
	hasAll(l.t, page("/metrics"), fmt.Sprintf("mfabot_operator_broken_seconds %.0f\n", for0))
	if health := page("/readyz"); strings.Contains(health, "operator: emails to the operator do not arrive since") != told {
		l.t.Errorf("readyz: %s", health)
	}
}

// TestOperatorRefused: an operator whose address is refused is alarmed after a while, over starts as well.
func TestOperatorRefused(t *testing.T) {
	t.Parallel()
	l := unheardBot(t, "nobody@helpdesk.test")
	l.unheard(false, false)
	l.tells()
	l.unheard(true, false)
	l.passes(14 * time.Minute)
	l.restart()
	l.settles(0, 0)
	l.unheard(true, false)
	l.passes(time.Minute)
	l.unheard(true, true)
	hasAll(t, l.logged(), "has not worked for long", "what=operator", "no such mailbox")
}

// TestOperatorReached: it is over once a letter was taken and has stayed for an hour.
func TestOperatorReached(t *testing.T) {
	t.Parallel()
	l := unheardBot(t, lakeside)
	o := l.tells()
	l.passes(5 * time.Minute)
	l.comesBack(o)
	l.passes(15 * time.Minute)
	l.unheard(true, true) // and another letter says so, which is the one that stays
	l.passes(59 * time.Minute)
	l.unheard(true, true)
	l.passes(time.Minute)
	l.unheard(false, false)
}

// TestOperatorReachedSoon: nobody is alarmed of a letter that came back where the next did not.
func TestOperatorReachedSoon(t *testing.T) {
	t.Parallel()
	l := unheardBot(t, lakeside)
	o := l.tells()
	l.comesBack(o)
	l.passes(5 * time.Minute)
	l.tells()
	l.passes(59 * time.Minute)
	if w, is, err := unheard(t.Context(), l.bot); err != nil || !is || !w.Told.IsZero() {
		t.Fatalf("%+v, %v, %v", w, is, err)
	}
	l.passes(time.Minute)
	l.unheard(false, false)
}

// TestOperatorNeverReached: that there is always a letter which has not come back yet keeps nobody from being alarmed.
func TestOperatorNeverReached(t *testing.T) {
	t.Parallel()
	l := unheardBot(t, lakeside)
	under := []intake.Outbound{l.tells()}
	for range 8 {
		l.passes(10 * time.Minute)
		under = append(under, l.tells())
		if len(under) > 2 {
			l.comesBack(under[0])
			under = under[1:]
		}
	}
	l.passes(time.Minute)
	if w, is, err := unheard(t.Context(), l.bot); err != nil || !is || !w.Told.IsZero() {
		t.Fatalf("%+v, %v, %v", w, is, err)
	}
	l.passes(14 * time.Minute)
	l.unheard(true, true)
}
