package store

import (
	"context"
	"slices"
	"time"

	"mfabot/intake"
)

// exceptionReader reads exceptions.
type exceptionReader struct{ querier }

// exceptionWriter writes exceptions.
type exceptionWriter struct{ *transaction }

const exceptionColumns = `ref, category, state, subject_email, subject_name, site_code, site_address, reason, note, granted_by,
	starts_at, ends_at, next_notice_at, closed_at, purged_at, superseded_by, directory_id, seal`

func scanException(row scanner) (intake.Exception, error) {
	var e intake.Exception
	var starts, ends, next, closed, purged int64
	var unread [2]any
	err := row.Scan(&e.Ref, &e.Category, &e.State, &e.User.Email, &e.User.Name, &e.SiteCode, &e.SiteAddress,
		&e.Reason, &e.Note, &e.GrantedBy, &starts, &ends, &next, &closed, &purged, &e.SupersededBy, &unread[0], &unread[1])
	e.PurgedAt = fromUnix(purged)
	e.StartsAt, e.EndsAt, e.NextNoticeAt, e.ClosedAt = fromUnix(starts), fromUnix(ends), fromUnix(next), fromUnix(closed)
	return e, err
}

// AddException stores a new exception.
func (t exceptionWriter) AddException(ctx context.Context, e *intake.Exception) error {
	_, err := t.add(ctx, exceptions(), cells{"ref": e.Ref, "category": string(e.Category), "state": string(e.State),
		"subject_email": e.User.Email, "subject_name": e.User.Name, "site_code": e.SiteCode, "site_address": e.SiteAddress,
		"reason": e.Reason, "note": e.Note, "granted_by": e.GrantedBy, "starts_at": unix(e.StartsAt), "ends_at": unix(e.EndsAt),
		"next_notice_at": unix(e.NextNoticeAt), "closed_at": int64(0), "purged_at": int64(0), "superseded_by": "", "directory_id": ""})
	return err
}

// Exception returns an exception, or ErrNotFound: ErrUnsealed where it is not as the bot wrote it, or not so by the audit.
func (db exceptionReader) Exception(ctx context.Context, ref string) (*intake.Exception, error) {
	e, err := sealedRow(ctx, db, exceptions(), scanException, `SELECT `+exceptionColumns+` FROM exception WHERE ref = $1`, ref)
	if err != nil {
		return nil, err
	}
	good, err := stands(ctx, db, *e)
	if err == nil && !good {
		err = ErrUnsealed
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Exceptions returns all exceptions, by start.
func (db exceptionReader) Exceptions(ctx context.Context) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `SELECT `+exceptionColumns+` FROM exception ORDER BY starts_at, ref`)
}

// Unclosed returns the exceptions of a user that nobody has closed yet, the soonest to end first. Some may be
// past their end.
func (db exceptionReader) Unclosed(ctx context.Context, email string) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE `+ofUser+` AND state = 'active' ORDER BY ends_at, ref`, user(email)...)
}

// ActiveExceptions returns the exceptions that are active at now, by user.
func (db exceptionReader) ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception WHERE state = 'active' AND ends_at > $1 ORDER BY subject_email, ref`, unix(now))
}

// GrantedSince counts the short-term exceptions that a user was given at since or later.
func (db exceptionReader) GrantedSince(ctx context.Context, email string, since time.Time) (int, error) {
	granted, err := exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE `+ofUser+` AND starts_at >= $3 AND category = 'short'`, append(user(email), unix(since))...)
	return len(granted), err
}

// NoticesDue returns at most limit of the active exceptions with a notice due, soonest first; all of them where that
// is 0. It is not among what is
// read, since the Store's Due is that of letters.
func (t exceptionWriter) NoticesDue(ctx context.Context, now time.Time, limit int) ([]intake.Exception, error) {
	return exceptionRows(ctx, t, limit, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE state = 'active' AND (next_notice_at <= $1 OR ends_at <= $1) ORDER BY next_notice_at, ref`, unix(now))
}

// SetNextNotice moves the next notice of an exception. It returns ErrStale unless the exception is active and
// its next notice still at from.
func (t exceptionWriter) SetNextNotice(ctx context.Context, ref string, from, to time.Time) error {
	return t.changeOne(ctx, exceptions(), cells{"next_notice_at": unix(to)},
		`ref = $1 AND state = 'active' AND next_notice_at = $2`, ref, unix(from))
}

