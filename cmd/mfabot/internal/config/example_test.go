package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestExample makes sure that the configuration that operators start from is valid.
func TestExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "example"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"imap.password", "smtp.password"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(filepath.Join(dir, "mfabot.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckTrust(); err != nil {
		t.Error(err)
	}
}
