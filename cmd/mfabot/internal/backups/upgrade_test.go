package backups

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/store"
)

// TestBeforeUpgrade: a database of an older version is copied before it is brought up to date, as it was, and the log names
// the copy. One of this version is not.
func TestBeforeUpgrade(t *testing.T) {
	t.Parallel()
	i := frozen(t)
	is := must(store.Describe(t.Context(), i.Database))(t)
	if is.Have >= is.Known || is.Messages == 0 {
		t.Fatalf("the frozen database is %+v", is)
	}
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	done(t, BeforeUpgrade(t.Context(), i.Database, monday, log))
	kept := fmt.Sprintf("%s.v%d-20261130T090000Z", i.Database, is.Have)
	same(t, "permissions", os.FileMode(0o600), must(os.Stat(kept))(t).Mode())
	if was := must(store.DescribeCopy(t.Context(), kept))(t); !was.Same(is) {
		t.Errorf("the copy is %+v, of %+v", was, is)
	}
	if !strings.Contains(said.String(), filepath.Base(kept)) {
		t.Errorf("the log says %s", said.String())
	}

	// Where bringing it up to date fails, that is tried again: the same copy will do.
	done(t, BeforeUpgrade(t.Context(), i.Database, monday.Add(time.Minute), log))
	same(t, "copies", 1, len(copies(t, i)))

	db := must(store.Open(t.Context(), i.Database))(t)
	done(t, db.Close())
	done(t, BeforeUpgrade(t.Context(), i.Database, monday.Add(time.Hour), log))
	same(t, "copies, once it is up to date", 1, len(copies(t, i)))
	done(t, BeforeUpgrade(t.Context(), filepath.Join(t.TempDir(), "mfabot.db"), monday, log)) // there is none yet
}

// TestBeforeUpgradeKeepsFew: the newest five are kept, and nothing else is removed.
func TestBeforeUpgradeKeepsFew(t *testing.T) {
	t.Parallel()
	i := frozen(t)
	done(t, os.WriteFile(i.Database+".v1-20200101T000000Z.mine", nil, 0o600))
	done(t, os.WriteFile(i.Database+"x.v1-20200101T000000Z", nil, 0o600))
	for day := range keepOld + 2 {
		done(t, BeforeUpgrade(t.Context(), i.Database, monday.AddDate(0, 0, day), slog.New(slog.DiscardHandler)))
		tampers(t, i.Database, `INSERT INTO counter (name, value) VALUES ('`+fmt.Sprint(day)+`', 1)`,
			`INSERT INTO inbound SELECT NULL, mailbox, uidvalidity, uid + 100000, `+rest(t, i)+` FROM inbound ORDER BY id DESC LIMIT 1`)
	}
	all := copies(t, i)
	same(t, "copies", keepOld, len(all))
	if !strings.HasSuffix(all[0], "20261202T090000Z") {
		t.Errorf("the oldest is %s", all[0])
	}
	same(t, "files", keepOld+4, len(files(t, filepath.Dir(i.Database)))) // with the database, its key and two others
}

// TestBeforeUpgradeFails: without a copy nothing is brought up to date.
func TestBeforeUpgradeFails(t *testing.T) {
	t.Parallel()
	i := frozen(t)
	is := must(store.Describe(t.Context(), i.Database))(t)
	done(t, os.Mkdir(fmt.Sprintf("%s.v%d-20261130T090000Z", i.Database, is.Have), 0o700))
	err := BeforeUpgrade(t.Context(), i.Database, monday, slog.New(slog.DiscardHandler))
	says(t, err, "no copy of it could be kept before that, so it was left as it is", "make room", "go on with the older version")
	if now := must(store.Describe(t.Context(), i.Database))(t); !now.Same(is) {
		t.Errorf("it is %+v now", now)
	}
	if err := room(t.TempDir(), 1<<60); store.TroubleOf(err) == nil || !store.TroubleOf(err).Passes {
		t.Errorf("without room the error is %v", err)
	}
}

// copies are those of before an upgrade, the oldest first.
func copies(t *testing.T, i installation) (all []string) {
	t.Helper()
	for _, name := range files(t, filepath.Dir(i.Database)) {
		if strings.HasPrefix(name, "mfabot.db.v") && strings.HasSuffix(name, "Z") {
			all = append(all, name)
		}
	}
	return all
}

// rest are the other columns of the ledger, whichever version made it.
func rest(t *testing.T, i installation) string {
	t.Helper()
	return strings.Join(columns(t, i.Database)[4:], ", ")
}
