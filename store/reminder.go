package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// reminderReader reads how far reviewers were reminded.
type reminderReader struct{ querier }

// reminderWriter writes how far reviewers were reminded.
type reminderWriter struct{ *transaction }

// Chasing returns the references of at most limit pending requests that are to be looked at by now, longest
// waiting first.
func (db reminderReader) Chasing(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return requestReader(db).refs(ctx, limit, `
		SELECT `+requestColumns+` FROM request
		WHERE state = 'pending' AND NOT EXISTS (SELECT 1 FROM chase WHERE chase.ref = request.ref AND chase.next_at > $1)
		ORDER BY waiting_since, ref`, unix(now))
}

// LookAgain sets when a request is to be looked at next.
func (t reminderWriter) LookAgain(ctx context.Context, ref string, at time.Time) error {
	_, err := t.exec(ctx, `
		INSERT INTO chase (ref, next_at) VALUES ($1, $2)
		ON CONFLICT (ref) DO UPDATE SET next_at = excluded.next_at`, ref, unix(at))
	return err
}

// Remind records a reminder. It returns ErrStale unless its stage is later than the last one on record for
// the same waiting.
func (t reminderWriter) Remind(ctx context.Context, r intake.Reminded) error {
	return t.guarded(ctx, `
		INSERT INTO reminder (ref, reviewer, since, stage, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (ref, reviewer) DO UPDATE SET since = excluded.since, stage = excluded.stage, at = excluded.at
		WHERE reminder.since <> excluded.since OR reminder.stage < excluded.stage`,
		r.Ref, r.Reviewer, unix(r.Since), r.Stage, unix(r.At))
}

// Reminded returns how far everybody has been reminded of a request.
func (db reminderReader) Reminded(ctx context.Context, ref string) ([]intake.Reminded, error) {
	scan := func(row scanner) (intake.Reminded, error) {
		var r intake.Reminded
		var since, at int64
		err := row.Scan(&r.Ref, &r.Reviewer, &since, &r.Stage, &at)
		r.Since, r.At = fromUnix(since), fromUnix(at)
		return r, err
	}
	return collect(ctx, db, scan, `SELECT ref, reviewer, since, stage, at FROM reminder WHERE ref = $1 ORDER BY reviewer`, ref)
}
