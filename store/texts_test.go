package store_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// testTexts: whatever anybody has written is stored, found and sealed alike, however long it is, and texts come in the order of their
// bytes.
func testTexts(t *testing.T, open opener) {
	s := open(t)
	fillSealed(t, s)
	ok(t, s.Seal(t.Context(), secret))
	ok(t, s.SealRows(t.Context(), secret, noon, unmarked))
	random := make([]byte, 5000)
	_, err := rand.Read(random)
	ok(t, err)
	long := hex.EncodeToString(random) // nothing that can be made shorter
	const odd, stored = "a\x00b\xffc", "a\uFFFDb\uFFFDc"

	m := message(2, "odd")
	m.MessageID, m.From, m.Subject = odd+long, odd+long, odd+long
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
	found := must(s.MessagesByID(t.Context(), odd+long))(t)
	if len(found) != 1 || found[0].From != stored+long || found[0].Subject != stored+long {
		t.Errorf("%d messages were found by an odd Message-ID", len(found))
	}

	r := request("LT-2026-00002", m.ID)
	r.User.Name, r.Justification, r.Senders = odd+long, odd+long, []string{odd}
	e := exception(r.Ref, 150*day)
	e.User, e.Note = intake.User{Email: "lee@corner.test", Name: odd + long}, odd
	l := letter("odd@h")
	l.AnswersTo, l.Facts.Why = odd+long, intake.Why(odd)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddRequest(ctx, r))
		ok(t, tx.AddException(ctx, e))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon, Event: intake.EventApprove, By: odd, Text: odd + long,
			Until: e.EndsAt, User: e.User.Email}))
		ok(t, tx.AddOutbound(ctx, l))
	})
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		r.Justification = odd + "again"
		ok(t, tx.UpdateRequest(ctx, r, intake.Pending))
		_, err := tx.GiveUp(ctx, l.ID, odd+long)
		ok(t, err)
	})
	got := must(s.Request(t.Context(), r.Ref))(t)
	same(t, "request", []string{stored + long, stored + "again"}, []string{got.User.Name, got.Justification})
	same(t, "exception", stored, must(s.Exception(t.Context(), e.Ref))(t).Note)
	same(t, "letter", stored+long, must(s.OutboundByID(t.Context(), l.ID))(t).LastError)
	same(t, "history", stored, must(s.History(t.Context(), r.Ref))(t)[0].By)
	audited := must(s.CheckAudit(t.Context(), used(), ""))(t)
	same(t, "faults", []store.AuditFault(nil), audited.Faults)
	same(t, "rows", []store.Refused(nil), audited.Rows)

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, reviewer := range []string{"éva@h", "a_b@h", "Zoe@h", "ab@h", "a-b@h"} {
			ok(t, tx.SetAbsence(ctx, intake.Absence{Reviewer: reviewer, Since: noon}))
		}
	})
	var order []string
	for _, a := range must(s.Absences(t.Context()))(t) {
		order = append(order, a.Reviewer)
	}
	same(t, "order", []string{"Zoe@h", "a-b@h", "a_b@h", "ab@h", "ann@helpdesk.test", "éva@h"}, order)
}
