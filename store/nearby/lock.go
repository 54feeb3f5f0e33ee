// Package nearby is about the files that lie beside a database: its lock, its key, notes. Whoever they belong to, root is not led
// astray by them.
package nearby

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Lock is the right to be the one process that runs on a database: it reads the mailboxes, sends what is due and
// brings the schema up to date. Commands beside it take no lock: they are short, and change no schema.
//
// It is a lock on a file of its own, FILE.lock, since closing the database's file would release the locks that
// SQLite has on it (POSIX). The system releases it with the process, however that ends; the file stays.
type Lock struct{ file *os.File }

// LockedError says that another process has the lock on a database.
type LockedError struct {
	Database string
	Holder   string // as it calls itself; empty if it has not said yet
}

// Error returns the words for the operator, with the holder as it calls itself.
func (e *LockedError) Error() string {
	by := ""
	if e.Holder != "" {
		by = ", by " + e.Holder
	}
	return fmt.Sprintf("another mfabot runs on the database %s%s: only one may run on it", e.Database, by)
}

// maxHolder bounds what is read of a lock's file, in bytes.
const maxHolder = 1000

// TakeLock takes the lock on the database in a file, in whose folder the lock lies. holder says in one line who
// it is, for others to read. It does not wait: it returns a LockedError where another process has the lock, or
// another part of this one. It returns fs.ErrNotExist where there is no such folder.
func TakeLock(database, holder string) (*Lock, error) {
	f, err := openLock(database)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = Flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		text, err := io.ReadAll(io.LimitReader(f, maxHolder))
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		return nil, &LockedError{Database: database, Holder: first}
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteString(holder + "\n")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return &Lock{f}, nil
}

// LockHolder returns who has the lock on the database in a file, as it calls itself; empty if nobody has. It takes no lock
// that would be in the way of one that starts, but for a moment after one that ended without giving its own up.
func LockHolder(database string) (holder string, err error) {
	name, err := lockName(database)
	if err != nil {
		return "", err
	}
	f, err := OpenOurs(name, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("lock: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, maxHolder))
	first, _, _ := strings.Cut(string(text), "\n")
	if err != nil || first == "" {
		return "", err
	}
	err = Flock(f, syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return first, nil
	}
	return "", errors.Join(err, Flock(f, syscall.LOCK_UN))
}

// Release gives the lock up.
func (l *Lock) Release() error {
	// Closing alone would leave it to a process that is just being started, until that has closed its copy.
	return errors.Join(l.file.Truncate(0), Flock(l.file, syscall.LOCK_UN), l.file.Close())
}

// openLock opens the file of a lock. A new one belongs to the database's owner, or to that of its folder, whoever runs the command.
func openLock(database string) (*os.File, error) {
	name, err := lockName(database)
	if err != nil {
		return nil, err
	}
	f, err := OpenOurs(name, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if errors.Is(err, fs.ErrExist) {
		return OpenOurs(name, os.O_RDWR)
	}
	if err != nil {
		return nil, err
	}
	return f, OwnedLike(f, database)
}

// lockName is the file of a lock: one for one database, whatever it is called.
func lockName(database string) (string, error) {
	name, err := Real(database)
	return name + ".lock", err
}

// Flock is flock(2), which a signal does not interrupt.
func Flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
