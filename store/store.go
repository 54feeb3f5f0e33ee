// Package store keeps everything in one database: the ledger of inbound messages with their raw bytes, the
// requests, the exceptions, the outbound messages and the audit.
//
// Its queries are written for SQLite and PostgreSQL alike: dialect.go says how.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/mattn/go-sqlite3"

	"mfabot/store/nearby"
)

// Store is the database. It is safe for concurrent use.
type Store struct {
	// Command is who typed the command that the Store is opened for, and on which machine: every entry of the audit
	// that is recorded says so. It is set before anything is, and empty for what runs by itself.
	Command string
	// Counts is told what a transaction has put on record, once it has committed; nil: nobody is. It is set before anything is.
	Counts func([]Counted)
	// Walked is told how far CheckAudit has come; nil: nobody is. It is set before.
	Walked func(done, total int64)

	reader
	engine   engine
	write    *sql.DB // one connection: there is one writer
	read     *sql.DB
	wipe     *sql.DB // for Wipe, which does not wait long for others; nil in PostgreSQL
	raw      *rawMessages
	key      auditKey // see Seal
	seals    *sealing // see SealRows
	schema   int64    // the number of it when it was checked; 0 before: see CheckSchema
	instance string
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
	real, err := nearby.Real(file)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	f, err := nearby.OpenOurs(real, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err == nil {
		err = errors.Join(nearby.OwnedLike(f, file+".key"), f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("database: %w", err)
	}
	return prepared(file, connected(d, real, "mode=rw&"+durable, "_txlock=immediate"), func(s *Store) error {
		if err := s.engine.migrate(ctx, s.write); err != nil {
			return err
		}
		return s.nameInstance(ctx)
	})
}

// OpenCurrent opens the SQLite database in a file without bringing it up to date, for a command beside the one
// process that does (see Lock). It returns ErrOlder or ErrNewer where another version wrote it.
func OpenCurrent(ctx context.Context, file string) (*Store, error) {
	before := readOnly(file, "_busy_timeout=30000") // as a Store's own connections set the journal mode
	if err := errors.Join(sqlite().current(ctx, before), before.Close()); err != nil {
		return nil, fmt.Errorf("database %s: %w", file, err)
	}
	return prepared(file, connected(new(sqlite3.SQLiteDriver), file, "mode=rw&"+durable, "_txlock=immediate"), func(s *Store) error {
		return s.checkCurrent(ctx)
	})
}

// OpenToRead is OpenCurrent for a command that only looks: whatever is called, the database stays as it is.
func OpenToRead(ctx context.Context, file string) (*Store, error) {
	return prepared(file, connected(new(sqlite3.SQLiteDriver), file, onlyLooking, "_txlock=deferred"), func(s *Store) error {
		return s.checkCurrent(ctx)
	})
}

// OpenToBackup opens the SQLite database in a file as it is, whichever version wrote it: before the first start of a
// new version is when a backup is wanted most. It is good for Backup and Close only.
func OpenToBackup(file string) *Store {
	return connected(new(sqlite3.SQLiteDriver), file, "mode=rw", "_txlock=deferred")
}

// connected is a Store whose connections have these settings and their own. Those of writing are of the one that
// writes.
func connected(d driver.Driver, file, settings, writing string) *Store {
	// Each connection caches pages of its own. There are several that read, and the system's cache has the same
	// pages for them: a quarter of the usual 2 MB is enough.
	s := &Store{engine: sqlite(), seals: new(sealing), write: openSQLite(d, file, settings+"&_busy_timeout=30000&"+writing),
		read: openSQLite(d, file, settings+"&_busy_timeout=30000&_query_only=true&_cache_size=-500"),
		wipe: openSQLite(d, file, settings+"&_busy_timeout=1000")}
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(maxReaders)
	s.wipe.SetMaxIdleConns(0)
	s.reader = newReader(reading{s.read, s.seals})
	return s
}

// prepared makes a Store ready for use, or closes it.
func prepared(file string, s *Store, schema func(*Store) error) (_ *Store, err error) {
	if s.raw, err = newRawMessages(s.read); err == nil {
		err = schema(s)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", file, err), s.Close())
	}
	return s, nil
}

// checkCurrent returns ErrOlder or ErrNewer unless this version wrote the database, and reads its name.
func (s *Store) checkCurrent(ctx context.Context) error {
	if err := s.engine.current(ctx, s.read); err != nil {
		return err
	}
	return s.read.QueryRowContext(ctx, `SELECT id FROM instance`).Scan(&s.instance)
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
	err := errors.Join(s.read.Close(), s.write.Close())
	if s.wipe != nil {
		err = errors.Join(s.wipe.Close(), err)
	}
	return err
}
