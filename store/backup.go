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

// Copied says what a backup holds.
type Copied struct {
	Bytes                          int64
	Messages, Requests, Exceptions int64
}

// Backup writes a consistent copy of the database as it is now into a file, which
// is for its owner only. Whoever else reads and writes the database goes on: the
// copy is of one moment. The copy is checked, and gets its name only when it is
// found whole and is on the disk; on an error nothing is left.
//
// It returns fs.ErrExist where the file is there already. Through this Store
// nothing can be written meanwhile.
func (s *Store) Backup(ctx context.Context, file string) (done Copied, err error) {
	if file, err = filepath.Abs(file); err != nil {
		return done, err
	}
	if _, err := os.Lstat(file); err == nil {
		return done, &fs.PathError{Op: "backup", Path: file, Err: fs.ErrExist}
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
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

// copyTo copies into an empty file, and compares. VACUUM INTO reads in one
// transaction, which keeps no writer waiting, and it takes no longer than copying
// page by page, which would begin anew whenever another process writes.
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

// counted are tables that rows are added to and never taken from: what the copy
// has lies between what there was before and what there is after.
var counted = []string{"inbound", "request", "exception", "evidence", "review", "audit", "outbound"}

// sizes counts the rows of each.
func sizes(ctx context.Context, db *sql.DB) ([]int64, error) {
	n := make([]int64, len(counted))
	for i, t := range counted {
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t).Scan(&n[i]); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// syncFolder makes a new name in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
