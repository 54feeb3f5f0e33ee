package config

import (
	"os"
	"path/filepath"
	"strings"
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

// TestExchangeOnlineLimit: what Exchange Online takes a minute is kept to, unless something else is said.
func TestExchangeOnlineLimit(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "example"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"imap.password", "smtp.password"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "mfabot.toml")
	example, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const trust, smtp = `authserv_id = "mx.helpdesk.test"`, "[smtp]\n"
	for _, c := range []struct {
		replaced []string
		want     int
	}{
		{nil, 0},
		{[]string{trust, "exchange_online = true"}, 30},
		{[]string{trust, "exchange_online = true", smtp, "[smtp]\nper_minute = 0\n"}, 0},
		{[]string{trust, "exchange_online = true", smtp, "[smtp]\nper_minute = 10\n"}, 10},
		{[]string{"# site     = \"\"", "site = \"FX101\"", trust, "exchange_online = true"}, 0}, // that site's, and not what we send by
	} {
		if err := os.WriteFile(file, []byte(strings.NewReplacer(c.replaced...).Replace(string(example))), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if s.Submission.PerMinute != c.want {
			t.Errorf("%q: %d a minute, want %d", c.replaced, s.Submission.PerMinute, c.want)
		}
	}
}
