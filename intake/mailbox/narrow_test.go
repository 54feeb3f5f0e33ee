package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
)

// A connection that is lost by chance while a message is alone has nobody blamed.
func TestLostByChance(t *testing.T) {
	lost := false
	s, cfg, at := oddly(t, imaptest.Oddity{})
	s.PutBack(letter("1"))
	s.Mend(imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
		if body && !lost {
			lost = true
			c.Hang()
			return false
		}
		return imaptest.UIDFirst(c, seq, m, body)
	}})
	l := newLedger()
	w := watch(t, cfg, l)
	settle(t, w, at)
	equal(t, "lost", lost, true)
	equal(t, "taken", l.uids(), []uint32{1})
	equal(t, "stuck", len(l.stuck), 0)
}

// Where the server is out of reach after each loss, it may be its trouble for some time: then the message is to blame for
// that as well, and what comes after it is read.
func TestLostAndAway(t *testing.T) {
	var away atomic.Bool
	var asked atomic.Int32
	s, cfg, at := oddly(t, imaptest.Oddity{})
	s.PutBack(letter("1"), letter("2"))
	s.Mend(imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
		if body && m.UID == 1 {
			away.Store(true)
			asked.Add(1)
			c.Hang()
			return false
		}
		return imaptest.UIDFirst(c, seq, m, body)
	}})
	cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if away.CompareAndSwap(true, false) {
			return nil, errors.New("out of reach")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	l := newLedger()
	w := watch(t, cfg, l)
	for range 3 {
		if _, err := w.Step(t.Context()); err == nil {
			t.Fatal("no error")
		}
		equal(t, "stuck so far", len(l.stuck), 0)
	}
	settle(t, w, at)
	equal(t, "taken", l.uids(), []uint32{2})
	equal(t, "stuck", l.stuck[w.copyOf(1)].Step, intake.StuckReading)
	if asked.Load() > 10 {
		t.Errorf("asked for %d times", asked.Load())
	}
}

// Some messages that fail among many that do not are found without asking for each, and are no sign that the server fails
// as a whole.
func TestFewAmongMany(t *testing.T) {
	for name, test := range map[string]struct {
		bad []uint32
		odd func(bad []uint32) imaptest.Oddity
		max int // FETCH commands, two for each attempt
	}{
		"refused with nothing before it": {[]uint32{12, 30, 31, 64}, func(bad []uint32) imaptest.Oddity {
			return imaptest.Oddity{Answer: func(c *imaptest.Conn, command string) bool {
				is := strings.HasPrefix(command, "UID FETCH") && strings.Contains(command, "BODY") &&
					slices.ContainsFunc(bad, func(uid uint32) bool { return imaptest.Named(command, uid) })
				if is {
					c.Say("TAG NO no")
				}
				return is
			}}
		}, 68},
		"refused after those before it": {[]uint32{12, 30, 31, 64}, func(bad []uint32) imaptest.Oddity {
			return imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
				if body && slices.Contains(bad, m.UID) {
					c.Say("TAG NO no")
					return false
				}
				return imaptest.UIDFirst(c, seq, m, body)
			}}
		}, 52},
		"not handed over": {[]uint32{12, 30}, func(bad []uint32) imaptest.Oddity {
			return imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
				return body && slices.Contains(bad, m.UID) || imaptest.UIDFirst(c, seq, m, body)
			}}
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cfg, _ := oddly(t, test.odd(test.bad))
			for i := range 60 {
				s.Deliver(letter(fmt.Sprint(i)))
			}
			cfg.Batch = 64
			l := newLedger()
			w := watch(t, cfg, l)
			drain(t, w)
			equal(t, "taken", len(l.taken), 64-len(test.bad))
			var stuck []uint32
			for c := range l.stuck {
				stuck = append(stuck, c.UID)
			}
			slices.Sort(stuck)
			equal(t, "stuck", stuck, test.bad)
			for _, uid := range test.bad {
				alone := fmt.Sprintf("UID FETCH %d (", uid)
				if n := len(s.Heard(alone)); n > 2 {
					t.Errorf("%d was asked for alone %d times", uid, n)
				}
			}
			if n := len(s.Heard("UID FETCH")); n > test.max {
				t.Errorf("%d times FETCH, want %d at most", n, test.max)
			}
		})
	}
}
