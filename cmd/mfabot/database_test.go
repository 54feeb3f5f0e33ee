package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/store"
)

// patient is a bot with one request in its inbox and a database that something happens to.
type patient struct {
	*bot.Bot
	t      *testing.T
	ctx    context.Context
	office *post.Office
	log    heard
}

// heard is the lines of a log. Whoever logs a line waits until it is read, or the test is over.
type heard struct {
	ctx   context.Context
	lines chan string
}

func (h heard) Write(line []byte) (int, error) {
	select {
	case h.lines <- string(line):
	case <-h.ctx.Done():
	}
	return len(line), nil
}

// newPatient creates a database, prepares it, and opens it with a bot whose connections all begin with the
// statement first.
func newPatient(t *testing.T, prepare, first string) *patient {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	office, err := post.Embedded(context.WithoutCancel(ctx), demo.Accounts())
	done(t, err)
	t.Cleanup(func() { done(t, office.Close()) })
	set, err := demo.Settings(office, filepath.Join(t.TempDir(), "mfabot.db"))
	done(t, err)
	b, err := bot.New(ctx, set, bot.Surroundings{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	done(t, err)
	done(t, b.Close())
	statement(t, set.Database, prepare)

	disk := &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(first, nil)
		return err
	}}
	p := &patient{t: t, ctx: ctx, office: office, log: heard{ctx, make(chan string)}}
	p.Bot, err = bot.New(ctx, set, bot.Surroundings{Clock: time.Now, Log: slog.New(slog.NewTextHandler(p.log, nil)), Disk: disk})
	done(t, err)
	noise := make([]byte, 50_000) // so that it takes room however it is stored
	_, err = rand.NewChaCha8([32]byte{}).Read(noise)
	done(t, err)
	request := post.Client{App: post.Outlook, Date: time.Now()}.New("oakstreet@pharmacy.test", service, "MFA exception for Sam Green",
		"User: sam.green@pharmacy.test\nReason: secure location\nDetails: no phones there", []post.File{
			{Name: "letter.pdf", MediaType: "application/pdf", Content: post.EvidencePDF("letter", "To whom it may concern")},
			{Name: "noise.bin", MediaType: "application/octet-stream", Content: noise}})
	done(t, office.Send(ctx, "oakstreet@pharmacy.test", []string{service}, request))
	return p
}

// damaged reports whether an error comes from a database that does not recover by itself.
func damaged(err error) bool {
	t := store.TroubleOf(err)
	return t != nil && !t.Passes
}

func statement(t *testing.T, file, text string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=30000")
	done(t, err)
	_, err = db.Exec(text)
	done(t, errors.Join(err, db.Close()))
}

// hears waits until the bot logs a text.
func (p *patient) hears(text string) {
	p.t.Helper()
	for {
		select {
		case line := <-p.log.lines:
			if strings.Contains(line, text) {
				return
			}
		case <-p.ctx.Done():
			p.t.Fatalf("%q was not logged", text)
		}
	}
}

// deaf reads and forgets all that is logged from now on.
func (p *patient) deaf() {
	go func() {
		for {
			select {
			case <-p.log.lines:
			case <-p.ctx.Done():
				return
			}
		}
	}()
}

func (p *patient) holds(account, folder string, want int) {
	p.t.Helper()
	got, err := p.office.Read(p.ctx, account, folder)
	done(p.t, err)
	if len(got) != want {
		p.t.Errorf("%s of %s holds %d messages, want %d", folder, account, len(got), want)
	}
}

