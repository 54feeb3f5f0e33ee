package notify

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// TestServerIsTried: with nothing to send the server is tried at first, and then every hour, with a login each time; one that
// turns us away is asked less and less often, and nothing is sent to anybody for that.
func TestServerIsTried(t *testing.T) {
	t.Parallel()
	password := "wrong"
	logins := 0
	s := (&server{login: func(_, user, secret string) error {
		if logins++; user != "mfa@helpdesk.test" || secret != "right" {
			return refusal(535)
		}
		return nil
	}}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr, Security: intake.Plain, Username: "mfa@helpdesk.test",
		Password: func() (string, error) { return password, nil }})
	passes := func(hours int) (failed int) {
		for range hours * 60 {
			if _, err := b.Step(t.Context()); err != nil {
				failed++
			}
			b.now = b.now.Add(time.Minute)
		}
		return failed
	}
	if n := passes(5); n < 5 || n > 12 {
		t.Errorf("in five hours %d attempts failed", n)
	}
	if is := b.Trouble(); !is.Since.Equal(monday) || !is.Worked.IsZero() || !strings.Contains(is.Why, "535") ||
		strings.Contains(is.Why, password) {
		t.Errorf("in trouble: %+v", is)
	}
	password = "right"
	if n := passes(2); n > 0 {
		t.Errorf("%d attempts failed after that", n)
	}
	if is := b.Trouble(); !is.Since.IsZero() || b.now.Sub(is.Worked) > time.Hour {
		t.Errorf("still in trouble: %+v", is)
	}
	logins = 0
	if n := passes(10); n > 0 || logins != 10 {
		t.Errorf("in ten hours %d logins, of which %d failed", logins, n)
	}
	password = "changed"
	if n := passes(1); n == 0 {
		t.Error("a login that it refuses by now goes unseen")
	}
	if len(s.mail()) > 0 || len(s.asked()) > 0 {
		t.Errorf("it was asked to send: %q", s.asked())
	}
}

// TestServerOutOfReachIsTried: one that cannot be reached is tried every five minutes.
func TestServerOutOfReachIsTried(t *testing.T) {
	t.Parallel()
	s := new(server).start(t, nil, false)
	s.die()
	b := newBench(t, Submission{Addr: s.addr})
	failed := 0
	for range 60 {
		if _, err := b.Step(t.Context()); err != nil {
			failed++
		}
		b.now = b.now.Add(time.Minute)
	}
	if failed != 12 {
		t.Errorf("in an hour it was tried %d times", failed)
	}
}
