package main

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
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

// flooded is a service whose mailbox anybody floods, on a disk of 24 MiB.
type flooded struct {
	*patient
	clock     *demo.Clock
	directory *sim.Directory
	free      atomic.Int64 // bytes added to the disk

	connections []*sqlite3.SQLiteConn
}

const diskSize = 24 << 20

// flood grants an exception and has 22 messages of 2 MB arrive from somebody, one after the other. It returns what
// stopped them.
func (f *flooded) flood(from string) (stopped error) {
	f.t.Helper()
	_, err := f.Desk.Grant(f.ctx, post.Bare(sam), "phone-misplaced", "FX101", "")
	done(f.t, err)
	done(f.t, f.Settle(f.ctx))
	if got := f.directory.Exempt(); len(got) != 1 {
		f.t.Fatalf("exempt: %v", got)
	}
	junk := make([]byte, 1500000)
	random := rand.NewChaCha8([32]byte{})
	for range 22 {
		_, err := random.Read(junk)
		done(f.t, err)
		m := post.Client{App: post.Outlook, Date: f.clock.Now()}.New(from, service, "hello", "See attached.",
			[]post.File{{Name: "noise.bin", MediaType: "application/octet-stream", Content: junk}})
		done(f.t, f.office.Send(f.ctx, "oakstreet@pharmacy.test", []string{service}, m))
		f.clock.Advance(time.Minute)
		if err := f.Settle(f.ctx); err != nil {
			stopped = err
		}
	}
	return stopped
}

// isStopped checks that the flood was stopped, and that the bot says so.
func (f *flooded) isStopped(stopped error) {
	f.t.Helper()
	if stopped == nil || !strings.Contains(stopped.Error(), "kept for what ends") {
		f.t.Errorf("the flood was stopped by: %v", stopped)
	}
	if code, text := f.health(); code != http.StatusServiceUnavailable || !strings.Contains(text, "kept for what ends") {
		f.t.Errorf("readyz: %d %s", code, text)
	}
}

// endsOnTime checks that the exception ends on time all the same, and that its user is told.
func (f *flooded) endsOnTime() {
	f.t.Helper()
	all, err := f.Store.Exceptions(f.ctx)
	done(f.t, err)
	f.clock.Advance(all[0].EndsAt.Sub(f.clock.Now()) + time.Minute)
	if err := f.Settle(f.ctx); err != nil && !strings.Contains(err.Error(), "kept for what ends") {
		f.t.Error(err)
	}
	if all, err = f.Store.Exceptions(f.ctx); err != nil || all[0].State != intake.Ended || len(f.directory.Exempt()) > 0 {
		f.t.Errorf("the exception is %s, exempt are %v, error %v", all[0].State, f.directory.Exempt(), err)
	}
	letters, err := f.Store.Outbound(f.ctx)
	done(f.t, err)
	if !slices.ContainsFunc(letters, func(o intake.Outbound) bool { return o.Template == intake.LetterEnded && o.State == intake.Sent }) {
		f.t.Error("nobody was told of the end")
	}
}

// toldOfSpace checks that the operator was told that messages wait for room.
func (f *flooded) toldOfSpace() {
	f.t.Helper()
	letters, err := f.Store.Outbound(f.ctx)
	done(f.t, err)
	if !slices.ContainsFunc(letters, func(o intake.Outbound) bool {
		return o.Facts.Why == intake.Why(intake.AlertSpace) && o.State == intake.Sent
	}) {
		f.t.Error("nobody was told that messages wait")
	}
}

// newFlooded returns a service with its database in a folder, on a disk that space measures.
func newFlooded(t *testing.T, dir string, first string, space func(f *flooded) (free, total int64, err error)) *flooded {
	t.Helper()
	world := sim.NewWorld(1, t.TempDir(), nil)
	world.Faults.Cease()
	office, err := post.Embedded(context.WithoutCancel(t.Context()), demo.Accounts())
	done(t, err)
	t.Cleanup(func() { done(t, office.Close()) })
	f := &flooded{patient: &patient{t: t, ctx: t.Context(), office: office}, clock: demo.NewClock(preludeBegins),
		directory: world.Directory}
	office.SetClock(f.clock.Now) // a server of another time would be heeded
	set, err := demo.Settings(office, filepath.Join(dir, "mfabot.db"))
	done(t, err)
	set.Directory = world.Directory
	around := bot.Surroundings{Clock: f.clock.Now, Log: slog.New(slog.DiscardHandler),
		Disk: &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
			f.connections = append(f.connections, c)
			_, err := c.Exec(first, nil)
			return err
		}}}
	if space != nil {
		around.Space = func() (int64, int64, error) { return space(f) }
	}
	f.Bot, err = bot.New(t.Context(), set, around)
	done(t, err)
	t.Cleanup(func() { done(t, f.Close()) })
	return f
}

// smallDisk is a disk of diskSize that holds the database in a folder, and nothing else.
func smallDisk(dir string) func(f *flooded) (int64, int64, error) {
	return func(f *flooded) (int64, int64, error) {
		free := diskSize + f.free.Load()
		for _, name := range []string{"mfabot.db", "mfabot.db-wal", "mfabot.db-shm"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				return 0, 0, err
			}
			free -= info.Size()
		}
		return max(free, 0), diskSize, nil
	}
}

// TestFloodByStrangers: whoever is not known can fill no disk, whatever they send.
func TestFloodByStrangers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := newFlooded(t, dir, "PRAGMA max_page_count = 6144", smallDisk(dir))
	if err := f.flood("x@evil.test"); err != nil {
		t.Errorf("the flood was stopped by: %v", err)
	}
	f.endsOnTime()
	if waiting, err := f.office.Read(t.Context(), service, "INBOX"); err != nil || len(waiting) > 0 {
		t.Errorf("%d messages wait in the inbox, error %v", len(waiting), err)
	}
}

// TestFloodedDisk: a flood of messages stops in the inbox before it fills the disk, and goes on once there is
// room. The database itself takes no more than such a disk would.
func TestFloodedDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := newFlooded(t, dir, "PRAGMA max_page_count = 6144", smallDisk(dir))
	f.isStopped(f.flood(pharmacy))
	f.endsOnTime()
	f.toldOfSpace()
	waiting, err := f.office.Read(t.Context(), service, "INBOX")
	done(t, err)
	if len(waiting) == 0 {
		t.Error("no message waits in the inbox")
	}
	f.free.Store(200 << 20)
	for _, c := range f.connections {
		_, _ = c.Exec("PRAGMA max_page_count = 100000", nil) // some are closed by now
	}
	done(t, f.Settle(t.Context()))
	if waiting, err = f.office.Read(t.Context(), service, "INBOX"); err != nil || len(waiting) > 0 {
		t.Errorf("with room, %d messages wait in the inbox, error %v", len(waiting), err)
	}
	if code, text := f.health(); code != http.StatusOK {
		t.Errorf("readyz, with room: %d %s", code, text)
	}
}
