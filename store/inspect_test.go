package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/store"
)

// filled makes a database with some messages, of which the raw ones are most.
func filled(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "mfabot.db")
	s := must(store.Open(t.Context(), file))(t)
	noise := rand.NewChaCha8([32]byte{})
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for uid := range uint32(20) {
			raw := make([]byte, 30_000)
			must(noise.Read(raw))(t)
			m := message(uid, fmt.Sprint("message ", uid))
			m.Raw = raw
			ok(t, addInbound(ctx, tx, m))
			ok(t, tx.AddOutbound(ctx, letter(fmt.Sprint(uid, "@helpdesk.test"))))
		}
	})
	ok(t, s.Close())
	return file
}

// damage overwrites part of a file with noise.
func damage(t *testing.T, file string, at, n int64) {
	t.Helper()
	f := must(os.OpenFile(file, os.O_RDWR, 0))(t)
	noise := make([]byte, n)
	must(rand.NewChaCha8([32]byte{1}).Read(noise))(t)
	must(f.WriteAt(noise, at))(t)
	ok(t, f.Close())
}

// pageOf is where a table or an index begins in a file.
func pageOf(t *testing.T, file, name string) (at, size int64) {
	t.Helper()
	db := must(sql.Open("sqlite3", "file:"+file))(t)
	var page int64
	ok(t, db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = $1`, name).Scan(&page))
	ok(t, db.QueryRow(`PRAGMA page_size`).Scan(&size))
	ok(t, db.Close())
	return (page - 1) * size, size
}

// TestInspect: what is no database of ours is not opened, and left as it is.
func TestInspect(t *testing.T) {
	t.Parallel()
	inspect := func(file string) error {
		err := store.Inspect(t.Context(), file)
		same(t, file, fmt.Sprint(err), fmt.Sprint(store.Verify(t.Context(), file)))
		return err
	}
	whole := filled(t)
	ok(t, inspect(whole))
	dir := t.TempDir()
	for _, file := range []string{filepath.Join(dir, "mfabot.db"), filepath.Join(dir, "missing", "mfabot.db")} {
		if err := inspect(file); !errors.Is(err, store.ErrMissing) {
			t.Errorf("%s: %v, want ErrMissing", file, err)
		}
	}
	if err := inspect(dir); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
	if err := inspect(filepath.Join(whole, "mfabot.db")); err == nil || errors.Is(err, store.ErrMissing) {
		t.Errorf("a file for a folder: %v", err)
	}

	foreign := filepath.Join(dir, "foreign.db")
	db := must(sql.Open("sqlite3", "file:"+foreign))(t)
	must(db.Exec(`CREATE TABLE bookmark (url TEXT)`))(t)
	ok(t, db.Close())
	nothing := filepath.Join(dir, "nothing.db")
	db = must(sql.Open("sqlite3", "file:"+nothing+"?_journal_mode=WAL"))(t)
	ok(t, db.Ping())
	ok(t, db.Close())
	files := map[string]string{foreign: "not a database of mfabot's", nothing: "empty"}
	for name, content := range map[string]string{"text": strings.Repeat("this is no database\n", 100), "short": "this", "empty": ""} {
		file := filepath.Join(dir, name)
		ok(t, os.WriteFile(file, []byte(content), 0o600))
		files[file] = map[bool]string{true: "empty", false: "not a database"}[content == ""]
	}
	for file, words := range files {
		before := must(os.ReadFile(file))(t)
		err := inspect(file)
		trouble := store.TroubleOf(err)
		if trouble == nil || trouble.Passes || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v (%+v), want %q", file, err, trouble, words)
		}
		same(t, file, before, must(os.ReadFile(file))(t))
	}
	same(t, "files", len(files), len(must(os.ReadDir(dir))(t)))
}

// TestVerify: damage is found wherever it is, but in the raw messages of a large
// database only by a backup.
func TestVerify(t *testing.T) {
	t.Parallel()
	const large, small = 0, 1 << 30 // what is checked whole
	for _, c := range []struct {
		what    string
		missing bool // where the database is large
	}{{"inbound", false}, {"inbound_digest", false}, {"outbound", false}, {"raw_message", true}, {"audit", false}} {
		file := filled(t)
		ok(t, store.VerifyTo(t.Context(), file, small))
		ok(t, store.VerifyTo(t.Context(), file, large))
		at, size := pageOf(t, file, c.what)
		damage(t, file, at, size)
		for _, whole := range []int64{small, large} {
			err := store.VerifyTo(t.Context(), file, whole)
			trouble := store.TroubleOf(err)
			if found := trouble != nil && !trouble.Passes; found == (c.missing && whole == large) {
				t.Errorf("damage of %s, whole up to %d: %v", c.what, whole, err)
			}
		}
		if c.what == "raw_message" {
			s := must(store.Open(t.Context(), file))(t)
			_, err := s.Backup(t.Context(), file+".copy")
			if trouble := store.TroubleOf(err); trouble == nil || trouble.Passes {
				t.Errorf("backup of a damaged database: %v", err)
			}
			if _, err := os.Stat(file + ".copy"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a copy of it: %v", err)
			}
			_ = s.Close()
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Verify(cancelled, filled(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("a check that is stopped: %v", err)
	}
}

// TestForeignLog: a backup that is put beside the write-ahead log of the database
// that it replaces is found out before SQLite mixes the two.
func TestForeignLog(t *testing.T) {
	t.Parallel()
	file := filled(t)
	s := must(store.Open(t.Context(), file))(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	must(s.Backup(t.Context(), backup))(t)
	addMessage(t, s, 99, "in the log")
	ok(t, store.Verify(t.Context(), file)) // a log of its own
	log := must(os.ReadFile(file + "-wal"))(t)
	ok(t, s.Close())

	content := must(os.ReadFile(backup))(t)
	ok(t, os.WriteFile(file, content, 0o600))
	ok(t, os.WriteFile(file+"-wal", log, 0o600))
	trouble := store.TroubleOf(store.Inspect(t.Context(), file))
	if trouble == nil || trouble.Passes || !strings.Contains(trouble.Hint, "remove "+file+"-wal") {
		t.Errorf("got %+v", trouble)
	}
	same(t, "the backup in its place", content, must(os.ReadFile(file))(t))
	ok(t, os.Remove(file+"-wal"))
	ok(t, store.Verify(t.Context(), file))
}
