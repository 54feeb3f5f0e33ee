package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"mfabot/intake"
)

// A server may name a message after other items that were asked of it.
func TestUIDComesLast(t *testing.T) {
	cfg := scripted(t, answers{
		"UID SEARCH": func(k *talk) { k.say("* SEARCH 5", "TAG OK") },
		"UID FETCH": func(k *talk) {
			if strings.Contains(k.line, "RFC822.SIZE") {
				k.say(`* 1 FETCH (RFC822.SIZE 1 INTERNALDATE "02-Nov-2026 09:00:00 +0000" UID 5)`, "TAG OK")
				return
			}
			k.say("* 1 FETCH (UID 5 BODY[] {1}", "x)", "TAG OK")
		},
	})
	l := newLedger()
	if _, err := watch(t, cfg, l).Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "taken", l.uids(), []uint32{5})
}

// What a connection left marked when it broke is expunged by the next, on a server that can only expunge all
// that is marked.
func TestMarkedIsExpungedLater(t *testing.T) {
	cfg := newMemServer().config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("one"), imap.FlagDeleted)
	w := watch(t, cfg, l)
	if err := w.selectFolder(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.known[w.copyOf(1)] = true // and filed
	drain(t, w)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
}

// forgetful has its answer lost, once, after it has put something on record.
type forgetful struct {
	*ledger
	lost bool
}

func (f *forgetful) Filed(ctx context.Context, filed []intake.Filing) error {
	if err := f.ledger.Filed(ctx, filed); err != nil || f.lost {
		return err
	}
	f.lost = true
	return errors.New("the answer is lost")
}

// What was marked is expunged also when it cannot be seen that it is on record.
func TestMarkedIsExpungedAfterAFault(t *testing.T) {
	cfg := newMemServer().config(t)
	p, l := meet(t, cfg), &forgetful{ledger: newLedger()}
	p.add("INBOX", letter("one"))
	w := watch(t, cfg, l)
	if _, err := w.Step(t.Context()); err == nil {
		t.Fatal("no error")
	}
	drain(t, w)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
}

// cutAt is a connection that is lost, once, when the client sends a command.
type cutAt struct {
	net.Conn
	command string
	lost    *bool
}

func (c cutAt) Write(p []byte) (int, error) {
	if !*c.lost && bytes.Contains(p, []byte(c.command)) {
		*c.lost = true
		_ = c.Conn.Close()
	}
	return c.Conn.Write(p)
}

// A message that was copied into its folder before the connection was lost is not copied again, on a server that cannot
// move messages.
func TestCopiedOnce(t *testing.T) {
	for name, caps := range map[string][]imap.Cap{"UIDPLUS": {imap.CapUIDPlus}, "without": nil} {
		for _, command := range []string{"+FLAGS", "EXPUNGE"} {
			t.Run(name+" at "+command, func(t *testing.T) {
				cfg := newMemServer(caps...).config(t)
				p, l := meet(t, cfg), newLedger()
				p.add("INBOX", letter("one"))
				p.add("INBOX", letter("two"))
				lost := false
				cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, addr)
					return cutAt{conn, command, &lost}, err
				}
				w := watch(t, cfg, l)
				if _, err := w.Step(t.Context()); !lost {
					t.Fatalf("the connection was not lost: %v", err)
				}
				drain(t, w)
				equal(t, "inbox", p.texts("INBOX"), []string(nil))
				equal(t, "processed", slices.Sorted(slices.Values(p.texts("Processed"))), []string{letter("one"), letter("two")})
				equal(t, "unfiled", len(l.unfiled), 0)
			})
		}
	}
}

// Of messages that are the same, each has a copy of its own, and none is taken for one that is only as long.
func TestCopyOfAnother(t *testing.T) {
	cfg := newMemServer(imap.CapUIDPlus).config(t)
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w) // which makes the folders
	p.add("Processed", letter("one"))
	for i, subject := range []string{"owe", "one", "two", "one"} {
		p.add("INBOX", letter(subject))
		c := w.copyOf(uint32(i + 1))
		l.known[c], l.unfiled[c] = true, intake.Filing{Copy: c, Folder: intake.Processed}
	}
	drain(t, w)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "processed", p.texts("Processed"), []string{letter("one"), letter("owe"), letter("two"), letter("one")})
}

// shuts is a memory server's session that ends the connection where a folder's messages are read, and loses it once in
// the middle of a COPY.
type shuts struct {
	imapserver.SessionIMAP4rev2
	folder string // selected
	on     *trouble
}

// trouble is what shuts have in common.
type trouble struct {
	reads   string   // how a folder beside INBOX fails: closes, refuses
	asked   int      // how often that was
	keeps   imap.UID // a message that it does not expunge, nor others with it; 0: none
	copies  int      // how many of a COPY are copied before the connection is lost, once; 0: it is not
	hangsUp func()   // ends the connection
}

func (s *shuts) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	s.folder = name
	return s.SessionIMAP4rev2.Select(name, options)
}

func (s *shuts) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if s.folder == "INBOX" || s.on.reads == "" {
		return s.SessionIMAP4rev2.Fetch(w, set, options)
	}
	s.on.asked++
	if s.on.reads == "closes" {
		s.on.hangsUp()
	}
	return errBroken
}

