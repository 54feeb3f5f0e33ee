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
	if _, err := Find(here, etc); err == nil || !strings.Contains(err.Error(), here+" and "+etc) {
		t.Errorf("got %v, want an error that names both places", err)
	}
	for _, path := range []string{etc, here} {
		done(t, os.WriteFile(path, nil, 0o600))
		if got, err := Find(here, etc); got != path || err != nil {
			t.Errorf("got %q and %v, want %q", got, err, path)
		}
	}
}
