package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// absenceReader reads the reviewers' absences.
type absenceReader struct{ querier }

// absenceWriter writes the reviewers' absences.
type absenceWriter struct{ *transaction }

func scanAbsence(row scanner) (intake.Absence, error) {
	var a intake.Absence
	var since, until, ended int64
	err := row.Scan(&a.Reviewer, &since, &until, &ended, &a.Deputy, &a.ByHand)
	a.Since, a.Until, a.EndedAt = fromUnix(since), fromUnix(until), fromUnix(ended)
	return a, err
}

// Absences returns the latest absence of each reviewer, whether it lasts or not.
func (db absenceReader) Absences(ctx context.Context) ([]intake.Absence, error) {
	return collect(ctx, db, scanAbsence, `SELECT reviewer, since, until, ended_at, deputy, by_hand FROM absence ORDER BY reviewer`)
}

// SetAbsence replaces the reviewer's latest absence.
func (t absenceWriter) SetAbsence(ctx context.Context, a intake.Absence) error {
	_, err := t.exec(ctx, `
		INSERT INTO absence (reviewer, since, until, ended_at, deputy, by_hand) VALUES ($1, $2, $3, 0, $4, $5)
		ON CONFLICT (reviewer) DO UPDATE SET since = excluded.since, until = excluded.until, ended_at = 0,
			deputy = excluded.deputy, by_hand = excluded.by_hand`,
		a.Reviewer, unix(a.Since), unix(a.Until), a.Deputy, a.ByHand)
	return err
}

// EndAbsence ends an absence of a reviewer's that still lasts: one that an automatic reply announced or, with
// byHand, also one set by command. It returns ErrStale where there is none.
func (t absenceWriter) EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE absence SET ended_at = $1
		WHERE reviewer = $2 AND ended_at = 0 AND (until = 0 OR until > $1) AND (by_hand = FALSE OR $3)`,
		unix(now), reviewer, byHand)
}
