package bot

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-sqlite3"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/directory"
	"mfabot/store"
)

// watchedWays is a bot of which a test breaks one thing after the other, with a webhook that hears its alarms.
type watchedWays struct {
	*cutOff
	password string // for submission
	down     string // the directory does not answer while there is this file

	connections []*sqlite3.SQLiteConn

	mu    sync.Mutex
	heard []string
	deaf  bool // the webhook refuses what it hears
}

func newWatchedWays(t *testing.T) *watchedWays {
	t.Helper()
	w := &watchedWays{cutOff: newCutOff(t), down: filepath.Join(t.TempDir(), "down")}
	w.password = w.office.Password
	hook := httptest.NewServer(http.HandlerFunc(w.hears))
	t.Cleanup(hook.Close)
	program := filepath.Join(t.TempDir(), "directory")
	script := "#!/bin/sh\nif [ -e " + w.down + " ]; then echo no such host >&2; exit 75; fi\n" +
		"case $(cat) in *members*) ;; *) echo '{\"exists\":true,\"enabled\":true,\"methods\":\"yes\"}' ;; esac\n"
	done(t, os.WriteFile(program, []byte(script), 0o700))
	s := w.bot.Settings
	s.Alarm.Webhook, s.Directory = hook.URL, directory.NewCommand([]string{program})
	s.Submission.Password = func() (string, error) { return w.password, nil }
	w.disk = &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		w.connections = append(w.connections, c)
		return nil
	}}
	w.restart()
	w.settles(0, 0)
	return w
}

// hears is the webhook.
func (w *watchedWays) hears(answer http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deaf {
		answer.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var a alarm
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		w.t.Error(err)
	}
	w.heard = append(w.heard, a.What+" "+a.State)
}

// alarmed checks what the webhook has heard since it was last asked.
func (w *watchedWays) alarmed(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if diff := cmp.Diff(want, w.heard); diff != "" {
		w.t.Errorf("alarms (-want +got):\n%s", diff)
	}
	w.heard = nil
}

// goesOn lets time pass minute by minute, and has the bot do what it can.
func (w *watchedWays) goesOn(d time.Duration) {
	w.t.Helper()
	for range d / time.Minute {
		w.now, w.servers = w.now.Add(time.Minute), w.servers.Add(time.Minute)
		_ = w.bot.Settle(w.t.Context()) // it fails where the test has broken something
	}
}

// ready checks what /readyz says, and that the bot is alive all the same.
func (w *watchedWays) ready(words ...string) {
	w.t.Helper()
	if code, text := w.asks("/healthz"); code != http.StatusOK || text != "ok\n" {
		w.t.Errorf("healthz: %d %s", code, text)
	}
	code, text := w.asks("/readyz")
	if (code == http.StatusOK) != (len(words) == 0) {
		w.t.Fatalf("readyz: %d %s", code, text)
	}
	hasAll(w.t, text, words...)
}

// readOnly has the database refuse to be written, or takes that back.
func (w *watchedWays) readOnly(is bool) {
	w.t.Helper()
	for _, c := range w.connections {
		_, _ = c.Exec(fmt.Sprintf("PRAGMA query_only = %v", is), nil) // some are closed by now
	}
}

// TestReady: whatever does not work, /readyz says so; the operator's own way hears of what lasts, once, and once more when it
// is well again, also where the database or the mail server is what does not work.
func TestReady(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		breaks, mends func(w *watchedWays)
		what, says    string
		mended        time.Duration // after which it is known to be well
	}{
		"a password that submission refuses, with nothing to send": {
			func(w *watchedWays) { w.password = "changed" }, func(w *watchedWays) { w.password = w.office.Password },
			"submission", "submission: nothing was taken since", time.Hour},
		"submission out of reach, with nothing to send": {
			func(w *watchedWays) { w.cut(false) }, func(w *watchedWays) { w.noSMTP = false },
			"submission", "submission: nothing was taken since", 6 * time.Minute},
		"a mailbox that cannot be read": {
			func(w *watchedWays) { w.cut(true); w.noSMTP = false }, func(w *watchedWays) { w.noIMAP = false },
			"mailbox helpdesk", "mailbox helpdesk: last read well at", time.Minute},
		"a directory that does not answer, with nothing to do": {
			func(w *watchedWays) { done(w.t, os.WriteFile(w.down, nil, 0o600)) }, func(w *watchedWays) { done(w.t, os.Remove(w.down)) },
			"directory", "directory: it has not answered since", 6 * time.Minute},
		"a database that cannot be written": {
			func(w *watchedWays) { w.readOnly(true) }, func(w *watchedWays) { w.readOnly(false) },
			"database", "database: it cannot be written since", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWatchedWays(t)
			w.ready()
			c.breaks(w)
			w.goesOn(70 * time.Minute) // what is not in use is tried every hour
			w.goesOn(intake.AlarmAfter)
			w.ready(c.says)
			w.alarmed(c.what + " broken")
			w.goesOn(2 * time.Hour)
			w.alarmed()
			w.deaf = true
			c.mends(w)
			w.goesOn(c.mended)
			w.ready()
			w.alarmed()
			w.deaf = false
			w.goesOn(time.Minute)
			w.alarmed(c.what + " works")
			w.goesOn(time.Hour)
			w.alarmed()
		})
	}
}

