package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

// ErrKey says that a raw message is encrypted to a key that is not there.
var ErrKey = errors.New("it is encrypted")

// Key encrypts raw messages, and decrypts those that are encrypted.
type Key struct {
	file       string
	recipient  age.Recipient
	identities []age.Identity
}

// ReadKey reads a file that age-keygen wrote. The first identity in it encrypts and all of them decrypt, so
// that a new key goes above the one it replaces. No error reveals what is in the file.
func ReadKey(file string) (*Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	k := &Key{file: file}
	if k.identities, err = age.ParseIdentities(bytes.NewReader(text)); err == nil {
		switch first := k.identities[0].(type) {
		case *age.X25519Identity:
			k.recipient = first.Recipient()
		case *age.HybridIdentity:
			k.recipient = first.Recipient()
		}
	}
	if k.recipient == nil {
		return nil, fmt.Errorf("%s: expected a file as age-keygen writes it, with lines that begin with AGE-SECRET-KEY", file)
	}
	return k, nil
}

// UseKey has raw messages encrypted from now on, and decrypted. It must be called before anything else is
// done with the store.
func (s *Store) UseKey(k *Key) { s.rawKey = k }

// open decrypts what was encrypted to one of the identities; k may be nil.
func (k *Key) open(from io.Reader) (io.Reader, error) {
	if k == nil {
		return nil, fmt.Errorf("%w, and no key is configured: set age_identity_file to the file with its key", ErrKey)
	}
	content, err := age.Decrypt(from, k.identities...)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, fmt.Errorf("%w to a key that is not in %s: add the key that was used then to that file, below the first", ErrKey, k.file)
	}
	return content, err
}
