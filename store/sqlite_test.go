package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// TestSQLiteSettings asks every connection of both pools what is in force there.
func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)(t)
	write, read := s.Pools()
	for _, pool := range []struct {
		name        string
		db          *sql.DB
		connections int
		queryOnly   string
	}{{"writing", write, 1, "0"}, {"reading", read, store.MaxReaders, "1"}} {
		conns := make([]*sql.Conn, pool.connections) // all held at the same time, so that each is another
		for i := range conns {
			conns[i] = must(pool.db.Conn(t.Context()))(t)
			defer func() { _ = conns[i].Close() }()
		}
		for i, conn := range conns {
			for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
				"busy_timeout": "30000", "query_only": pool.queryOnly} {
				var got string
				ok(t, conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
				if got != want {
					t.Errorf("%s connection %d: %s is %s, want %s", pool.name, i, pragma, got, want)
				}
			}
			if pool.queryOnly == "1" {
				if _, err := conn.ExecContext(t.Context(), `UPDATE counter SET value = 0`); err == nil {
					t.Errorf("reading connection %d can write", i)
				}
			}
		}
	}
}

// TestOpenOddNames: a path is a path, whatever characters are in it.
func TestOpenOddNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with blank.db", "50%41.db", "a?b=c.db", "a#b.db", "Ümlaut.db", "a&_foreign_keys=off.db"} {
		file := filepath.Join(t.TempDir(), name)
		s, err := store.Open(t.Context(), file)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		ok(t, s.Close())
		info, err := os.Stat(file)
		if err != nil {
			t.Errorf("%q: the database is elsewhere: %v", name, err)
		} else if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q: others may read it: %v", name, info.Mode())
		}
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	ok(t, os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600))
	for _, file := range []string{filepath.Join(dir, "missing", "mfabot.db"), text, dir} {
		s, err := store.Open(t.Context(), file)
		if err == nil {
			_ = s.Close()
			t.Errorf("%s was opened", file)
		} else if !strings.Contains(err.Error(), file) {
			t.Errorf("%q does not name %s", err, file)
		}
	}
}

// TestNewer: a database of a newer version is refused and left as it was.
func TestNewer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s, err := store.Open(t.Context(), file)
	ok(t, err)
	write, _ := s.Pools()
	_, err = write.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	ok(t, err)
	ok(t, s.Close())
	for range 2 {
		s, err := store.Open(t.Context(), file)
		if err == nil {
			_ = s.Close()
		}
		if !errors.Is(err, store.ErrNewer) {
			t.Errorf("got %v, want ErrNewer", err)
		}
	}
}

// first is a database as the first version left it.
func first(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	dump, err := os.ReadFile("testdata/first.sql")
	ok(t, err)
	db, err := sql.Open("sqlite3", "file:"+file)
	ok(t, err)
	_, err = db.ExecContext(t.Context(), string(dump))
	ok(t, err)
	ok(t, db.Close())
	return file
}

// TestFirstVersion opens a database as the first version left it: what was in it
// is in it still.
func TestFirstVersion(t *testing.T) {
	t.Parallel()
	file := first(t)

	s := inFile(file)(t)
	ctx := t.Context()
	same(t, "instance", "0123456789abcdef", s.Instance())
	ledger := must(s.Inbound(ctx))(t)
	same(t, "messages", 2, len(ledger))
	same(t, "conclusion",
		intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: "LT-2026-00001", Folder: intake.Processed},
		ledger[0].Conclusion)
	same(t, "raw message", "LT-2026-00001", string(raw(t, s, ledger[0].ID)))
	same(t, "to file", 1, len(must(s.Unfiled(ctx, "helpdesk", 7, 0, 9))(t)))
	r := must(s.Request(ctx, "LT-2026-00001"))(t)
	same(t, "request", request("LT-2026-00001", 1).User, r.User)
	same(t, "evidence", []intake.Evidence{evidence(1, "2")}, r.Evidence)
	same(t, "reviews", intake.EventApprove, must(s.Reviews(ctx, r.Ref))(t)[0].Decision)
	same(t, "exception", exception("LT-2026-00001", 150*day), must(s.Exception(ctx, r.Ref))(t))
	same(t, "history", 1, len(must(s.History(ctx, r.Ref))(t)))
	ok(t, s.Seal(ctx, secret))
	same(t, "sealed", true, must(s.CheckAudit(ctx, secret, ""))(t).Sealed)
	same(t, "faults", []string{"LT-2026-00002 0-0 of 0: " + string(store.ChainMissing)}, // as it was stored
		told(must(s.CheckAudit(ctx, secret, ""))(t).Faults))
	out := must(s.Outbound(ctx))(t)
	same(t, "outbound", 1, len(out))
	same(t, "facts", letter("1@h").Facts, out[0].Facts)
	do(t, s, func(ctx context.Context, tx *store.Tx) { same(t, "reference", "LT-2026-00003", nextRef(ctx, t, tx)) })
}

// TestOpenTogether: several processes may start at the same time on a database
// that does not exist yet.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	open := newSQLite(t)
	instances := make([]string, 4)
	var wg sync.WaitGroup
	for i := range instances {
		wg.Go(func() { instances[i] = open(t).Instance() })
	}
	wg.Wait()
	for _, name := range instances {
		same(t, "instance", instances[0], name)
	}
}
