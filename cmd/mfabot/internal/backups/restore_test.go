package backups

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
	"mfabot/store/nearby"
)

// saved is an installation with a backup of it, and more on record since.
func saved(t *testing.T) (i installation, backup string) {
	t.Helper()
	i = newInstallation(t)
	i.records("before")
	backup = filepath.Join(t.TempDir(), "backup.db")
	must(Write(t.Context(), i.Settings, backup, monday, nil))(t)
	i.records("since")
	i.records("since")
	return i, backup
}

// TestRestore: a backup takes the place of the database, which is kept; what is lost is said; the next start is told.
func TestRestore(t *testing.T) {
	t.Parallel()
	i, backup := saved(t)
	before, was := i.entries(i.Database), i.entries(backup)
	planned := must(LookAt(t.Context(), i.Settings, backup, monday, nil))(t)
	same(t, "after a look", before, i.entries(i.Database))
	r := must(Restore(t.Context(), i.Settings, backup, monday, nil))(t)
	planned.Meant = r.Meant // known once it is copied
	same(t, "planned and done", planned, r)
	same(t, "meant to be there", must(store.NewestEntry(t.Context(), i.Database))(t), r.Meant)
	same(t, "entries", was, i.entries(i.Database))
	same(t, "entries of the database of before", before, i.entries(r.Aside))
	same(t, "lost", before-was, r.Gone.Entries)
	same(t, "permissions", os.FileMode(0o600), must(os.Stat(i.Database))(t).Mode())
	lines := strings.Join(r.Lines(func(at time.Time) string { return at.Format(time.DateTime) }), "\n")
	for _, words := range []string{"The last that is on record in it is of 2026-11-30 09:00:00: 0 messages, 0 requests, 0 exceptions",
		"Lost is what happened since then: other entries of the audit: 2."} {
		if !strings.Contains(lines, words) {
			t.Errorf("expected %q in:\n%s", words, lines)
		}
	}
	told, cut, err := Finish(i.Settings)
	done(t, err)
	same(t, "told at the next start", &r, told)
	same(t, "cut short", false, cut || told.CutShort)
	done(t, Told(i.Database))
	told, _, err = Finish(i.Settings)
	done(t, err)
	same(t, "told at the start after that", (*Restored)(nil), told)
	same(t, "files", []string{"mfabot.db", "mfabot.db.backup", filepath.Base(r.Aside), "mfabot.db.key", "mfabot.db.key.noted"},
		files(t, filepath.Dir(i.Database)))
	i.records("goes on")
}

// TestRestoreOverOlderCopy: where the database of before was itself an older copy, or is gone, the note beside the key tells that more is
// lost than that one has on record.
func TestRestoreOverOlderCopy(t *testing.T) {
	t.Parallel()
	for what, before := range map[string]func(i installation, older string){
		"older": func(i installation, older string) {
			done(t, os.WriteFile(i.Database, must(os.ReadFile(older))(t), 0o600))
		},
		"older, and went on": func(i installation, older string) {
			done(t, os.WriteFile(i.Database, must(os.ReadFile(older))(t), 0o600))
			for range 3 {
				i.records("another course")
			}
		},
		"gone":     func(i installation, _ string) { done(t, os.Remove(i.Database)) },
		"as noted": func(installation, string) {},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			i, older := saved(t)
			newest := must(store.NewestEntry(t.Context(), i.Database))(t)
			done(t, config.WriteNoted(i.KeyFile(), *newest))
			ends := must(store.NewestEntry(t.Context(), older))(t)
			before(i, older)
			r := must(LookAt(t.Context(), i.Settings, older, monday, nil))(t)
			said := strings.Join(append(r.Lines(func(at time.Time) string { return at.Format(time.DateTime) }), r.Steps()...), "\n")
			words := fmt.Sprintf("the audit had come to entry %d, of 2026-11-30 09:00:00, and the backup ends with entry %d.",
				newest.Entry, ends.Entry)
			same(t, "says how much is lost", what != "as noted", strings.Contains(said, words))
			same(t, "nothing is lost", false, strings.Contains(said, "Nothing that was on record is lost"))
			same(t, "moves back all", what != "as noted", strings.Contains(said, "Move back into the inbox: what was filed since then"))
		})
	}
}

