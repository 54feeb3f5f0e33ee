package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
)

// Update runs fn in one transaction, which commits when fn returns nil and every statement in it could be
// run: see tx.
func (s *Store) Update(ctx context.Context, fn func(intake.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) update(ctx context.Context, fn func(*tx) error) error {
	begun, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // also when fn panics: the only connection must not stay taken
	t := &tx{begun: begun, store: s}
	err = fn(t)
	if err == nil {
		err = t.failed
	}
	if err != nil {
		return err
	}
	return begun.Commit()
}

// tx is a transaction as the domain uses it.
//
// ErrNotFound, ErrStale and ErrSpent are answers: the statement was run and changed nothing, and the
// transaction goes on. Any other error comes from a statement that could not be run, and ends the
// transaction: every method returns that error from then on, and so does Update, whatever its function
// returns. Only where the statement broke a constraint, for instance by giving a key twice, does the
// Savepoint around it undo what its function did and let the transaction go on.
//
// PostgreSQL works like this by itself: a failed statement ends the transaction but for a savepoint. SQLite
// would go on after a broken constraint, and undoes the whole transaction when the disk is full or fails:
// what came after that would last, each statement by itself.
type tx struct {
	begun  *sql.Tx
	store  *Store
	failed error // why no statement is run any more
}

// notice keeps the error of a statement that could not be run. That there is no row is no such error.
func (t *tx) notice(err error) error {
	if t.failed == nil && !errors.Is(err, sql.ErrNoRows) {
		t.failed = err
	}
	return err
}

// isConstraint reports whether a statement could not be run because it would have broken a constraint.
func isConstraint(err error) bool {
	var refused sqlite3.Error
	return errors.As(err, &refused) && refused.Code == sqlite3.ErrConstraint
}

// ExecContext runs a statement.
func (t *tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	res, err := t.begun.ExecContext(ctx, query, args...)
	return res, t.notice(err)
}

// QueryContext runs a query. What goes wrong later, while its rows are read, the caller notices.
func (t *tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	rows, err := t.begun.QueryContext(ctx, query, args...)
	return rows, t.notice(err)
}

// QueryRowContext runs a query for one row.
func (t *tx) QueryRowContext(ctx context.Context, query string, args ...any) scanner {
	if t.failed != nil {
		return oneRow{t, nil}
	}
	return oneRow{t, t.begun.QueryRowContext(ctx, query, args...)}
}

// oneRow is the row of a query in a transaction; nil where it was not run.
type oneRow struct {
	t   *tx
	row *sql.Row
}

func (r oneRow) Scan(dest ...any) error {
	if r.row == nil {
		return r.t.failed
	}
	return r.t.notice(r.row.Scan(dest...))
}

// Savepoint runs fn, and undoes what it did when it returns an error or when a statement in it could not be
// run.
func (t *tx) Savepoint(ctx context.Context, fn func() error) error {
	if _, err := t.ExecContext(ctx, `SAVEPOINT one_message`); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		err = t.failed
	}
	if isConstraint(t.failed) {
		t.failed = nil // what broke it is undone
	}
	if err != nil {
		if _, undo := t.ExecContext(ctx, `ROLLBACK TO SAVEPOINT one_message`); undo != nil {
			return errors.Join(err, undo)
		}
	}
	_, done := t.ExecContext(ctx, `RELEASE SAVEPOINT one_message`)
	return errors.Join(err, done)
}

// guarded runs a statement whose WHERE holds a guard; it returns ErrStale where no row passes.
func (t *tx) guarded(ctx context.Context, query string, args ...any) error {
	res, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return intake.ErrStale
	}
	return err
}

// scanner is a row, or the current one of several.
type scanner interface{ Scan(dest ...any) error }

// querier is the database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (out []T, err error) {
	if t, ok := q.(*tx); ok {
		defer func() { _ = t.notice(err) }()
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
