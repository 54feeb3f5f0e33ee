package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/store"
	"mfabot/store/nearby"
)

// Made is a copy that was written.
type Made struct {
	store.Copied
	File   string
	Pruned []string // those that were removed for it
	Unsaid error    // why the metrics do not say when it was written; nil if they do
}

// Faulty says that a copy is whole, and that what is in it is not as mfabot wrote it, or cannot be told for want of its key.
type Faulty struct{ error }

// Unwrap returns what is wrong.
func (f Faulty) Unwrap() error { return f.error }

// Write writes a copy of the database into a new file, checks it, and notes for the metrics when that was if it is good. It
// returns an error that is Faulty where the copy was written but is not good, and fs.ErrExist where there is such a file.
func Write(ctx context.Context, s *config.Settings, file string, now time.Time, g *progress.Gauge) (Made, error) {
	made, err := write(ctx, s, file, g)
	if err == nil {
		made.Unsaid = note(s, now)
	}
	return made, err
}

func write(ctx context.Context, s *config.Settings, file string, g *progress.Gauge) (made Made, err error) {
	measured(g, s.Database, file)
	db := store.OpenToBackup(s.Database) // connections of its own: whoever writes does not wait
	done, err := db.Backup(ctx, file)
	if err := errors.Join(err, db.Close()); err != nil {
		return made, err
	}
	is, err := store.DescribeCopy(ctx, file)
	if err == nil {
		err = check(ctx, s, file, is.Have == is.Known, g)
	}
	if err != nil && !errors.As(err, new(Faulty)) {
		return made, errors.Join(fmt.Errorf("the copy: %w", err), os.Remove(file))
	}
	return Made{Copied: done, File: file}, err
}

// check returns an error unless a copy was sealed with the key of the settings, and its audit is intact, which can be told of
// one of this version. It changes nothing.
func check(ctx context.Context, s *config.Settings, file string, current bool, g *progress.Gauge) error {
	if err := checkKey(ctx, s, file); err != nil || !current {
		return err
	}
	db, err := store.OpenCopy(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(checkAudit(ctx, s, db, g), db.Close())
}

// checkKey returns an error where a copy is sealed, and the key of the settings is missing or another.
func checkKey(ctx context.Context, s *config.Settings, file string) error {
	key, missing := config.ReadKey(s.KeyFile())
	if missing != nil && !errors.Is(missing, fs.ErrNotExist) {
		return missing
	}
	sealed, err := store.SealedCopy(ctx, file, key.Secret)
	if err == nil && sealed && missing != nil {
		err = fs.ErrNotExist
	}
	switch {
	case errors.Is(err, store.ErrOtherKey):
		return Faulty{s.WrongKey(store.ErrOtherKey)}
	case errors.Is(err, fs.ErrNotExist):
		return Faulty{s.NoKeyOf("this copy")}
	}
	return err
}

// checkAudit is check for a database that is open.
func checkAudit(ctx context.Context, s *config.Settings, db *store.Store, g *progress.Gauge) error {
	key, err := config.ReadKey(s.KeyFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if key.Secret != nil {
		if _, err := db.FollowSeals(ctx, key); errors.Is(err, store.ErrRowsBare) {
			return Faulty{s.WrongKey(err)}
		} else if err != nil {
			return err
		}
	}
	key.Noted = nil // a copy is older than that
	g.Begin("checking the audit", 0)
	db.Walked = g.Of
	found, err := db.CheckAudit(ctx, key, "")
	if err != nil {
		return err
	}
	switch n := len(found.Faults) + len(found.Rows); {
	case n == 0:
		return nil
	case n == 1 && len(found.Rows) == 1:
		return Faulty{fmt.Errorf("what is in it is not as mfabot wrote it: %s", found.Rows[0])}
	default:
		return Faulty{fmt.Errorf("what is in it is not as mfabot wrote it: %d faults, which `mfabot audit verify` lists", n)}
	}
}

// note leaves word of when the database was copied, for the metrics: they have no other way to know.
func note(s *config.Settings, now time.Time) error {
	if err := nearby.Replace(s.BackupFile(), []byte(now.UTC().Format(time.RFC3339)+"\n"), s.Database); err != nil {
		return fmt.Errorf("mfabot_backup_last_success_timestamp_seconds stays as it was: %w", err)
	}
	return nil
}

// measured has a gauge follow how much of a file has been copied into another, which is checked then.
func measured(g *progress.Gauge, from, to string) {
	info, err := os.Stat(from)
	if err != nil {
		return // which the copy says
	}
	g.Measure("copying and checking", info.Size(), func() (done int64) {
		entries, _ := os.ReadDir(filepath.Dir(to))
		for _, e := range entries {
			if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), filepath.Base(to)+".") &&
				strings.HasSuffix(e.Name(), ".part") {
				done += info.Size()
			}
		}
		return done
	})
}
