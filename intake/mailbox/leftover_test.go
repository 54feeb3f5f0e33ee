package mailbox

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

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

// Of messages that are the same, each has a copy of its own.
func TestCopyOfAnother(t *testing.T) {
	cfg := newMemServer(imap.CapUIDPlus).config(t)
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w) // which makes the folders
	p.add("Processed", letter("one"))
	for i, subject := range []string{"one", "two", "one", "owe"} {
		p.add("INBOX", letter(subject))
		c := w.copyOf(uint32(i + 1))
		l.known[c], l.unfiled[c] = true, intake.Filing{Copy: c, Folder: intake.Processed}
	}
	drain(t, w)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "processed", p.texts("Processed"), []string{letter("one"), letter("two"), letter("one"), letter("owe")})
}
