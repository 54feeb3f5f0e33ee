package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mfabot/intake"
)

const testPassword = `pa"ss\word`

// server is a real or an embedded IMAP server that the suite runs on.
type server interface {
	// config returns how to reach a user's empty mailbox without TLS.
	config(t testing.TB) Config
	// renumber gives the user's inbox, with its messages, a new UIDVALIDITY.
	renumber(t testing.TB, cfg Config)
	// folder returns the name on the server of a filing folder next to INBOX.
	folder(f intake.Folder) string
}

// memServer is go-imap's memory server with the capabilities it is told.
type memServer struct {
	caps imap.CapSet

	mu    sync.Mutex
	users map[string]*imapmemserver.User
}

func newMemServer(caps ...imap.Cap) *memServer {
	set := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	return &memServer{caps: set, users: make(map[string]*imapmemserver.User)}
}

func (m *memServer) config(t testing.TB) Config {
	t.Helper()
	user := imapmemserver.NewUser("helpdesk@example.test", testPassword)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	addr := serve(t, &imapserver.Options{
		Caps:         m.caps,
		InsecureAuth: true,
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
	})
	m.mu.Lock()
	m.users[addr] = user
	m.mu.Unlock()
	return baseConfig(t, addr)
}

func (m *memServer) renumber(t testing.TB, cfg Config) {
	t.Helper()
	p := meet(t, cfg)
	bodies := p.bodies("INBOX")
	m.mu.Lock()
	user := m.users[cfg.Addr]
	m.mu.Unlock()
	if err := errors.Join(user.Delete("INBOX"), user.Create("INBOX", nil)); err != nil {
		t.Fatal(err)
	}
	for _, uid := range slices.Sorted(maps.Keys(bodies)) {
		p.add("INBOX", bodies[uid])
	}
}

func (m *memServer) folder(f intake.Folder) string { return string(f) }

// serve runs an IMAP server on a free port until the test ends.
func serve(t testing.TB, options *imapserver.Options) (addr string) {
	t.Helper()
	return serveOn(t, options, func(ln net.Listener) net.Listener { return ln })
}

func serveTLS(t testing.TB, options *imapserver.Options) (addr string) {
	t.Helper()
	return serveOn(t, options, func(ln net.Listener) net.Listener {
		return tls.NewListener(ln, options.TLSConfig)
	})
}

func serveOn(t testing.TB, options *imapserver.Options, wrap func(net.Listener) net.Listener) (addr string) {
	t.Helper()
	options.Logger = log.New(io.Discard, "", 0)
	srv := imapserver.New(options)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln = wrap(ln)
	done := make(chan error)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		_ = ln.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = srv.Close()
	})
	return ln.Addr().String()
}

