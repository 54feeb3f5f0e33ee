package store

import (
	"context"

	"mfabot/intake"
)

// holdReader reads the legal holds.
type holdReader struct{ querier }

// holdWriter writes the legal holds.
type holdWriter struct{ *transaction }

// Hold places a legal hold. It returns ErrStale where there is one already.
func (t holdWriter) Hold(ctx context.Context, h intake.Hold) error {
	return t.guarded(ctx, `
		INSERT INTO hold (ref, placed_at, by, reason) VALUES ($1, $2, $3, $4) ON CONFLICT (ref) DO NOTHING`,
		h.Ref, unix(h.At), h.By, h.Reason)
}

// Release ends a legal hold. It returns ErrStale where there is none.
func (t holdWriter) Release(ctx context.Context, ref string) error {
	return t.guarded(ctx, `DELETE FROM hold WHERE ref = $1`, ref)
}

// HoldOn returns the hold on a reference, or ErrNotFound.
func (db holdReader) HoldOn(ctx context.Context, ref string) (*intake.Hold, error) {
	scan := func(row scanner) (h intake.Hold, err error) {
		var at int64
		err = row.Scan(&h.Ref, &at, &h.By, &h.Reason)
		h.At = fromUnix(at)
		return h, err
	}
	return one(ctx, db, scan, `SELECT ref, placed_at, by, reason FROM hold WHERE ref = $1`, ref)
}
