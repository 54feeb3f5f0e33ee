package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mfabot/intake"
)

// badSession is a memory server's session that has trouble with one message.
type badSession struct {
	imapserver.SessionIMAP4rev2
	bad  imap.UID
	mood *mood
}

// mood is what a badSession is bad at.
type mood struct{ fetch, size, file, flags bool }

var errBroken = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "message is broken"}

func (s badSession) has(set imap.NumSet) bool {
	uids, ok := set.(imap.UIDSet)
	return ok && uids.Contains(s.bad)
}

func (s badSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	bodies := len(options.BodySection) > 0
	if s.has(set) && (s.mood.size && !bodies || s.mood.fetch && bodies) {
		return errBroken
	}
	if s.has(set) && s.mood.flags && bodies {
		// News of the message's flags, which is no answer to the command.
		m := w.CreateMessage(uint32(s.bad))
		m.WriteUID(s.bad)
		m.WriteFlags([]imap.Flag{imap.FlagSeen})
		if err := m.Close(); err != nil {
			return err
		}
	}
	return s.SessionIMAP4rev2.Fetch(w, set, options)
}

func (s badSession) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if s.has(set) && s.mood.file {
		return errBroken
	}
	return s.SessionIMAP4rev2.Move(w, set, dest)
}

// badServer returns a mailbox of five messages, the third of which is trouble.
func badServer(t *testing.T, m *mood) (cfg Config, p *person) {
	mem := imapmemserver.New()
	user := imapmemserver.NewUser("helpdesk@example.test", testPassword)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem.AddUser(user)
	cfg = baseConfig(t, serve(t, &imapserver.Options{
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}},
		InsecureAuth: true,
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return badSession{mem.NewSession().(imapserver.SessionIMAP4rev2), 3, m}, nil, nil
		},
	}))
	p = meet(t, cfg)
	for i := range 5 {
		p.add("INBOX", letter(fmt.Sprint(i+1)))
	}
	return cfg, p
}

// One message that the server can't read does not hold up the others, and is read as soon as it can be.
func TestUnreadable(t *testing.T) {
	for name, m := range map[string]*mood{
		"body":                  {fetch: true},
		"size":                  {size: true},
		"neither size nor body": {size: true, fetch: true},
	} {
		t.Run(name, func(t *testing.T) {
			at := newClock()
			cfg, p := badServer(t, m)
			cfg.Now = at.read
			l := newLedger()
			w := watch(t, cfg, l)
			drain(t, w)
			equal(t, "taken", l.uids(), []uint32{1, 2, 4, 5})
			s := l.stuck[w.copyOf(3)]
			equal(t, "stuck", s, intake.Stuck{Copy: w.copyOf(3), Step: intake.StuckReading, Size: s.Size, Tries: 1,
				Cause: "NO [SERVERBUG] message is broken", Since: at.now, NextAt: at.now.Add(time.Minute)})
			*m = mood{}
			drain(t, w)
			equal(t, "taken at once", len(l.taken), 4)
			at.later(time.Minute)
			drain(t, w)
			equal(t, "taken in the end", l.uids(), []uint32{1, 2, 4, 5, 3})
			equal(t, "stuck in the end", len(l.stuck), 0)
			equal(t, "inbox", p.texts("INBOX"), []string(nil))
		})
	}
}

// News of a message's flags is not taken for the message.
func TestMistakenForFlags(t *testing.T) {
	cfg, _ := badServer(t, &mood{flags: true})
	l := newLedger()
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4, 5})
}

// When nothing can be read, that is the server's trouble and an error.
func TestNothingReadable(t *testing.T) {
	cfg := scripted(t, answers{
		"UID SEARCH": func(k *talk) { k.say("* SEARCH 1 2 3", "TAG OK") },
		"UID FETCH":  func(k *talk) { k.say("TAG NO [UNAVAILABLE] store is down") },
	})
	l := newLedger()
	n, err := watch(t, cfg, l).Step(t.Context())
	if n != 0 || err == nil || !strings.Contains(err.Error(), "store is down") {
		t.Errorf("Step = %d, %v", n, err)
	}
}

