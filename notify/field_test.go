package notify

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mfabot/intake"
)

// TestField has what submission servers in the field do for a while. What they say of us as a sender, with what the operator
// hears of it, is tested with the whole program.
func TestField(t *testing.T) {
	for row, holds := range map[string]func(t *testing.T){
		"t_smtp throttle-432":     refusesForNow("data", "432 4.3.2 Concurrent connections limit exceeded"),
		"t_smtp rcpt-452":         refusesForNow("rcpt", "452 4.5.3 Too many recipients"),
		"t_smtp not-auth":         refusesUs("mail", "530 5.7.57 Client not authenticated to send mail"),
		"t_smtp reset-after-data": hangsUpAfterData,
		"t_smtp greet-554":        turnsAway(intake.Plain, "554 5.7.1 no service"),
		"t_smtp greet-421":        turnsAway(intake.Plain, "421 4.3.2 too many connections"),
		"t_smtp tls-454":          turnsAway(intake.StartTLS, "220 x.test", "250-x.test\r\n250 STARTTLS", "454 4.7.0 TLS not available"),
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			holds(t)
		})
	}
}

// refusesForNow is a server that refuses all letters at a stage for some hours.
func refusesForNow(stage, reply string) func(t *testing.T) {
	return func(t *testing.T) {
		s, mend := odd(t, stage, reply)
		b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
		b.sendsLater(t, reply[4:], mend)
	}
}

// turnsAway is a server that says these lines, one for each of the client's, and hangs up, for some hours.
func turnsAway(security intake.Security, lines ...string) func(t *testing.T) {
	return func(t *testing.T) {
		serverTLS, clientTLS := certificates(t)
		s := new(server)
		s.instead.Store(&lines)
		s.start(t, serverTLS, false)
		b := newBench(t, Submission{Addr: s.addr, Security: security, TLS: clientTLS}, "a@x.test", "b@x.test", "c@x.test")
		_, said, _ := strings.Cut(lines[len(lines)-1], " ")
		b.sendsLater(t, said, func() { s.instead.Store(nil) })
	}
}

// sendsLater checks that all letters wait for as long as it takes, with what the server says, and go out once it is mended.
func (b *bench) sendsLater(t *testing.T, said string, mend func()) {
	t.Helper()
	for ; b.now.Before(monday.Add(12 * time.Hour)); b.now = b.now.Add(10 * time.Minute) {
		if sent, _ := b.Step(t.Context()); sent != 0 { // some of these are errors, some not
			t.Fatalf("%d sent", sent)
		}
	}
	if o := b.queue.messages[0]; !strings.Contains(o.LastError, said) {
		t.Errorf("last error %q", o.LastError)
	}
	for _, o := range b.queue.messages {
		if o.State != intake.Queued {
			t.Errorf("%s is %s", o.To, o.State)
		}
	}
	mend()
	b.now = b.now.Add(backoff.Longest)
	b.step(t, len(b.queue.messages))
}

// hangsUpAfterData is a server that hangs up once it has a letter: it may have it, and gets it again under its Message-ID.
func hangsUpAfterData(t *testing.T) {
	var lost atomic.Bool // each connection has its own goroutine
	s := &server{hangUp: func(to string) bool { return to == "a@x.test" && lost.CompareAndSwap(false, true) }}
	s.start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test")
	b.step(t, 1)
	b.wantEvents(t, "try 1 2", "retry 1", "sent 2")
	b.now = b.now.Add(time.Minute)
	b.step(t, 1)
	if got := s.mail(); len(got) != 2 || !bytes.Contains(got[1].raw, []byte("Message-ID: <mfa-1@helpdesk.test>")) {
		t.Errorf("%d messages, want the first again with its Message-ID", len(got))
	}
}
