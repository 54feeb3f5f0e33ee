package backups

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mfabot/store"
	"mfabot/store/nearby"
)

// TestFolderKeepsTheNewest: a copy has a name with the time, nobody else may read it, and what is older than those to be kept
// goes. Whatever else lies there stays.
func TestFolderKeepsTheNewest(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	dir := t.TempDir()
	is := must(store.Describe(t.Context(), i.Database))(t)
	name := func(at time.Time) string { return "mfabot-" + is.Instance + "-" + at.UTC().Format(stamp) + ".db" }
	others := []string{"mfabot-0123456789abcdef-20200101T000000Z.db", "mfabot.db", "notes.txt", "mfabot-" +
		is.Instance + "-20200101T000000Z.db.gz",
		"mfabot-" + is.Instance + "-2020.db", "keep-mfabot-" + is.Instance + "-20200101T000000Z.db"}
	for _, other := range others {
		done(t, os.WriteFile(filepath.Join(dir, other), []byte("other"), 0o600))
	}
	link := "mfabot-" + is.Instance + "-20200102T000000Z.db" // nothing that was written here
	done(t, os.Symlink(filepath.Join(dir, "notes.txt"), filepath.Join(dir, link)))
	left := "mfabot-" + is.Instance + "-20200103T000000Z.new.123.part" // by one that was cut short
	done(t, os.WriteFile(filepath.Join(dir, left), nil, 0o600))

	f := Folder{Dir: dir, Keep: 3}
	var made Made
	for day := range 5 {
		made = must(f.Make(t.Context(), i.Settings, monday.AddDate(0, 0, day)))(t)
	}
	same(t, "the newest", filepath.Join(dir, name(monday.AddDate(0, 0, 4))), made.File)
	same(t, "removed for it", []string{filepath.Join(dir, name(monday.AddDate(0, 0, 1)))}, made.Pruned)
	same(t, "permissions", os.FileMode(0o600), must(os.Stat(made.File))(t).Mode())
	for _, other := range append(others, link, name(monday.AddDate(0, 0, 2)), name(monday.AddDate(0, 0, 3))) {
		if _, err := os.Lstat(filepath.Join(dir, other)); err != nil {
			t.Errorf("%s is gone", other)
		}
	}
	same(t, "files", len(others)+1+3, len(files(t, dir)))
	same(t, "when", monday.AddDate(0, 0, 4), must(f.Newest(is.Instance, monday.AddDate(0, 0, 4).Add(time.Hour)))(t))
	// By a clock that was ahead, one is no reason to make none.
	same(t, "when, two days before", monday.AddDate(0, 0, 2), must(f.Newest(is.Instance, monday.AddDate(0, 0, 2)))(t))
	// Nor does one that is new go, whatever the clock says.
	made = must(f.Make(t.Context(), i.Settings, monday.AddDate(0, 0, -9)))(t)
	same(t, "one from before", filepath.Join(dir, name(monday.AddDate(0, 0, -9))), made.File)
	if _, err := os.Stat(made.File); err != nil {
		t.Error(err)
	}
}

// TestFolderPrunesForAGoodOneOnly: what cannot be made, or is not good, is no reason to remove what is.
func TestFolderPrunesForAGoodOneOnly(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	i.records("one")
	dir := t.TempDir()
	f := Folder{Dir: dir, Keep: 1}
	good := must(f.Make(t.Context(), i.Settings, monday))(t).File

	tampers(t, i.Database, `UPDATE tally SET n = n + 7`)
	for day := range keepFaulty + 2 {
		made, err := f.Make(t.Context(), i.Settings, monday.AddDate(0, 0, day+1))
		if !errors.As(err, new(Faulty)) {
			t.Fatalf("the error is %v", err)
		}
		says(t, err, "not as mfabot wrote it")
		same(t, "ending", ".faulty.db", made.File[len(made.File)-len(".faulty.db"):])
	}
	same(t, "files", 1+keepFaulty, len(files(t, dir)))

	key := i.KeyFile()
	done(t, os.Rename(key, key+".away"))
	_, err := f.Make(t.Context(), i.Settings, monday.AddDate(0, 0, 20))
	says(t, err, "there is no key "+key, "copy back the key")

	_, err = f.Make(t.Context(), i.Settings, monday)
	says(t, err, "there is no key") // of the second that the good one is of: it takes a name of its own
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Make(cancelled, i.Settings, monday.AddDate(0, 0, 21)); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	_, err = Folder{Dir: filepath.Join(dir, "missing"), Keep: 1}.Make(t.Context(), i.Settings, monday)
	says(t, err, "there is no folder", "mount its disk")
	if _, err := os.Stat(good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	for _, name := range files(t, dir) {
		if filepath.Ext(name) != ".db" {
			t.Errorf("%s was left", name)
		}
	}
}

// TestFolderIsOneAtATime: two that write into a folder are not in each other's way.
func TestFolderIsOneAtATime(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	dir := t.TempDir()
	is := must(store.Describe(t.Context(), i.Database))(t)
	lock := must(nearby.TakeLock(filepath.Join(dir, "mfabot-"+is.Instance), "process 7"))(t)
	_, err := Folder{Dir: dir, Keep: 1}.Make(t.Context(), i.Settings, monday)
	says(t, err, "another backup is being written", "process 7")
	done(t, lock.Release())
	must(Folder{Dir: dir, Keep: 1}.Make(t.Context(), i.Settings, monday))(t)
}

// tampers does to a database what the program never does.
func tampers(t *testing.T, file string, statements ...string) {
	t.Helper()
	db := must(sql.Open("sqlite3", file))(t)
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		must(db.Exec(s))(t)
	}
}
