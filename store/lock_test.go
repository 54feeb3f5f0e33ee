package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/store"
	"mfabot/store/nearby"
)

// TestLock: one has the lock on a database, whatever the file is called, and it says who.
func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "mfabot.db"), filepath.Join(dir, "link.db")
	ok(t, os.WriteFile(file, nil, 0o600))
	ok(t, os.Symlink(file, link))
	lock := must(nearby.TakeLock(file, "process 1 on one.test"))(t)
	for _, name := range []string{file, link} {
		_, err := nearby.TakeLock(name, "process 2 on two.test")
		var held *nearby.LockedError
		if !errors.As(err, &held) || held.Holder != "process 1 on one.test" || !strings.Contains(err.Error(), held.Holder) {
			t.Errorf("%s: got %v, want that process 1 has it", name, err)
		}
	}
	ok(t, lock.Release())
	ok(t, must(nearby.TakeLock(link, "process 2 on two.test"))(t).Release())
	if _, err := nearby.TakeLock(filepath.Join(dir, "missing", "mfabot.db"), "process 3"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a missing folder: %v, want ErrNotExist", err)
	}
}

// TestLockHolder: who has the lock is said, and asking takes it from nobody.
func TestLockHolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	same(t, "without a file", "", must(nearby.LockHolder(file))(t))
	if _, err := os.Stat(file + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("asking made the file of the lock: %v", err)
	}
	lock := must(nearby.TakeLock(file, "process 1 on one.test"))(t)
	same(t, "held", "process 1 on one.test", must(nearby.LockHolder(file))(t))
	ok(t, lock.Release())
	same(t, "released", "", must(nearby.LockHolder(file))(t))
	ok(t, os.WriteFile(file+".lock", []byte("process 2 on two.test, which was killed\n"), 0o600))
	same(t, "left behind", "", must(nearby.LockHolder(file))(t))
	ok(t, must(nearby.TakeLock(file, "process 3"))(t).Release())
}

// TestOpenToRead: through it nothing can be written, and what another version wrote is not brought up to date.
func TestOpenToRead(t *testing.T) {
	t.Parallel()
	file := filled(t)
	before := must(os.ReadFile(file))(t)
	s := closing(t, must(store.OpenToRead(t.Context(), file))(t))
	if len(must(s.Inbound(t.Context()))(t)) == 0 {
		t.Error("nothing is read")
	}
	if err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.AddOutbound(t.Context(), letter("1@helpdesk.test"))
	}); err == nil {
		t.Error("a letter was added")
	}
	same(t, "the file", before, must(os.ReadFile(file))(t))

	old := first(t)
	before = must(os.ReadFile(old))(t)
	for _, open := range []func() (*store.Store, error){
		func() (*store.Store, error) { return store.OpenToRead(t.Context(), old) },
		func() (*store.Store, error) { return store.OpenCurrent(t.Context(), old) },
	} {
		s, err := open()
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, store.ErrOlder) {
			t.Errorf("got %v, want ErrOlder", err)
		}
	}
	copier := closing(t, store.OpenToBackup(old))
	must(copier.Backup(t.Context(), old+".backup"))(t)
	same(t, "the older file", before, must(os.ReadFile(old))(t))
}
