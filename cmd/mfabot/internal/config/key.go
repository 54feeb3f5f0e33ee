package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/store"
	"mfabot/store/nearby"
)

// LoadKey reads the key that makes the review codes and seals the audit, and creates it if there is none.
// Nobody who has only a copy of the database can decide in a reviewer's place.
func LoadKey(path string) (store.SealKey, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := writeKey(path); err != nil {
		return store.SealKey{}, fmt.Errorf("key beside the database: %w", err)
	}
	return ReadKey(path)
}

// These stand below a key with which the audit was sealed, and with which the rows were that the bot acts on; before the
// last of them what the rows were when that began.
const (
	sealedMark = "sealed"
	begunMark  = "begun:"
	rowsMark   = "rows"
)

// ErrUnmarked says that the key's file cannot be written, and what to do.
var ErrUnmarked = errors.New("cannot note in the key what is sealed")

// ReadKey reads a key in hexadecimal, and what was sealed with it. It returns fs.ErrNotExist if
// there is no file.
func ReadKey(path string) (key store.SealKey, err error) {
	text, err := nearby.ReadOurs(path)
	if err != nil {
		return key, fmt.Errorf("key beside the database: %w", err)
	}
	words := strings.Fields(string(text))
	key.Used = len(words) > 1 // two processes may have written the mark, or one only part of it
	key.Rows = slices.Contains(words, rowsMark)
	for _, word := range words {
		if content, found := strings.CutPrefix(word, begunMark); found {
			key.Begun = content
		}
	}
	key.Secret, err = hex.DecodeString(strings.Join(words[:min(1, len(words))], ""))
	if err != nil || len(key.Secret) < intake.KeySize {
		return store.SealKey{}, fmt.Errorf("key beside the database: %s does not contain a key: "+
			"restore the file that belongs to the database", path)
	}
	key.Noted = readNoted(path, key)
	return key, nil
}

// WrongKey says what to do about a key that does not belong to the database. It returns other errors unchanged.
func (s *Settings) WrongKey(err error) error {
	restore := "copy back the key that belongs to the database, from where you keep it"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.NoKeyOf("the database " + s.Database)
	case errors.Is(err, store.ErrOtherKey):
		return fmt.Errorf("%w than %s: %s; nobody need have changed anything", err, s.KeyFile(), restore)
	case errors.Is(err, store.ErrRowsBare):
		return fmt.Errorf("%w: somebody has taken them away, or %s is a backup of before they were sealed. "+
			"If it is, remove the line rows from %s and start again", err, s.Database, s.KeyFile())
	case errors.Is(err, store.ErrRowsChanged):
		return fmt.Errorf("%w: see who can write to %s. To have it sealed as it is now, remove the line rows from %s and start again",
			err, s.Database, s.KeyFile())
	}
	return err
}

// NoKeyOf says that what was sealed with a key has none.
func (s *Settings) NoKeyOf(what string) error {
	return fmt.Errorf("there is no key %s, and %s was sealed with one: copy back the key that belongs to the database, from where "+
		"you keep it", s.KeyFile(), what)
}

// MarkSealed notes in the key's file that the audit was sealed with it, and that the rows are, with their content as it
// is before that; it is empty for rows that are sealed. The file keeps its owner, whoever runs the command. It returns
// ErrUnmarked if the file cannot be written.
func MarkSealed(path, content string) error {
	marks := []string{sealedMark, rowsMark} // the rows' is the last: without it the others say nothing of rows
	if content != "" {
		marks = slices.Insert(marks, 1, begunMark+content)
	}
	if err := appendTo(path, marks...); err != nil {
		return fmt.Errorf("%w: %w: make the file writable for mfabot, or add these lines to it: %s", ErrUnmarked, err,
			strings.Join(marks, " "))
	}
	return nil
}

// appendTo adds lines to a key's file.
func appendTo(path string, lines ...string) error {
	file, err := nearby.Real(path)
	if err != nil {
		return err
	}
	f, err := nearby.OpenOurs(file, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return err
	}
	return writeAndClose(f, "\n"+strings.Join(lines, "\n")+"\n")
}

// writeAndClose writes a text at the end of a file, safe on the disk, and closes it.
func writeAndClose(f *os.File, text string) error {
	_, err := f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// writeKey creates a key. If several processes do so at the same time, the key of the first stays, whole.
func writeKey(path string) error {
	key := make([]byte, intake.KeySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // for its owner only
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	err = nearby.OwnedLike(f, strings.TrimSuffix(path, ".key"))
	if err := errors.Join(err, writeAndClose(f, hex.EncodeToString(key)+"\n")); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
