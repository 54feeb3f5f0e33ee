package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"mfabot/store"
)

// noise is bytes that no compression changes.
func noise(t *testing.T, n int, seed byte) []byte {
	t.Helper()
	b := make([]byte, n)
	must(rand.NewChaCha8([32]byte{seed}).Read(b))(t)
	return b
}

// addRaw stores a message with these bytes.
func addRaw(t *testing.T, s *store.Store, uid uint32, content []byte) (id int64) {
	t.Helper()
	m := message(uid, fmt.Sprint("message ", uid))
	m.Raw = content
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
	return m.ID
}

// keyFile writes a file as age-keygen does.
func keyFile(t *testing.T, identities ...fmt.Stringer) string {
	t.Helper()
	text := "# created: 2026-03-02T12:00:00Z\n"
	for _, i := range identities {
		text += i.String() + "\n"
	}
	file := filepath.Join(t.TempDir(), "age.key")
	ok(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// withKey opens a database with a key; "" for none.
func withKey(t *testing.T, file, key string) *store.Store {
	t.Helper()
	s := inFile(file)(t)
	if key != "" {
		s.UseKey(must(store.ReadKey(key))(t))
	}
	return s
}

// TestEncrypted: with a key nothing of a raw message is in the files of a database.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	key := keyFile(t, must(age.GenerateX25519Identity())(t))
	content := noise(t, 1<<20, 1)
	for _, c := range []struct {
		key   string
		found bool
	}{{"", true}, {key, false}} {
		file := filepath.Join(t.TempDir(), "mfabot.db")
		s := withKey(t, file, c.key)
		id := addRaw(t, s, 1, content)
		found := false
		for _, name := range must(filepath.Glob(file + "*"))(t) {
			stored := must(os.ReadFile(name))(t)
			for at := 0; at < len(content); at += 1000 {
				found = found || bytes.Contains(stored, content[at:at+20])
			}
		}
		if found != c.found {
			t.Errorf("with the key %q: the content is found in the files: %v", c.key, found)
		}
		if !bytes.Equal(raw(t, s, id), content) {
			t.Errorf("with the key %q: it came back as something else", c.key)
		}
	}
}

// TestKeys: what was stored with a key, or without, is read as long as the key is in
// the file, and else says what to do.
func TestKeys(t *testing.T) {
	t.Parallel()
	first, second, quantum := must(age.GenerateX25519Identity())(t), must(age.GenerateX25519Identity())(t),
		must(age.GenerateHybridIdentity())(t)
	keys := []string{"", keyFile(t, first), keyFile(t, second, first), keyFile(t, quantum)}
	file := filepath.Join(t.TempDir(), "mfabot.db")
	var ids []int64
	for i, key := range keys {
		ids = append(ids, addRaw(t, withKey(t, file, key), uint32(i), fmt.Append(nil, "message ", i)))
	}
	for _, c := range []struct {
		key   string
		reads string // of each message
		says  string // of another
	}{
		{"", "y---", "no key is configured: set age_identity_file"},
		{keys[1], "yy--", "to a key that is not in " + keys[1]},
		{keys[2], "yyy-", "to a key that is not in " + keys[2]},
		{keys[3], "y--y", "to a key that is not in " + keys[3]},
		{keyFile(t, second, first, quantum), "yyyy", ""},
	} {
		s := withKey(t, file, c.key)
		for i, id := range ids {
			m, err := s.Message(t.Context(), id)
			switch {
			case c.reads[i] == '-':
				if !errors.Is(err, store.ErrKey) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "AGE-SECRET") {
					t.Errorf("%s, message %d: %v", c.key, i, err)
				}
			case err != nil || string(m.Raw) != fmt.Sprint("message ", i):
				t.Errorf("%s, message %d: %+v, %v", c.key, i, m, err)
			}
		}
	}
}

func TestReadKey(t *testing.T) {
	t.Parallel()
	whole := must(age.GenerateX25519Identity())(t).String()
	for name, text := range map[string]string{
		"empty":     "",
		"comment":   "# public key: age1\n",
		"cut":       whole[:40],
		"password":  "hunter2 " + whole,
		"recipient": must(age.GenerateX25519Identity())(t).Recipient().String(),
	} {
		file := filepath.Join(t.TempDir(), name)
		ok(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := store.ReadKey(file)
		if err == nil || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), whole[20:40]) ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := store.ReadKey(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestEvidenceAsStored: a file takes no more than it is large, though it comes as base64, and comes back as it was.
func TestEvidenceAsStored(t *testing.T) {
	t.Parallel()
	const size = 100 << 10
	var raw bytes.Buffer
	raw.WriteString("To: mfa@helpdesk.test\r\n\r\n")
	for line := range slices.Chunk(noise(t, size, 1), 57) {
		raw.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
	for _, key := range []string{"", keyFile(t, must(age.GenerateX25519Identity())(t))} {
		s := withKey(t, filepath.Join(t.TempDir(), "mfabot.db"), key)
		id := addRaw(t, s, 1, raw.Bytes())
		write, _ := s.Pools()
		var stored int
		ok(t, write.QueryRow(`SELECT SUM(LENGTH(content)) FROM raw_message WHERE inbound_id = $1`, id).Scan(&stored))
		if stored > size+size/100 {
			t.Errorf("with the key %q: a file of %d bytes takes %d", key, size, stored)
		}
		for range 2 {
			r := must(s.Raw(t.Context(), id))(t)
			if got := must(io.ReadAll(r))(t); !bytes.Equal(got, raw.Bytes()) {
				t.Errorf("with the key %q: it came back otherwise", key)
			}
			ok(t, r.Close())
		}
	}
}

// TestCutShort: a raw message of which a part is missing is never taken for whole.
func TestCutShort(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", keyFile(t, must(age.GenerateX25519Identity())(t))} {
		s := withKey(t, filepath.Join(t.TempDir(), "mfabot.db"), key)
		id := addRaw(t, s, 1, noise(t, 1<<20, 1))
		write, _ := s.Pools()
		for range 3 {
			must(write.Exec(`DELETE FROM raw_message WHERE inbound_id = $1
				AND n = (SELECT MAX(n) FROM raw_message WHERE inbound_id = $1)`, id))(t)
			r := must(s.Raw(t.Context(), id))(t)
			if n, err := io.Copy(io.Discard, r); err == nil {
				t.Errorf("with the key %q: %d bytes were taken for all", key, n)
			}
			ok(t, r.Close())
		}
	}
}

// TestReadingHoldsUpNothing: messages that are being read keep no connection.
func TestReadingHoldsUpNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := newSQLite(t)(t)
	content := noise(t, 1<<20, 1)
	id := addRaw(t, s, 1, content)
	var open []io.ReadCloser
	for range 2 * store.MaxReaders {
		r := must(s.Raw(ctx, id))(t)
		must(io.ReadFull(r, make([]byte, 1000)))(t)
		open = append(open, r)
	}
	addRaw(t, s, 2, content)
	for _, r := range open {
		if rest := must(io.ReadAll(r))(t); !bytes.Equal(rest, content[1000:]) {
			t.Errorf("%d bytes came, expected %d", len(rest), len(content)-1000)
		}
		ok(t, r.Close())
	}
}
