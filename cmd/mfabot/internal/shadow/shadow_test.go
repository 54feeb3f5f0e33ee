package shadow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake/mailbox/imaptest"
)

// request is a request without evidence, which is rejected.
func request(user string) string {
	return "From: oakstreet@pharmacy.test\r\nTo: mfa@helpdesk.test\r\nSubject: MFA exception for " + user + "\r\n" +
		"Content-Type: text/plain\r\n\r\nUser: " + user + "@pharmacy.test\r\nReason: accessibility\r\nDetails: blind\r\n"
}

// configured are the settings of a bot on a mail server.
func configured(t *testing.T, addr string) *config.Settings {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"password":  "secret\n",
		"sites.csv": "ods_code,name,kind,mailbox,aliases,contacts\nFX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test,,\n",
		"mfabot.toml": fmt.Sprintf(`
database = "sqlite:mfabot.db"
sites = "sites.csv"
[service]
name = "Helpdesk"
address = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"
listen = "127.0.0.1:1"
[[mailbox]]
name = "helpdesk"
url = "imap://mfa%%40helpdesk.test@%s/INBOX"
password_file = "password"
[mailbox.trust]
allow_unauthenticated = true
[smtp]
url = "smtp://mfa%%40helpdesk.test@127.0.0.1:1"
password_file = "password"
[[reviewer]]
address = "asha@helpdesk.test"
name = "Asha Patel"
[alarm]
webhook = "http://127.0.0.1:1/"
`, addr),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open is a shadow of a bot on a server, which tells what it sees.
func open(t *testing.T, s *imaptest.Server, tell func(Seen) error) (sh *Shadow, dir string) {
	t.Helper()
	dir = t.TempDir()
	sh, err := Open(t.Context(), configured(t, s.Addr), Options{Dir: dir, Since: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Tell: tell, Rest: func() error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return sh, dir
}

// TestRun: what comes is told while it goes on, and whatever the server can do, it hears nothing that changes anything. When it
// ends, what is left is the letters.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, caps := range []string{"IMAP4rev1 MOVE IDLE", "IMAP4rev1 UIDPLUS", "IMAP4rev1"} {
		t.Run(caps, func(t *testing.T) {
			t.Parallel()
			s := imaptest.Start(t, imaptest.Oddity{Caps: caps}, request("ann"), request("bea"), "Subject: nobody wrote this\r\n\r\n")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var seen []string
			sh, dir := open(t, s, func(m Seen) error {
				seen = append(seen, string(m.Message.Outcome))
				for _, l := range m.Letters {
					seen = append(seen, l.To+" "+string(l.Template))
				}
				if len(seen) == 4 {
					stop()
				}
				return nil
			})
			state := sh.state
			if err := sh.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if err := sh.Close(); err != nil {
				t.Fatal(err)
			}
			const each = "request, oakstreet@pharmacy.test rejected"
			if got := strings.Join(seen[:4], ", "); got != each+", "+each {
				t.Errorf("seen: %s", got)
			}
			if heard := s.Changing(); len(heard) > 0 || len(s.Inbox()) != 3 {
				t.Errorf("the server heard %q, and has %d messages", heard, len(s.Inbox()))
			}
			if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the state is left: %v", err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "letters" {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

// TestBrokenReport: where what is seen cannot be put down, it ends, and does not go on for ever.
func TestBrokenReport(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	s := imaptest.Start(t, imaptest.Oddity{}, request("ann"))
	sh, _ := open(t, s, func(Seen) error { return full })
	if err := sh.Run(t.Context()); !errors.Is(err, full) {
		t.Errorf("Run = %v", err)
	}
	if err := sh.Close(); err != nil {
		t.Error(err)
	}
}

// TestSettings: nothing of the settings leads to anybody or anything outside but the mailboxes.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := imaptest.Start(t, imaptest.Oddity{})
	before := configured(t, s.Addr)
	own := settings(before, Options{}, "shadow.db")
	if own.Database != "shadow.db" || own.Directory != nil || own.Trial != nil || own.Submission.Addr != "" ||
		own.Submission.Password != nil || own.Alarm.Webhook != "" || own.Service.Listen != "" {
		t.Errorf("settings %+v", own)
	}
	if before.Submission.Addr == "" || !before.Mailboxes[0].Since.IsZero() || own.Mailboxes[0].Since.IsZero() {
		t.Error("the settings that it was given have changed, or its own have not")
	}
	since := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	before.Mailboxes[0].Since = since
	if got := settings(before, Options{}, "").Mailboxes[0].Since; !got.Equal(since) {
		t.Errorf("since %v", got)
	}
}
