package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
	"mfabot/store/nearby"
)

// Need is what a command needs of the database.
type Need int

const (
	// Looking is the need of commands that only look: they change nothing, not even the schema, and make no key.
	Looking Need = iota
	// Existing is the need of commands that act on what is on record: a mistyped path must not create an empty
	// database for them to find nothing in. They leave the schema as it is, which may be that of a running bot.
	Existing
	// OrNew is grant's: it is Existing, but creates the database if there is none, since a telephone call does
	// not wait until the mail servers of a new installation can be reached.
	OrNew
	// Verified is run's: it creates the database, or checks the one that is there and brings it up to date, and
	// is the only one that runs on it.
	Verified
)

// OpenStore opens the database of the settings for looking, without a bot on it: what is sealed is read only where its
// seal fits. The caller closes it.
func OpenStore(ctx context.Context, s *config.Settings) (*store.Store, error) {
	db, err := OpenUnchecked(ctx, s)
	if err != nil {
		return nil, err
	}
	if _, err := follow(ctx, s, db); err != nil {
		return nil, ExplainedFor(s, Looking, errors.Join(err, db.Close()))
	}
	return db, nil
}

// OpenUnchecked is OpenStore for who looks at nothing that is sealed, or checks the seals themselves.
func OpenUnchecked(ctx context.Context, s *config.Settings) (*store.Store, error) {
	if err := findDatabase(ctx, s, Looking, nil); err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, s, Surroundings{}, Looking)
	return db, ExplainedFor(s, Looking, err)
}

// FindToBackup returns an error unless there is a database that can be copied, whichever version wrote it.
func FindToBackup(ctx context.Context, s *config.Settings) error {
	return findDatabase(ctx, s, Looking, nil)
}

// openDatabase opens the database of the settings as a command needs it, which it was found to be; on a disk if there is one
// around. Before it is brought up to date a copy of it is kept.
func openDatabase(ctx context.Context, s *config.Settings, around Surroundings, n Need) (db *store.Store, err error) {
	if s.Server != nil {
		db, err = openServer(ctx, s, n)
		if err == nil && s.Key != nil {
			db.UseKey(s.Key)
		}
		return db, err
	}
	if n == Verified {
		if err := backups.BeforeUpgrade(ctx, s.Database, around.Clock(), around.Log); err != nil {
			return nil, err
		}
	}
	switch {
	case around.Disk != nil:
		db, err = store.OpenWith(ctx, s.Database, around.Disk)
	case n == Looking:
		db, err = store.OpenToRead(ctx, s.Database)
	case n == Existing:
		db, err = store.OpenCurrent(ctx, s.Database)
	default:
		db, err = store.Open(ctx, s.Database)
	}
	if err == nil && s.Key != nil {
		db.UseKey(s.Key)
	}
	return db, err
}

// openServer is openDatabase for a database of a server's.
func openServer(ctx context.Context, s *config.Settings, n Need) (*store.Store, error) {
	switch n {
	case Looking:
		return s.Server.OpenToRead(ctx)
	case Existing:
		return s.Server.OpenCurrent(ctx)
	case OrNew:
		return s.Server.Open(ctx)
	case Verified:
	}
	db, err := s.Server.OpenAlone(ctx, holder(s))
	if held := new(nearby.LockedError); errors.As(err, &held) {
		return nil, occupied(held)
	}
	return db, err
}

// findInServer is findDatabase for a database of a server's.
func findInServer(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) error {
	err := s.Server.Inspect(ctx)
	key := s.KeyFile()
	switch {
	case !errors.Is(err, store.ErrMissing):
		return ExplainedFor(s, n, err)
	case exists(key):
		return fmt.Errorf("there is nothing of mfabot's in the database %s, but there was, as its key %s still exists: "+
			"is the URL in %s right? Else put the newest copy in its place. To start afresh, move the key into another folder: "+
			"copies need it, so never delete it",
			s.Database, key, s.File)
	case n == Looking || n == Existing:
		return fmt.Errorf("there is nothing of mfabot's in the database %s: is the URL in %s right? `mfabot migrate` and `mfabot run` "+
			"make what is needed", s.Database, s.File)
	}
	log.Warn("creating the tables of a new database", "database", s.Database)
	return nil
}

// isThere reports whether there is a database: on a server one cannot tell without asking, which whoever opens it does.
func isThere(s *config.Settings) bool { return s.Server != nil || exists(s.Database) }

// findDatabase returns an error unless the database is as a command needs it. It runs before anything is
// opened, created or changed.
func findDatabase(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) error {
	if s.Server != nil {
		return findInServer(ctx, s, n, log)
	}
	if n != Verified && backups.Pending(s) {
		return fmt.Errorf("the database %s is being restored, or a restore of it was cut short: nothing was "+
			"changed; `mfabot run` finishes it", s.Database)
	}
	if _, err := nearby.Real(s.Database); err != nil {
		return err
	}
	look := store.Inspect
	if n == Verified {
		look = store.Verify
	}
	if err := look(ctx, s.Database); !errors.Is(err, store.ErrMissing) {
		return ExplainedFor(s, n, permitted(s, err))
	}
	key := s.KeyFile()
	if n == Looking || n == Existing {
		if exists(key) {
			return fmt.Errorf("there is no database %s, but there was one, as its key %s still exists: is the path in %s right? "+
				"Else put the newest backup in its place: mfabot restore FILE", s.Database, key, s.File)
		}
		return fmt.Errorf("there is no database %s: is the path in %s right? `mfabot run` creates it", s.Database, s.File)
	}
	if dir := filepath.Dir(s.Database); !exists(dir) {
		return fmt.Errorf("there is no folder %s for the database: is the path in %s right, and the disk mounted?", dir, s.File)
	}
	if exists(key) {
		return fmt.Errorf("there is no database %s, but there was one, as its key %s still exists: "+
			"put the newest backup in its place: mfabot restore FILE. To start afresh, move the key into another folder: backups need it, "+
			"so never delete it", s.Database, key)
	}
	log.Warn("creating a new database", "file", s.Database)
	return nil
}

