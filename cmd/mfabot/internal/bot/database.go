package bot

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

// Need is what a command needs of the database.
type Need int

const (
	// Existing is the need of commands that look, or act on what is on record: a mistyped path must not
	// create an empty database for them to find nothing in.
	Existing Need = iota
	// OrNew is grant's: it creates the database if need be, since a telephone call does not wait until the
	// mail servers of a new installation can be reached.
	OrNew
	// Verified is run's: it creates the database, or checks the one that is there.
	Verified
)

// OpenStore opens the database of the settings, which must exist, without a bot on it. The caller closes it.
func OpenStore(ctx context.Context, s *config.Settings) (*store.Store, error) {
	if err := findDatabase(ctx, s, Existing, nil); err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, s, nil)
	return db, Explained(s, err)
}

// openDatabase opens the database of the settings, on disk if that is not nil.
func openDatabase(ctx context.Context, s *config.Settings, disk driver.Driver) (db *store.Store, err error) {
	if disk != nil {
		db, err = store.OpenWith(ctx, s.Database, disk)
	} else {
		db, err = store.Open(ctx, s.Database)
	}
	if err == nil && s.Key != nil {
		db.UseKey(s.Key)
	}
	return db, err
}

// findDatabase returns an error unless the database is as a command needs it. It runs before anything is
// opened, created or changed.
func findDatabase(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) error {
	look := store.Inspect
	if n == Verified {
		look = store.Verify
	}
	if err := look(ctx, s.Database); !errors.Is(err, store.ErrMissing) {
		return Explained(s, err)
	}
	if n == Existing {
		return fmt.Errorf("there is no database %s: is the path in %s right? `mfabot run` creates it", s.Database, s.File)
	}
	if dir := filepath.Dir(s.Database); !exists(dir) {
		return fmt.Errorf("there is no folder %s for the database: is the path in %s right, and the disk mounted?", dir, s.File)
	}
	if key := s.KeyFile(); exists(key) {
		return fmt.Errorf("there is no database %s, but there was one, as its key %s still exists: "+
			"copy the newest backup to %s, or remove the key to start afresh", s.Database, key, s.Database)
	}
	log.Warn("creating a new database", "file", s.Database)
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Explained adds to an error of the database what it means and what to do about it. It returns other errors
// unchanged.
func Explained(s *config.Settings, err error) error {
	t := store.TroubleOf(err)
	if t == nil {
		return err
	}
	if t.Passes {
		return fmt.Errorf("%w\ndatabase %s: %s. What could not be recorded was left as it was: "+
			"put that right, then run the command again", err, s.Database, t.Hint)
	}
	words := strings.NewReplacer("DB", s.Database, "HINT", t.Hint).Replace(`database DB: HINT
mfabot has stopped, and has left the mailboxes as they are. To go on from a backup:
1. Move DB, and DB-wal and DB-shm where they are there, into another folder. Leave DB.key.
2. Copy the newest file that "mfabot backup" wrote to DB, as the user that runs mfabot.
3. Start "mfabot run". It reads what is still in the inbox. ` +
		`What was filed since the backup lies in Processed, Refused and Quarantine: move it back into the inbox, to have it read too.`)
	return fmt.Errorf("%w\n%s", err, words)
}
