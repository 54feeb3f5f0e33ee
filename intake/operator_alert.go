package intake

import "context"

// AlertOperator tells the operator of trouble that no message and no request is
// part of, such as a file that cannot be used: kind names it in the ledger.
func (out *Outbox) AlertOperator(ctx context.Context, kind, headline string, lines ...string) error {
	return out.update(ctx, func(w Work) error {
		return out.alert(ctx, w, kind, headline, lines...)
	})
}