// CheckKey returns what is wrong with the key beside the database, where there is one: it is missing, cannot be read, or
// is another's. It changes nothing. What is wrong with the database itself, run says.
func CheckKey(ctx context.Context, s *config.Settings) (err error) {
	if !isThere(s) {
		return nil
	}
	db, broken := OpenUnchecked(ctx, s)
	if broken != nil {
		_, err := config.ReadKey(s.KeyFile())
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return permitted(s, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := follow(ctx, s, db); err != nil || exists(s.KeyFile()) {
		return err
	}
	sealed, err := db.Sealed(ctx)
	if err == nil && sealed {
		err = s.WrongKey(fs.ErrNotExist)
	}
	return err
}

// CheckNote returns an error where the database of the settings has not come as far as it is noted beside the key, as an older copy
// was put in its place. It changes nothing. What is wrong with the database or the key, others say.
func CheckNote(ctx context.Context, s *config.Settings) (err error) {
	key, unread := config.ReadKey(s.KeyFile())
	if unread != nil || key.Noted == nil || !isThere(s) {
		return nil
	}
	db, broken := OpenUnchecked(ctx, s)
	if broken != nil {
		return nil
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	short, err := db.ShortOf(ctx, *key.Noted)
	if err == nil && short != nil {
		err = fmt.Errorf("database %s: an older copy was put in its place: %s", s.Database,
			shortBy(func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") }, *key.Noted, short))
	}
	return err
}

// permitted adds to an error of a file that may not be used whose it is, and that of all others that the database needs. It returns
// other errors unchanged.
func permitted(s *config.Settings, err error) error {
	var denied *fs.PathError
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &denied) {
		return err
	}
	if words := othersOwn(s, denied.Path); words != "" {
		err = fmt.Errorf("%w\n%s", err, words)
	}
	return err
}

// othersOwn says which of some files, and of those that the database needs, belong to somebody else and cannot be used, and what to
// do about it. It is empty if there are none.
func othersOwn(s *config.Settings, files ...string) string {
	const use = 4 | 2 // read and write
	folder, us := filepath.Dir(s.KeyFile()), config.OwnName()
	var paths, names, owners []string
	files = append(files, folder, s.KeyFile())
	if s.Server == nil {
		files = append(files, s.Database, s.Database+".lock", s.Database+"-wal", s.Database+"-shm")
	}
	for _, path := range files {
		owner := config.OwnerOf(path)
		if owner == "" || owner == us || slices.Contains(paths, path) || syscall.Access(path, use) == nil {
			continue
		}
		paths, names = append(paths, path), append(names, filepath.Base(path))
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	runs := cmp.Or(config.OwnerOf(folder), us)
	if runs == "root" {
		runs = us
	}
	belong := paths[0] + " belongs"
	if len(paths) > 1 {
		belong = fmt.Sprintf("%s in %s belong", strings.Join(names, ", "), folder)
	}
	words := fmt.Sprintf("%s to %s, and this is %s: run every command as the user that runs the bot", belong,
		strings.Join(owners, " and "), us)
	if len(owners) == 1 && owners[0] == runs {
		return words + ", with sudo -u " + runs
	}
	return words + ". To give that user the files: sudo chown " + runs + " " + strings.Join(paths, " ")
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Explained adds to an error of the database that ended the bot what it means and what to do about it. It returns other
// errors unchanged.
func Explained(s *config.Settings, err error) error { return ExplainedFor(s, Verified, err) }

// ExplainedServer adds to an error of a server's database what it means, for a command that goes no further.
func ExplainedServer(err error) error {
	if t := store.TroubleOf(err); t != nil {
		return fmt.Errorf("%w (%s)", err, t.Hint)
	}
	return err
}

// ExplainedFor is Explained for a command with that need of the database, beside which a bot may run.
func ExplainedFor(s *config.Settings, n Need, err error) error {
	t := store.TroubleOf(err)
	if t == nil {
		return err
	}
	if t.Passes {
		if words := othersOwn(s); words != "" {
			err = fmt.Errorf("%w\n%s", err, words)
		}
		return fmt.Errorf("%w\ndatabase %s: %s. What could not be recorded was left as it was: "+
			"put that right, then run the command again", err, s.Database, t.Hint)
	}
	done, first := "mfabot has stopped, and has left the mailboxes as they are", ""
	switch n {
	case Verified:
	case Looking:
		done, first = "this command changed nothing", "Stop the bot where it runs, and then: "
	case Existing, OrNew:
		done, first = "this command went no further", "Stop the bot where it runs, and then: "
	}
	if s.Server != nil {
		return fmt.Errorf("%w\ndatabase %s: %s\n%s. To go on from a copy, see docs/postgresql.md", err, s.Database, t.Hint, done)
	}
	words := strings.NewReplacer("DB", s.Database, "HINT", t.Hint, "DONE", done, "FIRST", first).Replace(`database DB: HINT
DONE. To go on from a backup:
1. FIRST"mfabot restore FILE", with the newest file that "mfabot backup" wrote, as the user that runs mfabot. It keeps what is in DB.
2. Start "mfabot run". It reads what is still in the inbox. ` +
		`What was filed since the backup lies in Processed, Refused and Quarantine: move it back into the inbox, to have it read too.`)
	return fmt.Errorf("%w\n%s", err, words)
}
