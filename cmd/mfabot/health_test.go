package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// listening is a configuration that answers at an address.
const listening = `
database = "sqlite:mfabot.db"
sites    = "sites.csv"

[service]
name     = "Helpdesk"
address  = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"
listen   = "ADDRESS"

[[mailbox]]
name  = "helpdesk"
url   = "imap://mfa%40helpdesk.test@127.0.0.1"
password_file = "password"
trust = { authserv_id = "mx.helpdesk.test" }

[smtp]
url = "smtp://127.0.0.1"

[[reviewer]]
address = "asha@helpdesk.test"
name    = "Asha Patel"
`

// TestHealthAsksTheBot: what watches a container goes by the status.
func TestHealthAsksTheBot(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, "what it says\n")
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	dir := t.TempDir()
	for name, text := range map[string]string{"password": "swordfish\n", "sites.csv": "ods_code,name,kind,mailbox\n",
		"here.toml":    strings.Replace(listening, "ADDRESS", address, 1),
		"all.toml":     strings.Replace(listening, "ADDRESS", strings.Replace(address, "127.0.0.1", "0.0.0.0", 1), 1),
		"nowhere.toml": strings.Replace(listening, "listen ", "# ", 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		file   string
		status int
		gone   bool
		exit   int
		says   string
	}{
		{"here.toml", http.StatusOK, false, exitOK, "what it says"},
		{"all.toml", http.StatusOK, false, exitOK, "what it says"},
		{"here.toml", http.StatusServiceUnavailable, false, exitFailed, "503 Service Unavailable: what it says"},
		{"nowhere.toml", http.StatusOK, false, exitUsage, "expected listen of [service]"},
		{"here.toml", http.StatusOK, true, exitFailed, "the bot does not answer: "},
	} {
		status.Store(int32(c.status))
		if c.gone {
			server.Close()
		}
		var out strings.Builder
		exit := runMain([]string{"health", "--config", filepath.Join(dir, c.file)}, &out, &out)
		if exit != c.exit || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s, %d: exit %d, %q", c.file, c.status, exit, out.String())
		}
	}
}
