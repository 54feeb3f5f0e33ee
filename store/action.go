package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"mfabot/intake"
)

// actionReader reads what the directory is to be told, or somebody is to do there by hand.
type actionReader struct{ querier }

// actionWriter writes it.
type actionWriter struct{ *transaction }

// AddAction adds an action, which the directory is to make unless its state says otherwise. It takes the place of those of
// its user that are still to be done, by the directory or by hand; a call neither takes one's place nor gives way to one.
func (t actionWriter) AddAction(ctx context.Context, a *intake.Action) error {
	a.State = cmp.Or(a.State, intake.ActionOpen)
	overtakes := []string{`state = 'open' AND subject_email = $1`, `state = 'asked' AND kind <> 'call' AND subject_email = $1`}
	if a.Kind == intake.ToCall {
		overtakes = nil
	}
	for _, waiting := range overtakes {
		if _, err := t.change(ctx, actions(), cells{"state": "void", "ended_at": unix(a.CreatedAt)}, waiting, a.User); err != nil {
			return err
		}
	}
	member, err := memberOf(ctx, t, a.Ref)
	if err != nil {
		return err
	}
	a.ID, err = t.add(ctx, actions(), cells{"ref": a.Ref, "kind": string(a.Kind), "state": string(a.State), "subject_email": a.User,
		"directory_id": member, "attempts": 0, "created_at": unix(a.CreatedAt), "due_at": unix(a.DueAt), "taken_until": 0,
		"ended_at": 0, "alerted_at": 0, "last_error": ""})
	return err
}

// memberOf returns the directory's ID of an exception's user; empty where it is not known.
func memberOf(ctx context.Context, db querier, ref string) (string, error) {
	rows, err := fitting(ctx, db, exceptions(), `ref = $1`, ref)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return text(rows[0], "directory_id"), nil
}

const actionColumns = `id, ref, subject_email, directory_id, kind, attempts, created_at, due_at, alerted_at, last_error, state, seal`

func scanAction(row scanner) (intake.Action, error) {
	var a intake.Action
	var created, due, alerted int64
	var seal any
	err := row.Scan(&a.ID, &a.Ref, &a.User, &a.Member, &a.Kind, &a.Attempts, &created, &due, &alerted, &a.LastError, &a.State, &seal)
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
	due, err := sealedRows(ctx, db, actions(), scanAction, limit, `
		SELECT `+actionColumns+` FROM action AS a
		WHERE state = 'open' AND (due_at <= $1 OR due_at > $2) AND ($3 = '' OR ref = $3) AND NOT EXISTS (
			SELECT 1 FROM action AS b WHERE b.subject_email = a.subject_email AND b.taken_until BETWEEN $4 AND $2)
		ORDER BY id`, unix(now), unix(now.Add(longestWait)), ref, unix(now)+1)
	if err != nil {
		return nil, err
	}
	return due, db.withMembers(ctx, due)
}

// withMembers sets the directory's IDs of users who have got one since their actions were queued.
func (db actionReader) withMembers(ctx context.Context, queued []intake.Action) error {
	for i := range queued {
		member, err := memberOf(ctx, db, queued[i].Ref)
		if err != nil {
			return err
		}
		if member != "" {
			queued[i].Member = member
		}
	}
	return nil
}

// TakeAction records an attempt and makes the user's other actions wait for it, but not beyond until. It
// returns ErrStale if the action is no longer due.
func (t actionWriter) TakeAction(ctx context.Context, id int64, now, until time.Time) error {
	return t.guarded(ctx, `
		UPDATE action SET attempts = attempts + 1, taken_until = $1
		WHERE id = $2 AND state = 'open' AND (due_at <= $3 OR due_at > $4) AND NOT EXISTS (
			SELECT 1 FROM action AS b WHERE b.subject_email = action.subject_email AND b.taken_until BETWEEN $5 AND $4)`,
		unix(until), id, unix(now), unix(now.Add(longestWait)), unix(now)+1)
}

// FinishAction records that somebody has made the change of an action that they were asked to make by hand; ErrStale if
// it is done or overtaken.
func (t actionWriter) FinishAction(ctx context.Context, id int64, now time.Time) error {
	return t.changeOne(ctx, actions(), cells{"state": "done", "ended_at": unix(now)}, `id = $1 AND state = 'asked'`, id)
}