// A message that the server will not file is tried again, and does not hold up the others or what is new.
func TestUnfilable(t *testing.T) {
	m := &mood{file: true}
	cfg, p := badServer(t, m)
	at := newClock()
	cfg.Batch, cfg.Now = 3, at.read
	l := newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4, 5})
	equal(t, "inbox", p.texts("INBOX"), []string{letter("3")})
	equal(t, "stuck", l.stuck[w.copyOf(3)].Step, intake.StuckFiling)
	*m = mood{}
	at.later(time.Minute)
	drain(t, w)
	equal(t, "stuck in the end", len(l.stuck), 0)
	equal(t, "inbox then", p.texts("INBOX"), []string(nil))
	equal(t, "processed", len(p.texts("Processed")), 5)
}

// Without UIDPLUS, nothing is expunged while a message that is still to be filed is marked.
func TestExpungeUnfiled(t *testing.T) {
	cfg := newMemServer().config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("one"), imap.FlagDeleted)
	w := watch(t, cfg, l)
	if err := w.scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := w.copyOf(1)
	l.known[one] = true
	l.unfiled[one] = intake.Filing{Copy: one, Folder: intake.Processed}
	if err := w.expungeOurs(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "inbox", p.texts("INBOX"), []string{letter("one")})
	delete(l.unfiled, one)
	if err := w.expungeOurs(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
}

func TestUnknownFolder(t *testing.T) {
	cfg, p := badServer(t, new(mood))
	l := newLedger()
	l.into = func(intake.Arrival) intake.Folder { return "Elsewhere" }
	_, err := watch(t, cfg, l).Step(t.Context())
	if err == nil || !strings.Contains(err.Error(), `"Elsewhere"`) {
		t.Errorf("error %v", err)
	}
	equal(t, "inbox", len(p.texts("INBOX")), 5)
}

func TestFolderRefused(t *testing.T) {
	cfg := scripted(t, answers{
		"LIST":   func(k *talk) { k.say(`* LIST (\Noselect) "." ""`, "TAG OK") },
		"CREATE": func(k *talk) { k.say("TAG NO [NOPERM] not yours") },
		"SELECT": func(k *talk) { t.Error("the mailbox was opened") },
	})
	_, err := watch(t, cfg, newLedger()).Step(t.Context())
	if err == nil || !strings.Contains(err.Error(), "create folder Processed") || !strings.Contains(err.Error(), "not yours") {
		t.Errorf("error %v", err)
	}
}

// A server that speaks IMAP4rev2 too gets names in its older spelling, since it was not asked to take UTF-8.
func TestFolderSpelling(t *testing.T) {
	selected := make(chan string, 1)
	cfg := scripted(t, answers{
		"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 IMAP4rev2", "TAG OK") },
		"NAMESPACE":  func(k *talk) { k.say(`* NAMESPACE (("" "/")) NIL NIL`, "TAG OK") },
		"SELECT":     func(k *talk) { selected <- k.line; k.usual() },
	})
	cfg.Folder = "Über"
	drain(t, watch(t, cfg, newLedger()))
	equal(t, "command", <-selected, `SELECT "&ANw-ber"`)
}

// A silent server costs Timeout, once, wherever it falls silent.
func TestSilence(t *testing.T) {
	mute := func(*talk) {}
	for _, command := range []string{"greeting", "CAPABILITY", "LOGIN", "LIST", "SELECT", "UID SEARCH", "IDLE"} {
		t.Run(command, func(t *testing.T) {
			cfg := scripted(t, answers{command: mute})
			cfg.Timeout = 100 * time.Millisecond
			var waits atomic.Int32
			cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &patient{conn, &waits}, err
			}
			w := watch(t, cfg, newLedger())
			_, err := w.Step(t.Context())
			if err == nil {
				err = w.Wait(t.Context(), time.Hour)
			}
			if err == nil || !strings.Contains(err.Error(), "silent for 100ms") || waits.Load() != 1 {
				t.Errorf("it waited %d times: %v", waits.Load(), err)
			}
			if w.s != nil {
				t.Error("the connection is kept")
			}
		})
	}
}

// patient counts how often something was waited for in vain.
type patient struct {
	net.Conn
	waits *atomic.Int32
}

func (c *patient) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.waits.Add(1)
	}
	return n, err
}

