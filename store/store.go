// Package store keeps everything in one database: the ledger of inbound messages with their raw bytes, the
// requests, the exceptions, the outbound messages and the audit.
//
// The queries are written for SQLite and PostgreSQL alike. Their placeholders $1, $2 ... are numbered in the
// order of their first use, since SQLite numbers them so whatever they are called; one that is used again is
// bound once.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"mfabot/intake"
)

// ErrNewer says that a newer version of mfabot wrote the database.
var ErrNewer = errors.New("the database was written by a newer version of mfabot: use that version, or restore an older backup")

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the database. It is safe for concurrent use.
type Store struct {
	write    *sql.DB // one connection: SQLite has one writer
	read     *sql.DB
	wipe     *sql.DB // for Wipe, which does not wait long for others
	instance string
	key      auditKey // see Seal

	rawKey    *Key // nil: raw messages are not encrypted
	pack      *packer
	unpackers sync.Pool // of *zstd.Decoder
}

// maxReaders bounds the connections that only read.
const maxReaders = 4

// Open opens the SQLite database in a file, and makes it or brings it up to date where needed. The caller
// closes it. It returns ErrNewer where a newer version wrote it.
func Open(ctx context.Context, file string) (*Store, error) {
	return OpenWith(ctx, file, new(sqlite3.SQLiteDriver))
}

// OpenWith is Open with another driver for SQLite, such as one whose disk fails.
func OpenWith(ctx context.Context, file string, d driver.Driver) (*Store, error) {
	// Raw mail and evidence are nobody else's to read. SQLite gives its other files the same permissions. An
	// existing file is left alone: closing it would release the locks of this process's other handles (POSIX).
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("database: %w", err)
	}
	// Each connection caches pages of its own. There are several that read, and the system's cache has the same
	// pages for them: a quarter of the usual 2 MB is enough.
	s := &Store{write: openSQLite(d, file, "_busy_timeout=30000&_txlock=immediate"),
		read: openSQLite(d, file, "_busy_timeout=30000&_query_only=true&_cache_size=-500"),
		wipe: openSQLite(d, file, "_busy_timeout=1000")}
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(maxReaders)
	s.wipe.SetMaxIdleConns(0)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", file, err), s.Close())
	}
	return s, nil
}

// openSQLite gives the settings in the DSN, so that every connection has them. The queries are few: each
// connection prepares each of them once.
func openSQLite(d driver.Driver, file, more string) *sql.DB {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(),
		RawQuery: "_journal_mode=WAL&_synchronous=FULL&_secure_delete=on&_foreign_keys=on&_stmt_cache_size=100&" + more}
	return sql.OpenDB(&connector{d, u.String()})
}

// connector opens connections to one database.
type connector struct {
	driver driver.Driver
	dsn    string
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *connector) Driver() driver.Driver                        { return c.driver }

func (s *Store) prepare(ctx context.Context) error {
	var err error
	if s.pack, err = newPacker(); err != nil {
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
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir,
		goose.WithGoMigrations(goose.NewGoMigration(chained, &goose.GoFunc{RunTx: s.chainOld}, nil)))
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
		// Another process that started at the same time may have been faster.
		if now, _, again := p.GetVersions(ctx); again != nil || now <= have {
			return err
		}
	}
}

// nameInstance gives a new database the name by which the bot knows its own mail.
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

// Instance returns the name of this installation in the mail that it sends.
func (s *Store) Instance() string { return s.instance }

// Close closes the database.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.wipe, s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// unix is how times are stored: in seconds, 0 for none.
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
