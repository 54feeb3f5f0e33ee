package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/store/nearby"
)

// Copied describes a backup.
type Copied struct {
	Bytes                          int64
	Messages, Requests, Exceptions int64
}

// Backup writes a consistent copy of the database, as of one moment, into a new file that only its owner may
// read. Other processes go on reading and writing; through this Store nothing can be written meanwhile. The
// copy is checked, and gets its name only once it is whole and on the disk. After an error nothing of it is
// left. It returns fs.ErrExist where there is such a file already.
func (s *Store) Backup(ctx context.Context, file string) (done Copied, err error) {
	if file, err = filepath.Abs(file); err != nil {
		return done, err
	}
	if _, err := os.Lstat(file); err == nil {
		return done, &fs.PathError{Op: "backup", Path: file, Err: fs.ErrExist}
	}
	if err := nearby.RootAlone(filepath.Dir(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if cause := new(fs.PathError); errors.As(err, &cause) {
		return done, &fs.PathError{Op: "create", Path: file, Err: cause.Err} // the name of the part says nothing to anybody
	}
	if err != nil {
		return done, err
	}
	part := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if done, err = copyTo(ctx, s, part); err != nil {
		return done, errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return done, err
	}
	done.Bytes = info.Size()
	if err = os.Rename(part, file); err != nil {
		return done, err
	}
	return done, nearby.SyncFolder(filepath.Dir(file))
}

// copyTo copies into an empty file, and compares. VACUUM INTO reads in one transaction, which keeps no writer
// waiting. It takes no longer than copying page by page, which would start again whenever another process
// writes.
func copyTo(ctx context.Context, s *Store, file string) (Copied, error) {
	before, err := sizes(ctx, s.read)
	if err != nil {
		return Copied{}, err
	}
	if _, err := s.write.ExecContext(ctx, `VACUUM INTO $1`, file); err != nil {
		return Copied{}, err
	}
	after, err := sizes(ctx, s.read)
	if err != nil {
		return Copied{}, err
	}
	db := readOnly(file, "immutable=1")
	got, err := sizes(ctx, db)
	if err == nil {
		err = quickCheck(ctx, db, true)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return Copied{}, fmt.Errorf("the copy: %w", err)
	}
	for i, t := range counted {
		if got[i] < before[i] || got[i] > after[i] {
			return Copied{}, fmt.Errorf("the copy has %d rows of %s, not %d to %d", got[i], t, before[i], after[i])
		}
	}
	return Copied{Messages: got[0], Requests: got[1], Exceptions: got[2]}, nil
}

// counted are tables whose rows are never deleted: the copy has no fewer of them than there were before, and
// no more than there are after.
var counted = []string{"inbound", "request", "exception", "evidence", "review", "audit", "outbound"}

// sizes counts the rows of each table in counted.
func sizes(ctx context.Context, db *sql.DB) ([]int64, error) {
	n := make([]int64, len(counted))
	for i, t := range counted {
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t).Scan(&n[i]); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Described is what a database, or a copy of one, says of itself, whichever version wrote it.
type Described struct {
	Instance    string
	Have, Known int64     // the versions of its schema, and of this program's
	At          time.Time // the last entry of the audit; zero where there is none
	Bytes       int64

	Messages, Requests, Active, Waiting int64 // with the exceptions in force by its record, and letters that wait to be sent

	last map[string]int64 // the last number of each table of numbered rows
}

// Newer reports whether a later version of mfabot wrote it.
func (d Described) Newer() bool { return d.Have > d.Known }

// Identify is Describe for who wants to know no more than Instance, Have, Known and Bytes: it counts nothing.
func Identify(ctx context.Context, file string) (Described, error) {
	return describedBy(ctx, file, "_busy_timeout=30000", identify)
}

// Describe reads what a database in a file says of itself, whoever uses it. It changes nothing. It returns ErrMissing where
// there is no file.
func Describe(ctx context.Context, file string) (Described, error) {
	return describedBy(ctx, file, "_busy_timeout=30000", describe)
}

// DescribeCopy is Describe for a copy as it lies, which nobody uses.
func DescribeCopy(ctx context.Context, file string) (Described, error) {
	return describedBy(ctx, file, asItLies(file), describe)
}

func describedBy(ctx context.Context, file, settings string, read func(context.Context, *sql.DB) (Described, error),
) (d Described, err error) {
	err = inspectedWith(ctx, file, settings, func(db *sql.DB) error {
		if d, err = read(ctx, db); err != nil {
			return err
		}
		info, err := os.Stat(file)
		if err == nil {
			d.Bytes = info.Size()
		}
		return err
	})
	return d, err
}

func identify(ctx context.Context, db *sql.DB) (d Described, err error) {
	p, err := sqlite().provider(db)
	if err != nil {
		return d, err
	}
	known := p.ListSources()
	d.Known = known[len(known)-1].Version
	return d, db.QueryRowContext(ctx, `
		SELECT (SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied), (SELECT id FROM instance)`).
		Scan(&d.Have, &d.Instance)
}

func describe(ctx context.Context, db *sql.DB) (d Described, err error) {
	if d, err = identify(ctx, db); err != nil {
		return d, err
	}
	var at int64
	if err := db.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM inbound), (SELECT COUNT(*) FROM request),
			(SELECT COUNT(*) FROM exception WHERE state = 'active'), (SELECT COUNT(*) FROM outbound WHERE state = 'queued'),
			COALESCE((SELECT at FROM audit ORDER BY id DESC LIMIT 1), 0)`).
		Scan(&d.Messages, &d.Requests, &d.Active, &d.Waiting, &at); err != nil {
		return d, err
	}
	d.At, d.last = fromUnix(at), make(map[string]int64)
	for _, table := range []string{"audit", "inbound", "outbound"} {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM `+table).Scan(&n); err != nil {
			return d, err
		}
		d.last[table] = n
	}
	return d, nil
}