// TestRestoreGoesOnWithReferences: what was given out since the backup is given to nobody else.
func TestRestoreGoesOnWithReferences(t *testing.T) {
	t.Parallel()
	i, backup := saved(t)
	next := func() (ref string) {
		i.open(func(ctx context.Context, tx *store.Tx) (err error) {
			ref, err = tx.NextRef(ctx, "LT", 2026)
			return err
		})
		return ref
	}
	same(t, "reference", "LT-2026-00001", next())
	must(Restore(t.Context(), i.Settings, backup, monday, nil))(t)
	same(t, "reference", "LT-2026-00002", next())
}

// TestRestoreOfWhatIsLost: there need be no database, and none that can be read.
func TestRestoreOfWhatIsLost(t *testing.T) {
	t.Parallel()
	for what, breaks := range map[string]func(file string) error{
		"missing": os.Remove,
		"damaged": func(file string) error { return os.WriteFile(file, []byte(strings.Repeat("noise", 5000)), 0o600) },
		"damaged, with its log": func(file string) error {
			return errors.Join(os.WriteFile(file, []byte(strings.Repeat("noise", 5000)), 0o600),
				os.WriteFile(file+"-wal", []byte(strings.Repeat("log", 5000)), 0o600))
		},
		"missing, but for its log": func(file string) error {
			return errors.Join(os.Remove(file), os.WriteFile(file+"-wal", []byte(strings.Repeat("log", 5000)), 0o600))
		},
		"cut": func(file string) error { return os.Truncate(file, 5000) },
		"a link": func(file string) error {
			return errors.Join(os.Rename(file, file+".real"), os.Symlink("mfabot.db.real", file))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			i, backup := saved(t)
			was := i.entries(backup)
			done(t, breaks(i.Database))
			r := must(Restore(t.Context(), i.Settings, backup, monday, nil))(t)
			same(t, "entries", was, i.entries(i.Database))
			same(t, "known what is lost", what == "a link", r.Gone != nil)
			same(t, "kept aside", !strings.HasPrefix(what, "missing"), r.Aside != "")
			if what == "a link" {
				same(t, "the link", "mfabot.db.real", must(os.Readlink(i.Database))(t))
			}
			i.records("goes on")
		})
	}
}

// TestRestoreOfAnOlderVersion: it is looked through all the same, and takes the place as it is.
func TestRestoreOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	i := frozen(t)
	is := must(store.Describe(t.Context(), i.Database))(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	must(Write(t.Context(), i.Settings, backup, monday, nil))(t)
	db := must(store.Open(t.Context(), i.Database))(t)
	done(t, db.Close())
	r := must(Restore(t.Context(), i.Settings, backup, monday, nil))(t)
	same(t, "version", is.Have, r.Version)
	if now := must(store.Describe(t.Context(), i.Database))(t); !now.Same(is) {
		t.Errorf("it is %+v, expected %+v", now, is)
	}
	for _, name := range files(t, filepath.Dir(i.Database)) {
		if strings.Contains(name, "looked-at") {
			t.Errorf("%s was left", name)
		}
	}
}

