package bot

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
)

// oddBot is the real bot on a mail server that is odd, and a clock that the test moves.
type oddBot struct {
	*Bot
	t    *testing.T
	mail *imaptest.Server
	now  time.Time
}

func newOddBot(t *testing.T, odd imaptest.Oddity) *oddBot {
	t.Helper()
	b := &oddBot{t: t, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	var raws []string
	for i := range 4 {
		raws = append(raws, fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: MFA %d\r\nMessage-ID: <%d@care.test>\r\n"+
			"Date: %s\r\n\r\nHello.\r\n",
			lakeside, mfa, i+1, i+1, b.now.Format(time.RFC1123Z)))
	}
	b.mail = imaptest.Start(t, odd, raws...)
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "office", "mfabot.toml"))
	done(t, err)
	fill := strings.NewReplacer("$IMAP", b.mail.Addr, "$SMTP", takingAll(t))
	for name, text := range map[string]string{"mfabot.toml": fill.Replace(string(text)), "sites.csv": registerHeader, "password": "x"} {
		done(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	s.Mailboxes[0].Timeout = 2 * time.Second
	b.Bot, err = New(t.Context(), s, Surroundings{Clock: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler)})
	done(t, err)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// taker is a submission server that lets everybody in and takes all.
type taker struct{}

func (taker) NewSession(*smtp.Conn) (smtp.Session, error) { return taker{}, nil }
func (taker) Reset()                                      {}
func (taker) Logout() error                               { return nil }
func (taker) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (taker) Mail(string, *smtp.MailOptions) error        { return nil }
func (taker) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (taker) Data(r io.Reader) (err error)                { _, err = io.Copy(io.Discard, r); return err }
func (taker) Auth(mechanism string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

// takingAll starts one, and returns its address.
func takingAll(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	done(t, err)
	server := smtp.NewServer(taker{})
	server.Domain, server.AllowInsecureAuth = "helpdesk.test", true
	go func() { _ = server.Serve(listener) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// settle reads the mailbox until nothing is left to do now and sends what is due, as the loops do.
func (b *oddBot) settle() {
	b.t.Helper()
	for range 40 {
		n, err := b.Watchers[0].Step(b.t.Context())
		if err != nil {
			b.now = b.now.Add(time.Second)
		} else if n == 0 {
			_, err = b.Sender.Step(b.t.Context())
			done(b.t, err)
			return
		}
	}
	b.t.Fatal("it never comes to rest")
}

// alerts returns the alerts to the operator of a kind, each in one text.
func (b *oddBot) alerts(kind intake.AlertKind) (texts []string) {
	b.t.Helper()
	all, err := b.Store.Outbound(context.WithoutCancel(b.t.Context()))
	done(b.t, err)
	for _, o := range all {
		if o.Template == intake.LetterAlert && intake.AlertKind(o.Facts.Why).Family() == kind {
			texts = append(texts, o.Facts.Headline+"\n"+strings.Join(slices.Concat(o.Facts.Lines, o.Facts.Todo), "\n"))
		}
	}
	return texts
}

func (b *oddBot) health() (int, string) {
	w := httptest.NewRecorder()
	b.Handler(b.t.Context()).ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/readyz", nil))
	return w.Code, w.Body.String()
}

// Whatever a server does in the place of handing over one message, the operator hears of that one. What servers were met in
// the field is in TestField.
func TestStuckMessageIsTold(t *testing.T) {
	t.Parallel()
	all := imaptest.Troubles()
	for _, name := range fieldTroubles() {
		delete(all, name)
	}
	for name, trouble := range all {
		t.Run(name, tellsOfOne(trouble.Oddity, trouble.Words))
	}
}

// tellsOfOne tests that all but the second message are on record, and that the operator hears of that one, once, with its
// number and these words of the server's; that the health check names it until it is handed over, and that it is read then.
func tellsOfOne(odd imaptest.Oddity, words string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		b := newOddBot(t, odd)
		b.settle()
		if uids := b.onRecord(); !slices.Equal(uids, []uint32{1, 3, 4}) {
			t.Errorf("on record are %v", uids)
		}
		b.told(1, "UID 2", words)
		code, text := b.health()
		if code != http.StatusServiceUnavailable || !strings.Contains(text, "message 2 is not handed over since 2026-11-02T09:00:") {
			t.Errorf("readyz: %d %s", code, text)
		}
		for range 3 {
			b.now = b.now.Add(time.Hour)
			b.settle()
		}
		b.told(1)
		b.mail.Mend(imaptest.Oddity{})
		b.now = b.now.Add(6 * time.Hour)
		b.settle()
		if code, text = b.health(); code != http.StatusOK {
			t.Errorf("readyz in the end: %d %s", code, text)
		}
		totals, err := b.Store.Totals(t.Context())
		if done(t, err); totals.Inbound != 4 || totals.Concluded != 4 {
			t.Errorf("in the end %+v", totals)
		}
	}
}

// onRecord are the UIDs of the messages that were taken, in order.
func (b *oddBot) onRecord() (uids []uint32) {
	b.t.Helper()
	ledger, err := b.Store.Inbound(b.t.Context())
	done(b.t, err)
	for _, m := range ledger {
		uids = append(uids, m.UID)
	}
	return slices.Sorted(slices.Values(uids))
}

// told checks how many alerts about stuck messages there are, and what the first says.
func (b *oddBot) told(n int, want ...string) {
	b.t.Helper()
	alerts := b.alerts(intake.AlertStuck)
	if len(alerts) != n {
		b.t.Fatalf("%d alerts, want %d: %q", len(alerts), n, alerts)
	}
	for _, w := range want {
		if !strings.Contains(alerts[0], w) {
			b.t.Errorf("the alert does not say %q: %s", w, alerts[0])
		}
	}
}

// A mailbox that was put back from a copy is read, and the operator hears of it.
func TestPutBackIsRead(t *testing.T) {
	t.Parallel()
	b := newOddBot(t, imaptest.Oddity{})
	first := b.mail.Inbox()[0].Raw
	b.settle()
	b.mail.PutBack(first, strings.ReplaceAll(first, "1@care.test", "9@care.test"), strings.ReplaceAll(first, "Hello", "Good day"))
	b.settle()
	ledger, err := b.Store.Inbound(t.Context())
	done(t, err)
	if len(ledger) != 6 || len(b.mail.Inbox()) != 0 {
		t.Errorf("on record are %d, in the inbox %d", len(ledger), len(b.mail.Inbox()))
	}
	if n := len(b.alerts(intake.AlertNumber)); n != 1 {
		t.Errorf("%d alerts", n)
	}
}

// What was imported is not imported again, though the server does not file it.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	b := newOddBot(t, imaptest.Oddity{Answer: func(c *imaptest.Conn, command string) bool {
		moves := strings.HasPrefix(command, "UID MOVE")
		if moves {
			c.Say("TAG NO [OVERQUOTA] mailbox is full")
		}
		return moves
	}})
	var read []int
	old := Import{Since: b.now.AddDate(-1, 0, 0), Tell: func(_ string, n int) error { read = append(read, n); return nil }}
	done(t, b.Import(t.Context(), old))
	done(t, b.Import(t.Context(), old))
	totals, err := b.Store.Totals(t.Context())
	done(t, err)
	if fmt.Sprint(read) != "[4 0]" || totals.Inbound != 4 || len(b.mail.Inbox()) != 4 {
		t.Errorf("read are %v, on record %d, in the inbox %d", read, totals.Inbound, len(b.mail.Inbox()))
	}
}
