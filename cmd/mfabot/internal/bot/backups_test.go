package bot

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// TestBackupsOfTheBot: the bot copies its database when that is due. When it cannot, /readyz says why, the operator gets one email,
// and it goes on by itself once it can.
func TestBackupsOfTheBot(t *testing.T) {
	t.Parallel()
	c := newCutOff(t)
	dir := filepath.Join(t.TempDir(), "backups")
	c.bot.Settings.Backup = &config.Backup{Dir: dir, Every: 24 * time.Hour, Keep: 2}
	c.restart()
	count := func() int {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "mfabot-*.db"))
		done(t, err)
		return len(found)
	}
	wants := func(copies int, words ...string) {
		t.Helper()
		if n := count(); n != copies {
			t.Errorf("there are %d copies, expected %d", n, copies)
		}
		code, text := c.asks("/readyz")
		if (code == http.StatusOK) != (len(words) == 0) {
			t.Errorf("readyz: %d %s", code, text)
		}
		hasAll(t, text, words...)
	}
	tries := func(after time.Duration) {
		t.Helper()
		c.now, c.servers = c.now.Add(after), c.servers.Add(after)
		_ = c.bot.Settle(t.Context()) // which fails where the backup does
		c.doesAll()
	}
	alerts := func() (n int) {
		t.Helper()
		all, err := c.bot.Store.Outbound(t.Context())
		done(t, err)
		for _, o := range all {
			if o.Facts.Why == "backup" {
				n++
			}
		}
		return n
	}

	tries(0)
	wants(0, "backup: none could be made since", "there is no folder "+dir+" for backups")
	tries(16 * time.Minute)
	tries(16 * time.Minute)
	if n := alerts(); n != 1 {
		t.Errorf("there are %d alerts, expected one", n)
	}
	done(t, os.Mkdir(dir, 0o700))
	tries(time.Minute)
	wants(0, "backup: none could be made since") // it is not tried again at once
	tries(15 * time.Minute)
	wants(1)
	tries(23 * time.Hour)
	wants(1)
	for range 3 {
		tries(24 * time.Hour)
	}
	wants(2)
	c.restart() // when the last one was made the folder tells
	tries(time.Hour)
	wants(2)
	done(t, os.Rename(dir, dir+".away"))
	tries(24 * time.Hour)
	wants(0, "backup: none could be made since")
}

// TestOldCopiesOnRecord: that an old copy of the database was removed is on record, with who had it done; one that
// cannot be removed is not, and nothing of it is.
func TestOldCopiesOnRecord(t *testing.T) {
	t.Parallel()
	c := newCutOff(t)
	file := c.bot.Settings.Database + ".v1-20200101T000000Z"
	done(t, os.WriteFile(file, nil, 0o600))
	done(t, os.WriteFile(file+"-wal", nil, 0o600))
	done(t, os.MkdirAll(filepath.Join(file+"-shm", "full"), 0o700))
	over, err := backups.OverAt(c.bot.Settings, c.now)
	done(t, err)
	said := func() (purged []string) {
		all, err := c.bot.Store.History(t.Context(), "")
		done(t, err)
		for _, e := range all {
			if e.Event == intake.EventPurged {
				purged = append(purged, e.By+": "+e.Text)
			}
		}
		return purged
	}
	if err := PurgeCopies(t.Context(), c.bot, "Jo Hill", over); err == nil || len(said()) > 0 {
		t.Errorf("%v; on record: %q", err, said())
	}
	if _, err := os.Lstat(file + "-wal"); err != nil {
		t.Errorf("a part was removed where not all of it can be: %v", err)
	}
	done(t, os.RemoveAll(file+"-shm"))
	done(t, PurgeCopies(t.Context(), c.bot, "Jo Hill", over))
	want := []string{"Jo Hill: mfabot.db.v1-20200101T000000Z, over since 2020-01-31: a copy of the database as it was on 2020-01-01"}
	if diff := cmp.Diff(want, said()); diff != "" {
		t.Errorf("on record (-want +got):\n%s", diff)
	}
	if left, err := backups.OldOnes(c.bot.Settings); err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}
