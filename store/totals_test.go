package store_test

import (
	"context"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

func testTotals(t *testing.T, open opener) {
	s := open(t)
	same(t, "of nothing", store.Totals{}, must(s.Totals(t.Context()))(t))
	concluded := addMessage(t, s, 1, "one")
	addMessage(t, s, 2, "two")
	letters := []*intake.Outbound{letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h")}
	addLetters(t, s, letters...)
	ok(t, s.Sent(t.Context(), letters[0].ID, noon))
	do(t, s, func(ctx context.Context, tx intake.Tx) {
		ok(t, tx.Conclude(ctx, concluded.ID, intake.Conclusion{Outcome: intake.AsRequest}))
		must(tx.GiveUp(ctx, letters[1].ID, "550"))(t)
	})
	same(t, "totals", store.Totals{Inbound: 2, Concluded: 1, Sent: 1, Queued: 2, Failed: 1}, must(s.Totals(t.Context()))(t))
}
