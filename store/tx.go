package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"mfabot/intake"
)

// Tx is a transaction as the domain uses it: it reads what the Store reads, and writes.
//
// ErrNotFound, ErrStale and ErrSpent are answers: the statement was run and changed nothing, and the
// transaction goes on. Any other error comes from a statement that could not be run, and ends the transaction:
// every method returns that error from then on, and so does Update, whatever its function returns. Only where
// the statement could not be run because of its values, for instance as it gives a key twice, does the Savepoint around
// it undo what its function did, return an ErrUnstorable, and let the transaction go on.
//
// PostgreSQL works like this by itself: a failed statement ends the transaction but for a savepoint. SQLite
// would go on after a broken constraint, say, and undoes the whole transaction when the disk is full or fails: what
// came after that would last, each statement by itself.
type Tx struct {
	*transaction
	reader
	writer
}

// writer changes what there is of each kind. Each file has the part that is about its kind.
type writer struct {
	messageWriter
	stuckWriter
	requestWriter
	reviewWriter
	reminderWriter
	absenceWriter
	exceptionWriter
	actionWriter
	letterWriter
	allowanceWriter
	wayWriter
	auditWriter
	purgeWriter
	eraseWriter
	holdWriter
	markWriter
}

// reader reads what there is of each kind, for the Store and within a transaction alike.
type reader struct {
	messageReader
	stuckReader
	requestReader
	reviewReader
	reminderReader
	absenceReader
	exceptionReader
	actionReader
	letterReader
	auditReader
	purgeReader
	eraseReader
	holdReader
	markReader
	lookupReader
	countReader
	pageReader
	reportReader
}

func newReader(db querier) reader {
	return reader{
		messageReader{db}, stuckReader{db}, requestReader{db}, reviewReader{db}, reminderReader{db}, absenceReader{db},
		exceptionReader{db}, actionReader{db}, letterReader{db},
		auditReader{db}, purgeReader{db}, eraseReader{db}, holdReader{db}, markReader{db}, lookupReader{db}, countReader{db},
		pageReader{db}, reportReader{db},
	}
}

func (s *Store) newTx(begun *sql.Tx) *Tx {
	t := &transaction{begun: begun, seals: s.seals, redact: s.engine.redact}
	audit := auditWriter{t, s.key, s.Command}
	return &Tx{t, newReader(t), writer{
		messageWriter{t, s.raw}, stuckWriter{t}, requestWriter{t}, reviewWriter{t}, reminderWriter{t}, absenceWriter{t},
		exceptionWriter{t}, actionWriter{t}, letterWriter{t}, allowanceWriter{t}, wayWriter{t},
		audit, purgeWriter{t, audit}, eraseWriter{t, audit}, holdWriter{t}, markWriter{t},
	}}
}

// Update runs do in one transaction, which commits when do returns nil and every statement in it could be run:
// see Tx. The error is an ErrDatabase unless it is do's own.
func (s *Store) Update(ctx context.Context, do func(*Tx) error) error {
	begun, err := s.write.BeginTx(ctx, nil)
	if stale(disconnected(err)) {
		begun, err = s.write.BeginTx(ctx, nil)
	}
	if err != nil {
		return ofDatabase{disconnected(err)}
	}
	defer func() { _ = begun.Rollback() }() // also when do panics: the only connection must not stay taken
	t := s.newTx(begun)
	if s.engine.turn != "" {
		if _, err := t.exec(ctx, s.engine.turn); err != nil {
			return ofDatabase{err}
		}
	}
	if err := s.sameSchema(ctx, t.transaction); err != nil {
		return ofDatabase{err}
	}
	err = do(t)
	if t.failed != nil {
		return ofDatabase{cmp.Or(err, t.failed)}
	}
	if err != nil {
		return err
	}
	if err := s.engine.commit(ctx, s.write, t.transaction); err != nil {
		return ofDatabase{err}
	}
	if s.Counts != nil && len(t.counted) > 0 {
		s.Counts(t.counted)
	}
	return nil
}

// ofDatabase is an error that is an intake.ErrDatabase.
type ofDatabase struct{ error }

func (e ofDatabase) Unwrap() error        { return e.error }
func (e ofDatabase) Is(target error) bool { return target == intake.ErrDatabase }

// transaction runs statements until one cannot be run.
type transaction struct {
	begun  *sql.Tx
	seals  *sealing
	redact string // see engine
	failed error  // why no statement is run any more

	counted []Counted // what is put on record in it
}

// Counted is something that was put on record, for who counts these.
type Counted struct {
	What Countable
	Of   string // an outcome, an event or what became of an attempt
}

// Countable is what is counted.
type Countable string

// What is counted: messages that came to an outcome, attempts at letters by how they ended, and entries of the audit.
const (
	CountedMessage Countable = "message"
	CountedAttempt Countable = "attempt"
	CountedEvent   Countable = "event"
)

// How an attempt at a letter ended.
const (
	AttemptSent    = "sent"
	AttemptPutBack = "put back"
	AttemptGivenUp = "given up"
)

// counts notes what is to be counted once the transaction has committed, unless it failed.
func (t *transaction) counts(what Countable, of string, err error) error {
	if err == nil {
		t.counted = append(t.counted, Counted{what, of})
	}
	return err
}

func (t *transaction) sealing() *sealing { return t.seals }

// noted keeps the error of a statement that could not be run, and returns it.
func (t *transaction) noted(err error) error {
	err = disconnected(err)
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// exec runs a statement.
func (t *transaction) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	res, err := t.begun.ExecContext(ctx, query, storableAll(args)...)
	return res, t.noted(err)
}

// guarded runs a statement whose WHERE holds a guard; it returns ErrStale where no row passes.
func (t *transaction) guarded(ctx context.Context, query string, args ...any) error {
	res, err := t.exec(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return intake.ErrStale
	}
	return err
}

// query runs a query.
func (t *transaction) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.failed != nil {
		return nil, t.failed
	}
	rows, err := t.begun.QueryContext(ctx, query, storableAll(args)...)
	return rows, t.noted(err)
}

// Savepoint runs do, and undoes what it did when it returns an error or when a statement in it could not be
// run. They may be nested.
func (t *transaction) Savepoint(ctx context.Context, do func() error) error {
	if _, err := t.exec(ctx, `SAVEPOINT one_message`); err != nil {
		return err
	}
	before := len(t.counted)
	err := do()
	if err == nil {
		err = t.failed
	}
	if isUnstorable(t.failed) {
		err = fmt.Errorf("%w: %w", intake.ErrUnstorable, cmp.Or(err, t.failed))
		t.failed = nil // what could not be run is undone
	}
	if err != nil {
		t.counted = t.counted[:before]
		if _, undo := t.exec(ctx, `ROLLBACK TO SAVEPOINT one_message`); undo != nil {
			return errors.Join(err, undo)
		}
	}
	_, done := t.exec(ctx, `RELEASE SAVEPOINT one_message`)
	return errors.Join(err, done)
}

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