func (p *patient) health() (int, string) {
	const token = "0123456789abcdef0123456789abcdef"
	p.Settings.Page.Token = func() (string, error) { return token, nil }
	r := httptest.NewRequestWithContext(p.ctx, http.MethodGet, "/readyz", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	p.Handler(p.ctx).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestFullDatabase: while the database is full the message stays in the inbox, and the bot says so. Once
// there is room it goes on by itself.
func TestFullDatabase(t *testing.T) {
	t.Parallel()
	// no more than there are
	p := newPatient(t, `INSERT INTO daily VALUES ('ballast', hex(zeroblob(2500000)))`, `PRAGMA max_page_count = 1`)
	ctx, stop := context.WithCancel(p.ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()

	p.hears("the database is in trouble")
	p.hears("reading the mailbox failed")
	p.deaf()
	code, text := p.health()
	if code != http.StatusServiceUnavailable || !strings.Contains(text, "mailbox helpdesk: ") ||
		!strings.Contains(text, "database or disk is full (the disk, or the quota on it, is full: make room)") {
		t.Errorf("readyz: %d %s", code, text)
	}
	p.holds(service, "INBOX", 1)
	p.holds("oakstreet@pharmacy.test", "INBOX", 0)

	statement(t, p.Settings.Database, `DELETE FROM daily WHERE name = 'ballast'`)
	_, err := p.office.Await(p.ctx, "oakstreet@pharmacy.test", func(raw []byte) bool { return bytes.Contains(raw, []byte("LT-")) })
	done(t, err)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	done(t, p.Close())
	p.holds(service, "INBOX", 0)
	p.holds(service, "Processed", 1)
	if code, text := p.health(); strings.Contains(text, "full") {
		t.Errorf("readyz: %d %s", code, text)
	}
}

// TestDatabaseDamagedWhileRunning: however the bot was run, it ends, and the message stays in the inbox.
func TestDatabaseDamagedWhileRunning(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*bot.Bot, context.Context) error{"run": (*bot.Bot).Run, "until idle": (*bot.Bot).Settle} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t, `SELECT 1`, `SELECT 1`)
			p.deaf()
			alarms := 0
			hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if text, err := io.ReadAll(r.Body); err == nil && bytes.Contains(text, []byte(`"what":"mfabot","state":"broken"`)) {
					alarms++
				}
			}))
			defer hook.Close()
			p.Settings.Alarm.Webhook = hook.URL
			info, err := os.Stat(p.Settings.Database)
			done(t, err)
			done(t, damage(p.Settings.Database, pageSize, info.Size()))
			err = run(p.Bot, p.ctx)
			if !damaged(err) || p.ctx.Err() != nil {
				t.Errorf("got %v, want damage", err)
			}
			if (alarms == 1) != (name == "run") { // until idle it ends before whoever runs it
				t.Errorf("%d alarms", alarms)
			}
			const want = "mfabot has stopped, and has left the mailboxes as they are"
			if text := bot.Explained(p.Settings, err).Error(); !strings.Contains(text, want) {
				t.Errorf("it says: %s", text)
			}
			_ = p.Close()
			p.holds(service, "INBOX", 1)
			p.holds("oakstreet@pharmacy.test", "INBOX", 0)
		})
	}
}

// TestEvidenceDamaged: a letter whose evidence cannot be read ends the bot too, and is not sent without it.
func TestEvidenceDamaged(t *testing.T) {
	t.Parallel()
	p := newPatient(t, `SELECT 1`, `SELECT 1`)
	p.deaf()
	for _, w := range p.Watchers {
		_, err := w.Step(p.ctx)
		done(t, err)
	}
	done(t, p.Close())
	statement(t, p.Settings.Database, `UPDATE outbound SET due_at = 9999999999 WHERE template <> 'review'`)
	db, err := sql.Open("sqlite3", "file:"+p.Settings.Database)
	done(t, err)
	var root int64
	done(t, db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = 'raw_message'`).Scan(&root))
	done(t, db.Close())
	done(t, damage(p.Settings.Database, (root-1)*pageSize, root*pageSize))
	b, err := bot.New(p.ctx, p.Settings, bot.Surroundings{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	done(t, err)
	if err := b.Settle(p.ctx); !damaged(err) {
		t.Errorf("got %v, want damage", err)
	}
	_ = b.Close()
	got, err := p.office.Read(p.ctx, "asha@helpdesk.test", "INBOX")
	done(p.t, err)
	for _, m := range got { // a digest may have come, as it does every morning
		if bytes.Contains(m.Raw, []byte("Please decide")) {
			p.t.Errorf("a review was sent without its evidence:\n%s", m.Raw)
		}
	}
}
