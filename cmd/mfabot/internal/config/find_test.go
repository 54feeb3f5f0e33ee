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
	done(t, os.Chmod(path, 0o666))
	wanted("can be changed by everybody on this machine (mode 0666)")
	done(t, os.Chmod(path, 0o600))
	for _, mode := range []os.FileMode{0o777, 0o777 | os.ModeSticky} {
		done(t, os.Chmod(filepath.Dir(path), mode))
		wanted(filepath.Dir(path) + " can be changed by everybody on this machine (mode 0777)")
	}
	done(t, os.Chmod(filepath.Dir(path), 0o755))
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	for _, c := range []struct {
		file         string
		mode         os.FileMode
		group        int
		says, asHere string
	}{
		{path, 0o640, 65534, "", "Debian's package"},
		{filepath.Dir(path), 0o750, 65534, "", "Debian's package"},
		{path, 0o664, 0, "", "root's own group"},
		{path, 0o664, 65534, path + " can be changed by the group nogroup (mode 0664)", "another group"},
		{filepath.Dir(path), 0o775, 65534, filepath.Dir(path) + " can be changed by the group nogroup (mode 0775)", "another group"},
	} {
		t.Log(c.asHere)
		done(t, os.Chmod(c.file, c.mode))
		done(t, os.Chown(c.file, 0, c.group))
		wanted(c.says)
		done(t, os.Chown(c.file, 0, 0))
	}
	if !ownGroup(1, 1) || ownGroup(1, 65534) {
		t.Error("a user's own group is that with the user's name")
	}
	done(t, os.Chown(filepath.Dir(path), 65534, 65534))
	wanted(filepath.Dir(path) + " belongs to nobody, and this is root")
	done(t, os.Chown(filepath.Dir(path), 0, 0))
	done(t, os.Chown(path, 65534, 65534))
	wanted("belongs to nobody, and this is root")
	link := filepath.Join(t.TempDir(), "mfabot.toml")
	done(t, os.Chown(path, 0, 0))
	done(t, os.Symlink(path, link))
	done(t, os.Lchown(link, 65534, 65534))
	path = link
	wanted("belongs to nobody, and this is root")
}
