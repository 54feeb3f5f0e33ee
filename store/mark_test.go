package store_test

import (
	"context"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// testMarks: numbers are remembered, each by its name, and one that somebody else wrote counts as none.
func testMarks(t *testing.T, open opener) {
	s := open(t)
	_, err := s.Mark(t.Context(), intake.MarkSites)
	wantNotFound(t, "a mark that never was set", err)
	for _, n := range []int64{25, 0, 31} {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.SetMark(ctx, intake.MarkSites, n))
			ok(t, tx.SetMark(ctx, intake.MarkBegan("helpdesk"), 7))
		})
		same(t, "mark", n, must(s.Mark(t.Context(), intake.MarkSites))(t))
		same(t, "another", int64(7), must(s.Mark(t.Context(), intake.MarkBegan("helpdesk")))(t))
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.SetMark(ctx, intake.MarkSite(0), 5))
		ok(t, tx.SetMark(ctx, intake.MarkSite(10), 4))
	})
	same(t, "alike", []int64{5, 4}, must(s.MarksLike(t.Context(), intake.MarkSiteBegins))(t))
	_, err = s.FirstReceived(t.Context(), "helpdesk")
	wantNotFound(t, "the first message of none", err)
	first, later := message(1, "first"), message(2, "second")
	later.ReceivedAt = first.ReceivedAt.Add(day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, addInbound(ctx, tx, first))
		ok(t, addInbound(ctx, tx, later))
	})
	same(t, "first", first.ReceivedAt, must(s.FirstReceived(t.Context(), first.Mailbox))(t))
}
