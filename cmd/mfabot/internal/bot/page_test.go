package bot

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
	"mfabot/store"
)

const pageToken = "0123456789abcdef0123456789abcdef"

// listens has the bot listen as a configuration with these lines says.
func (b *oddBot) listens(lines string) {
	b.t.Helper()
	dir := b.t.TempDir()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "office", "mfabot.toml"))
	done(b.t, err)
	fill := strings.NewReplacer("$IMAP", b.mail.Addr, "$SMTP", b.mail.Addr)
	for name, text := range map[string]string{"mfabot.toml": strings.Replace(string(text), "[[mailbox]]", lines+"\n[[mailbox]]", 1),
		"sites.csv": registerHeader, "password": "x", "token": pageToken + "\n"} {
		done(b.t, os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o600))
	}
	s, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(b.t, err)
	b.Settings.Service, b.Settings.Page = s.Service, s.Page
}

// asks asks the bot for what it serves, on this machine.
func (b *oddBot) asks(method, path, auth string) (int, string) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://localhost:8025"+path, nil)
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	w := httptest.NewRecorder()
	b.Handler(b.t.Context()).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// wants asks, and checks what comes.
func (b *oddBot) wants(method, path, auth string, code int, says string) {
	b.t.Helper()
	if got, text := b.asks(method, path, auth); got != code || !strings.Contains(text, says) {
		b.t.Errorf("%s %s: %d, want %d with %q: %.400s", method, path, got, code, says, text)
	}
}

// TestPageOfTheBot: the page is that of the running bot: what works, what does not, and who may see it by the configuration.
// What else is served goes on whoever may.
func TestPageOfTheBot(t *testing.T) {
	t.Parallel()
	b := newOddBot(t, imaptest.Oddity{})
	for _, c := range []struct {
		lines, auth string
		code        int
		says        string
	}{
		{`listen = "127.0.0.1:8025"`, "", 200, "Mailbox helpdesk: not read yet"},
		{`listen = "[::1]:8025"`, "", 200, "Not working now"},
		{`listen = ":8025"`, "", 403, "Other machines reach this page"},
		{"listen = \":8025\"\npage_token_file = \"token\"", "", 401, "needs the token"},
		{"listen = \":8025\"\npage_token_file = \"token\"", "Bearer " + pageToken, 200, "<h1>"},
		{"listen = \"127.0.0.1:8025\"\npage_token_file = \"token\"", "", 401, "needs the token"},
		{"listen = \":8025\"\npage_user_header = \"X-Remote-User\"\npage_proxies = [\"10.0.0.1\"]", "", 403, "only for users of the proxy"},
	} {
		b.listens(c.lines)
		b.wants(http.MethodGet, "/", c.auth, c.code, c.says)
		b.wants(http.MethodGet, "/readyz", "", 503, "mailbox helpdesk: not read yet")
		b.wants(http.MethodGet, "/metrics", "", 200, "mfabot_submission_broken_seconds")
	}
	b.listens(`listen = "127.0.0.1:8025"`)
	yesterday := b.now.Add(-24 * time.Hour)
	for _, name := range []string{"mailbox helpdesk", intake.WayOperator} { // as the last start left it
		done(t, b.Store.Update(t.Context(), func(tx *store.Tx) error {
			return tx.Broken(t.Context(), intake.Way{Name: name, Since: yesterday, Why: "mailbox of ops@helpdesk.test full"})
		}))
	}
	b.wants(http.MethodGet, "/", "", 200, `<span class="broken">Has not worked</span> since Sunday 1 November 2026, 09:00 GMT`)
	b.wants(http.MethodGet, "/", "", 200, "Operator: emails to the operator do not arrive since Sunday 1 November 2026, 09:00 GMT</li>")
	done(t, b.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Works(t.Context(), intake.WayOperator) }))
	b.settle()
	b.wants(http.MethodGet, "/", "", 200, "All is working")
	b.wants(http.MethodGet, "/", "", 200, `Works</td><td role="cell" class="long" data-label="Last worked">Monday 2 November 2026, 09:00`)
	b.wants(http.MethodGet, "/", "", 200, "mfabot, version "+Version())
	b.wants(http.MethodPost, "/", "", 405, "only read")
	b.wants(http.MethodGet, "/other", "", 404, "")
	b.wants(http.MethodPost, "/readyz", "", 405, "")
}

// TestHealthNamesNobody: whoever may not see the page hears what does not work and since when, by any name, and not what a
// server said of it, which may name people and their mail.
func TestHealthNamesNobody(t *testing.T) {
	t.Parallel()
	b := newOddBot(t, imaptest.Oddity{Answer: func(c *imaptest.Conn, command string) bool {
		moves := strings.HasPrefix(command, "UID MOVE")
		if moves {
			c.Say("TAG NO cannot file MFA for Zebedee Quill of zebedee.quill@pharmacy.test")
		}
		return moves
	}})
	b.settle()
	const open, token = `listen = "127.0.0.1:8025"`, "listen = \":8025\"\npage_token_file = \"token\""
	for name, c := range map[string]struct {
		lines, host, field, value string
		told                      bool
	}{
		"this machine":              {open, "localhost:8025", "", "", true},
		"monitoring by a name":      {open, "mfabot.helpdesk.test:8025", "", "", false},
		"through a proxy here":      {open, "localhost:8025", "X-Forwarded-For", "203.0.113.9", false},
		"other machines":            {`listen = ":8025"`, "localhost:8025", "", "", false},
		"without the token":         {token, "localhost:8025", "", "", false},
		"the token":                 {token, "mfabot.helpdesk.test", "Authorization", "Bearer " + pageToken, true},
		"another token than theirs": {token, "mfabot.helpdesk.test", "Authorization", "Bearer " + pageToken[1:], false},
	} {
		b.listens(c.lines)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+c.host+"/readyz", nil)
		if c.field != "" {
			r.Header.Set(c.field, c.value)
		}
		w := httptest.NewRecorder()
		b.Handler(t.Context()).ServeHTTP(w, r)
		text := w.Body.String()
		if w.Code != http.StatusServiceUnavailable ||
			!strings.Contains(text, "mailbox helpdesk: message 1 is not filed since 2026-11-02T") {
			t.Errorf("%s: %d %s", name, w.Code, text)
		}
		if strings.Contains(text, "zebedee.quill@pharmacy.test") != c.told {
			t.Errorf("%s, told of it %v: %s", name, !c.told, text)
		}
	}
}