// TestReadyAtStart: what has not worked since the start cannot be relied on, without waiting whether that lasts.
func TestReadyAtStart(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	w.password = "changed"
	done(t, os.WriteFile(w.down, nil, 0o600))
	w.restart()
	w.ready("submission: nothing was tried yet", "directory: it was not asked yet", "mailbox helpdesk: not read yet")
	if err := w.bot.Settle(t.Context()); err == nil || !strings.Contains(err.Error(), "smtp server") {
		t.Errorf("it settles with %v", err)
	}
	w.ready("submission: nothing was taken since", "directory: it has not answered since 2026-11-02T")
	w.password = w.office.Password
	done(t, os.Remove(w.down))
	w.goesOn(10 * time.Minute)
	w.ready()
	w.alarmed()
}

// TestReadyEnds: an exception that should have ended is told of, as long as it has not: in the directory too.
func TestReadyEnds(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	w.ready()
	if code, text := w.asks("/readyz"); code != http.StatusOK {
		t.Fatal(text)
	}
	w.now = w.now.Add(25 * time.Hour) // and nothing is done meanwhile
	_, text := w.asks("/readyz")
	hasAll(t, text, "ends: 1 over and not ended, the first since 2026-11-03T09:0")
	w.servers = w.servers.Add(25 * time.Hour)
	w.goesOn(time.Minute)
	w.ready()
	w.alarmed()

	_, err := w.bot.Desk.Grant(t.Context(), "ida.moss@care.test", "no-signal", "VL303", "")
	done(t, err)
	w.goesOn(time.Minute)
	w.now, w.servers = w.now.Add(24*time.Hour), w.servers.Add(24*time.Hour)
	done(t, os.WriteFile(w.down, nil, 0o600))
	w.goesOn(20 * time.Minute)
	w.ready("ends: 1 not ended in the directory, the first since ", "directory: it has not answered since ")
	w.alarmed("directory broken", "ends broken")
	done(t, os.Remove(w.down))
	w.goesOn(31 * time.Minute)
	w.ready()
	w.alarmed("directory works", "ends works")
}

// doesAll has a person do what is to be done by hand.
func (c *cutOff) doesAll() {
	c.t.Helper()
	todos, err := c.bot.Store.AskedActions(c.t.Context(), "", "")
	done(c.t, err)
	for _, a := range todos {
		_, err := c.bot.Desk.Done(c.t.Context(), "Jo Hill", a.ID)
		done(c.t, err)
	}
}

// TestReadyTodos: what a person has not done by hand for a day is told of until it is done.
func TestReadyTodos(t *testing.T) {
	t.Parallel()
	l := newCutOff(t)
	l.passes(time.Minute)
	says := func() string {
		_, text := l.asks("/readyz")
		return text
	}
	l.passes(20 * time.Hour)
	if text := says(); strings.Contains(text, "to-dos") {
		t.Errorf("before it is overdue: %s", text)
	}
	l.passes(3 * time.Hour)
	l.passes(2 * time.Hour) // the exception is over, and to be ended by hand
	l.passes(24 * time.Hour)
	hasAll(t, says(), "to-dos: 1 not done for a day, the first since 2026-11-03T")
	l.doesAll()
	if text := says(); strings.Contains(text, "to-dos") {
		t.Errorf("after it was done: %s", text)
	}
}

// TestReadyInTurn: however many ask, two are answered at a time; who gives up is forgotten.
func TestReadyInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun, answered atomic.Int32
		goOn := make(chan struct{})
		ask := inTurn(func(http.ResponseWriter, *http.Request) {
			begun.Add(1)
			<-goOn
			answered.Add(1)
		})
		ctx, giveUp := context.WithCancel(t.Context())
		for i := range 10 {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil)
			if i >= 5 {
				synctest.Wait() // the first are in hand or wait
				r = r.WithContext(ctx)
			}
			go ask(httptest.NewRecorder(), r)
		}
		synctest.Wait()
		if n := begun.Load(); n != 2 {
			t.Errorf("%d at a time", n)
		}
		giveUp()
		synctest.Wait()
		close(goOn)
		synctest.Wait()
		if n := answered.Load(); n != 5 {
			t.Errorf("%d were answered", n)
		}
	})
}

