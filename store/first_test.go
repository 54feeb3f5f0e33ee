package store_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

var freeze = flag.Bool("freeze", false, "write testdata/first.sql anew; only while the first version is not released")

// TestFreeze writes what TestFirstVersion reads, with the sqlite3 shell.
func TestFreeze(t *testing.T) {
	if !*freeze {
		t.Skip("-freeze is not given")
	}
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s, err := store.Open(t.Context(), file)
	ok(t, err)
	r := addRequest(t, s, "LT-2026-00001", 1)
	addRequest(t, s, "LT-2026-00002", 2)
	addLetters(t, s, letter("1@h"))
	do(t, s, func(ctx context.Context, tx intake.Tx) {
		nextRef(ctx, t, tx)
		nextRef(ctx, t, tx)
		v := &intake.ReviewRecord{Ref: r.Ref, Reviewer: "asha@helpdesk.test", Purpose: intake.ToDecide, TokenHash: "hash", Digest: "d", CreatedAt: noon}
		ok(t, tx.AddReview(ctx, v))
		ok(t, tx.Decide(ctx, v.ID, intake.Approve, "", noon))
		ok(t, tx.AddException(ctx, exception(r.Ref, 150*day)))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon, Event: "approve", By: v.Reviewer}))
		ok(t, tx.Conclude(ctx, 1, intake.Conclusion{Outcome: intake.AsRequest, Ref: r.Ref, Folder: intake.Processed}))
		ok(t, tx.Conclude(ctx, 2, intake.Conclusion{Outcome: intake.AsRequest, Ref: "LT-2026-00002", Folder: intake.Processed}))
	})
	ok(t, s.Filed(t.Context(), []intake.Filing{{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 2}}}, noon))
	write, _ := s.Pools()
	_, err = write.ExecContext(t.Context(), `UPDATE instance SET id = '0123456789abcdef'`)
	ok(t, err)
	ok(t, s.Close())
	dump, err := exec.CommandContext(t.Context(), "sqlite3", file, ".dump").Output()
	ok(t, err)
	ok(t, os.WriteFile("testdata/first.sql", dump, 0o644))
}
