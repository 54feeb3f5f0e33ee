package store

import (
	"context"
	"database/sql"

	"mfabot/intake"
)

// querier runs queries: outside of a transaction, or in one.
type querier interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	// noted is told of an error that occurs while the rows are read, and returns it.
	noted(err error) error
	// sealing checks the rows that are acted on.
	sealing() *sealing
}

// reading runs queries that change nothing. What goes wrong with one has no effect on the next.
type reading struct {
	db interface {
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
	seals *sealing
}

func (r reading) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	args = storableAll(args)
	rows, err := r.db.QueryContext(ctx, query, args...)
	if pool, is := r.db.(*sql.DB); is {
		for n := 0; n < maxReaders && stale(disconnected(err)); n++ { // each of them may be
			rows, err = pool.QueryContext(ctx, query, args...)
		}
	}
	return rows, disconnected(err)
}

func (r reading) noted(err error) error { return disconnected(err) }

func (r reading) sealing() *sealing { return r.seals }

// scanner is the current row of a query.
type scanner interface{ Scan(dest ...any) error }

// each passes the rows of a query to do, one by one.
func each(ctx context.Context, db querier, do func(scanner) error, query string, args ...any) error {
	rows, err := db.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return db.noted(rows.Err())
}

// first passes the first row of a query to do. It returns ErrNotFound where there is none.
func first(ctx context.Context, db querier, do func(scanner) error, query string, args ...any) error {
	rows, err := db.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return db.noted(err)
		}
		return intake.ErrNotFound
	}
	if err := do(rows); err != nil {
		return err
	}
	return db.noted(rows.Close())
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, db querier, scan func(scanner) (T, error), query string, args ...any) (out []T, err error) {
	err = each(ctx, db, func(row scanner) error {
		v, err := scan(row)
		if err == nil {
			out = append(out, v)
		}
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// one reads the first row of a query, or returns ErrNotFound.
func one[T any](ctx context.Context, db querier, scan func(scanner) (T, error), query string, args ...any) (*T, error) {
	var v T
	err := first(ctx, db, func(row scanner) (err error) {
		v, err = scan(row)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// value reads the only column of the first row of a query, or returns ErrNotFound.
func value[T any](ctx context.Context, db querier, query string, args ...any) (v T, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&v) }, query, args...)
	return v, err
}

// scanValue is for collect, where a query has one column.
func scanValue[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}