// TestReadyOlderCopy: an older copy of the database, all of which is as mfabot wrote it, is told of from the first minute after it
// was put in place, by the note beside the key, and where that is gone by what a running bot knows; until a restore.
func TestReadyOlderCopy(t *testing.T) {
	t.Parallel()
	const says, headline = "database: an older copy was put in its place, noticed at ", "An older copy of the database was put in its place"
	for name, while := range map[string]bool{"while it is down": false, "while it runs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCutOff(t)
			file, older := c.bot.Settings.Database, filepath.Join(t.TempDir(), "older.db")
			_, err := c.bot.Store.Backup(t.Context(), older)
			done(t, err)
			c.writesLetters("kim@care.test")
			c.passes(time.Minute)
			if while {
				done(t, os.Remove(c.bot.Settings.NoteFile()))
			}
			done(t, c.bot.Store.Close())
			was := c.bot
			done(t, errors.Join(os.RemoveAll(file+"-wal"), os.RemoveAll(file+"-shm"), os.Rename(older, file)))
			c.restart()
			if while { // the bot is the same, and finds another database below it
				c.bot.seals.course.begun, c.bot.seals.course.noted = true, was.seals.course.noted
			}
			for range 20 { // what takes something away is noted at once, and not of a copy, however far that goes on
				c.records(intake.EventRevoke)
			}
			key, err := config.ReadKey(c.bot.Settings.KeyFile())
			done(t, err)
			if diff := cmp.Diff(c.bot.key.Noted, key.Noted); diff != "" {
				t.Errorf("the note (-before +now): %s", diff)
			}
			c.passes(time.Minute)
			if code, text := c.asks("/readyz"); code == http.StatusOK || !strings.Contains(text, says) ||
				!strings.Contains(text, "mfabot had come to entry ") {
				t.Errorf("readyz: %d %s", code, text)
			}
			c.passes(time.Hour)
			if got := strings.Count(c.alarms(), headline); got != 1 {
				t.Errorf("the operator was told %d times:\n%s", got, c.alarms())
			}
			done(t, backups.Note(t.Context(), c.bot.Settings))
			c.restart()
			c.passes(time.Minute)
			if _, text := c.asks("/readyz"); strings.Contains(text, says) {
				t.Errorf("after a restore: %s", text)
			}
		})
	}
}

// records has the bot put something on record.
func (c *cutOff) records(e intake.Event) {
	c.t.Helper()
	done(c.t, c.bot.Store.Update(c.t.Context(), func(tx *store.Tx) error {
		return tx.Record(c.t.Context(), intake.HistoryEntry{At: c.now, Event: e})
	}))
}

// TestNotedAtOnce: what takes something away is noted beside the key as it is recorded, whoever records it, and only then what else was.
func TestNotedAtOnce(t *testing.T) {
	t.Parallel()
	c := newCutOff(t)
	noted := func() *store.Noted {
		key, err := config.ReadKey(c.bot.Settings.KeyFile())
		done(t, err)
		return key.Noted
	}
	newest := func() *store.Noted {
		n, err := c.bot.Store.NewestEntry(t.Context())
		done(t, err)
		return n
	}
	for _, e := range []intake.Event{intake.EventEnded, intake.EventRevoke, intake.EventSuperseded, intake.EventReject,
		intake.EventWithdraw, intake.EventClose, intake.EventErased, intake.EventHeld} {
		before := noted()
		c.records(intake.EventAccepted)
		if diff := cmp.Diff(before, noted()); diff != "" {
			t.Errorf("after what takes nothing away: %s", diff)
		}
		c.records(e)
		if diff := cmp.Diff(newest(), noted()); diff != "" {
			t.Errorf("after %s (-on record +noted): %s", e, diff)
		}
	}
	done(t, os.Remove(c.bot.Settings.NoteFile()))
	c.records(intake.EventRevoke)
	if n := noted(); n != nil { // the operator is told first
		t.Errorf("a note that was lost is %+v", n)
	}
}

// TestAuditFaultsTold: of entries that were changed nobody is told that they are not acted on.
func TestAuditFaultsTold(t *testing.T) {
	t.Parallel()
	c := newCutOff(t)
	c.writesLetters("kim@care.test")
	c.bot.seals.checked = time.Time{}
	raw, err := sql.Open("sqlite3", c.bot.Settings.Database)
	done(t, err)
	_, err = raw.ExecContext(t.Context(), `
		UPDATE audit_head SET hash = 'changed' WHERE ref = (SELECT ref FROM audit WHERE ref LIKE '%-%' ORDER BY id LIMIT 1)`)
	done(t, errors.Join(err, raw.Close()))
	_, err = c.bot.Check(t.Context())
	done(t, err)
	c.passes(time.Hour)
	all, err := c.bot.Store.Outbound(t.Context())
	done(t, err)
	told := ""
	for _, o := range all {
		if o.Facts.Headline == "The database was changed by somebody else" {
			told += fmt.Sprintf("%+v", o.Facts)
		}
	}
	for _, words := range []string{"In the audit: faults: 1. Entries were changed",
		"whose exception was ended or revoked", "mfabot reconcile"} {
		if !strings.Contains(told, words) {
			t.Errorf("expected %q in: %s", words, told)
		}
	}
	if strings.Contains(told, "is not acted on") {
		t.Errorf("it says: %s", told)
	}
}
