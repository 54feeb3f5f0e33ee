package store

import (
	"context"

	"mfabot/intake"
)

// markReader reads the numbers that are remembered.
type markReader struct{ querier }

// markWriter writes the numbers that are remembered.
type markWriter struct{ *transaction }

// Mark returns a number that is remembered, or ErrNotFound.
func (db markReader) Mark(ctx context.Context, m intake.Mark) (int64, error) {
	n, err := sealedRow(ctx, db, marks(), func(row scanner) (n int64, err error) {
		var name string
		var seal string
		err = row.Scan(&name, &n, &seal)
		return n, err
	}, `SELECT name, n, seal FROM mark WHERE name = $1`, string(m))
	if err != nil {
		return 0, err
	}
	return *n, nil
}

// SetMark remembers a number in the place of the one before. A row that somebody else wrote stays as it is, and counts
// as none.
func (t markWriter) SetMark(ctx context.Context, m intake.Mark, n int64) error {
	there, err := storedRows(ctx, t, marks(), `name = $1`, string(m))
	if err != nil {
		return err
	}
	if len(there) == 0 {
		_, err = t.add(ctx, marks(), cells{"name": string(m), "n": n})
		return err
	}
	_, err = t.change(ctx, marks(), cells{"n": n}, `name = $1`, string(m))
	return err
}
