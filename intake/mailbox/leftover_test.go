package mailbox

import (
	"context"
	"errors"
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
