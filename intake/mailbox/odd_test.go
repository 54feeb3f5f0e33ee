package mailbox

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
)

// oddly starts a server with four messages, and returns how to reach it.
func oddly(t *testing.T, odd imaptest.Oddity) (*imaptest.Server, Config, *clock) {
	t.Helper()
	s := imaptest.Start(t, odd, letter("1"), letter("2"), letter("3"), letter("4"))
	at := newClock()
	cfg := baseConfig(t, s.Addr)
	cfg.Now, cfg.Timeout = at.read, 2*time.Second
	return s, cfg, at
}

// Whatever words a server uses, every message is read as it is. Those that were met in the field are in TestField.
func TestWordings(t *testing.T) {
	all := imaptest.Wordings()
	for _, name := range fieldWordings() {
		delete(all, name)
	}
	for name, odd := range all {
		t.Run(name, readsAll(odd))
	}
}

// readsAll tests that every message is read as it is and filed, and that the mailbox is read well after that.
func readsAll(odd imaptest.Oddity) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		s, cfg, _ := oddly(t, odd)
		l := newLedger()
		w := watch(t, cfg, l)
		for len(l.taken) < 4 {
			if n, err := w.Step(t.Context()); n == 0 || err != nil {
				t.Fatalf("Step = %d, %v; taken are %v", n, err, l.uids())
			}
		}
		for i, a := range l.taken {
			equal(t, "raw", string(a.Raw), letter(string(rune('1'+i))))
		}
		if _, err := w.Step(t.Context()); err != nil {
			t.Errorf("Step after the last: %v", err)
		}
		equal(t, "stuck", len(l.stuck), 0)
		equal(t, "inbox", len(s.Inbox()), 0)
	}
}

// Whatever a server does in the place of handing over one message, the others are taken, it is on record with the
// server's words, and it is taken once the server hands it over.
func TestTroubles(t *testing.T) {
	for name, trouble := range imaptest.Troubles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cfg, at := oddly(t, trouble.Oddity)
			l := newLedger()
			w := watch(t, cfg, l)
			settle(t, w, at)
			equal(t, "taken", slices.Sorted(slices.Values(l.uids())), []uint32{1, 3, 4})
			stuck := l.stuck[w.copyOf(imaptest.Second)]
			if stuck.Step != intake.StuckReading || !strings.Contains(stuck.Cause, trouble.Words) {
				t.Errorf("on record: %+v", stuck)
			}
			equal(t, "stuck", len(l.stuck), 1)

			// It is tried again, less and less often, after what is new.
			heard := len(s.Heard("UID FETCH"))
			drain(t, w)
			equal(t, "fetched before its time", len(s.Heard("UID FETCH"))-heard, 0)
			s.Deliver(letter("5"))
			at.later(6 * time.Hour)
			settle(t, w, at)
			equal(t, "tries", l.stuck[w.copyOf(imaptest.Second)].Tries > stuck.Tries, true)
			equal(t, "the last taken", l.uids()[len(l.taken)-1], uint32(5))

			s.Mend(imaptest.Oddity{})
			at.later(6 * time.Hour)
			settle(t, w, at)
			equal(t, "taken in the end", slices.Sorted(slices.Values(l.uids())), []uint32{1, 2, 3, 4, 5})
			equal(t, "stuck in the end", len(l.stuck), 0)
		})
	}
}

// What is empty although it has a size is asked for once more, and taken as it is then; what stays empty is in TestField.
func TestEmpty(t *testing.T) { isEmptyAtFirst(t, letter("2")) }

// isEmptyAtFirst tests what comes of a message that is empty at two looks, and has this text then.
func isEmptyAtFirst(t *testing.T, text string) {
	asked := 0
	_, cfg, _ := oddly(t, imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
		asked++
		if m.UID != 2 || !body || text != "" && asked > 8 { // two looks at four messages
			return imaptest.UIDFirst(c, seq, m, body)
		}
		c.Say(fmt.Sprintf("* %d FETCH (UID 2 BODY[] {0}", seq), ")")
		return true
	}})
	l := newLedger()
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4})
	for _, a := range l.taken {
		if a.UID == 2 {
			equal(t, "raw", string(a.Raw), text)
		}
	}
}

