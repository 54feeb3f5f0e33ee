// Package store keeps everything in one database: the ledger of inbound messages
// with their raw bytes, the requests, the exceptions, the outbound messages and
// the audit.
//
// The queries are written for SQLite and PostgreSQL alike: their placeholders
// $1, $2 ... appear in ascending order, which both engines number the same way.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"
	_ "github.com/mattn/go-sqlite3" // the driver
	"github.com/pressly/goose/v3"

	"mfabot/intake"
)

// ErrNewer says that the database was written by a newer version.
var ErrNewer = errors.New("the database was written by a newer version of mfabot: use that version, or restore an older backup")

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the database. It is safe for concurrent use.
type Store struct {
	write    *sql.DB // one connection: SQLite has one writer
	read     *sql.DB
	pack     *zstd.Encoder
	unpack   *zstd.Decoder
	instance string
}

// maxReaders bounds the connections that only read.
const maxReaders = 4

// Open opens the SQLite database in a file, making it and bringing it up to date
// where needed. The caller closes it. ErrNewer when it is too new.
func Open(ctx context.Context, file string) (*Store, error) {
	// Raw mail and evidence are nobody else's to read. SQLite gives its other
	// files the same permissions. A file that is there is left alone: closing it
	// would take the locks from this process's other handles on it (POSIX).
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("database: %w", err)
	}
	s := &Store{}
	if s.write, err = openSQLite(file, "_txlock=immediate"); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = openSQLite(file, "_query_only=true"); err == nil {
		s.read.SetMaxOpenConns(maxReaders)
		err = s.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", file, err), s.Close())
	}
	return s, nil
}

// openSQLite gives the settings in the DSN, so that every connection has them.
func openSQLite(file, more string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(),
		RawQuery: "_journal_mode=WAL&_synchronous=FULL&_busy_timeout=30000&_foreign_keys=on&" + more}
	return sql.Open("sqlite3", u.String())
}

func (s *Store) prepare(ctx context.Context) error {
	var err error
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true)); err != nil {
		return err
	}
	if s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1)); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	return s.nameInstance(ctx)
}

func (s *Store) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir)
	if err != nil {
		return err
	}
	for {
		have, want, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if have > want {
			return fmt.Errorf("version %d, this program knows %d: %w", have, want, ErrNewer)
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
		// Another process that starts at the same time may have been faster.
		if now, _, again := p.GetVersions(ctx); again != nil || now <= have {
			return err
		}
	}
}

// nameInstance gives a new database the name by which it knows its own mail.
func (s *Store) nameInstance(ctx context.Context) error {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx,
		`INSERT INTO instance (id) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM instance)`, hex.EncodeToString(b[:])); err != nil {
		return err
	}
	return s.write.QueryRowContext(ctx, `SELECT id FROM instance`).Scan(&s.instance)
}

// Instance names this installation in the mail that it sends.
func (s *Store) Instance() string { return s.instance }

// Close closes the database.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.unpack != nil {
		s.unpack.Close()
	}
	return errors.Join(errs...)
}

// Update runs fn in one transaction, which commits when fn returns nil.
func (s *Store) Update(ctx context.Context, fn func(intake.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) update(ctx context.Context, fn func(*tx) error) error {
	begun, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // also when fn panics: the one connection must not stay taken
	if err := fn(&tx{Tx: begun, store: s}); err != nil {
		return err
	}
	return begun.Commit()
}

// tx is a transaction as the domain uses it.
type tx struct {
	*sql.Tx
	store *Store
}

// Savepoint runs fn, and undoes what it did when it returns an error.
func (t *tx) Savepoint(ctx context.Context, fn func() error) error {
	if _, err := t.ExecContext(ctx, `SAVEPOINT one_message`); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if _, undo := t.ExecContext(ctx, `ROLLBACK TO SAVEPOINT one_message`); undo != nil {
			return errors.Join(err, undo)
		}
	}
	_, done := t.ExecContext(ctx, `RELEASE SAVEPOINT one_message`)
	return errors.Join(err, done)
}

// guarded runs a statement whose WHERE holds a guard: no row is ErrStale.
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

// unix is how times are stored: seconds, 0 for none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// notFound turns the lack of a row into the domain's word for it.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return intake.ErrNotFound
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
func collect[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
