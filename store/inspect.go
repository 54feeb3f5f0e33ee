package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
)

// ErrMissing says that there is no file of that name.
var ErrMissing = errors.New("there is no such database")

// Inspect checks that a file holds a database of ours; it makes and changes nothing. It returns ErrMissing
// where there is no file, and a Trouble where the file is something else, empty, or cannot be read.
func Inspect(ctx context.Context, file string) error {
	return inspected(ctx, file, func(*sql.DB) error { return nil })
}

// checkedWhole is the size in bytes up to which the whole of a database is checked at a start. That takes
// half a second a gigabyte from memory, two and a half from a fast disk, and ten from a slow one.
const checkedWhole = 1 << 30

// Verify is Inspect, and then checks the database itself: a Trouble says what is damaged. A file of up to a
// gigabyte is checked as a whole. Of a larger one everything is but the raw messages, most of which it
// consists of: they would hold up every start, and Backup reads them all.
func Verify(ctx context.Context, file string) error {
	return verify(ctx, file, checkedWhole)
}

func verify(ctx context.Context, file string, whole int64) error {
	return inspected(ctx, file, func(db *sql.DB) error {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		return quickCheck(ctx, db, info.Size() <= whole)
	})
}

// inspected passes a database of ours to do, for reading.
func inspected(ctx context.Context, file string, do func(*sql.DB) error) error {
	return inspectedWith(ctx, file, "_busy_timeout=30000", do)
}

// inspectedWith is inspected by a connection with other settings.
func inspectedWith(ctx context.Context, file, settings string, do func(*sql.DB) error) (err error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("database %s: %w", file, ErrMissing)
	case err != nil:
		return fmt.Errorf("database: %w", err)
	case info.IsDir():
		return fmt.Errorf("database %s: it is a folder", file)
	case info.Size() == 0:
		empty := &Trouble{Hint: "a copy of it may have been cut short", err: errors.New("the file is empty")}
		return fmt.Errorf("database %s: %w", file, empty)
	}
	if err := ownWAL(file); err != nil {
		return fmt.Errorf("database %s: %w", file, err)
	}
	db := readOnly(file, settings)
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := ours(ctx, db); err != nil {
		return fmt.Errorf("database %s: %w", file, err)
	}
	if err := do(db); err != nil {
		return fmt.Errorf("database %s: %w", file, err)
	}
	return nil
}