// asItLies are the settings of a connection that reads a copy where it lies: without a log beside it nothing is written
// there, so that it may be on a disk that cannot be written.
func asItLies(file string) string {
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		return "_busy_timeout=30000"
	}
	return "immutable=1"
}

// OpenCopy opens a copy of this version's as it lies, for looking. It returns ErrOlder or ErrNewer where another version
// wrote it.
func OpenCopy(ctx context.Context, file string) (*Store, error) {
	return prepared(file, connected(new(sqlite3.SQLiteDriver), file, onlyLooking+"&"+asItLies(file), "_txlock=deferred"),
		func(s *Store) error { return s.checkCurrent(ctx) })
}

// OpenCopyToBackup is OpenToBackup for a copy as it lies.
func OpenCopyToBackup(file string) *Store {
	return connected(new(sqlite3.SQLiteDriver), file, "mode=rw&"+asItLies(file), "_txlock=deferred")
}

// Gone is what a database has on record since a copy of it was made: what is lost where that takes its place.
type Gone struct {
	Entries int64      // of the audit
	Events  []Happened // in the order of the first of each
	Refs    []string   // of requests and exceptions that something happened to, the latest first: some of them
	Folders []Filed
	Letters int64 // that were written
}

// Happened is how often something happened.
type Happened struct {
	Event string
	N     int64
}

// Filed is how many messages were filed in a folder of a mailbox, and the newest of these, the latest first.
type Filed struct {
	Mailbox, Folder string
	N               int64
	Newest          []FiledMessage
}

// FiledMessage is a message that was filed, by what it is found by in its folder.
type FiledMessage struct {
	From, Subject string
	At            time.Time // when it arrived
}

// filedNamed is how many messages of a folder Since names at most.
const filedNamed = 3

// refsNamed is how many references Since returns at most.
const refsNamed = 20

