package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFind: the first file that is there is taken, and where none is, the places are named.
func TestFind(t *testing.T) {
	t.Parallel()
	here, etc := filepath.Join(t.TempDir(), "mfabot.toml"), filepath.Join(t.TempDir(), "mfabot.toml")
	if _, _, err := Find(here, etc); err == nil || !strings.Contains(err.Error(), here+" and "+etc) {
		t.Errorf("got %v, want an error that names both places", err)
	}
	for _, path := range []string{etc, here} {
		done(t, os.WriteFile(path, nil, 0o600))
		if got, _, err := Find(here, etc); got != path || err != nil {
			t.Errorf("got %q and %v, want %q", got, err, path)
		}
	}
}

// TestFindsOurs: a configuration that is found is taken only where nobody else can have written it.
func TestFindsOurs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mfabot.toml")
	done(t, os.WriteFile(path, nil, 0o600))
	wanted := func(what string) {
		t.Helper()
		_, _, err := Find(path)
		if what == "" && err != nil || what != "" && (err == nil || !strings.Contains(err.Error(), what) ||
			!strings.HasSuffix(err.Error(), "--config "+path)) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	done(t, os.Chmod(path, 0o664)) // a user's own group
	wanted("")
	done(t, os.Chmod(path, 0o666))
	wanted("can be changed by everybody on this machine (mode 0666)")
	done(t, os.Chmod(path, 0o600))
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	done(t, os.Chown(path, 65534, 65534))
	wanted("belongs to nobody, and this is root")
	link := filepath.Join(t.TempDir(), "mfabot.toml")
	done(t, os.Chown(path, 0, 0))
	done(t, os.Symlink(path, link))
	done(t, os.Lchown(link, 65534, 65534))
	path = link
	wanted("belongs to nobody, and this is root")
}
