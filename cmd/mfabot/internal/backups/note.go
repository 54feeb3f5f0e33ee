package backups

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
	"mfabot/store/nearby"
)

// Pending reports whether a restore of the database was cut short, or is being done: then there may be none, or half of one.
func Pending(s *config.Settings) bool {
	at, err := nearby.Real(s.Database)
	if err != nil {
		return false
	}
	note, there, err := readNote(at, s.KeyFile())
	return err == nil && there && exists(note.Staged)
}

// Finish goes through with a restore that was cut short, for whoever has the lock on the database. It returns what was
// restored since Told was called last, nil for nothing, and whether one was cut short before it had changed anything.
func Finish(s *config.Settings) (done *Restored, cut bool, err error) {
	database, err := nearby.Real(s.Database)
	if err != nil {
		return nil, false, err
	}
	left, err := leftBy(database)
	if err == nil {
		done, err = finish(database, s.KeyFile())
	}
	if err != nil || done != nil {
		return done, false, err
	}
	note, there, err := readNote(database, s.KeyFile())
	if there {
		done = &note
	}
	return done, len(left) > 0, err
}

// finish is Finish for a restore that was cut short after its note: it returns nil where there is none. What else was left
// lying is removed.
func finish(database, keyFile string) (done *Restored, err error) {
	note, there, err := readNote(database, keyFile)
	if err != nil {
		return nil, err
	}
	if there && exists(note.Staged) {
		for _, m := range swap(database, note) {
			if err := m.do(context.Background()); err != nil {
				return nil, fmt.Errorf("a restore of %s was cut short, and cannot be finished: %w", note.From, err)
			}
		}
		note.CutShort = true
		done = &note
	}
	return done, removeStaged(database)
}

// Told removes the note, once everybody was told what it says.
func Told(database string) error {
	database, err := nearby.Real(database)
	if err != nil {
		return err
	}
	return errors.Join(removeAll(noteOf(database)), nearby.SyncFolder(filepath.Dir(database)))
}

// sealed is the note as it stands in its file: sealed with the key, as whoever can only write there could otherwise have any copy of
// the database taken for one that was restored. Where there is no key, nothing is sealed.
type sealed struct {
	Note json.RawMessage `json:"note"`
	Seal string          `json:"seal"`
}

// errForeign says that a note is not as a restore with the key wrote it.
var errForeign = errors.New("it was not written with the key beside the database, and nothing is done by it")

// keyFor is the key that seals a note; an empty one where there is none.
func keyFor(keyFile string) (store.SealKey, error) {
	key, err := config.ReadKey(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return key, err
}

// opened returns what a note says whose seal fits, or errForeign.
func opened(key store.SealKey, text []byte) (note Restored, err error) {
	var in sealed
	if json.Unmarshal(text, &in) != nil || !hmac.Equal([]byte(in.Seal), []byte(key.SealOfRestore(in.Note))) {
		return note, errForeign
	}
	return note, json.Unmarshal(in.Note, &note)
}

// readNote reads the note, if there is one.
func readNote(database, keyFile string) (note Restored, there bool, err error) {
	text, err := nearby.ReadOurs(noteOf(database))
	if errors.Is(err, fs.ErrNotExist) {
		return note, false, nil
	}
	var key store.SealKey
	if err == nil {
		key, err = keyFor(keyFile)
	}
	if err == nil {
		note, err = opened(key, text)
	}
	if errors.Is(err, errForeign) {
		return note, true, fmt.Errorf("the note of a restore, %s: %w. If you restored a backup, give the command again: mfabot restore "+
			"FILE. If nobody did, see who can write in %s, and remove the note", noteOf(database), err, filepath.Dir(database))
	}
	if err == nil {
		note.Staged, err = beside(database, ".restoring-", note.Staged)
	}
	if err == nil && note.Aside != "" {
		note.Aside, err = beside(database, ".before-restore-", note.Aside)
	}
	if err != nil {
		return note, true, fmt.Errorf("the note of a restore, %s, cannot be read: %w; see that the database %s "+
			"is there, and remove the note", noteOf(database), err, database)
	}
	return note, true, nil
}

// beside is a file that a restore names so, beside the database and called like it, or an error for any other. A note may be
// somebody else's, and whoever runs a restore may do more than they.
func beside(database, kind, file string) (string, error) {
	when, is := strings.CutPrefix(filepath.Base(file), filepath.Base(database)+kind)
	if _, err := time.Parse(stamp, when); !is || err != nil {
		return "", fmt.Errorf("it names %q, which no restore writes", file)
	}
	return filepath.Join(filepath.Dir(database), filepath.Base(file)), nil
}

// writeNote writes it as a whole, or not at all.
func writeNote(database, keyFile string, note Restored) error {
	key, err := keyFor(keyFile)
	if err != nil {
		return err
	}
	says, err := json.Marshal(note)
	if err != nil {
		return err
	}
	text, err := json.Marshal(sealed{says, key.SealOfRestore(says)})
	if err != nil {
		return err
	}
	return nearby.Replace(noteOf(database), append(text, '\n'), database, database+".key")
}

// removeStaged removes what a restore leaves that has come to its end, or to nothing.
func removeStaged(database string) error {
	left, err := leftBy(database)
	return errors.Join(err, removeAll(left...))
}

// leftBy lists that.
func leftBy(database string) (left []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(database))
	name := filepath.Base(database)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), name+".restoring-") ||
			strings.HasPrefix(e.Name(), name+".restore.") && strings.HasSuffix(e.Name(), ".part") {
			left = append(left, filepath.Join(filepath.Dir(database), e.Name()))
		}
	}
	return left, err
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func removeAll(files ...string) error {
	var errs []error
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sameFile reports whether two names are of one file. The first must be there.
func sameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, fmt.Errorf("there is no file %s: expected a backup that mfabot wrote", a)
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), nil
}
