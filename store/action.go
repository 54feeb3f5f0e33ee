package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// AddAction puts an action into the queue, in place of those that were still to be
// done for its user.
func (t *tx) AddAction(ctx context.Context, a *intake.Action) error {
	if _, err := t.ExecContext(ctx, `
		UPDATE action SET state = 'void', ended_at = $1
		WHERE state = 'open' AND ref IN (SELECT ref FROM exception WHERE subject_email = $2)`, unix(a.CreatedAt), a.User); err != nil {
		return err
	}
	return t.QueryRowContext(ctx, `
		INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error)
		VALUES ($1, $2, 'open', 0, $3, $4, 0, 0, 0, '')
		RETURNING id`, a.Ref, string(a.Kind), unix(a.CreatedAt), unix(a.DueAt)).Scan(&a.ID)
}

const actionColumns = `a.id, a.ref, x.subject_email, x.directory_id, a.kind, a.attempts, a.created_at, a.due_at, a.alerted_at, a.last_error`

func scanAction(row scanner) (intake.Action, error) {
	var a intake.Action
	var created, due, alerted int64
	err := row.Scan(&a.ID, &a.Ref, &a.User, &a.Member, &a.Kind, &a.Attempts, &created, &due, &alerted, &a.LastError)
	a.CreatedAt, a.DueAt, a.AlertedAt = fromUnix(created), fromUnix(due), fromUnix(alerted)
	return a, err
}

// longestWait is more than anything is put back for.
const longestWait = 25 * time.Hour

// DueActions returns the actions whose time has come, oldest first; of one
// reference where ref is not empty. None is of a user for whom another is in hand,
// even where that one is not wanted any more: what it does may come to pass. What a
// clock that was ahead put back, or took in hand, is not waited for.
func (s *Store) DueActions(ctx context.Context, ref string, now time.Time, limit int) ([]intake.Action, error) {
	return collect(ctx, s.read, scanAction, `
		SELECT `+actionColumns+` FROM action AS a JOIN exception AS x ON x.ref = a.ref
		WHERE a.state = 'open' AND (a.due_at <= $1 OR a.due_at > $2) AND ($3 = '' OR a.ref = $3) AND NOT EXISTS (
			SELECT 1 FROM action AS b JOIN exception AS y ON y.ref = b.ref
			WHERE y.subject_email = x.subject_email AND b.taken_until BETWEEN $4 AND $2)
		ORDER BY a.id LIMIT $5`, unix(now), unix(now.Add(longestWait)), ref, unix(now)+1, limit)
}

// TakeAction puts an attempt on record, and keeps the others of the same user
// waiting until then at most; ErrStale if the action is not due any more.
func (t *tx) TakeAction(ctx context.Context, id int64, now, until time.Time) error {
	return t.guarded(ctx, `
		UPDATE action SET attempts = attempts + 1, taken_until = $1
		WHERE id = $2 AND state = 'open' AND (due_at <= $3 OR due_at > $4) AND NOT EXISTS (
			SELECT 1 FROM action AS b JOIN exception AS y ON y.ref = b.ref
			WHERE y.subject_email = (SELECT subject_email FROM exception WHERE exception.ref = action.ref) AND b.taken_until BETWEEN $5 AND $4)`,
		unix(until), id, unix(now), unix(now.Add(longestWait)), unix(now)+1)
}

// EndAction ends an action. One that was overtaken meanwhile stays so.
func (t *tx) EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error {
	_, err := t.ExecContext(ctx, `
		UPDATE action SET state = CASE WHEN state = 'open' THEN $1 ELSE state END, ended_at = $2, taken_until = 0 WHERE id = $3`,
		string(how), unix(now), id)
	return err
}

// Applied keeps the directory's ID of an exception's user.
func (t *tx) Applied(ctx context.Context, ref, member string) error {
	_, err := t.ExecContext(ctx, `UPDATE exception SET directory_id = $1 WHERE ref = $2`, member, ref)
	return err
}

// OtherwiseExempt reports whether the user of an exception has another one that is
// active, under whatever address, by the directory's ID.
func (t *tx) OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error) {
	var has bool
	err := t.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM exception
			WHERE directory_id = $1 AND directory_id <> '' AND ref <> $2 AND state = 'active' AND ends_at > $3)`,
		member, ref, unix(now)).Scan(&has)
	return has, err
}

// DelayAction puts an action that nobody has in hand off until due.
func (t *tx) DelayAction(ctx context.Context, id int64, now, due time.Time, lastError string) error {
	_, err := t.ExecContext(ctx, `
		UPDATE action SET due_at = $1, last_error = $2
		WHERE id = $3 AND state = 'open' AND taken_until NOT BETWEEN $4 AND $5`,
		unix(due), lastError, id, unix(now)+1, unix(now.Add(longestWait)))
	return err
}

// PutBackAction puts an action back that was in hand, until due.
func (t *tx) PutBackAction(ctx context.Context, id int64, due, alerted time.Time, lastError string) error {
	_, err := t.ExecContext(ctx, `
		UPDATE action SET due_at = $1, alerted_at = $2, last_error = $3, taken_until = 0 WHERE id = $4`,
		unix(due), unix(alerted), lastError, id)
	return err
}

// OpenActions returns what is not done yet, oldest first; of one reference where
// ref is not empty.
func (s *Store) OpenActions(ctx context.Context, ref string) ([]intake.Action, error) {
	return collect(ctx, s.read, scanAction, `
		SELECT `+actionColumns+` FROM action AS a JOIN exception AS x ON x.ref = a.ref
		WHERE a.state = 'open' AND ($1 = '' OR a.ref = $1) ORDER BY a.id`, ref)
}

// Once marks what is done once a day as done on a day; ErrStale if it was.
func (t *tx) Once(ctx context.Context, name, day string) error {
	return t.guarded(ctx, `
		INSERT INTO daily (name, day) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET day = excluded.day WHERE daily.day <> excluded.day`, name, day)
}
