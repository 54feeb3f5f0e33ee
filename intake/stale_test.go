package intake_test

import (
	"context"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/store"
)

// hasty is a transaction in which, once, somebody else decides between the reading of a request and the
// decision on it, as another process can.
type hasty struct {
	meanwhile func(tx *store.Tx)
}

type hastyTx struct {
	*store.Tx
	*hasty
}

// Decide comes too late as long as the other decision is still ahead.
func (t *hastyTx) Decide(ctx context.Context, id int64, decision intake.Event, text string, now time.Time) error {
	if t.meanwhile != nil {
		return intake.ErrStale
	}
	return t.Tx.Decide(ctx, id, decision, text, now)
}

// Savepoint lets the other decision be seen once what was tried has been undone.
func (t *hastyTx) Savepoint(ctx context.Context, fn func() error) error {
	err := t.Tx.Savepoint(ctx, fn)
	if meanwhile := t.meanwhile; meanwhile != nil {
		t.meanwhile = nil
		meanwhile(t.Tx)
	}
	return err
}

// TestSomebodyFaster: a decision that comes too late by a moment is answered like any other that comes too
// late.
func TestSomebodyFaster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	h := new(hasty)
	w.through(&trouble{reviews: func(seen *review.Tx, tx *store.Tx) {
		seen.Decisions, seen.Allowances = &hastyTx{tx, h}, &hastyTx{tx, h}
	}})
	h.meanwhile = func(tx *store.Tx) {
		reviews := must(tx.Reviews(t.Context(), a.Ref))(t)
		req := must(tx.Request(t.Context(), a.Ref))(t)
		req.State = intake.Rejected
		ok(t, tx.UpdateRequest(t.Context(), req, intake.Pending))
		ok(t, tx.Decide(t.Context(), reviews[1].ID, intake.EventReject, "no", w.now))
	}
	w.take("refused(already-decided) "+a.Ref, reply(a, asha, "APPROVE"))
	late := w.expect("already-decided already-decided > " + asha)[0]
	same(t, "who was faster", "Ben Okoro", late.Facts.By)
	same(t, "decided by", ben, b.To)
}
