package config

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mfabot/intake"
	"mfabot/store"
)

// LoadKey reads the key that review codes are made and the audit is sealed with, and
// makes one where there is none. Without it a copy of the database is of no use to
// whoever would decide in a reviewer's place.
func LoadKey(path string) (store.SealKey, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := writeKey(path); err != nil {
		return store.SealKey{}, fmt.Errorf("key for review codes: %w", err)
	}
	return ReadKey(path)
}

// sealedMark stands below the key once the audit was sealed with it.
const sealedMark = "sealed"

// ReadKey reads a key in hexadecimal, and whether the audit was sealed with it. It
// returns fs.ErrNotExist where there is none.
func ReadKey(path string) (key store.SealKey, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("key for review codes: %w", err)
	}
	words := strings.Fields(string(text))
	key.Used = len(words) > 1 // two processes may have written the mark, or one a part of it
	if key.Secret, err = hex.DecodeString(strings.Join(words[:min(1, len(words))], "")); err != nil || len(key.Secret) < intake.KeySize {
		return store.SealKey{}, fmt.Errorf("key for review codes: %s holds no key: bring back the file that belongs to the database, "+
			"or remove this one: codes that reviewers have go on working, and review emails that were not sent yet cannot be", path)
	}
	return key, nil
}

// MarkSealed notes in the key's file that the audit was sealed with it. The file stays
// its owner's, whoever runs the command.
func MarkSealed(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = f.WriteString("\n" + sealedMark + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return fmt.Errorf("that the audit is sealed cannot be noted in its key: %w: make the file writable for mfabot", err)
	}
	return nil
}

// writeKey makes a key. Of several processes that do so at the same time the
// first one's stays, whole.
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
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