// settle steps until nothing is left to do now, as Run does: over errors, and over the pauses that follow them.
func settle(t *testing.T, w *Watcher, at *clock) {
	t.Helper()
	for range 40 {
		n, err := w.Step(t.Context())
		switch {
		case err != nil:
			t.Log(err)
			at.later(time.Second)
		case n == 0:
			return
		}
	}
	t.Fatal("it never comes to rest")
}

// Where a server keeps all messages back, each is on record, and it is the server's trouble. None is asked for by itself
// more often than it takes to see that.
func TestNothingHandedOver(t *testing.T) {
	for name, odd := range map[string]imaptest.Oddity{
		"OK": says("UID FETCH", "TAG OK done"),
		"OK to BODY": {Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
			return body || imaptest.UIDFirst(c, seq, m, body)
		}},
		"NO":  says("UID FETCH", "TAG NO cannot read"),
		"BAD": says("UID FETCH", "TAG BAD Command Error. 12"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cfg, at := oddly(t, odd)
			for i := range 96 {
				s.Deliver(letter(fmt.Sprint(i)))
			}
			cfg.Batch = 200
			l := newLedger()
			w := watch(t, cfg, l)
			if _, err := w.Step(t.Context()); err == nil || !w.LastRead().IsZero() {
				t.Errorf("read well at %v: %v", w.LastRead(), err)
			}
			equal(t, "stuck", len(l.stuck), 100)
			if n := len(s.Heard("UID FETCH")); n > 25 {
				t.Errorf("%d times FETCH", n)
			}
			drain(t, w) // when the pauses are not over
			at.later(time.Minute)
			w.cfg.Batch = 10
			heard := len(s.Heard("UID FETCH"))
			if _, err := w.Step(t.Context()); err != nil {
				t.Errorf("tried again: %v", err)
			}
			if n := len(s.Heard("UID FETCH")) - heard; n > 2*hopeless {
				t.Errorf("%d times FETCH when they are tried again", n)
			}
			s.Deliver(letter("new"))
			s.Mend(imaptest.Oddity{})
			drain(t, w)
			equal(t, "the first taken", l.uids()[0], uint32(101))
		})
	}
}

// A mailbox or folder that takes no copies is asked a few times, not for each message; all are on record, and filed once it
// does.
func TestFullMailbox(t *testing.T) {
	for _, no := range []string{"NO [OVERQUOTA] mailbox is full", "NO [LIMIT] too many messages in the folder"} {
		t.Run(no, func(t *testing.T) { isFullAtFirst(t, no) })
	}
}

func isFullAtFirst(t *testing.T, no string) {
	s, cfg, at := oddly(t, says("UID MOVE", "TAG "+no))
	for i := range 46 {
		s.Deliver(letter(fmt.Sprint(i)))
	}
	l := newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	equal(t, "taken", len(l.taken), 50)
	equal(t, "stuck", len(l.stuck), 50)
	for _, stuck := range l.stuck {
		equal(t, "step", stuck.Step, intake.StuckFiling)
		equal(t, "cause", stuck.Cause, no)
	}
	if n := len(s.Heard("UID MOVE")); n > 12 {
		t.Errorf("%d times MOVE", n)
	}
	drain(t, w)
	equal(t, "taken again", len(l.taken), 50)
	s.Mend(imaptest.Oddity{})
	at.later(time.Minute)
	drain(t, w)
	equal(t, "inbox", len(s.Inbox()), 0)
	equal(t, "stuck in the end", len(l.stuck), 0)
}