// TestRestoreRefuses: what speaks against a backup is said, and nothing is changed.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		breaks func(i installation, backup string) error
		words  []string
	}{
		"a bot runs": {func(i installation, _ string) error {
			lock, err := nearby.TakeLock(i.Database, "process 7")
			i.t.Cleanup(func() { done(i.t, lock.Release()) })
			return err
		}, []string{"another mfabot runs", "process 7", "stop the bot first"}},
		"no file":      {func(_ installation, backup string) error { return os.Remove(backup) }, []string{"there is no file"}},
		"another file": {func(_ installation, backup string) error { return os.WriteFile(backup, []byte("what"), 0o600) }, []string{"cannot be used"}},
		"damaged": {func(_ installation, backup string) error {
			f, err := os.OpenFile(backup, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte(strings.Repeat("noise", 20000)), 8192)
			return errors.Join(err, f.Close())
		}, []string{"nothing was changed"}},
		"newer": {func(i installation, backup string) error {
			tampers(i.t, backup, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
			return nil
		}, []string{"newer version", "9999", "nothing was changed"}},
		"an entry was changed": {func(i installation, backup string) error {
			tampers(i.t, backup, `DROP TRIGGER audit_redact`, `UPDATE audit SET text = 'changed'`)
			return nil
		}, []string{"not as mfabot wrote it", "nothing was changed"}},
		"no key":      {func(i installation, _ string) error { return os.Remove(i.KeyFile()) }, []string{"there is no key", "copy back the key"}},
		"another key": {anotherKey, []string{"was sealed with another key", "copy back the key"}},
		"the database itself": {func(i installation, backup string) error {
			return errors.Join(os.Remove(backup), os.Link(i.Database, backup))
		}, []string{"is the database itself"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			i, backup := saved(t)
			before := must(store.Describe(t.Context(), i.Database))(t)
			done(t, c.breaks(i, backup))
			there := files(t, filepath.Dir(i.Database))
			_, err := Restore(t.Context(), i.Settings, backup, monday, nil)
			says(t, err, c.words...)
			same(t, "files", there, files(t, filepath.Dir(i.Database)))
			if now := must(store.Describe(t.Context(), i.Database))(t); !now.Same(before) {
				t.Errorf("it is %+v now", now)
			}
			if what != "a bot runs" {
				_, err = LookAt(t.Context(), i.Settings, backup, monday, nil)
				says(t, err, c.words...)
			}
		})
	}
}

func anotherKey(i installation, _ string) error {
	if err := os.Remove(i.KeyFile()); err != nil {
		return err
	}
	_, err := config.LoadKey(i.KeyFile())
	return err
}

// TestRestoreKilled: wherever a restore is cut short, there is either the database of before or the backup, whole, and the next
// start says which.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	i, backup := saved(t)
	r, lock, err := begin(t.Context(), i.Settings, backup, monday, nil)
	done(t, err)
	moves := len(r.moves())
	done(t, lock.Release())
	noted := 4
	for n := range moves + 1 {
		i, backup := saved(t)
		i = i.killed()
		before, was := int64(4), i.entries(backup)
		r, lock, err := begin(t.Context(), i.Settings, backup, monday, nil)
		done(t, err)
		for _, m := range r.moves()[:n] {
			done(t, m.do(t.Context()))
		}
		done(t, lock.Release()) // as the system does
		same(t, "pending", n >= noted && n < moves, Pending(i.Settings))

		told, cut, err := Finish(i.Settings)
		done(t, err)
		if n < noted {
			same(t, "entries", before, i.entries(i.Database))
			same(t, "told", (*Restored)(nil), told)
			same(t, "cut short", n > 0, cut)
		} else {
			same(t, "entries", was, i.entries(i.Database))
			same(t, "entries of the database of before", before, i.entries(r.note.Aside))
			same(t, "finished now", n < moves, told.CutShort)
			same(t, "told", backup, told.From)
		}
		for _, name := range files(t, filepath.Dir(i.Database)) {
			if strings.Contains(name, ".restoring") {
				t.Errorf("after %d moves %s is left", n, name)
			}
		}
		i.records("goes on")
	}
}

// TestPlantedName: a database that was given the name of another folder is copied nowhere.
func TestPlantedName(t *testing.T) {
	i := newInstallation(t)
	db := must(sql.Open("sqlite3", i.Database))(t)
	_, err := db.Exec(`UPDATE instance SET id = 'x/../../out/y'`)
	done(t, err)
	done(t, db.Close())
	_, err = (Folder{Dir: t.TempDir(), Keep: 1}).Make(t.Context(), i.Settings, time.Now())
	if err == nil || !strings.Contains(err.Error(), "no name that mfabot gives") {
		t.Errorf("it says %v", err)
	}
}