// Since reads from the database in a file, whichever version wrote it, what is on record since a copy of it was made.
func Since(ctx context.Context, file string, copied Described) (g Gone, err error) {
	err = inspected(ctx, file, func(pool *sql.DB) error {
		db := reading{pool, new(sealing)}
		g.Events, err = collect(ctx, db, func(row scanner) (h Happened, err error) {
			err = row.Scan(&h.Event, &h.N)
			return h, err
		}, `SELECT event, COUNT(*) FROM audit WHERE id > $1 GROUP BY event ORDER BY MIN(id)`, copied.last["audit"])
		if err != nil {
			return err
		}
		for _, h := range g.Events {
			g.Entries += h.N
		}
		if g.Refs, err = collect(ctx, db, scanValue[string], `
			SELECT ref FROM audit WHERE id > $1 AND ref <> '' GROUP BY ref ORDER BY MAX(id) DESC LIMIT $2`,
			copied.last["audit"], refsNamed); err != nil {
			return err
		}
		if g.Folders, err = collect(ctx, db, func(row scanner) (f Filed, err error) {
			err = row.Scan(&f.Mailbox, &f.Folder, &f.N)
			return f, err
		}, `SELECT mailbox, folder, COUNT(*) FROM inbound WHERE id > $1 AND filed_at > 0 GROUP BY mailbox, folder ORDER BY mailbox, folder`,
			copied.last["inbound"]); err != nil {
			return err
		}
		for i := range g.Folders {
			f := &g.Folders[i]
			if f.Newest, err = collect(ctx, db, func(row scanner) (m FiledMessage, err error) {
				var at int64
				err = row.Scan(&m.From, &m.Subject, &at)
				m.At = fromUnix(at)
				return m, err
			}, `SELECT from_address, subject, received_at FROM inbound WHERE id > $1 AND filed_at > 0 AND mailbox = $2 AND folder = $3
				ORDER BY received_at DESC, id DESC LIMIT $4`, copied.last["inbound"], f.Mailbox, f.Folder, filedNamed); err != nil {
				return err
			}
		}
		g.Letters, err = value[int64](ctx, db, `SELECT COUNT(*) FROM outbound WHERE id > $1`, copied.last["outbound"])
		return err
	})
	return g, err
}

// mostGiven is more references of a kind than are ever given out in a year: a larger number is not one of ours.
const mostGiven = 9_999_999

// GoOn has the references of a copy that takes the place of a database go on where that one has come to, so that none is
// given out twice. Numbers that are not of ours are passed over: a restore may be because somebody wrote to that database.
func GoOn(ctx context.Context, file, from string) (err error) {
	given := make(map[string]int64)
	err = inspected(ctx, from, func(db *sql.DB) error {
		return each(ctx, reading{db, new(sealing)}, func(row scanner) error {
			var name string
			var value int64
			err := row.Scan(&name, &value)
			given[name] = value
			return err
		}, `SELECT name, value FROM counter WHERE typeof(value) = 'integer' AND value BETWEEN 0 AND $1`, mostGiven)
	})
	if err != nil {
		return err
	}
	db := openSQLite(new(sqlite3.SQLiteDriver), file, "mode=rw&_synchronous=FULL&_txlock=immediate")
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	for name, value := range given {
		if _, err := db.ExecContext(ctx, `
			INSERT INTO counter (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = max(counter.value, excluded.value)`, name, value); err != nil {
			return err
		}
	}
	return nil
}

// SealedCopy reports whether the rows of a copy, of whichever version, are sealed. It returns ErrOtherKey where that was with
// another key than this one, unless this is nil.
func SealedCopy(ctx context.Context, file string, key []byte) (sealed bool, err error) {
	err = inspectedWith(ctx, file, asItLies(file), func(pool *sql.DB) error {
		db := reading{pool, new(sealing)}
		there, err := value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tally')`)
		if err != nil || !there {
			return err
		}
		if sealed, err = value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM tally WHERE seal <> '')`); err != nil || key == nil {
			return err
		}
		_, err = newRowKey(key).sealedTallies(ctx, db)
		return err
	})
	return sealed, err
}

// NewestEntry is how far the audit of a database in a file has come, whichever version wrote it; nil where it has no entry.
func NewestEntry(ctx context.Context, file string) (n *Noted, err error) {
	err = inspected(ctx, file, func(pool *sql.DB) error {
		n, err = newestEntry(ctx, reading{pool, new(sealing)})
		return err
	})
	return n, err
}

// FarAs returns what is wrong with the database in a file whose audit had come as far as is noted; nil where it is that.
func FarAs(ctx context.Context, file string, noted Noted) (short *AuditFault, err error) {
	err = inspected(ctx, file, func(pool *sql.DB) error {
		short, err = shortOf(ctx, reading{pool, new(sealing)}, noted)
		return err
	})
	return short, err
}

// Same reports whether two databases hold the same, as far as that is on record.
func (d Described) Same(as Described) bool {
	return d.Instance == as.Instance && d.Have == as.Have && d.At.Equal(as.At) && d.Messages == as.Messages &&
		d.Requests == as.Requests && d.Active == as.Active && d.Waiting == as.Waiting && maps.Equal(d.last, as.last)
}
