package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// actionReader reads what the directory is to be told.
type actionReader struct{ querier }

// actionWriter writes what the directory is to be told.
type actionWriter struct{ *transaction }

// AddAction queues an action, in place of those still open for its user.
func (t actionWriter) AddAction(ctx context.Context, a *intake.Action) error {
	if _, err := t.exec(ctx, `
		UPDATE action SET state = 'void', ended_at = $1
		WHERE state = 'open' AND ref IN (SELECT ref FROM exception WHERE subject_email = $2)`, unix(a.CreatedAt), a.User); err != nil {
		return err
	}
	var err error
	a.ID, err = value[int64](ctx, t, `
		INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error)
		VALUES ($1, $2, 'open', 0, $3, $4, 0, 0, 0, '')
		RETURNING id`, a.Ref, string(a.Kind), unix(a.CreatedAt), unix(a.DueAt))
	return err
}

const actionColumns = `a.id, a.ref, x.subject_email, x.directory_id, a.kind, a.attempts, a.created_at, a.due_at, a.alerted_at, a.last_error`

func scanAction(row scanner) (intake.Action, error) {
	var a intake.Action
	var created, due, alerted int64
	err := row.Scan(&a.ID, &a.Ref, &a.User, &a.Member, &a.Kind, &a.Attempts, &created, &due, &alerted, &a.LastError)
	a.CreatedAt, a.DueAt, a.AlertedAt = fromUnix(created), fromUnix(due), fromUnix(alerted)
	return a, err
}

// longestWait is longer than any action or letter is ever put back for.
const longestWait = 25 * time.Hour

// DueActions returns at most limit of the actions that are due, oldest first; only those of one reference
// unless ref is empty. While one of a user's actions is in hand the others wait, even if that one is no
// longer wanted: what it does may still happen. What a clock running ahead put back, or took in hand, does
// not wait for that clock's time.
func (db actionReader) DueActions(ctx context.Context, ref string, now time.Time, limit int) ([]intake.Action, error) {
	return collect(ctx, db, scanAction, `
		SELECT `+actionColumns+` FROM action AS a JOIN exception AS x ON x.ref = a.ref
		WHERE a.state = 'open' AND (a.due_at <= $1 OR a.due_at > $2) AND ($3 = '' OR a.ref = $3) AND NOT EXISTS (
			SELECT 1 FROM action AS b JOIN exception AS y ON y.ref = b.ref
			WHERE y.subject_email = x.subject_email AND b.taken_until BETWEEN $4 AND $2)
		ORDER BY a.id LIMIT $5`, unix(now), unix(now.Add(longestWait)), ref, unix(now)+1, limit)
}

// TakeAction records an attempt and makes the user's other actions wait for it, but not beyond until. It
// returns ErrStale if the action is no longer due.
func (t actionWriter) TakeAction(ctx context.Context, id int64, now, until time.Time) error {
	return t.guarded(ctx, `
		UPDATE action SET attempts = attempts + 1, taken_until = $1
		WHERE id = $2 AND state = 'open' AND (due_at <= $3 OR due_at > $4) AND NOT EXISTS (
			SELECT 1 FROM action AS b JOIN exception AS y ON y.ref = b.ref
			WHERE y.subject_email = (SELECT subject_email FROM exception WHERE exception.ref = action.ref)
				AND b.taken_until BETWEEN $5 AND $4)`,
		unix(until), id, unix(now), unix(now.Add(longestWait)), unix(now)+1)
}

// EndAction ends an action. One that was overtaken in the meantime stays void.
func (t actionWriter) EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error {
	_, err := t.exec(ctx, `
		UPDATE action SET state = CASE WHEN state = 'open' THEN $1 ELSE state END, ended_at = $2, taken_until = 0 WHERE id = $3`,
		string(how), unix(now), id)
	return err
}

// DelayAction puts off an action that nobody has in hand.
func (t actionWriter) DelayAction(ctx context.Context, id int64, now, due time.Time, lastError string) error {
	_, err := t.exec(ctx, `
		UPDATE action SET due_at = $1, last_error = $2
		WHERE id = $3 AND state = 'open' AND taken_until NOT BETWEEN $4 AND $5`,
		unix(due), lastError, id, unix(now)+1, unix(now.Add(longestWait)))
	return err
}

// PutBackAction puts back an action that was in hand.
func (t actionWriter) PutBackAction(ctx context.Context, id int64, due, alerted time.Time, lastError string) error {
	_, err := t.exec(ctx, `
		UPDATE action SET due_at = $1, alerted_at = $2, last_error = $3, taken_until = 0 WHERE id = $4`,
		unix(due), unix(alerted), lastError, id)
	return err
}

// OpenActions returns the actions still to be done, oldest first; only those of one reference unless ref is
// empty.
func (db actionReader) OpenActions(ctx context.Context, ref string) ([]intake.Action, error) {
	return collect(ctx, db, scanAction, `
		SELECT `+actionColumns+` FROM action AS a JOIN exception AS x ON x.ref = a.ref
		WHERE a.state = 'open' AND ($1 = '' OR a.ref = $1) ORDER BY a.id`, ref)
}

// OverExemptions returns a removal, without an ID, for each exemption that is over and that the directory is not
// known to have ended, longest over first: those with an open removal, and those past their end that nobody
// has closed. It leaves out users with another exception that is active at now.
func (db actionReader) OverExemptions(ctx context.Context, now time.Time) ([]intake.Action, error) {
	scan := func(row scanner) (intake.Action, error) {
		a := intake.Action{Kind: intake.ToRemove}
		return a, row.Scan(&a.Ref, &a.User, &a.Member)
	}
	return collect(ctx, db, scan, `
		SELECT x.ref, x.subject_email, x.directory_id FROM exception AS x
		WHERE (x.state = 'active' AND x.ends_at <= $1
				OR x.ref IN (SELECT ref FROM action WHERE state = 'open' AND kind = 'remove'))
			AND NOT EXISTS (
				SELECT 1 FROM exception AS y
				WHERE y.ref <> x.ref AND y.state = 'active' AND y.ends_at > $1
					AND (y.subject_email = x.subject_email OR y.directory_id <> '' AND y.directory_id = x.directory_id))
		ORDER BY x.ends_at, x.ref`, unix(now))
}

// Once records that a daily task was done on a day. It returns ErrStale if that is on record already.
func (t actionWriter) Once(ctx context.Context, name, day string) error {
	return t.guarded(ctx, `
		INSERT INTO daily (name, day) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET day = excluded.day WHERE daily.day <> excluded.day`, name, day)
}
