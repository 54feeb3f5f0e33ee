package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"mfabot/store"
)

// wanted is what a command wants of the database.
type wanted int

const (
	// existing: a command that looks, or acts on what is there, makes no database
	// where the path is mistyped, to find nothing in it.
	existing wanted = iota
	// orNew: grant makes one, since a telephone call does not wait until the mail
	// servers of a new installation are reached.
	orNew
	// verified: run makes one, and checks one that is there.
	verified
)

// findDatabase looks whether the database is as a command needs it, before
// anything is opened, made or changed.
func (s *settings) findDatabase(ctx context.Context, n wanted, config string, log *slog.Logger) error {
	look := store.Inspect
	if n == verified {
		look = store.Verify
	}
	if err := look(ctx, s.Database); !errors.Is(err, store.ErrMissing) {
		return s.explained(err)
	}
	if n == existing {
		return fmt.Errorf("there is no database %s: is the path in %s right? `mfabot run` makes it", s.Database, config)
	}
	if dir := filepath.Dir(s.Database); !exists(dir) {
		return fmt.Errorf("there is no folder %s for the database: is the path in %s right, and its disk there?", dir, config)
	}
	if key := s.keyFile(); exists(key) {
		return fmt.Errorf("there is no database %s, but there was one, since its key %s is there: "+
			"copy the newest backup to %s, or remove the key to begin anew", s.Database, key, s.Database)
	}
	log.Warn("a new database is made", "file", s.Database)
	return nil
}

// keyFile holds the key for review codes.
func (s *settings) keyFile() string { return s.Database + ".key" }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// explained adds to an error that comes of the database what it means and what to
// do. Other errors it returns as they are.
func (s *settings) explained(err error) error {
	t := store.TroubleOf(err)
	if t == nil {
		return err
	}
	if t.Passes {
		return fmt.Errorf("%w\ndatabase %s: %s. What could not be put on record was left as it was: once that is mended, do the same again", err, s.Database, t.Hint)
	}
	words := strings.NewReplacer("DB", s.Database, "HINT", t.Hint).Replace(`database DB: HINT
mfabot has stopped, and has left the mailboxes as they are. To go on from a backup:
1. Move DB, and DB-wal and DB-shm where they are there, into another folder. Leave DB.key.
2. Copy the newest file that "mfabot backup" wrote to DB, as the user that runs mfabot.
3. Start "mfabot run". It reads what is still in the inbox. What was filed since the backup lies in Processed, Refused and Quarantine: move it back into the inbox, to have it read too.`)
	return fmt.Errorf("%w\n%s", err, words)
}

// broken reports whether an error comes of a database that does not get better by
// trying again.
func broken(err error) bool {
	t := store.TroubleOf(err)
	return t != nil && !t.Passes
}

// troubles are what cannot be done because of the database, for as long as that
// lasts: its own record cannot hold them.
type troubles struct {
	log *slog.Logger
	mu  sync.Mutex
	of  map[string]error
}

// note takes down how it went with something.
func (t *troubles) note(what string, err error) {
	trouble := store.TroubleOf(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, before := t.of[what]
	switch {
	case trouble != nil:
		if !before {
			t.log.Error("the database is in trouble: what cannot be put on record stays in the mailbox, and is tried again", "at", what, "err", err, "hint", trouble.Hint)
		}
		if t.of == nil {
			t.of = make(map[string]error)
		}
		t.of[what] = err
	case err == nil && before:
		delete(t.of, what)
		t.log.Info("the database is well again", "at", what)
	}
}

// lines say what cannot be done now, and why.
func (t *troubles) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for what, err := range t.of {
		out = append(out, what+": "+err.Error()+" ("+store.TroubleOf(err).Hint+")")
	}
	slices.Sort(out)
	return out
}
