package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mfabot/store"
	"mfabot/store/nearby"
)

const nobody = 65534

// another is a folder that belongs to somebody else than root, who runs the test.
func another(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := filepath.Join(t.TempDir(), "theirs")
	ok(t, os.Mkdir(dir, 0o700))
	ok(t, os.Chown(dir, nobody, nobody))
	return dir
}

// by is a link that belongs to somebody.
func by(t *testing.T, user int, to, name string) {
	t.Helper()
	ok(t, os.Symlink(to, name))
	ok(t, os.Lchown(name, user, user))
}

// refused fails unless an error says so, and nothing has happened to a file and in its folder.
func refused(t *testing.T, what string, err error, victim, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: got %v, want %q", what, err, says)
	}
	if text, err := os.ReadFile(victim); err == nil && string(text) != "root's\n" {
		t.Errorf("%s: the file of root's has become %q", what, text)
	}
	if there := must(os.ReadDir(filepath.Dir(victim)))(t); len(there) > 1 {
		t.Errorf("%s: beside root's lies %v", what, there)
	}
}

// TestOursOnly: what lies in the place of a lock, a link to another file or a FIFO, is not opened.
func TestOursOnly(t *testing.T) {
	t.Parallel()
	victim := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(victim, []byte("root's\n"), 0o600))
	file := filepath.Join(t.TempDir(), "mfabot.db")
	for what, puts := range map[string]func(name string) error{
		"is a link":         func(name string) error { return os.Symlink(victim, name) },
		"is no regular":     func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"which mfabot neve": func(name string) error { return syscall.Mknod(name, syscall.S_IFSOCK|0o600, 0) },
	} {
		ok(t, puts(file+".lock"))
		_, err := nearby.TakeLock(file, "process 1")
		refused(t, what, err, victim, what)
		_, err = nearby.LockHolder(file)
		refused(t, what, err, victim, "which mfabot never makes")
		ok(t, os.Remove(file+".lock"))
	}
}

// TestRootWritesThroughNoName: whoever owns the folder cannot have root write to a file of root's by a second name of it.
func TestRootWritesThroughNoName(t *testing.T) {
	t.Parallel()
	dir := another(t)
	victim := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(victim, []byte("root's\n"), 0o600))
	ok(t, os.Link(victim, filepath.Join(dir, "mfabot.db.lock")))
	_, err := nearby.TakeLock(filepath.Join(dir, "mfabot.db"), "process 1")
	refused(t, "lock", err, victim, "another name of a file")
}

// TestRootFollows: root follows another's link to what is theirs as well, and its own to anything.
func TestRootFollows(t *testing.T) {
	t.Parallel()
	dir := another(t)
	victim := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(victim, []byte("root's\n"), 0o600))
	gone := filepath.Join(filepath.Dir(victim), "gone")
	db := filepath.Join(dir, "mfabot.db")
	for _, to := range []string{victim, gone} {
		by(t, nobody, to, db)
		_, err := store.Open(t.Context(), db)
		refused(t, "open "+to, err, victim, "root does not follow it")
		_, err = nearby.TakeLock(db, "process 1")
		refused(t, "lock "+to, err, victim, "root does not follow it")
		_, err = nearby.ReadOurs(db)
		refused(t, "read "+to, err, victim, "root does not follow it")
		ok(t, os.Remove(db))
	}
	ok(t, os.Chown(victim, nobody, nobody)) // theirs, in a folder that is not
	by(t, nobody, victim, db)
	_, err := nearby.TakeLock(db, "process 1")
	refused(t, "lock in root's folder", err, victim, "root does not follow it")
	ok(t, os.Remove(db))

	by(t, 0, victim, db)
	text, err := nearby.ReadOurs(db)
	same(t, "by root's link", "root's\n", string(text))
	ok(t, err)
	ok(t, must(nearby.TakeLock(db, "process 1"))(t).Release())
	made := must(os.Stat(victim + ".lock"))(t)
	same(t, "the lock in a folder of root's is", 0, int(made.Sys().(*syscall.Stat_t).Uid))
	ok(t, os.Remove(db))

	theirs := filepath.Join(dir, "disk")
	ok(t, os.Mkdir(theirs, 0o700))
	ok(t, os.Chown(theirs, nobody, nobody))
	by(t, nobody, "disk/../disk/mfabot.db", db)
	ok(t, must(store.Open(t.Context(), db))(t).Close())
	made = must(os.Lstat(filepath.Join(theirs, "mfabot.db")))(t)
	same(t, "the database in a folder of theirs is", nobody, int(made.Sys().(*syscall.Stat_t).Uid))
}

// TestRootAlone: root copies a database to where nobody else can put another file in the place of the copy.
func TestRootAlone(t *testing.T) {
	t.Parallel()
	dir := another(t)
	file := filepath.Join(t.TempDir(), "mfabot.db")
	ok(t, must(store.Open(t.Context(), file))(t).Close())
	db := store.OpenToBackup(file)
	defer func() { ok(t, db.Close()) }()
	for _, c := range []struct {
		owner int
		mode  os.FileMode
		says  string
	}{
		{nobody, 0o700, "belongs to nobody, who could have root write elsewhere: run the command as that user, with sudo -u nobody"},
		{0, 0o777, "can be written to by others"},
		{0, 0o777 | os.ModeSticky, ""},
		{0, 0o755, ""},
	} {
		ok(t, os.Chown(dir, c.owner, c.owner))
		ok(t, os.Chmod(dir, c.mode))
		to := filepath.Join(dir, "copy.db")
		_, err := db.Backup(t.Context(), to)
		if c.says == "" {
			ok(t, err)
			ok(t, os.Remove(to))
			continue
		}
		if _, there := os.Stat(to); err == nil || !strings.Contains(err.Error(), c.says) || !errors.Is(there, fs.ErrNotExist) {
			t.Errorf("into a folder of %d with mode %v: %v and %v, want %q", c.owner, c.mode, err, there, c.says)
		}
	}
}