func baseConfig(t testing.TB, addr string) Config {
	return Config{
		Name:     "helpdesk",
		Addr:     addr,
		Security: intake.Plain,
		Username: "helpdesk@example.test",
		Password: func() (string, error) { return testPassword, nil },
		Timeout:  20 * time.Second,
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// ledger is the record of an intake, in memory.
type ledger struct {
	into     func(intake.Arrival) intake.Folder // nil: Processed; an empty one holds the message back
	takeErr  error
	filedErr error

	period intake.Period
	left   []int // how many stay where they are, each time that was told

	known   map[intake.Copy]bool
	unfiled map[intake.Copy]intake.Filing
	stuck   map[intake.Copy]intake.Stuck
	alone   time.Time
	taken   []intake.Arrival
	batches []int
}

func newLedger() *ledger {
	return &ledger{known: make(map[intake.Copy]bool), unfiled: make(map[intake.Copy]intake.Filing),
		stuck: make(map[intake.Copy]intake.Stuck)}
}

func (l *ledger) Unknown(_ context.Context, mailbox string, validity uint32, uids []uint32) (unknown []uint32, err error) {
	for _, uid := range uids {
		if !l.known[intake.Copy{Mailbox: mailbox, UIDValidity: validity, UID: uid}] {
			unknown = append(unknown, uid)
		}
	}
	return unknown, nil
}

func (l *ledger) Period(context.Context, string) (intake.Period, error) { return l.period, nil }

func (l *ledger) Left(_ context.Context, _ string, n int) error {
	l.left = append(l.left, n)
	return nil
}

func (l *ledger) Take(_ context.Context, batch []intake.Arrival) (filings []intake.Filing, err error) {
	if l.takeErr != nil {
		return nil, l.takeErr
	}
	for _, a := range batch {
		if _, filed := l.unfiled[a.Copy]; l.known[a.Copy] && filed {
			return nil, fmt.Errorf("%v taken twice", a.Copy)
		}
		f := intake.Filing{Copy: a.Copy, Folder: intake.Processed}
		if l.into != nil {
			f.Folder = l.into(a)
		}
		if f.Folder == "" {
			continue
		}
		l.known[a.Copy] = true
		l.unfiled[a.Copy] = f
		filings = append(filings, f)
	}
	l.taken = append(l.taken, batch...)
	l.batches = append(l.batches, len(batch))
	return filings, nil
}

func (l *ledger) Returned(_ context.Context, mailbox string, validity uint32, uids []uint32) (back []uint32, err error) {
	for _, uid := range uids {
		c := intake.Copy{Mailbox: mailbox, UIDValidity: validity, UID: uid}
		if _, filed := l.unfiled[c]; l.known[c] && !filed {
			back = append(back, uid)
		}
	}
	return back, nil
}

func (l *ledger) Alone(context.Context, string) (time.Time, error) { return l.alone, nil }

func (l *ledger) NoteAlone(_ context.Context, _ string, until time.Time) error {
	l.alone = until
	return nil
}

func (l *ledger) Stuck(_ context.Context, mailbox string) (stuck []intake.Stuck, err error) {
	for c, s := range l.stuck {
		if c.Mailbox == mailbox {
			stuck = append(stuck, s)
		}
	}
	return stuck, nil
}

func (l *ledger) NoteStuck(_ context.Context, stuck []intake.Stuck, over []intake.Copy) error {
	for _, s := range stuck {
		l.stuck[s.Copy] = s
	}
	for _, c := range over {
		delete(l.stuck, c)
	}
	return nil
}

func (l *ledger) Unfiled(_ context.Context, mailbox string, validity, after uint32, limit int) (filings []intake.Filing, err error) {
	for c, f := range l.unfiled {
		if c.Mailbox == mailbox && c.UIDValidity == validity && c.UID > after {
			filings = append(filings, f)
		}
	}
	slices.SortFunc(filings, func(a, b intake.Filing) int { return int(a.UID) - int(b.UID) })
	return filings[:min(len(filings), limit)], nil
}

func (l *ledger) Filed(_ context.Context, filed []intake.Filing) error {
	if l.filedErr != nil {
		return l.filedErr
	}
	for _, f := range filed {
		delete(l.unfiled, f.Copy)
	}
	return nil
}

func (l *ledger) uids() (uids []uint32) {
	for _, a := range l.taken {
		uids = append(uids, a.UID)
	}
	return uids
}

// person is somebody with a mail client on the same mailbox.
type person struct {
	t testing.TB
	c *imapclient.Client
}

func meet(t testing.TB, cfg Config) *person {
	t.Helper()
	c, err := imapclient.DialInsecure(cfg.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	p := &person{t, c}
	p.must(c.Login(cfg.Username, testPassword).Wait())
	return p
}

func (p *person) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) add(folder, body string, flags ...imap.Flag) {
	p.t.Helper()
	p.must(p.tryAdd(folder, body, flags...))
}

func (p *person) tryAdd(folder, body string, flags ...imap.Flag) error {
	return p.tryAddAt(folder, body, time.Time{}, flags...)
}

// addAt puts a message into a folder as if it had come at a moment.
func (p *person) addAt(folder, body string, at time.Time) {
	p.t.Helper()
	p.must(p.tryAddAt(folder, body, at))
}

func (p *person) tryAddAt(folder, body string, at time.Time, flags ...imap.Flag) error {
	cmd := p.c.Append(folder, int64(len(body)), &imap.AppendOptions{Flags: flags, Time: at})
	_, err := io.WriteString(cmd, body)
	err = errors.Join(err, cmd.Close())
	_, failed := cmd.Wait()
	return errors.Join(err, failed)
}

func (p *person) open(folder string) uint32 {
	p.t.Helper()
	data, err := p.c.Select(folder, nil).Wait()
	p.must(err)
	return data.UIDValidity
}

// messages returns the folder's messages by UID.
func (p *person) messages(folder string) map[uint32]*imapclient.FetchMessageBuffer {
	p.t.Helper()
	p.open(folder)
	found := make(map[uint32]*imapclient.FetchMessageBuffer)
	all := imap.UIDSet{imap.UIDRange{Start: 1, Stop: 0}}
	list, err := p.c.Fetch(all, &imap.FetchOptions{
		UID: true, Flags: true,
		BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	}).Collect()
	p.must(err)
	for _, m := range list {
		found[uint32(m.UID)] = m
	}
	return found
}

func (p *person) bodies(folder string) map[uint32]string {
	p.t.Helper()
	bodies := make(map[uint32]string)
	for uid, m := range p.messages(folder) {
		bodies[uid] = string(m.BodySection[0].Bytes)
	}
	return bodies
}

// texts returns the bodies in the order of their UIDs.
func (p *person) texts(folder string) (texts []string) {
	p.t.Helper()
	bodies := p.bodies(folder)
	for _, uid := range slices.Sorted(maps.Keys(bodies)) {
		texts = append(texts, bodies[uid])
	}
	return texts
}

func (p *person) mark(folder string, uid uint32, flag imap.Flag) {
	p.t.Helper()
	p.open(folder)
	p.must(p.c.Store(uidSet([]uint32{uid}), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag}}, nil).Close())
}

func (p *person) remove(folder string, uid uint32) {
	p.t.Helper()
	p.mark(folder, uid, imap.FlagDeleted)
	p.must(p.c.Expunge().Close())
}

// letter is a short message.
func letter(subject string) string {
	return "From: a@example.test\r\nSubject: " + subject + "\r\n\r\nHello from " + subject + "\r\n"
}

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// later has passed d, and all pauses of a stuck message that are shorter.
func (c *clock) later(d time.Duration) { c.now = c.now.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)} }

// drain steps until nothing is left and returns how many were handled.
func drain(t testing.TB, w *Watcher) (handled int) {
	t.Helper()
	for {
		n, err := w.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return handled
		}
		handled += n
	}
}

// watch returns a watcher that is closed when the test ends.
func watch(t testing.TB, cfg Config, in Intake) *Watcher {
	w := New(cfg, in)
	t.Cleanup(func() { _ = w.Close() })
	return w
}
