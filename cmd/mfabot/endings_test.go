package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// ending is a service with a directory, on a database of which a test has the connections.
type ending struct {
	*life
	directory   *sim.Directory
	connections []*sqlite3.SQLiteConn
	log         bytes.Buffer
}

// newEnding returns a service whose connections to the database all begin with the statement first.
func newEnding(t *testing.T, first string) *ending {
	t.Helper()
	world := sim.NewWorld(1, t.TempDir(), nil)
	world.Faults.Cease()
	e := &ending{directory: world.Directory}
	s := newScene(t)
	text, err := os.ReadFile(filepath.Join(s.dir, "mfabot.toml"))
	done(t, err)
	text = bytes.Replace(text, []byte("allow_unauthenticated = true"), []byte(byServer), 1)
	done(t, os.WriteFile(filepath.Join(s.dir, "mfabot.toml"), text, 0o600))
	set, err := config.Load(filepath.Join(s.dir, "mfabot.toml"))
	done(t, err)
	set.Directory = world.Directory
	disk := &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		e.connections = append(e.connections, c)
		_, err := c.Exec(first, nil)
		return err
	}}
	b, err := bot.New(t.Context(), set, bot.Surroundings{Clock: s.clock.Now, Disk: disk,
		Log: slog.New(slog.NewTextHandler(&e.log, nil))})
	done(t, err)
	t.Cleanup(func() { done(t, b.Close()) })
	e.life = &life{trial: &trial{t: t, clock: s.clock, bot: b}, scene: s, look: world.Directory.Exempt}
	return e
}

// approve has a site ask for somebody, and a reviewer approve.
func (e *ending) approve(site, who string) {
	e.t.Helper()
	e.write(e.scene.asks(site, who, "Persistent work in a secure location"))
	e.write(e.scene.reply(asha, e.life.letter(intake.LetterReview, asha), "APPROVE"))
	if !slices.Contains(e.directory.Exempt(), post.Bare(who)) {
		e.t.Fatalf("%s is not exempt", who)
	}
}

// writable has the database take what is written, or not.
func (e *ending) writable(yes bool) {
	statement := "PRAGMA query_only = ON"
	if yes {
		statement = "PRAGMA query_only = OFF"
	}
	for _, c := range e.connections {
		_, _ = c.Exec(statement, nil) // some are closed by now
	}
}

// TestEndsUnrecorded: an exemption that is over is ended on time, even while the database cannot be written,
// and that is put on record later. Who has another exception stays exempt, and nobody becomes exempt.
func TestEndsUnrecorded(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.approve(dentist, rosa)
	e.pass(170 * 24 * time.Hour)
	_, err := e.bot.Desk.RevokeByHand(t.Context(), "LT-2026-00002", "Rosa has left.", "Jo Hill")
	done(t, err) // its removal waits
	e.writable(false)
	fails := func(what string, step func() (int, error)) {
		t.Helper()
		if _, err := step(); err == nil || !strings.Contains(err.Error(), "readonly") {
			t.Errorf("%s: %v", what, err)
		}
	}
	enforce := func() (int, error) { return e.bot.Enforce(t.Context()) }
	sweep := func() (int, error) { return e.bot.Sweep(t.Context()) }
	fails("enforce", enforce)
	if got := e.directory.Exempt(); !slices.Equal(got, []string{post.Bare(sam)}) {
		t.Errorf("exempt after the revocation: %v", got)
	}
	e.clock.Advance(20 * 24 * time.Hour)
	fails("sweep", sweep)
	if got := e.directory.Exempt(); len(got) > 0 {
		t.Errorf("exempt after the end: %v", got)
	}
	e.writable(true)
	e.clock.Advance(time.Hour)
	e.step()
	for _, ref := range []string{"LT-2026-00001", "LT-2026-00002"} {
		x, err := e.bot.Store.Exception(t.Context(), ref)
		done(t, err)
		open, err := e.bot.Store.OpenActions(t.Context(), ref)
		done(t, err)
		history, err := e.bot.Store.History(t.Context(), ref)
		done(t, err)
		told := slices.ContainsFunc(history, func(h intake.HistoryEntry) bool {
			return h.Event == intake.EventRemoved && strings.Contains(h.Text, "when it could not be put on record")
		})
		if x.State == intake.Active || len(open) > 0 || !told {
			t.Errorf("%s is %s with %d open actions, and its history says of the directory: %t", ref, x.State, len(open), told)
		}
	}
}
