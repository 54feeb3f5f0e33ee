package mailbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake/mailbox/imaptest"
)

// says is a server that answers what begins with a command by some lines.
func says(command string, lines ...string) imaptest.Oddity {
	return imaptest.Oddity{Answer: func(c *imaptest.Conn, heard string) bool {
		if !strings.HasPrefix(heard, command) {
			return false
		}
		c.Say(lines...)
		return true
	}}
}

const suggested = "BAD Request is throttled. Suggested Backoff Time: 299910 milliseconds"

// A server that says how long it wants to be left alone is, whatever it was asked: nothing is asked of it before. One that
// says so at FETCH is in TestField.
func TestThrottled(t *testing.T) {
	for name, test := range map[string]struct {
		odd     imaptest.Oddity
		command string
	}{
		"at the body":      {says("UID FETCH 1:4 (UID BODY", "TAG "+suggested), "UID FETCH 1:4 (UID BODY"},
		"beside the tag":   {says("UID FETCH", "* "+suggested, "TAG BAD failed"), "UID FETCH"},
		"with OK":          {says("UID FETCH", "* "+suggested, "TAG OK done"), "UID FETCH"},
		"by BYE":           {imaptest.Oddity{Answer: hangs("UID FETCH", "* BYE Backoff 299910 milliseconds")}, "UID FETCH"},
		"at SELECT":        {says("SELECT", "TAG "+suggested), "SELECT"},
		"at UID SEARCH":    {says("UID SEARCH", "TAG NO [THROTTLED] back off for 299 seconds"), "UID SEARCH"},
		"at LOGIN":         {says("LOGIN", "TAG "+suggested), "LOGIN"},
		"at UID MOVE":      {says("UID MOVE", "TAG "+suggested), "UID MOVE"},
		"with the seconds": {says("UID FETCH", "TAG NO [LIMIT] Rate limit hit, try again in 300 seconds"), "UID FETCH"},
	} {
		t.Run(name, leavesAlone(test.odd, test.command))
	}
}

// leavesAlone tests that a server that wants to be left alone for five minutes hears a command once, and again after that.
func leavesAlone(odd imaptest.Oddity, command string) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		s, cfg, at := oddly(t, odd)
		w := watch(t, cfg, newLedger())
		_, err := w.Step(t.Context())
		if asked := new(throttled); !errors.As(err, &asked) || asked.wait.Round(10*time.Second) != 5*time.Minute {
			t.Fatalf("error %v", err)
		}
		for _, later := range []time.Duration{time.Second, 4*time.Minute + 55*time.Second} {
			at.later(later)
			if _, err := w.Step(t.Context()); err == nil {
				t.Error("no error while it waits")
			}
		}
		equal(t, "asked meanwhile", len(s.Heard(command)), 1)
		s.Mend(imaptest.Oddity{})
		at.later(10 * time.Second)
		drain(t, w)
		equal(t, "inbox", len(s.Inbox()), 0)
	}
}

// A server that says "in ten minutes" of one message, again and again, is left alone as long each time, and the others are
// read and filed.
func TestThrottledOverOne(t *testing.T) {
	for command, asked := range map[string]string{"UID FETCH": "BODY", "UID MOVE": ""} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			s, cfg, at := oddly(t, imaptest.Oddity{Answer: func(c *imaptest.Conn, heard string) bool {
				scanned := strings.HasPrefix(heard, command) && strings.Contains(heard, asked) && imaptest.Named(heard, 2)
				if scanned {
					c.Say("TAG NO [INUSE] message is being scanned, try again in 10 minutes")
				}
				return scanned
			}})
			l := newLedger()
			w := watch(t, cfg, l)
			waits := 0
			for ; len(s.Filed()) < 3 && waits < 20; waits++ {
				if _, err := w.Step(t.Context()); err == nil {
					continue
				} else if asked := new(throttled); !errors.As(err, &asked) || asked.wait != 10*time.Minute {
					t.Fatal(err)
				}
				heard := len(s.Heard(""))
				at.later(9 * time.Minute)
				if _, err := w.Step(t.Context()); err == nil {
					t.Error("no error while it waits")
				}
				equal(t, "asked meanwhile", len(s.Heard(""))-heard, 0)
				at.later(time.Minute)
			}
			equal(t, "filed", slices.Sorted(slices.Values(s.Filed())), []uint32{1, 3, 4})
			equal(t, "stuck", len(l.stuck), 1)
			equal(t, "on record", strings.Contains(l.stuck[w.copyOf(2)].Cause, "being scanned"), true)
			s.Mend(imaptest.Oddity{})
			at.later(6 * time.Hour)
			drain(t, w)
			equal(t, "inbox", len(s.Inbox()), 0)
		})
	}
}

// A clock that is set back does not have a server left alone for longer than it asked for.
func TestThrottledWithAClockSetBack(t *testing.T) {
	s, cfg, at := oddly(t, says("UID FETCH", "TAG BAD Request is throttled. Suggested Backoff Time: 299910 milliseconds"))
	l := newLedger()
	w := watch(t, cfg, l)
	if _, err := w.Step(t.Context()); err == nil {
		t.Fatal("no error")
	}
	s.Mend(imaptest.Oddity{})
	at.later(-time.Hour)
	drain(t, w)
	equal(t, "taken", len(l.taken), 4)
}

