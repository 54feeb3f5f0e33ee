//go:build real

package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/store"
)

// TestStartOnFullDiskReal: a disk without room for the seals of an old database keeps run from starting, and no exception
// from ending. Once there is room run goes on by itself. It needs to mount a file system.
func TestStartOnFullDiskReal(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { done(t, syscall.Unmount(dir, 0)) }) // after the database is closed
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.statements(`INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach,`+
		` answer, state, attempts,
			created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		SELECT 'many-' || i, ref, template, why, recipient, answers_to, thread, '{}', attach, answer, 'sent', attempts, created_at, due_at,
			tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at
		FROM (SELECT * FROM outbound LIMIT 1), n`,
		`UPDATE tally SET n = (SELECT COUNT(*) FROM outbound) WHERE name = 'outbound'`)
	set := e.unsealed()
	full := filepath.Join(dir, "mfabot.db")
	e.statements("VACUUM INTO '" + full + "'")
	key, err := os.ReadFile(set.KeyFile())
	done(t, err)
	set.Database = full
	done(t, os.Chmod(full, 0o600))
	done(t, os.WriteFile(set.KeyFile(), key, 0o600))
	var disk syscall.Statfs_t
	done(t, syscall.Statfs(dir, &disk))
	junk := filepath.Join(dir, "junk")
	done(t, os.WriteFile(junk, make([]byte, int64(disk.Bavail)*disk.Bsize-512<<10), 0o600))
	_, err = bot.OpenToRun(t.Context(), set, false, slog.New(slog.DiscardHandler))
	if trouble := store.TroubleOf(err); trouble == nil || !trouble.Passes {
		t.Fatalf("the start ends with %v", err)
	}
	if exempt := e.directory.Exempt(); len(exempt) > 0 {
		t.Errorf("exempt after the end: %v", exempt)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done(t, os.Remove(junk))
	b, err := bot.OpenToRun(ctx, set, true, slog.New(slog.DiscardHandler))
	done(t, err)
	defer func() { done(t, b.Close()) }()
	_, err = b.Sweep(t.Context())
	done(t, err)
	if x, err := b.Store.Exception(t.Context(), "LT-2026-00001"); err != nil || x.State != intake.Ended {
		t.Errorf("the exception is %v, error %v", x, err)
	}
}
