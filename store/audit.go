package store

import (
	"context"

	"mfabot/intake"
)

// Record appends to the audit.
func (t *tx) Record(ctx context.Context, e intake.HistoryEntry) error {
	_, err := t.ExecContext(ctx, `INSERT INTO audit (ref, at, event, by, text) VALUES ($1, $2, $3, $4, $5)`,
		e.Ref, unix(e.At), e.Event, e.By, e.Text)
	return err
}

// History returns the audit of one reference, oldest first.
func (t *tx) History(ctx context.Context, ref string) ([]intake.HistoryEntry, error) {
	return historyOf(ctx, t, ref)
}

// History returns the audit of one reference, oldest first.
func (s *Store) History(ctx context.Context, ref string) ([]intake.HistoryEntry, error) {
	return historyOf(ctx, s.read, ref)
}

func historyOf(ctx context.Context, q querier, ref string) ([]intake.HistoryEntry, error) {
	scan := func(row scanner) (intake.HistoryEntry, error) {
		var e intake.HistoryEntry
		var at int64
		err := row.Scan(&e.Ref, &at, &e.Event, &e.By, &e.Text)
		e.At = fromUnix(at)
		return e, err
	}
	return collect(ctx, q, scan, `SELECT ref, at, event, by, text FROM audit WHERE ref = $1 ORDER BY id`, ref)
}