// What a server asks for outlives the watcher, for as long as it says; a clock that was set back makes it no longer than an
// hour.
func TestThrottledOverRestart(t *testing.T) {
	for name, test := range map[string]struct {
		asks  string
		later time.Duration // from when it asked, by the clock
		asked bool          // again
	}{
		"at once":         {"300000 milliseconds", time.Second, false},
		"before it is up": {"300000 milliseconds", 4 * time.Minute, false},
		"once it is up":   {"300000 milliseconds", 5 * time.Minute, true},
		"for days":        {"900000 seconds", 59 * time.Minute, false},
		"after an hour":   {"900000 seconds", time.Hour, true},
		"set back":        {"3600 seconds", -time.Minute, true},
		"set back far":    {"300000 milliseconds", -24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, cfg, at := oddly(t, says("SELECT", "TAG BAD Request is throttled. Suggested Backoff Time: "+test.asks))
			l := newLedger()
			if _, err := watch(t, cfg, l).Step(t.Context()); !errors.As(err, new(*throttled)) {
				t.Fatalf("error %v", err)
			}
			s.Mend(imaptest.Oddity{})
			at.later(test.later)
			w := watch(t, cfg, l)
			_, err := w.Step(t.Context())
			equal(t, "asked", len(s.Heard("SELECT")) > 1, test.asked)
			equal(t, "refrained", errors.As(err, new(*throttled)), !test.asked)
			equal(t, "in trouble", w.Trouble() != nil, !test.asked)
			equal(t, "on record", l.alone.IsZero(), test.asked)
		})
	}
}

// A server may ask while nothing is asked of it, too.
func TestThrottledWhileWaiting(t *testing.T) {
	_, cfg, _ := oddly(t, imaptest.Oddity{Answer: hangs("IDLE", "+ idling", "* BYE Backoff 299910 milliseconds")})
	l := newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	if err := w.Wait(t.Context(), time.Minute); !errors.As(err, new(*throttled)) {
		t.Fatalf("error %v", err)
	}
	equal(t, "on record", l.alone.IsZero(), false)
}

// hangs is an Answer that ends the connection after some lines.
func hangs(command string, lines ...string) func(c *imaptest.Conn, heard string) bool {
	return func(c *imaptest.Conn, heard string) bool {
		if strings.HasPrefix(heard, command) {
			c.Say(lines...)
			c.Hang()
		}
		return strings.HasPrefix(heard, command)
	}
}

// A server that is out of sorts, and does not say for how long, is asked for no message after the other.
func TestOutOfSorts(t *testing.T) {
	for _, text := range []string{"BAD User is authenticated but not connected.", "NO Server Unavailable. 15", "BAD UID command error. 12",
		"NO [LIMIT] Rate limit hit", "NO [THROTTLED] no", "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			s, cfg, _ := oddly(t, says("UID FETCH", "TAG "+text))
			w := watch(t, cfg, newLedger())
			if _, err := w.Step(t.Context()); !errors.As(err, new(*throttled)) {
				t.Fatalf("error %v", err)
			}
			equal(t, "asked", len(s.Heard("UID FETCH")), 1)
		})
	}
}

func TestPeace(t *testing.T) {
	for text, want := range map[string]string{
		"Request is throttled. Suggested Backoff Time: 299910 milliseconds": "4m59.91s true true",
		"Backoff 500 ms":                                    "500ms true true",
		"back off for 7 seconds":                            "7s true true",
		"Too many requests, please wait 2 minutes":          "2m0s true true",
		"throttled; retry after 30":                         "30s true true",
		"Backoff 300000":                                    "5m0s true true",
		"Backoff 999999999 milliseconds":                    "1h0m0s true true",
		"User is authenticated but not connected":           "30s false true",
		"Server Unavailable. 15":                            "30s false true",
		"UID command error. 10":                             "30s false true",
		"Command Error. 10":                                 "30s false false",
		"message is broken":                                 "30s false false",
		"could not be read, try again later":                "30s false false",
		"failed after retrying 3 times":                     "30s false false",
		"mailbox is busy, retry in 10 s":                    "10s true true",
		"throttled. Backoff 99999999999999999 milliseconds": "30s false true",
	} {
		wait, said, ok := peace(text)
		equal(t, text, fmt.Sprint(wait, said, ok), want)
	}
}

// Only the server's own words count.
func TestAsThrottled(t *testing.T) {
	no := &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeLimit}
	for err, want := range map[error]bool{no: true, errors.New("wait 5 seconds"): false,
		fmt.Errorf("the server said BYE too many connections: %w", errLost): true} {
		if got := errors.As(asThrottled(err), new(*throttled)); got != want {
			t.Errorf("%v: throttled %v", err, got)
		}
	}
}
