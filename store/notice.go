package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// Overtake removes the warnings of an exception that were not sent yet from the queue, and returns their
// recipients. One that is being sent at this moment is still recorded as sent.
func (t *tx) Overtake(ctx context.Context, ref string) ([]string, error) {
	return collect(ctx, t, scanText, `
		UPDATE outbound SET state = 'failed', last_error = $1
		WHERE ref = $2 AND template = 'warning' AND state = 'queued'
		RETURNING recipient`, intake.Overtaken, ref)
}

// OvertakeLetters removes from the queue the letters of a template to an address about a request that were
// not sent yet; with an empty ref those about no request. One that is being sent at this moment is still
// recorded as sent.
func (t *tx) OvertakeLetters(ctx context.Context, template intake.Template, ref, to string) error {
	_, err := t.ExecContext(ctx, `
		UPDATE outbound SET state = 'failed', last_error = $1
		WHERE template = $2 AND ref = $3 AND recipient = $4 AND state = 'queued'`,
		intake.Overtaken, string(template), ref, to)
	return err
}

// LaterNotice reports whether a warning of an exception, or the notice that it is over, was written after
// since. Letters that stand for another do not count.
func (t *tx) LaterNotice(ctx context.Context, ref string, since time.Time) (bool, error) {
	var later bool
	err := t.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM outbound
			WHERE ref = $1 AND created_at > $2 AND stands_for = 0 AND template IN ('warning', 'ended', 'revoked'))`,
		ref, unix(since)).Scan(&later)
	return later, err
}
