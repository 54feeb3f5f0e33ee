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
	var seal string
	err := row.Scan(&a.Reviewer, &since, &until, &ended, &a.Deputy, &a.ByHand, &seal)
	a.Since, a.Until, a.EndedAt = fromUnix(since), fromUnix(until), fromUnix(ended)
	return a, err
}

// Absences returns the latest absence of each reviewer, whether it lasts or not.
func (db absenceReader) Absences(ctx context.Context) ([]intake.Absence, error) {
	return sealedRows(ctx, db, absences(), scanAbsence, 0, `
		SELECT reviewer, since, until, ended_at, deputy, by_hand, seal FROM absence ORDER BY reviewer`)
}

// SetAbsence replaces the reviewer's latest absence.
func (t absenceWriter) SetAbsence(ctx context.Context, a intake.Absence) error {
	if err := t.remove(ctx, absences(), `reviewer = $1`, a.Reviewer); err != nil {
		return err
	}
	_, err := t.add(ctx, absences(), cells{"reviewer": a.Reviewer, "since": unix(a.Since), "until": unix(a.Until), "ended_at": int64(0),
		"deputy": a.Deputy, "by_hand": a.ByHand})
	return err
}

// EndAbsence ends an absence of a reviewer's that still lasts: one that an automatic reply announced or, with
// byHand, also one set by command. It returns ErrStale where there is none.
func (t absenceWriter) EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error {
	return t.changeOne(ctx, absences(), cells{"ended_at": unix(now)},
		`reviewer = $1 AND ended_at = 0 AND (until = 0 OR until > $2) AND (by_hand = FALSE OR $3)`, reviewer, unix(now), byHand)
}
