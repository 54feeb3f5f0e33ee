package backups

import (
	"archive/tar"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// monday is a moment.
var monday = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		done(t, err)
		return v
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-expected +there):\n%s", what, diff)
	}
}

// says fails unless an error says all that.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %v, expected %q in it", err, w)
		}
	}
}

// installation is a database with its key, as the bot leaves them.
type installation struct {
	*config.Settings
	t *testing.T
}

func newInstallation(t *testing.T) installation {
	t.Helper()
	i := installation{&config.Settings{Database: filepath.Join(t.TempDir(), "mfabot.db")}, t}
	i.open(func(context.Context, *store.Tx) error { return nil })
	return i
}

// open opens the database as the bot does, and does something in a transaction.
func (i installation) open(do func(ctx context.Context, tx *store.Tx) error) {
	i.t.Helper()
	ctx := i.t.Context()
	db := must(store.Open(ctx, i.Database))(i.t)
	key := must(config.LoadKey(i.KeyFile()))(i.t)
	done(i.t, db.Seal(ctx, key))
	if sealed := must(db.FollowSeals(ctx, key))(i.t); !sealed {
		done(i.t, db.SealRows(ctx, key, monday, func(content string) error { return config.MarkSealed(i.KeyFile(), content) }))
	}
	done(i.t, db.Update(ctx, func(tx *store.Tx) error { return do(ctx, tx) }))
	done(i.t, db.Close())
}

// records puts something on record.
func (i installation) records(text string) {
	i.t.Helper()
	i.open(func(ctx context.Context, tx *store.Tx) error {
		return tx.Record(ctx, intake.HistoryEntry{At: monday, Event: intake.EventAccepted, By: "Jo Hill", Text: text})
	})
}

// entries counts what is on record in a file.
func (i installation) entries(file string) int64 {
	i.t.Helper()
	var zero store.Described
	g := must(store.Since(i.t.Context(), file, zero))(i.t)
	return g.Entries
}

// files are those in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, e := range must(os.ReadDir(dir))(t) {
		if !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

// frozen puts the database that an older version has left into a folder, with its key.
func frozen(t *testing.T) installation {
	t.Helper()
	states := must(filepath.Glob(filepath.Join("..", "..", "testdata", "frozen", "*.tar.zst")))(t)
	f := must(os.Open(states[0]))(t)
	defer func() { _ = f.Close() }()
	zip := must(zstd.NewReader(f))(t)
	defer zip.Close()
	dir := t.TempDir()
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		done(t, err)
		if strings.HasPrefix(h.Name, "mfabot.db") {
			done(t, os.WriteFile(filepath.Join(dir, h.Name), must(io.ReadAll(r))(t), 0o600))
		}
	}
	return installation{&config.Settings{Database: filepath.Join(dir, "mfabot.db")}, t}
}

// killed is a copy of an installation whose bot was killed after it had put something on record: that is in the log only.
func (i installation) killed() installation {
	i.t.Helper()
	reader := must(sql.Open("sqlite3", i.Database))(i.t) // as long as it is open the log is not emptied
	defer func() { done(i.t, reader.Close()) }()
	var n int
	done(i.t, reader.QueryRow(`SELECT COUNT(*) FROM audit`).Scan(&n))
	i.records("in the log")
	k := installation{&config.Settings{Database: filepath.Join(i.t.TempDir(), "mfabot.db")}, i.t}
	for _, part := range []string{"", "-wal", ".key"} {
		content := must(os.ReadFile(i.Database + part))(i.t)
		if len(content) == 0 {
			i.t.Fatalf("there is nothing in %s", i.Database+part)
		}
		done(i.t, os.WriteFile(k.Database+part, content, 0o600))
	}
	return k
}