func (s *shuts) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if s.on.keeps != 0 && (uids == nil || uids.Contains(s.on.keeps)) {
		return errBroken
	}
	return s.SessionIMAP4rev2.Expunge(w, uids)
}

func (s *shuts) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	if s.on.copies == 0 {
		return s.SessionIMAP4rev2.Copy(set, dest)
	}
	uids, _ := set.(imap.UIDSet).Nums()
	some := uids[:s.on.copies]
	s.on.copies = 0
	data, err := s.SessionIMAP4rev2.Copy(imap.UIDSetNum(some...), dest)
	s.on.hangsUp()
	return data, err
}

// shutting starts a server of such sessions for a mailbox of n messages. The person sees the same without trouble.
func shutting(t *testing.T, on *trouble, n int, caps ...imap.Cap) (Config, *person) {
	t.Helper()
	user := imapmemserver.NewUser("helpdesk@example.test", testPassword)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	set := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	start := func(odd bool) Config {
		return baseConfig(t, serve(t, &imapserver.Options{Caps: set, InsecureAuth: true,
			NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
				s := mem.NewSession().(imapserver.SessionIMAP4rev2)
				if !odd {
					return s, nil, nil
				}
				on.hangsUp = func() { _ = c.NetConn().Close() }
				return &shuts{SessionIMAP4rev2: s, on: on}, nil, nil
			}}))
	}
	cfg := start(true)
	p := meet(t, start(false))
	for i := range n {
		p.add("INBOX", letter(fmt.Sprintf("%02d", i)))
	}
	return cfg, p
}

// Where the copies cannot be read, what was copied before is filed all the same, and so is what comes later: one copy too
// many is better than messages that lie there for good.
func TestCopiesCannotBeRead(t *testing.T) {
	for _, reads := range []string{"closes", "refuses"} {
		t.Run(reads, func(t *testing.T) {
			t.Parallel()
			on := new(trouble)
			cfg, p := shutting(t, on, 3, imap.CapUIDPlus)
			at := newClock()
			cfg.Now = at.read
			l := newLedger()
			w := watch(t, cfg, l)
			// Copied and on record, and the connection was lost before it left the mailbox.
			p.must(p.c.Create("Processed", nil).Wait())
			p.add("Processed", letter("01"))
			if err := w.selectFolder(t.Context()); err != nil {
				t.Fatal(err)
			}
			two := w.copyOf(2)
			l.known[two], l.unfiled[two] = true, intake.Filing{Copy: two, Folder: intake.Processed}
			on.reads = reads
			settle(t, w, at)
			p.add("INBOX", letter("late"))
			settle(t, w, at)
			equal(t, "asked", on.asked > 0, true)
			equal(t, "inbox", p.texts("INBOX"), []string(nil))
			equal(t, "unfiled", len(l.unfiled), 0)
			equal(t, "stuck", len(l.stuck), 0)
			processed := slices.Compact(slices.Sorted(slices.Values(p.texts("Processed"))))
			equal(t, "processed", processed, []string{letter("00"), letter("01"), letter("02"), letter("late")})
		})
	}
}

// Of many messages that are copied at once, each is in its folder once, wherever among them the connection is lost.
func TestCopiedOnceOfMany(t *testing.T) {
	const many = 40
	for _, caps := range [][]imap.Cap{{imap.CapUIDPlus}, nil} {
		for _, copies := range []int{1, 20, many} {
			t.Run(fmt.Sprint(caps, copies), func(t *testing.T) {
				t.Parallel()
				on := &trouble{copies: copies}
				cfg, p := shutting(t, on, many, caps...)
				at := newClock()
				cfg.Now = at.read
				l := newLedger()
				w := watch(t, cfg, l)
				settle(t, w, at)
				equal(t, "lost", on.copies, 0)
				equal(t, "inbox", p.texts("INBOX"), []string(nil))
				var want []string
				for i := range many {
					want = append(want, letter(fmt.Sprintf("%02d", i)))
				}
				equal(t, "processed", slices.Sorted(slices.Values(p.texts("Processed"))), want)
				equal(t, "unfiled", len(l.unfiled), 0)
				equal(t, "stuck", len(l.stuck), 0)
			})
		}
	}
}

// What is copied and cannot be removed is not copied again, however often that is tried, and the others are filed.
func TestCopiedAndKept(t *testing.T) {
	on := &trouble{keeps: 2}
	cfg, p := shutting(t, on, 3, imap.CapUIDPlus)
	at := newClock()
	cfg.Now = at.read
	l := newLedger()
	w := watch(t, cfg, l)
	all := []string{letter("00"), letter("01"), letter("02")}
	for range 5 {
		settle(t, w, at)
		equal(t, "inbox", p.texts("INBOX"), []string{letter("01")})
		equal(t, "processed", slices.Sorted(slices.Values(p.texts("Processed"))), all)
		equal(t, "stuck", l.stuck[w.copyOf(2)].Step, intake.StuckFiling)
		at.later(6 * time.Hour)
	}
	equal(t, "tries", l.stuck[w.copyOf(2)].Tries, 5)
	on.keeps = 0
	settle(t, w, at)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "processed", slices.Sorted(slices.Values(p.texts("Processed"))), all)
	equal(t, "stuck", len(l.stuck), 0)
}
