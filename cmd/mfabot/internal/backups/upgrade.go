package backups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"mfabot/store"
)

// keepOld is how many copies from before the database was brought up to date are kept beside it.
const keepOld = 5

// BeforeUpgrade keeps a copy of a database of an older version beside it, before it is brought up to date. One that holds the
// same already is good enough: where bringing it up to date fails, that is tried again and again.
func BeforeUpgrade(ctx context.Context, file string, now time.Time, log *slog.Logger) error {
	is, err := store.Identify(ctx, file)
	if errors.Is(err, store.ErrMissing) || err == nil && is.Have >= is.Known {
		return nil
	}
	if err == nil {
		is, err = store.Describe(ctx, file)
	}
	if err != nil {
		return err
	}
	pattern := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(file)) + `\.v\d+-\d{8}T\d{6}Z$`)
	copies, err := oldCopies(file, pattern)
	if err != nil {
		return err
	}
	if len(copies) > 0 {
		if was, err := store.DescribeCopy(ctx, copies[0]); err == nil && was.Same(is) {
			log.Info("there is a copy of the database of before it is brought up to date", "file", copies[0], "from",
				is.Have, "to", is.Known)
			return nil
		}
	}
	to := fmt.Sprintf("%s.v%d-%s", file, is.Have, now.UTC().Format(stamp))
	err = room(filepath.Dir(file), is.Bytes)
	if err == nil {
		db := store.OpenToBackup(file)
		_, err = db.Backup(ctx, to)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		return fmt.Errorf("the database %s is of version %d and is to be brought to %d, and no copy of it could be kept before that, "+
			"so it was left as it is: %w; make room in %s and see that it can be written, and start again, or go on with the older version",
			file, is.Have, is.Known, err, filepath.Dir(file))
	}
	log.Info("a copy of the database was kept, as it is brought up to date", "file", to, "from", is.Have, "to", is.Known)
	for _, old := range copies[min(len(copies), keepOld-1):] {
		if err := os.Remove(old); err != nil {
			log.Warn("an older copy of the database could not be removed", "err", err)
			continue
		}
		log.Info("an older copy of the database was removed: the newest are kept", "file", old, "kept", keepOld)
	}
	return nil
}

// oldCopies lists those that were kept before, the newest first.
func oldCopies(file string, pattern *regexp.Regexp) (copies []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(file))
	for _, e := range entries {
		if e.Type().IsRegular() && pattern.MatchString(e.Name()) {
			copies = append(copies, filepath.Join(filepath.Dir(file), e.Name()))
		}
	}
	made := func(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }
	slices.SortFunc(copies, func(a, b string) int { return cmp.Compare(made(b), made(a)) })
	return copies, err
}