// TestPlantedNote: a note that names files of its own making moves nothing.
func TestPlantedNote(t *testing.T) {
	i := newInstallation(t)
	dir := t.TempDir()
	staged := filepath.Join(dir, "staged")
	done(t, os.WriteFile(staged, []byte("x"), 0o600))
	done(t, os.WriteFile(noteOf(i.Database), []byte(`{"staged":"`+staged+`","aside":"`+filepath.Join(dir, "aside")+`"}`), 0o600))
	_, _, err := Finish(i.Settings)
	says(t, err, "was not written with the key beside the database, and nothing is done by it", "mfabot restore FILE")
	same(t, "files", []string{"staged"}, files(t, dir))
	key := must(config.ReadKey(i.KeyFile()))(t)
	note := []byte(`{"staged":"` + staged + `"}`)
	text := must(json.Marshal(sealed{note, key.SealOfRestore(note)}))(t)
	done(t, os.WriteFile(noteOf(i.Database), text, 0o600))
	if _, _, err := Finish(i.Settings); err == nil || !strings.Contains(err.Error(), "which no restore writes") {
		t.Errorf("with a seal it says %v", err)
	}
	same(t, "files", []string{"staged"}, files(t, dir))
}

// TestPlantedNoteOfRestore: a note that says what one of a restore would, and has not its seal, moves nothing, whatever it is changed
// in. A restore goes on over it.
func TestPlantedNoteOfRestore(t *testing.T) {
	t.Parallel()
	i, backup := saved(t)
	r, lock, err := begin(t.Context(), i.Settings, backup, monday, nil)
	done(t, err)
	for _, m := range r.moves()[:4] {
		done(t, m.do(t.Context()))
	}
	done(t, lock.Release())
	same(t, "pending", true, Pending(i.Settings))
	genuine, before := must(os.ReadFile(noteOf(i.Database)))(t), i.entries(i.Database)
	var in sealed
	done(t, json.Unmarshal(genuine, &in))
	for what, planted := range map[string]string{
		"no seal":     string(in.Note),
		"other words": strings.Replace(string(genuine), "backup.db", "another.db", 1),
		"other seal":  strings.Replace(string(genuine), in.Seal[:4], "0000", 1),
		"noise":       "noise",
	} {
		done(t, os.WriteFile(noteOf(i.Database), []byte(planted), 0o600))
		_, _, err := Finish(i.Settings)
		says(t, err, "was not written with the key beside the database, and nothing is done by it")
		same(t, "pending with "+what, false, Pending(i.Settings))
		same(t, "entries with "+what, before, i.entries(i.Database))
	}
	must(Restore(t.Context(), i.Settings, backup, monday, nil))(t)
	same(t, "entries", i.entries(backup), i.entries(i.Database))
}

// columns are those of the ledger.
func columns(t *testing.T, file string) (names []string) {
	t.Helper()
	db := must(sql.Open("sqlite3", file))(t)
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT name FROM pragma_table_info('inbound') ORDER BY cid`)
	done(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		done(t, rows.Scan(&name))
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestRestoreAsRoot: root makes no copy in a folder of somebody else's, who could put another file in its place; what root leaves there
// of a backup that lies elsewhere is theirs.
func TestRestoreAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	i, backup := saved(t)
	dir := filepath.Dir(i.Database)
	for _, name := range append(files(t, dir), "") {
		done(t, os.Chown(filepath.Join(dir, name), 65534, 65534))
	}
	before := files(t, dir)
	want := "the folder " + dir + " belongs to nobody, who could have root write elsewhere: run the command as that user, " +
		"with sudo -u nobody"
	_, err := Restore(t.Context(), i.Settings, backup, monday, nil)
	says(t, err, want, "nothing was changed")
	_, err = LookAt(t.Context(), i.Settings, backup, monday, nil)
	says(t, err, want)
	_, err = Write(t.Context(), i.Settings, filepath.Join(dir, "copy.db"), monday, nil)
	says(t, err, want)
	_, err = Folder{Dir: dir, Keep: 1}.Make(t.Context(), i.Settings, monday)
	says(t, err, want)
	same(t, "files", before, files(t, dir))

	must(Write(t.Context(), i.Settings, filepath.Join(t.TempDir(), "copy.db"), monday, nil))(t)
	same(t, "whose the note for the metrics is", "nobody", config.OwnerOf(i.BackupFile()))
}