// ownWAL returns a Trouble where a write-ahead log lies beside a database that uses none: a backup was put in
// place of a database, and the log left there. SQLite would write its pages over those of the backup.
func ownWAL(file string) error {
	log, err := os.Stat(file + "-wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.Open(file) // closing it releases this process's locks on it (POSIX), but no database is open yet
	if err != nil {
		return err
	}
	header := make([]byte, 20)
	_, err = io.ReadFull(f, header)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if header[19] != 1 { // the read version: 1 is a rollback journal, 2 a write-ahead log
		return nil
	}
	return &Trouble{Hint: "remove " + file + "-wal and " + file + "-shm, which are another database's, " +
		"and copy the backup to its place again", err: errors.New("the write-ahead log beside it is not its own")}
}

// readOnly opens an existing file and changes nothing in it, not even the journal mode: that is why it is
// none of Store's connections.
func readOnly(file, settings string) *sql.DB {
	db := openSQLite(new(sqlite3.SQLiteDriver), file, "mode=rw&_query_only=true&"+settings)
	db.SetMaxOpenConns(1)
	return db
}

// ours returns a Trouble where a database is another program's.
func ours(ctx context.Context, db *sql.DB) error {
	var tables, versions int
	err := db.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(CASE WHEN name = 'goose_db_version' THEN 1 END)
		FROM sqlite_schema WHERE type = 'table'`).Scan(&tables, &versions)
	switch {
	case err != nil:
		return err
	case tables == 0:
		return &Trouble{Hint: "its creation may have been interrupted", err: errors.New("the database is empty")}
	case versions == 0:
		return &Trouble{Hint: "it belongs to another program", err: errors.New("not a database of mfabot's")}
	}
	return nil
}

// quickCheck returns a Trouble with the first damage it finds.
func quickCheck(ctx context.Context, db *sql.DB, whole bool) error {
	query := `SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 1`
	if !whole {
		query = `SELECT c.quick_check FROM sqlite_schema AS t, pragma_quick_check(t.name) AS c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'raw_message' AND c.quick_check <> 'ok' LIMIT 1`
	}
	var damage string
	err := db.QueryRowContext(ctx, query).Scan(&damage)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = &Trouble{Hint: "the file is damaged", err: errors.New(damage)}
	}
	return err
}

// AsItIs reads from the database in a file who is exempt, whichever version wrote it and whether or not its rows are
// sealed yet: for as long as it cannot be brought up to date or sealed. Where it is sealed only the rows count whose
// seal fits. Each call opens and closes it, so that it is in nobody's way.
type AsItIs struct {
	File   string
	Server *Server // of PostgreSQL, in the place of the file; nil for none
	Key    SealKey
}

// ActiveExceptions returns the exceptions that are active at now.
func (a AsItIs) ActiveExceptions(ctx context.Context, now time.Time) (active []intake.Exception, err error) {
	all, err := a.read(ctx)
	for _, x := range all {
		if x.State == intake.Active && x.EndsAt.After(now) {
			active = append(active, x.Exception)
		}
	}
	return active, err
}

// OverExemptions is that of the Store.
func (a AsItIs) OverExemptions(ctx context.Context, now time.Time) (over []intake.Action, err error) {
	all, err := a.read(ctx)
	for _, x := range all {
		exempt := func(o exempted) bool {
			return o.Ref != x.Ref && o.State == intake.Active && o.EndsAt.After(now) &&
				(o.User.Email == x.User.Email || o.member != "" && o.member == x.member)
		}
		if (x.removal || x.State == intake.Active && !x.EndsAt.After(now)) && !slices.ContainsFunc(all, exempt) {
			over = append(over, intake.Action{Kind: intake.ToRemove, Ref: x.Ref, User: x.User.Email, Member: x.member})
		}
	}
	return over, err
}

// exempted is an exception as far as it matters here.
type exempted struct {
	intake.Exception
	member  string // the directory's ID of the user
	removal bool   // which the directory has not taken
}

// read returns the exceptions that are active, or with a removal that is open, longest over first.
func (a AsItIs) read(ctx context.Context) (all []exempted, err error) {
	pool, tables := readOnly(a.File, "_busy_timeout=30000"), `SELECT name FROM sqlite_schema WHERE type = 'table'`
	if a.Server != nil {
		tables = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()`
		if pool, err = a.Server.pool(readOnlySettings(), nil); err != nil {
			return nil, err
		}
	}
	defer func() { _ = pool.Close() }()
	begun, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, disconnected(err)
	}
	defer func() { _ = begun.Rollback() }()
	db := reading{begun, new(sealing)}
	there, err := collect(ctx, db, scanValue[string], tables)
	if err != nil {
		return nil, err
	}
	var key rowKey
	if slices.Contains(there, tallies().table) {
		k := newRowKey(a.Key.Secret)
		switch sealed, err := k.sealedTallies(ctx, db); {
		case err != nil:
			return nil, err
		case sealed:
			key = k
		}
	}
	removal, removals := `FALSE`, []string(nil)
	if slices.Contains(there, actions().table) {
		removal = `ref IN (SELECT ref FROM action WHERE state = 'open' AND kind = 'remove')`
		open, err := collect(ctx, db, cellsOf, `SELECT * FROM action WHERE state = 'open' AND kind = 'remove'`)
		if err != nil {
			return nil, err
		}
		for _, row := range key.genuine(actions(), open) {
			removals = append(removals, text(row, "ref"))
		}
	}
	rows, err := collect(ctx, db, cellsOf, `SELECT * FROM exception WHERE state = 'active' OR `+removal+` ORDER BY ends_at, ref`)
	for _, row := range key.genuine(exceptions(), rows) {
		x := exemptedOf(row)
		x.removal = slices.Contains(removals, x.Ref)
		all = append(all, x)
	}
	return all, err
}

// genuine returns the rows of a kind that are as mfabot wrote them.
func (k rowKey) genuine(kind sealedKind, rows []cells) []cells {
	return slices.DeleteFunc(rows, func(row cells) bool { return k.fault(columnsIn(kind, row), row) != "" })
}

// columnsIn is a kind as the version knew it that made a row.
func columnsIn(kind sealedKind, row cells) sealedKind {
	kind.columns = slices.DeleteFunc(slices.Clone(kind.columns), func(column string) bool {
		_, there := row[column]
		return !there
	})
	return kind
}

func exemptedOf(row cells) (x exempted) {
	ends, _ := row["ends_at"].(int64)
	x.Ref, x.State, x.EndsAt = text(row, "ref"), intake.ExceptionState(text(row, "state")), fromUnix(ends)
	x.User.Email, x.member = text(row, "subject_email"), text(row, "directory_id")
	return x
}
