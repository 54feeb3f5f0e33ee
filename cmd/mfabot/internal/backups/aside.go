package backups

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store/nearby"
)

// Old is a copy of the database beside it, from before it was brought up to date, or before a backup took its place. People whose data
// was purged or erased since are in it: so it is removed once the shortest time is over that the policy keeps anything.
type Old struct {
	File string
	Made time.Time
	Over time.Time // when it is removed
}

// keepOldFor is how long one is kept in any case: so long somebody may want to go back to it.
const keepOldFor = 7 * 24 * time.Hour

// OldOnes lists the copies of a database beside it, the oldest first: none of a server's.
func OldOnes(s *config.Settings) (all []Old, err error) {
	if s.Server != nil {
		return nil, nil
	}
	database, err := nearby.Real(s.Database)
	if err != nil {
		return nil, err
	}
	pattern := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(database)) + `\.(?:v\d+|before-restore)-(\d{8}T\d{6}Z)$`)
	entries, err := os.ReadDir(filepath.Dir(database))
	for _, e := range entries {
		found := pattern.FindStringSubmatch(e.Name())
		if found == nil || !e.Type().IsRegular() {
			continue
		}
		if made, err := time.Parse(stamp, found[1]); err == nil {
			all = append(all, Old{filepath.Join(filepath.Dir(database), e.Name()), made,
				made.Add(max(keepOldFor, s.Policy.Retention.Shortest()))})
		}
	}
	slices.SortFunc(all, func(a, b Old) int { return a.Made.Compare(b.Made) })
	return all, err
}

// OverAt lists those that are to be removed by a moment.
func OverAt(s *config.Settings, now time.Time) ([]Old, error) {
	all, err := OldOnes(s)
	return slices.DeleteFunc(all, func(o Old) bool { return o.Over.After(now) }), err
}

// Remove removes it, with what lies beside it; or nothing, where a part of it is no file.
func (o Old) Remove() error {
	parts := []string{o.File + "-wal", o.File + "-shm", o.File}
	for _, part := range parts {
		if info, err := os.Lstat(part); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder, and was to be a part of an old copy of the database: nothing of that was removed; "+
				"see who made it, and move it away", part)
		}
	}
	return removeAll(parts...)
}

// Told says in words that it is over, and since when.
func (o Old) Told() string {
	return fmt.Sprintf("over since %s: a copy of the database as it was on %s", o.Over.UTC().Format(time.DateOnly),
		o.Made.UTC().Format(time.DateOnly))
}

// Until says how many copies the schedule has made for this installation, and when the last of them is gone, where it goes on as it does.
func Until(s *config.Settings, instance string) (n int, last time.Time, err error) {
	if s.Backup == nil {
		return 0, last, nil
	}
	all, err := Folder{Dir: s.Backup.Dir, Keep: s.Backup.Keep}.list(instance)
	for _, k := range all {
		if k.faulty {
			continue
		}
		if n++; n == 1 {
			last = k.at.Add(time.Duration(s.Backup.Keep) * s.Backup.Every)
		}
	}
	return n, last, err
}