// CloseException moves an exception from active to another state. It returns ErrStale if it is no longer
// active.
func (t exceptionWriter) CloseException(ctx context.Context, ref string, to intake.ExceptionState, now time.Time) error {
	return t.changeOne(ctx, exceptions(), cells{"state": string(to), "closed_at": unix(now)}, `ref = $1 AND state = 'active'`, ref)
}

// SupersedeException moves an exception from active to superseded by another. It returns ErrStale if it is no
// longer active.
func (t exceptionWriter) SupersedeException(ctx context.Context, ref, by string, now time.Time) error {
	return t.changeOne(ctx, exceptions(), cells{"state": string(intake.Superseded), "superseded_by": by, "closed_at": unix(now)},
		`ref = $1 AND state = 'active'`, ref)
}

// Replaced returns the exceptions whose place one has taken, itself or by those between, latest first. Those
// whose personal data is gone are left out.
func (db exceptionReader) Replaced(ctx context.Context, ref string) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		WITH RECURSIVE earlier (ref) AS (
			SELECT ref FROM exception WHERE superseded_by = $1
			UNION SELECT exception.ref FROM exception JOIN earlier ON exception.superseded_by = earlier.ref)
		SELECT `+exceptionColumns+` FROM exception
		WHERE ref IN (SELECT ref FROM earlier) AND purged_at = 0 ORDER BY closed_at DESC, ref DESC`, ref)
}

// ExceptionsOf returns every exception that a user has or had, of whatever site, the newest first.
func (db exceptionReader) ExceptionsOf(ctx context.Context, email string) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception WHERE ref IN (SELECT ref FROM exception WHERE `+ofUser+`)
		ORDER BY starts_at DESC, ref DESC`, user(email)...)
}

// UsersOf returns the addresses of the users that a site has or had long-term exceptions for that nobody revoked. What
// a telephone call got, or what should not have been, makes nobody one of them.
func (db exceptionReader) UsersOf(ctx context.Context, siteCode string) ([]string, error) {
	had, err := exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE site_code = $1 AND category = 'long' AND state <> 'revoked' AND subject_email <> '' ORDER BY subject_email`, siteCode)
	var users []string
	for _, e := range had {
		users = append(users, e.User.Email)
	}
	return slices.Compact(users), err
}

// Ending returns the long-term exceptions that end after a moment and no later than another, soonest first.
func (db exceptionReader) Ending(ctx context.Context, after, by time.Time) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE state = 'active' AND category = 'long' AND ends_at > $1 AND ends_at <= $2
		ORDER BY ends_at, ref`, unix(after), unix(by))
}

// ActiveAt returns the exceptions of a site that are active at now, soonest to end first.
func (db exceptionReader) ActiveAt(ctx context.Context, siteCode string, now time.Time) ([]intake.Exception, error) {
	return exceptionRows(ctx, db, 0, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE site_code = $1 AND state = 'active' AND ends_at > $2 ORDER BY ends_at, ref`, siteCode, unix(now))
}

// SitesOnRecord returns the sites after one, in the order of their codes, that have an active long-term exception or an
// undecided request; at most limit. Each half ends at the limit by itself, so that an index has little to read.
func (db exceptionReader) SitesOnRecord(ctx context.Context, after string, now time.Time, limit int) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT site_code FROM (
			SELECT site_code FROM (
				SELECT DISTINCT site_code FROM exception
				WHERE site_code > $1 AND state = 'active' AND category = 'long' AND ends_at > $2 ORDER BY site_code LIMIT $3) AS e
			UNION SELECT site_code FROM (
				SELECT DISTINCT site_code FROM request
				WHERE site_code > $1 AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY site_code LIMIT $3) AS r) AS s
		ORDER BY site_code LIMIT $3`, after, unix(now), limit)
}

// OtherwiseExempt reports whether the user of an exception, recognised by the directory's ID, has another
// active one under any address.
func (db exceptionReader) OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error) {
	others, err := exceptionRows(ctx, db, 1, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE directory_id = $1 AND directory_id <> '' AND ref <> $2 AND state = 'active' AND ends_at > $3`, member, ref, unix(now))
	return len(others) > 0, err
}

// Applied stores the directory's ID of an exception's user.
func (t exceptionWriter) Applied(ctx context.Context, ref, member string) error {
	_, err := t.change(ctx, exceptions(), cells{"directory_id": member}, `ref = $1`, ref)
	return err
}
