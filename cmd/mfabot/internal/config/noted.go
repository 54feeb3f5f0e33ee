package config

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"mfabot/store"
	"mfabot/store/nearby"
)

// Beside the key lies a note of how far the audit of its database has come, sealed with the key, so that an older copy of the
// database is noticed: all that is in one is as mfabot wrote it. Where the key is a link, the note lies beside what that leads
// to: a folder that whoever can change the database's cannot.

// notedMark stands below a key beside which there was such a note.
const notedMark = "noted"

// ErrNoNote says that there is none, or none that was written with the key, and that there was one.
var ErrNoNote = errors.New("the note of how far the database has come is gone, or is not as mfabot wrote it")

// noted is the note as it stands in its file.
type noted struct {
	store.Noted
	Seal string `json:"seal"`
}

// NoteFile is the file of that note.
func (s *Settings) NoteFile() string { return noteBeside(s.KeyFile()) }

func noteBeside(keyFile string) string {
	if real, err := nearby.Real(keyFile); err == nil { // else the key cannot be read either
		keyFile = real
	}
	return keyFile + ".noted"
}

// readNoted reads the note beside a key; nil where there is none that was written with it.
func readNoted(keyFile string, key store.SealKey) *store.Noted {
	text, err := nearby.ReadOurs(noteBeside(keyFile))
	if err != nil {
		return nil
	}
	var n noted
	if json.Unmarshal(text, &n) != nil || !hmac.Equal([]byte(n.Seal), []byte(key.SealOf(n.Noted))) {
		return nil
	}
	return &n.Noted
}

// CheckNote returns ErrNoNote where there should be a note beside a key, and there is none.
func CheckNote(keyFile string) error {
	key, err := ReadKey(keyFile)
	if errors.Is(err, fs.ErrNotExist) || err == nil && key.Noted != nil {
		return nil
	}
	text, err := nearby.ReadOurs(keyFile)
	if err == nil && slices.Contains(strings.Fields(string(text)), notedMark) {
		err = fmt.Errorf("%w (%s)", ErrNoNote, noteBeside(keyFile))
	}
	return err
}

// WriteNoted writes the note, whatever it says now: for who puts another database in the place of the one that it is about.
func WriteNoted(keyFile string, n store.Noted) error {
	return ChangeNoted(keyFile, func(*store.Noted) (*store.Noted, error) { return &n, nil })
}

// ChangeNoted asks what the note beside a key is to say from now on, given what it says, and writes that: nil leaves it as it is.
// It is nil as well where there is none. No other process changes the note meanwhile.
func ChangeNoted(keyFile string, next func(had *store.Noted) (*store.Noted, error)) (err error) {
	if keyFile, err = nearby.Real(keyFile); err != nil {
		return err
	}
	held, err := nearby.OpenOurs(keyFile, os.O_RDONLY) // the note itself is another file each time
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }() // which gives up the lock
	if err := nearby.Flock(held, syscall.LOCK_EX); err != nil {
		return err
	}
	key, err := ReadKey(keyFile)
	if err != nil {
		return err
	}
	n, err := next(key.Noted)
	if err != nil || n == nil {
		return err
	}
	return writeNoted(keyFile, key, *n)
}

// writeNoted writes the note as a whole, or not at all, as the key's owner has it; and, once, in the key's file that there is one.
func writeNoted(keyFile string, key store.SealKey, n store.Noted) error {
	text, err := json.Marshal(noted{n, key.SealOf(n)})
	if err != nil {
		return err
	}
	if err := nearby.Replace(noteBeside(keyFile), append(text, '\n'), keyFile); err != nil {
		return err
	}
	return markNoted(keyFile)
}

// markNoted notes in the key's file, once, that there is a note. A file that cannot be written stays as it is: then nobody is told
// where the note is lost.
func markNoted(keyFile string) error {
	text, err := nearby.ReadOurs(keyFile)
	if err != nil || slices.Contains(strings.Fields(string(text)), notedMark) {
		return err
	}
	err = appendTo(keyFile, notedMark)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	return err
}

// MayNote returns an error where no note can be written beside the key, by this user or, where it is root, by whom the database's folder
// belongs to.
func (s *Settings) MayNote() error {
	const writeAndSearch = 0x2 | 0x1 // of access(2)
	dir := filepath.Dir(s.NoteFile())
	who, may := "", syscall.Access(dir, writeAndSearch) == nil
	if file, err := nearby.Real(s.Database); s.Server == nil && err == nil && may && os.Geteuid() == 0 {
		if folder := filepath.Dir(file); !nearby.OwnerMayMakeIn(folder, dir) {
			who, may = " by "+OwnerOf(folder), false
		}
	}
	if !may {
		return fmt.Errorf("nothing can be written in %s%s: it is not noted there how far the database has come, so that an older copy of "+
			"it in its place is not noticed at the next start", dir, who)
	}
	return nil
}
