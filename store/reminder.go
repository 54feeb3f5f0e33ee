package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// Chasing returns the references of at most limit pending requests that are to be looked at by now, longest
// waiting first.
func (t *tx) Chasing(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return collect(ctx, t, scanText, `
		SELECT request.ref FROM request LEFT JOIN chase ON chase.ref = request.ref
		WHERE request.state = 'pending' AND (chase.ref IS NULL OR chase.next_at <= $1)
		ORDER BY request.waiting_since, request.ref LIMIT $2`, unix(now), limit)
}

// LookAgain sets when a request is to be looked at next.
func (t *tx) LookAgain(ctx context.Context, ref string, at time.Time) error {
	_, err := t.ExecContext(ctx, `
		INSERT INTO chase (ref, next_at) VALUES ($1, $2)
		ON CONFLICT (ref) DO UPDATE SET next_at = excluded.next_at`, ref, unix(at))
	return err
}

// Remind records a reminder. It returns ErrStale unless its stage is later than the last one on record for
// the same waiting.
func (t *tx) Remind(ctx context.Context, r intake.Reminded) error {
	return t.guarded(ctx, `
		INSERT INTO reminder (ref, reviewer, since, stage, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (ref, reviewer) DO UPDATE SET since = excluded.since, stage = excluded.stage, at = excluded.at
		WHERE reminder.since <> excluded.since OR reminder.stage < excluded.stage`,
		r.Ref, r.Reviewer, unix(r.Since), r.Stage, unix(r.At))
}

// Reminded returns how far everybody has been reminded of a request.
func (s *Store) Reminded(ctx context.Context, ref string) ([]intake.Reminded, error) {
	scan := func(row scanner) (intake.Reminded, error) {
		var r intake.Reminded
		var since, at int64
		err := row.Scan(&r.Ref, &r.Reviewer, &since, &r.Stage, &at)
		r.Since, r.At = fromUnix(since), fromUnix(at)
		return r, err
	}
	return collect(ctx, s.read, scan, `SELECT ref, reviewer, since, stage, at FROM reminder WHERE ref = $1 ORDER BY reviewer`, ref)
}

// Waiting returns the requests that wait for somebody, longest first, without their evidence.
func (t *tx) Waiting(ctx context.Context) ([]intake.Request, error) {
	return collect(ctx, t, scanRequest, `
		SELECT `+requestColumns+` FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY waiting_since, ref`)
}

// Ending returns the long-term exceptions that end after a moment and no later than another, soonest first.
func (t *tx) Ending(ctx context.Context, after, by time.Time) ([]intake.Exception, error) {
	return collect(ctx, t, scanException, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE state = 'active' AND category = 'long' AND ends_at > $1 AND ends_at <= $2
		ORDER BY ends_at, ref`, unix(after), unix(by))
}
