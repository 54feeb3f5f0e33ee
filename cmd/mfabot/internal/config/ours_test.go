package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mfabot/store"
)

// keyed is the settings of a database with a key, in a folder that belongs to somebody else than root.
func keyed(t *testing.T) *Settings {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := filepath.Join(t.TempDir(), "theirs")
	done(t, os.Mkdir(dir, 0o700))
	done(t, os.Chown(dir, 65534, 65534))
	s := &Settings{Database: filepath.Join(dir, "mfabot.db")}
	_, err := LoadKey(s.KeyFile())
	done(t, err)
	return s
}

// TestKeyIsOurs: what somebody has put in the place of the key, or of the note beside it, is not opened, and nobody waits for it.
func TestKeyIsOurs(t *testing.T) {
	t.Parallel()
	s := keyed(t)
	done(t, syscall.Mkfifo(s.NoteFile(), 0o600))
	if is, err := ReadKey(s.KeyFile()); err != nil || is.Noted != nil {
		t.Errorf("with a FIFO as the note: %v and %v", is.Noted, err)
	}
	text, err := os.ReadFile(s.KeyFile())
	done(t, err)
	victim := filepath.Join(t.TempDir(), "victim") // which reads as a key
	done(t, os.WriteFile(victim, text, 0o600))
	for what, put := range map[string]func(string) error{
		"which mfabot never makes": func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"root does not follow it": func(name string) error {
			return errors.Join(os.Symlink(victim, name), os.Lchown(name, 65534, 65534))
		},
		"another name of a file": func(name string) error { return os.Link(victim, name) },
	} {
		done(t, os.Remove(s.KeyFile()))
		done(t, put(s.KeyFile()))
		for did, err := range map[string]error{"sealed": MarkSealed(s.KeyFile(), ""),
			"noted": WriteNoted(s.KeyFile(), store.Noted{Entry: 1})} {
			if err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: %v, want %q", did, err, what)
			}
		}
	}
	now, err := os.ReadFile(victim)
	done(t, err)
	if there, err := os.ReadDir(filepath.Dir(victim)); err != nil || len(there) > 1 || string(now) != string(text) {
		t.Errorf("root has written to the victim, %q, or beside it: %v, %v", now, there, err)
	}
}

// TestKeyBehindALink: the key, and the note with it, may lie in another folder, to which a link of root's leads.
func TestKeyBehindALink(t *testing.T) {
	t.Parallel()
	s := keyed(t)
	apart := filepath.Join(t.TempDir(), "apart")
	done(t, os.Mkdir(apart, 0o700))
	done(t, os.Chown(apart, 65534, 65534))
	done(t, os.Rename(s.KeyFile(), filepath.Join(apart, "key")))
	done(t, os.Symlink(filepath.Join(apart, "key"), s.KeyFile()))
	done(t, WriteNoted(s.KeyFile(), store.Noted{Entry: 1}))
	key, err := ReadKey(s.KeyFile())
	if err != nil || key.Noted == nil || OwnerOf(filepath.Join(apart, "key.noted")) != "nobody" {
		t.Errorf("the note beside what the link leads to: %v, %v", key.Noted, err)
	}
	if err := s.MayNote(); err != nil {
		t.Error(err)
	}
	done(t, os.Chown(apart, 0, 0))
	if err := s.MayNote(); err == nil || !strings.Contains(err.Error(), "nothing can be written in "+apart+" by nobody: ") {
		t.Errorf("root is told %v of a folder that the service cannot write to", err)
	}
}
