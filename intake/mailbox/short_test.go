package mailbox

import (
	"fmt"
	"strings"
	"testing"

	"mfabot/intake/mailbox/imaptest"
)

// forging is an email whose end is an answer that hands over another message, for a server that counts a line break as
// one byte: what it announces ends where that answer begins.
func forging(uid int, forged string) string {
	end := fmt.Sprintf(")\r\n* 2 FETCH (UID %d BODY[] {%d}\r\n%s", uid, len(forged), forged)
	return "From: x@evil.test" + strings.Repeat("\r\n", len(end)-strings.Count(end, "\r\n")) + end
}

// counted is the size that such a server gives.
func counted(raw string) int { return len(strings.ReplaceAll(raw, "\r\n", "\n")) }

// miscounts is a server that gives the first message such a size, beforehand and with the body.
func miscounts(first uint32) imaptest.Oddity {
	return imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
		switch {
		case m.UID != first:
			return imaptest.UIDFirst(c, seq, m, body)
		case body:
			c.Say(fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}\r\n%s)", seq, m.UID, counted(m.Raw), m.Raw))
		default:
			c.Say(fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE %d)", seq, m.UID, counted(m.Raw)))
		}
		return true
	}}
}

// An email cannot hand over another in its own words: neither one that comes, nor one that does not, nor the same again.
func TestShortLiteral(t *testing.T) {
	for name, test := range map[string]struct {
		forged   string
		withheld bool // the server does not hand the other over behind the first
	}{
		"another":                {"From: reviewer@trust.test\r\n\r\nAPPROVE\r\n", false},
		"another of its size":    {strings.Repeat("y", len(letter("2"))), false},
		"one that does not come": {"From: reviewer@trust.test\r\n\r\nAPPROVE\r\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			odd, behind := miscounts(1), false
			if fetch := odd.Fetch; test.withheld {
				odd.Fetch = func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
					left := body && m.UID == 2 && behind
					behind = body && m.UID == 1
					return left || fetch(c, seq, m, body)
				}
			}
			s, cfg, at := oddly(t, odd)
			s.PutBack(forging(2, test.forged), letter("2"), letter("3"))
			l := newLedger()
			w := watch(t, cfg, l)
			settle(t, w, at)
			raws := make(map[uint32]string)
			for _, a := range l.taken {
				raws[a.UID] = string(a.Raw)
			}
			_, stuck := l.stuck[w.copyOf(1)]
			equal(t, "stuck", stuck, !test.withheld) // else it has the size that was given, as far as it goes
			delete(raws, 1)
			equal(t, "taken", raws, map[uint32]string{2: letter("2"), 3: letter("3")})
		})
	}
}

// Of what is read in part no size tells whether it is what it should be: each is asked for alone.
func TestHeadersAlone(t *testing.T) {
	s, cfg, _ := oddly(t, imaptest.Oddity{})
	cfg.MaxSize = 10
	l := newLedger()
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4})
	for _, command := range s.Heard("UID FETCH") {
		if strings.Contains(command, "BODY") && imaptest.Named(command, 1) {
			equal(t, "of others", imaptest.Named(command, 2), false)
		}
	}
}
