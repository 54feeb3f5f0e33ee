package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	if done, err = s.copyTo(ctx, part); err != nil {
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
	return done, syncFolder(filepath.Dir(file))
}

// copyTo copies into an empty file, and compares. VACUUM INTO reads in one transaction, which keeps no writer
// waiting. It takes no longer than copying page by page, which would start again whenever another process
// writes.
func (s *Store) copyTo(ctx context.Context, file string) (Copied, error) {
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

// syncFolder makes a new name in a folder permanent.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
