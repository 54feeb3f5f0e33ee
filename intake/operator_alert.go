package intake

import "context"

// AlertOperator tells the operator of trouble that no message and no request is
// part of, such as a file that cannot be used: kind names it in the ledger.
func (in *Intake) AlertOperator(ctx context.Context, kind, headline string, lines ...string) error {
	return in.store.Update(ctx, func(tx Tx) error {
		return in.alert(ctx, tx, in.now(), kind, headline, lines...)
	})
}