// A message on whose filing the server fails holds up neither the filing of others nor what is new.
func TestFilingFails(t *testing.T) {
	for name, fails := range map[string]func(c *imaptest.Conn){
		"BAD":    func(c *imaptest.Conn) { c.Say("TAG BAD Command Error. 12") },
		"closes": (*imaptest.Conn).Hang,
		"BYE":    func(c *imaptest.Conn) { c.Say("* BYE oops"); c.Hang() },
		"silent": func(*imaptest.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cfg, at := oddly(t, imaptest.Oddity{Answer: func(c *imaptest.Conn, heard string) bool {
				bad := strings.HasPrefix(heard, "UID MOVE") && imaptest.Named(heard, 2)
				if bad {
					fails(c)
				}
				return bad
			}})
			cfg.Timeout = 200 * time.Millisecond
			l := newLedger()
			w := watch(t, cfg, l)
			settle(t, w, at)
			equal(t, "filed", slices.Sorted(slices.Values(s.Filed())), []uint32{1, 3, 4})
			equal(t, "stuck", l.stuck[w.copyOf(2)].Step, intake.StuckFiling)
			s.Deliver(letter("5"))
			at.later(time.Hour)
			settle(t, w, at)
			equal(t, "filed later", s.Filed()[len(s.Filed())-1], uint32(5))
			s.Mend(imaptest.Oddity{})
			at.later(6 * time.Hour)
			settle(t, w, at)
			equal(t, "inbox", len(s.Inbox()), 0)
			equal(t, "taken", len(l.taken), 5)
			equal(t, "stuck in the end", len(l.stuck), 0)
		})
	}
}

// A message that stays in the inbox although the server says that it was moved is neither fetched without end nor
// forgotten.
func TestMoveOnlySaid(t *testing.T) {
	s, cfg, at := oddly(t, says("UID MOVE", "TAG OK moved"))
	l := newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	stuck := l.stuck[w.copyOf(1)]
	equal(t, "step", stuck.Step, intake.StuckFiling)
	equal(t, "nobody need hear of it", stuck.Passing, true)
	moves := len(s.Heard("UID MOVE"))
	drain(t, w)
	equal(t, "moves before its time", len(s.Heard("UID MOVE")), moves)
	at.later(time.Minute)
	drain(t, w)
	equal(t, "somebody need", l.stuck[w.copyOf(1)].Passing, false)
	s.Mend(imaptest.Oddity{})
	at.later(time.Hour)
	drain(t, w)
	drain(t, w)
	equal(t, "inbox", len(s.Inbox()), 0)
	equal(t, "stuck in the end", len(l.stuck), 0)
}

// What a mailbox holds that was put back from a copy is read, whatever numbers it has.
func TestPutBack(t *testing.T) {
	s, cfg, _ := oddly(t, imaptest.Oddity{})
	l := newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	l.taken = nil
	s.PutBack(letter("1"), letter("new"), letter("newer"))
	drain(t, w)
	equal(t, "handed over", l.uids(), []uint32{1, 2, 3})
	equal(t, "inbox", len(s.Inbox()), 0)
	equal(t, "stuck", len(l.stuck), 0)
}

// What stalls a server costs two silences, and what comes before it is taken.
func TestStalls(t *testing.T) {
	for name, lines := range map[string][]string{
		"before":              nil,
		"within the literal":  {"* 2 FETCH (UID 2 BODY[] {500}", "From:"},
		"within the answer":   {"* 2 FETCH (UID 2 BODY["},
		"literal and an end":  {"* 2 FETCH (UID 2 BODY[] {500}", "From: x", "", ")", "TAG OK done"},
		"at the empty answer": {"* 2 FETCH (UID 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cfg, at := oddly(t, imaptest.Oddity{Fetch: func(c *imaptest.Conn, seq int, m imaptest.Message, body bool) bool {
				if m.UID != 2 || !body {
					return imaptest.UIDFirst(c, seq, m, body)
				}
				c.Say(lines...)
				return false
			}})
			cfg.Timeout = 100 * time.Millisecond
			l := newLedger()
			w := watch(t, cfg, l)
			settle(t, w, at)
			equal(t, "taken", l.uids(), []uint32{1, 3, 4})
			if stuck := l.stuck[w.copyOf(2)]; !strings.Contains(stuck.Cause, "silent for 100ms") {
				t.Errorf("on record: %+v", stuck)
			}
		})
	}
}

// Mended answers leave one line of each kind in the log.
func TestOddityIsLogged(t *testing.T) {
	var log strings.Builder
	_, cfg, _ := oddly(t, imaptest.Wordings()["UID last"])
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	drain(t, watch(t, cfg, newLedger()))
	equal(t, "lines", strings.Count(log.String(), "the UID comes late"), 1)
}
