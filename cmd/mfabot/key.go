package main

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
)

// loadKey reads the key that review codes are made and the audit is sealed with, and
// makes one where there is none. Without it a copy of the database is of no use to
// whoever would decide in a reviewer's place.
func loadKey(path string) ([]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := writeKey(path); err != nil {
		return nil, fmt.Errorf("key for review codes: %w", err)
	}
	return readKey(path)
}

// readKey reads a key in hexadecimal. It returns fs.ErrNotExist where there is none.
func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key for review codes: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < intake.KeySize {
		return nil, fmt.Errorf("key for review codes: %s holds no key: bring back the file that belongs to the database, "+
			"or remove this one: codes that reviewers have go on working, and review emails that were not sent yet cannot be", path)
	}
	return key, nil
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