// EndAction ends an action. One that was overtaken in the meantime stays void.
func (t actionWriter) EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error {
	if _, err := t.change(ctx, actions(), cells{"state": string(how)}, `id = $1 AND state IN ('open', 'asked')`, id); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE action SET ended_at = $1, taken_until = 0 WHERE id = $2`, unix(now), id)
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
	open, err := sealedRows(ctx, db, actions(), scanAction, 0, `
		SELECT `+actionColumns+` FROM action WHERE state = 'open' AND ($1 = '' OR ref = $1) ORDER BY id`, ref)
	if err != nil {
		return nil, err
	}
	return open, db.withMembers(ctx, open)
}

// Action returns one action, or ErrNotFound.
func (db actionReader) Action(ctx context.Context, id int64) (*intake.Action, error) {
	return sealedRow(ctx, db, actions(), scanAction, `SELECT `+actionColumns+` FROM action WHERE id = $1`, id)
}

// AskedActions returns what the operator was asked to do by hand and has not said to be done, oldest first; only what is
// about one reference unless ref is empty, and about one user unless user is.
func (db actionReader) AskedActions(ctx context.Context, ref, user string) ([]intake.Action, error) {
	return sealedRows(ctx, db, actions(), scanAction, 0, `
		SELECT `+actionColumns+` FROM action
		WHERE state = 'asked' AND ($1 = '' OR ref = $1) AND ($2 = '' OR subject_email = $2) ORDER BY id`, ref, user)
}

// OverExemptions returns a removal, without an ID, for each exemption that is over and that the directory is not
// known to have ended, longest over first: those with an open removal, and those past their end that nobody
// has closed. It leaves out users with another exception that is active at now.
func (db actionReader) OverExemptions(ctx context.Context, now time.Time) ([]intake.Action, error) {
	removals, err := fitting(ctx, db, actions(), `state = 'open' AND kind = 'remove'`)
	if err != nil {
		return nil, err
	}
	over, err := fitting(ctx, db, exceptions(), `
		state = 'active' AND ends_at <= $1 OR ref IN (SELECT ref FROM action WHERE state = 'open' AND kind = 'remove')
		ORDER BY ends_at, ref`, unix(now))
	if err != nil {
		return nil, err
	}
	var out []intake.Action
	for _, x := range over {
		ends, _ := x["ends_at"].(int64)
		past := text(x, "state") == string(intake.Active) && ends <= unix(now)
		if !past && !slices.ContainsFunc(removals, func(a cells) bool { return text(a, "ref") == text(x, "ref") }) {
			continue // somebody has made up the removal
		}
		others, err := exceptionRows(ctx, db, 1, `
			SELECT `+exceptionColumns+` FROM exception
			WHERE ref <> $1 AND state = 'active' AND ends_at > $2
				AND (subject_email = $3 OR directory_id <> '' AND directory_id = $4)`,
			x["ref"], unix(now), x["subject_email"], x["directory_id"])
		if err != nil {
			return nil, err
		}
		if len(others) == 0 {
			out = append(out, intake.Action{Kind: intake.ToRemove, Ref: text(x, "ref"), User: text(x, "subject_email"),
				Member: text(x, "directory_id")})
		}
	}
	return out, nil
}

// HowFar returns how far a task is, as Proceed records it; empty where it never began.
func (t actionWriter) HowFar(ctx context.Context, task string) (string, error) {
	found, err := collect(ctx, t, scanValue[string], `SELECT day FROM daily WHERE name = $1`, task)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// Proceed records how far a task is, as a day and what of it is done. It returns ErrStale if it is no longer at from.
func (t actionWriter) Proceed(ctx context.Context, task, from, to string) error {
	return t.guarded(ctx, `
		INSERT INTO daily (name, day) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET day = excluded.day WHERE daily.day = $3`, task, to, from)
}

// Once records that a daily task was done on a day. It returns ErrStale if that is on record already.
func (t actionWriter) Once(ctx context.Context, name, day string) error {
	return t.guarded(ctx, `
		INSERT INTO daily (name, day) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET day = excluded.day WHERE daily.day <> excluded.day`, name, day)
}
