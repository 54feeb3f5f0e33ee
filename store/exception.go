package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// exceptionReader reads exceptions.
type exceptionReader struct{ querier }

// exceptionWriter writes exceptions.
type exceptionWriter struct{ *transaction }

const exceptionColumns = `ref, category, state, subject_email, subject_name, site_code, site_address, reason, note, granted_by,
	starts_at, ends_at, next_notice_at, closed_at, purged_at, superseded_by`

func scanException(row scanner) (intake.Exception, error) {
	var e intake.Exception
	var starts, ends, next, closed, purged int64
	err := row.Scan(&e.Ref, &e.Category, &e.State, &e.User.Email, &e.User.Name, &e.SiteCode, &e.SiteAddress,
		&e.Reason, &e.Note, &e.GrantedBy, &starts, &ends, &next, &closed, &purged, &e.SupersededBy)
	e.PurgedAt = fromUnix(purged)
	e.StartsAt, e.EndsAt, e.NextNoticeAt, e.ClosedAt = fromUnix(starts), fromUnix(ends), fromUnix(next), fromUnix(closed)
	return e, err
}

// AddException stores a new exception.
func (t exceptionWriter) AddException(ctx context.Context, e *intake.Exception) error {
	_, err := t.exec(ctx, `INSERT INTO exception (`+exceptionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, '')`,
		e.Ref, string(e.Category), string(e.State), e.User.Email, e.User.Name, e.SiteCode, e.SiteAddress,
		e.Reason, e.Note, e.GrantedBy, unix(e.StartsAt), unix(e.EndsAt), unix(e.NextNoticeAt))
	return err
}

// Exception returns an exception, or ErrNotFound.
func (db exceptionReader) Exception(ctx context.Context, ref string) (*intake.Exception, error) {
	return one(ctx, db, scanException, `SELECT `+exceptionColumns+` FROM exception WHERE ref = $1`, ref)
}

// Exceptions returns all exceptions, by start.
func (db exceptionReader) Exceptions(ctx context.Context) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `SELECT `+exceptionColumns+` FROM exception ORDER BY starts_at, ref`)
}

// Unclosed returns the exceptions of a user that nobody has closed yet, the soonest to end first. Some may be
// past their end.
func (db exceptionReader) Unclosed(ctx context.Context, email string) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE `+ofUser+` AND state = 'active' ORDER BY ends_at, ref`, user(email)...)
}

// ActiveExceptions returns the exceptions that are active at now, by user.
func (db exceptionReader) ActiveExceptions(ctx context.Context, now time.Time) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `
		SELECT `+exceptionColumns+` FROM exception WHERE state = 'active' AND ends_at > $1 ORDER BY subject_email, ref`, unix(now))
}

// GrantedSince counts the short-term exceptions that a user was given at since or later.
func (db exceptionReader) GrantedSince(ctx context.Context, email string, since time.Time) (int, error) {
	return value[int](ctx, db, `
		SELECT COUNT(*) FROM exception WHERE `+ofUser+` AND starts_at >= $3 AND category = 'short'`, append(user(email), unix(since))...)
}

// NoticesDue returns at most limit of the active exceptions with a notice due, soonest first. It is not among what is
// read, since the Store's Due is that of letters.
func (t exceptionWriter) NoticesDue(ctx context.Context, now time.Time, limit int) ([]intake.Exception, error) {
	return collect(ctx, t, scanException, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE state = 'active' AND next_notice_at <= $1 ORDER BY next_notice_at, ref LIMIT $2`, unix(now), limit)
}

// SetNextNotice moves the next notice of an exception. It returns ErrStale unless the exception is active and
// its next notice still at from.
func (t exceptionWriter) SetNextNotice(ctx context.Context, ref string, from, to time.Time) error {
	return t.guarded(ctx, `
		UPDATE exception SET next_notice_at = $1 WHERE ref = $2 AND state = 'active' AND next_notice_at = $3`,
		unix(to), ref, unix(from))
}

// CloseException moves an exception from active to another state. It returns ErrStale if it is no longer
// active.
func (t exceptionWriter) CloseException(ctx context.Context, ref string, to intake.ExceptionState, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE exception SET state = $1, closed_at = $2 WHERE ref = $3 AND state = 'active'`,
		string(to), unix(now), ref)
}

// SupersedeException moves an exception from active to superseded by another. It returns ErrStale if it is no
// longer active.
func (t exceptionWriter) SupersedeException(ctx context.Context, ref, by string, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE exception SET state = 'superseded', superseded_by = $1, closed_at = $2 WHERE ref = $3 AND state = 'active'`,
		by, unix(now), ref)
}

// Replaced returns the exceptions whose place one has taken, itself or by those between, latest first. Those
// whose personal data is gone are left out.
func (db exceptionReader) Replaced(ctx context.Context, ref string) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `
		WITH RECURSIVE earlier (ref) AS (
			SELECT ref FROM exception WHERE superseded_by = $1
			UNION SELECT exception.ref FROM exception JOIN earlier ON exception.superseded_by = earlier.ref)
		SELECT `+exceptionColumns+` FROM exception
		WHERE ref IN (SELECT ref FROM earlier) AND purged_at = 0 ORDER BY closed_at DESC, ref DESC`, ref)
}

// ExceptionsOf returns every exception that a user has or had, of whatever site, the newest first.
func (db exceptionReader) ExceptionsOf(ctx context.Context, email string) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `
		SELECT `+exceptionColumns+` FROM exception WHERE `+ofUser+` ORDER BY starts_at DESC, ref DESC`, user(email)...)
}

// Ending returns the long-term exceptions that end after a moment and no later than another, soonest first.
func (db exceptionReader) Ending(ctx context.Context, after, by time.Time) ([]intake.Exception, error) {
	return collect(ctx, db, scanException, `
		SELECT `+exceptionColumns+` FROM exception
		WHERE state = 'active' AND category = 'long' AND ends_at > $1 AND ends_at <= $2
		ORDER BY ends_at, ref`, unix(after), unix(by))
}

// OtherwiseExempt reports whether the user of an exception, recognised by the directory's ID, has another
// active one under any address.
func (db exceptionReader) OtherwiseExempt(ctx context.Context, ref, member string, now time.Time) (bool, error) {
	return value[bool](ctx, db, `
		SELECT EXISTS (SELECT 1 FROM exception
			WHERE directory_id = $1 AND directory_id <> '' AND ref <> $2 AND state = 'active' AND ends_at > $3)`,
		member, ref, unix(now))
}

// Applied stores the directory's ID of an exception's user.
func (t exceptionWriter) Applied(ctx context.Context, ref, member string) error {
	_, err := t.exec(ctx, `UPDATE exception SET directory_id = $1 WHERE ref = $2`, member, ref)
	return err
}
