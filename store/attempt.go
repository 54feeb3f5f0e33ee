package store

import (
	"context"
	"database/sql"
	"errors"

	"mfabot/intake"
)

// Begun returns, for each of the messages, how often its handling was begun and not finished.
func (s *Store) Begun(ctx context.Context, copies []intake.Copy) ([]int, error) {
	begun := make([]int, len(copies))
	var some bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM attempt)`).Scan(&some); err != nil || !some {
		return begun, err
	}
	for i, c := range copies {
		err := s.read.QueryRowContext(ctx, `SELECT begun FROM attempt WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`,
			c.Mailbox, c.UIDValidity, c.UID).Scan(&begun[i])
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return begun, nil
}

// Begin records that the handling of messages is about to begin.
func (s *Store) Begin(ctx context.Context, copies []intake.Copy) error {
	return s.update(ctx, func(t *tx) error {
		for _, c := range copies {
			if _, err := t.ExecContext(ctx, `
				INSERT INTO attempt (mailbox, uidvalidity, uid, begun) VALUES ($1, $2, $3, 1)
				ON CONFLICT (mailbox, uidvalidity, uid) DO UPDATE SET begun = attempt.begun + 1`,
				c.Mailbox, c.UIDValidity, c.UID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forgive deletes the record that the handling of messages was begun.
func (s *Store) Forgive(ctx context.Context, copies []intake.Copy) error {
	return s.update(ctx, func(t *tx) error {
		for _, c := range copies {
			if _, err := t.ExecContext(ctx, `DELETE FROM attempt WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`,
				c.Mailbox, c.UIDValidity, c.UID); err != nil {
				return err
			}
		}
		return nil
	})
}
