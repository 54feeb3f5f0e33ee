package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
)

// TestReadOnly: whatever the server can do and the intake says, a mailbox that is only read hears nothing else.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for _, caps := range []string{"IMAP4rev1 MOVE IDLE", "IMAP4rev1 UIDPLUS IDLE NAMESPACE", "IMAP4rev1 IDLE"} {
		t.Run(caps, func(t *testing.T) {
			t.Parallel()
			s, cfg, _ := oddly(t, imaptest.Oddity{Caps: caps})
			cfg.ReadOnly, cfg.MaxSize = true, int64(len(letter("1")))+10
			s.Deliver(letter("one that is longer than what is read whole"))
			l := newLedger()
			l.period.From = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
			w := watch(t, cfg, l)
			equal(t, "taken", drain(t, w), 5)
			if err := w.Wait(t.Context(), time.Millisecond); err != nil {
				t.Fatal(err)
			}
			s.Deliver(letter("6"))
			equal(t, "taken later", drain(t, w), 1)
			equal(t, "read", l.uids(), []uint32{1, 2, 3, 4, 5, 6})
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			equal(t, "changing", s.Changing(), []string(nil))
			if said := strings.Join(s.Heard(""), "\n"); !strings.Contains(said, "EXAMINE") || !strings.Contains(said, "BODY.PEEK[]") ||
				!strings.Contains(said, "BODY.PEEK[HEADER]") || !strings.Contains(said, "IDLE") {
				t.Errorf("the server heard only\n%s", said)
			}
		})
	}
}

// fileless answers as one who never files anything.
type fileless struct{ *ledger }

func (f fileless) Returned(context.Context, string, uint32, []uint32) ([]uint32, error) {
	return nil, nil
}

func (f fileless) Unfiled(context.Context, string, uint32, uint32, int) ([]intake.Filing, error) {
	return nil, nil
}

// testReadOnly: a person finds the mailbox as it was.
func testReadOnly(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.ReadOnly = true
	p, l := meet(t, cfg), fileless{newLedger()}
	p.add("INBOX", letter("read"), imap.FlagSeen, imap.FlagFlagged)
	p.add("INBOX", letter("new"))
	p.add("INBOX", letter("to be removed"), imap.FlagDeleted)
	look := func() map[uint32]string {
		found := make(map[uint32]string)
		for uid, m := range p.messages("INBOX") {
			flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return f == `\Recent` }) // which whoever looks takes away
			slices.Sort(flags)
			found[uid] = fmt.Sprint(flags, string(m.BodySection[0].Bytes))
		}
		return found
	}
	before := look()
	w := watch(t, cfg, l)
	equal(t, "taken", drain(t, w), 3)
	equal(t, "taken again", drain(t, w), 0)
	equal(t, "messages", look(), before)
	for _, folder := range []intake.Folder{intake.Processed, intake.RefusedBox, intake.Quarantine} {
		if _, err := p.c.Select(srv.folder(folder), nil).Wait(); err == nil {
			t.Errorf("there is a folder %s", folder)
		}
	}
}