// A mailbox whose messages cannot be had was not read well, though it was searched.
func TestNotReadWell(t *testing.T) {
	cfg := scripted(t, answers{
		"UID SEARCH": func(k *talk) { k.say("* SEARCH 1 2 3", "TAG OK done") },
		"UID FETCH":  func(k *talk) { k.say("* 1 FETCH (UID 1 RFC822.SIZE 5"); _ = k.conn.Close() },
	})
	w := watch(t, cfg, newLedger())
	if _, err := w.Step(t.Context()); err == nil || !w.LastRead().IsZero() {
		t.Errorf("read at %v: %v", w.LastRead(), err)
	}
}

func TestCancelled(t *testing.T) {
	for _, command := range []string{"greeting", "LOGIN", "SELECT", "UID SEARCH"} {
		t.Run(command, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cfg := scripted(t, answers{command: func(*talk) { cancel() }})
			cfg.Timeout = time.Hour
			if _, err := watch(t, cfg, newLedger()).Step(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// An expired token ends the session; that is nobody's error.
func TestBye(t *testing.T) {
	bye := func(k *talk) { k.say("* BYE Session invalidated - AccessTokenExpired"); _ = k.conn.Close() }
	selects := 0
	cfg := scripted(t,
		answers{"SELECT": func(k *talk) {
			if selects++; selects > 1 {
				bye(k)
				return
			}
			k.usual()
		}},
		answers{"IDLE": bye},
		answers{"SELECT": bye},
	)
	w := watch(t, cfg, newLedger())
	drain(t, w) // the first connection
	drain(t, w) // the second
	if err := w.Wait(t.Context(), time.Hour); err == nil || !strings.Contains(err.Error(), "AccessTokenExpired") {
		t.Errorf("Wait: %v", err)
	}
	// The third is ended at once: no reason to try a fourth in the same step.
	if _, err := w.Step(t.Context()); !errors.Is(err, errLost) || !strings.Contains(err.Error(), "AccessTokenExpired") {
		t.Errorf("Step: %v", err)
	}
}

func TestSearchBounds(t *testing.T) {
	for answer, text := range map[string]string{
		`* ESEARCH (TAG "%s") UID ALL 1:4294967295`:                                               "which can't be",
		`* ESEARCH (TAG "%s") UID ALL 4294967295:*`:                                               "dynamic",
		`* ESEARCH (TAG "%s") UID ALL 1` + strings.Repeat(",1", maxUIDs+1):                        "finds more than",
		"* SEARCH" + strings.Repeat(" 1", maxUIDs+1) + "%.0s":                                     "finds more than",
		"* SEARCH" + strings.Repeat(strings.Repeat(" 1", maxUIDs/2+1)+"\r\n* SEARCH", 2) + "%.0s": "finds more than",
	} {
		cfg := scripted(t, answers{
			"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 ESEARCH", "TAG OK") },
			"UID SEARCH": func(k *talk) {
				_, _ = fmt.Fprintf(k.conn, answer+"\r\n", k.tag)
				k.say("TAG OK")
			},
		})
		_, err := watch(t, cfg, newLedger()).Step(t.Context())
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%.40s: %v", answer, err)
		}
	}
}

// A hundred thousand messages cost a few bytes each, and only the sizes of one batch are asked for.
func TestLargeMailbox(t *testing.T) {
	const n = 100_000
	var list strings.Builder
	list.WriteString("* SEARCH")
	for i := range n {
		fmt.Fprintf(&list, " %d", 2*i+1) // with gaps, which no range covers
	}
	fetched := make(chan string, 10)
	cfg := scripted(t, answers{
		"UID SEARCH": func(k *talk) { k.say(list.String(), "TAG OK") },
		"UID FETCH":  func(k *talk) { fetched <- k.line; k.say("TAG NO [LIMIT] not so fast") },
	})
	cfg.Batch = 3
	w := watch(t, cfg, newLedger())
	before := heap()
	if err := w.scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if used := heap() - before; used > 4<<20 {
		t.Errorf("%d bytes in use", used)
	}
	equal(t, "pending", len(w.pending.uids), n)
	if _, err := w.takeBatch(t.Context(), &w.pending); err == nil {
		t.Error("no error")
	}
	// The client lists the items in any order.
	equal(t, "fetched", strings.Replace(<-fetched, " INTERNALDATE", "", 1), "UID FETCH 1,3,5 (UID RFC822.SIZE)")
	equal(t, "fetched more", len(fetched), 0)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
