// Package backups keeps copies of the database: before it is brought up to date, and every day in a folder; and puts one in
// the place of a database that is lost.
package backups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/progress"
	"mfabot/store"
	"mfabot/store/nearby"
)

// Folder is where copies of the database are kept. Only what it wrote itself is ever removed from it: that is known by the
// whole of a name, with the installation's own in it.
type Folder struct {
	Dir  string
	Keep int // so many good ones
	// Gauge is told how far a copy has come; nil: nobody is.
	Gauge *progress.Gauge
}

// keepFaulty is how many copies are kept in which something is not as mfabot wrote it: for whoever looks into that. They
// take the place of no good one.
const keepFaulty = 3

// stamp is how a moment stands in a name.
const stamp = "20060102T150405Z"

// kept is a copy in a folder.
type kept struct {
	file   string
	at     time.Time
	faulty bool
}

// Usable returns an error unless the folder is there, as it may be that of a disk which is not, and this user may write to it.
func (f Folder) Usable() error {
	if info, err := os.Stat(f.Dir); err != nil || !info.IsDir() {
		whole, err := filepath.Abs(f.Dir)
		if err != nil {
			whole = f.Dir
		}
		return fmt.Errorf("there is no folder %s for backups: make it, or mount its disk", whole)
	}
	const readWriteEnter = 0x4 | 0x2 | 0x1 // of access(2)
	if err := syscall.Access(f.Dir, readWriteEnter); err != nil {
		return fmt.Errorf("this user may not write to the folder %s for backups (%w): give it to the user that runs mfabot, with chown",
			f.Dir, err)
	}
	return nil
}

// Make writes a copy, checks it, and only then gives it its name; if it is good, the oldest ones go beyond those to be kept.
// It returns an error that is Faulty where the copy was written but is not good.
func (f Folder) Make(ctx context.Context, s *config.Settings, now time.Time) (made Made, err error) {
	if err := f.Usable(); err != nil {
		return made, err
	}
	if err := nearby.RootAlone(f.Dir); err != nil {
		return made, err
	}
	is, err := store.Identify(ctx, s.Database)
	if err != nil {
		return made, err
	}
	if strings.Trim(is.Instance, "0123456789abcdef") != "" {
		return made, fmt.Errorf("the database calls itself %q, which is no name that mfabot gives: somebody else has written it",
			is.Instance)
	}
	lock, err := nearby.TakeLock(filepath.Join(f.Dir, "mfabot-"+is.Instance), fmt.Sprintf("process %d", os.Getpid()))
	if held := new(nearby.LockedError); errors.As(err, &held) {
		return made, fmt.Errorf("another backup is being written into %s, by %s", f.Dir, cmp.Or(held.Holder, "another process"))
	}
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := f.clear(is.Instance); err != nil {
		return made, err
	}
	if err := room(f.Dir, is.Bytes); err != nil {
		return made, err
	}
	name := filepath.Join(f.Dir, fmt.Sprintf("mfabot-%s-%s", is.Instance, now.UTC().Format(stamp)))
	if made, err = write(ctx, s, name+unfinished, f.Gauge); err != nil && !errors.As(err, new(Faulty)) {
		return made, err
	}
	faulty, ending := err, ".db"
	if faulty != nil {
		ending = faultyEnding
	}
	if err := settle(name+unfinished, name+ending); err != nil {
		return made, errors.Join(faulty, err)
	}
	made.File = name + ending
	if faulty == nil {
		made.Unsaid = note(s, now)
	}
	made.Pruned, err = f.prune(is.Instance, kept{made.File, now.UTC().Truncate(time.Second), faulty != nil})
	return made, errors.Join(faulty, err)
}

// How the names of copies end that are not whole yet, and of those in which something is wrong.
const (
	unfinished   = ".new"
	faultyEnding = ".faulty.db"
)

// settle gives a file its name, where no other has it.
func settle(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return errors.Join(&fs.PathError{Op: "backup", Path: to, Err: fs.ErrExist}, os.Remove(from))
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return nearby.SyncFolder(filepath.Dir(to))
}

// Newest is when the newest good copy was made that this installation has there; zero for none. One of a clock that was ahead
// does not count.
func (f Folder) Newest(instance string, now time.Time) (time.Time, error) {
	all, err := f.list(instance)
	for _, k := range all {
		if !k.faulty && !k.at.After(now) {
			return k.at, err
		}
	}
	return time.Time{}, err
}

// list returns what this installation wrote there, the newest first.
func (f Folder) list(instance string) (all []kept, err error) {
	pattern := regexp.MustCompile(`^mfabot-` + regexp.QuoteMeta(instance) + `-(\d{8}T\d{6}Z)(\.faulty)?\.db$`)
	entries, err := os.ReadDir(f.Dir)
	for _, e := range entries {
		found := pattern.FindStringSubmatch(e.Name())
		if found == nil || !e.Type().IsRegular() {
			continue
		}
		if at, err := time.Parse(stamp, found[1]); err == nil {
			all = append(all, kept{filepath.Join(f.Dir, e.Name()), at, found[2] != ""})
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(b.at.Compare(a.at), strings.Compare(a.file, b.file)) })
	return all, err
}

// prune removes the oldest copies of the kind of a new one, beyond those to be kept. The new one stays, whatever the clock says.
func (f Folder) prune(instance string, made kept) (pruned []string, err error) {
	all, err := f.list(instance)
	if err != nil {
		return nil, err
	}
	left := f.Keep - 1
	if made.faulty {
		left = keepFaulty - 1
	}
	for _, k := range all {
		if k.faulty != made.faulty || k.file == made.file {
			continue
		}
		if left--; left >= 0 {
			continue
		}
		if err := os.Remove(k.file); err != nil {
			return pruned, fmt.Errorf("an older backup could not be removed: %w", err)
		}
		pruned = append(pruned, k.file)
	}
	return pruned, nil
}

// clear removes what a backup left that was cut short. The lock says that none is being written.
func (f Folder) clear(instance string) error {
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	cut := regexp.MustCompile(`^mfabot-` + regexp.QuoteMeta(instance) + `-\d{8}T\d{6}Z` + regexp.QuoteMeta(unfinished) + `(\.\d+\.part)?$`)
	for _, e := range entries {
		if e.Type().IsRegular() && cut.MatchString(e.Name()) {
			if err := os.Remove(filepath.Join(f.Dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// room returns a store.Trouble unless so many bytes have room in a folder.
func room(dir string, bytes int64) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return fmt.Errorf("free space of %s: %w", dir, err)
	}
	if free := int64(s.Bavail) * s.Bsize; free < bytes { //nolint:gosec // bytes of a disk
		return store.Full(fmt.Errorf("%d MB are free in %s, and a copy of the database takes %d MB", free>>20, dir, (bytes>>20)+1))
	}
	return nil
}
