package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// TestBackup: a copy holds all there is, opens as a database, and goes on from
// there.
func TestBackup(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)(t)
	r := addRequest(t, s, "LT-2026-00001", 1)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddException(ctx, exception(r.Ref, day)))
		ok(t, tx.AddOutbound(ctx, letter("1@helpdesk.test")))
		same(t, "reference", "LT-2026-00001", nextRef(ctx, t, tx))
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "a backup?.db")
	done := must(s.Backup(t.Context(), file))(t)
	info := must(os.Stat(file))(t)
	same(t, "copied", store.Copied{Bytes: info.Size(), Messages: 1, Requests: 1, Exceptions: 1}, done)
	same(t, "permissions", fs.FileMode(0o600), info.Mode())
	same(t, "files", 1, len(must(os.ReadDir(dir))(t)))

	content := must(os.ReadFile(file))(t)
	if _, err := s.Backup(t.Context(), file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto a file: %v, want ErrExist", err)
	}
	same(t, "the file", content, must(os.ReadFile(file))(t))

	addMessage(t, s, 2, "after it")
	ok(t, store.Verify(t.Context(), file))
	c := inFile(file)(t)
	same(t, "instance", s.Instance(), c.Instance())
	same(t, "messages", 1, len(must(c.Inbound(t.Context()))(t)))
	same(t, "raw message", "LT-2026-00001", string(raw(t, c, r.InboundID)))
	same(t, "exceptions", must(s.Exceptions(t.Context()))(t), must(c.Exceptions(t.Context()))(t))
	do(t, c, func(ctx context.Context, tx *store.Tx) { same(t, "reference", "LT-2026-00002", nextRef(ctx, t, tx)) })
}

// TestBackupFails: what cannot be finished leaves nothing.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	s := inFile(filled(t))(t)
	dir := t.TempDir()
	if _, err := s.Backup(t.Context(), filepath.Join(dir, "missing", "backup.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into a missing folder: %v, want ErrNotExist", err)
	}
	ok(t, os.Symlink(filepath.Join(dir, "elsewhere.db"), filepath.Join(dir, "link.db")))
	if _, err := s.Backup(t.Context(), filepath.Join(dir, "link.db")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("through a link: %v, want ErrExist", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Backup(cancelled, filepath.Join(dir, "backup.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v, want Canceled", err)
	}
	same(t, "files", 1, len(must(os.ReadDir(dir))(t)))
}

// TestBackupWhileWriting: neither waits for the other, and the copy has nothing of
// what is not committed.
func TestBackupWhileWriting(t *testing.T) {
	t.Parallel()
	open := inFile(filled(t))
	bot, s := open(t), open(t)
	write, _ := s.Pools()
	must(write.Exec(`PRAGMA busy_timeout = 1`))(t)
	do(t, bot, func(ctx context.Context, tx *store.Tx) {
		ok(t, addInbound(ctx, tx, message(100, "not committed")))
		same(t, "messages", int64(20), must(s.Backup(ctx, filepath.Join(t.TempDir(), "backup.db")))(t).Messages)
		ok(t, tx.AddOutbound(ctx, letter("not committed@helpdesk.test")))
	})
}

// TestBackupIsOfOneMoment: what is committed together is in the copy together.
func TestBackupIsOfOneMoment(t *testing.T) {
	t.Parallel()
	open := inFile(filled(t))
	bot, s := open(t), open(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for uid := uint32(100); ; uid++ {
			select {
			case <-stop:
				return
			default:
			}
			err := bot.Update(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
				return errors.Join(addInbound(t.Context(), tx, message(uid, "")),
					tx.Record(t.Context(), intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "complete"}))
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	for range 3 {
		file := filepath.Join(t.TempDir(), "backup.db")
		must(s.Backup(t.Context(), file))(t)
		c := inFile(file)(t)
		same(t, "entries for messages", len(must(c.Inbound(t.Context()))(t))-20, len(must(c.History(t.Context(), "LT-2026-00001"))(t)))
	}
}
