package store

import (
	"context"
	"time"

	"mfabot/intake"
)

const absencesQuery = `SELECT reviewer, since, until, ended_at, deputy, by_hand FROM absence ORDER BY reviewer`

func scanAbsence(row scanner) (intake.Absence, error) {
	var a intake.Absence
	var since, until, ended int64
	err := row.Scan(&a.Reviewer, &since, &until, &ended, &a.Deputy, &a.ByHand)
	a.Since, a.Until, a.EndedAt = fromUnix(since), fromUnix(until), fromUnix(ended)
	return a, err
}

// Absences returns the latest absence of each reviewer, whether it lasts or not.
func (t *tx) Absences(ctx context.Context) ([]intake.Absence, error) {
	return collect(ctx, t, scanAbsence, absencesQuery)
}

// Absences returns the latest absence of each reviewer, whether it lasts or not.
func (s *Store) Absences(ctx context.Context) ([]intake.Absence, error) {
	return collect(ctx, s.read, scanAbsence, absencesQuery)
}

// SetAbsence replaces the reviewer's latest absence.
func (t *tx) SetAbsence(ctx context.Context, a intake.Absence) error {
	_, err := t.ExecContext(ctx, `
		INSERT INTO absence (reviewer, since, until, ended_at, deputy, by_hand) VALUES ($1, $2, $3, 0, $4, $5)
		ON CONFLICT (reviewer) DO UPDATE SET since = excluded.since, until = excluded.until, ended_at = 0, deputy = excluded.deputy, by_hand = excluded.by_hand`,
		a.Reviewer, unix(a.Since), unix(a.Until), a.Deputy, a.ByHand)
	return err
}

// EndAbsence ends an absence of a reviewer's that still lasts: one that an automatic reply announced or, with
// byHand, also one set by command. It returns ErrStale where there is none.
func (t *tx) EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE absence SET ended_at = $1
		WHERE reviewer = $2 AND ended_at = 0 AND (until = 0 OR until > $1) AND (by_hand = FALSE OR $3)`,
		unix(now), reviewer, byHand)
}

// OpenReviews returns the references of the pending requests for which a reviewer holds a code to decide,
// longest waiting first.
func (t *tx) OpenReviews(ctx context.Context, reviewer string) ([]string, error) {
	return collect(ctx, t, scanText, `
		SELECT ref FROM request
		WHERE state = 'pending' AND EXISTS (
			SELECT 1 FROM review
			WHERE review.ref = request.ref AND reviewer = $1 AND purpose = 'decide' AND void_at = 0)
		ORDER BY waiting_since, ref`, reviewer)
}
