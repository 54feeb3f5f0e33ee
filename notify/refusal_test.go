package notify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mfabot/intake"
)

// says is a server's reply in its own words, such as "550 5.4.5 Daily limit".
func says(reply string) error {
	code, text, _ := strings.Cut(reply, " ")
	n, _ := strconv.Atoi(code)
	return &smtp.SMTPError{Code: n, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

// odd is a server that refuses at a stage, some recipients or, without any, all.
func odd(t *testing.T, stage, reply string, to ...string) (s *server, mend func()) {
	t.Helper()
	mended := false
	s = &server{on: func(at, address string) error {
		if mended || at != stage || len(to) > 0 && !strings.Contains(strings.Join(to, " "), address) {
			return nil
		}
		return says(reply)
	}}
	return s.start(t, nil, false), func() { mended = true }
}

// TestRefusesUs: what a server says of us it says of no letter. More of what servers say is in the TestField of this package and
// of the whole program.
func TestRefusesUs(t *testing.T) {
	for _, c := range []struct{ stage, reply string }{
		{"rcpt", "554 5.7.1 <x>: Relay access denied"},
		{"rcpt", "550 5.1.90 You've reached your daily limit for message recipients"},
		{"mail", "550 no"},
	} {
		t.Run(c.stage+" "+c.reply, refusesUs(c.stage, c.reply))
	}
}

// refusesUs tests that every letter waits, whatever its age, that the server is asked less and less often, that the operator
// hears of it, and that all go out once it is over.
func refusesUs(stage, reply string) func(t *testing.T) {
	return func(t *testing.T) {
		s, mend := odd(t, stage, reply)
		b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test", "d@x.test")
		hours := 0
		for ; b.now.Before(monday.Add(10 * 24 * time.Hour)); b.now = b.now.Add(time.Hour) {
			hours++
			if sent, err := b.Step(t.Context()); err == nil || sent != 0 {
				t.Fatalf("Step: %d, %v", sent, err)
			}
		}
		if is := b.Trouble(); !is.Since.Equal(monday) || !strings.Contains(is.Why, reply[4:]) {
			t.Errorf("in trouble since %v: %s", is.Since, is.Why)
		}
		attempts := 0
		for _, o := range b.queue.messages {
			attempts += o.Attempts
			if o.State != intake.Queued {
				t.Errorf("%s is %s", o.To, o.State)
			}
		}
		if attempts > 2*hours || !strings.Contains(b.queue.said, reply[4:]) {
			t.Errorf("%d attempts; told %q", attempts, b.queue.said)
		}
		mend()
		b.now = b.now.Add(2 * pause.Longest)
		b.step(t, 4)
		if is := b.Trouble(); !is.Since.IsZero() {
			t.Errorf("still in trouble since %v", is.Since)
		}
	}
}

// TestSoundsLikeUs: letters whose refusal sounds as if it were about us rest the others once at most.
func TestSoundsLikeUs(t *testing.T) {
	s, _ := odd(t, "rcpt", "550 5.7.1 authentication required", "odd@x.test", "queer@x.test")
	b := newBench(t, Submission{Addr: s.addr}, "odd@x.test", "queer@x.test")
	rested := 0
	for n := range 72 {
		later := b.queue.messages[len(b.queue.messages)-1] // which is tried last
		later.ID, later.To, later.State = int64(n+2), fmt.Sprintf("%d@x.test", n), intake.Queued
		later.Attempts, later.TriedAt = 0, time.Time{}
		later.MessageID, later.CreatedAt, later.DueAt = fmt.Sprintf("mfa-later-%d@helpdesk.test", n), b.now, b.now
		b.queue.messages = slices.Insert(b.queue.messages, 0, later)
		if _, err := b.Step(t.Context()); err != nil {
			rested++
		}
		b.now = b.now.Add(time.Hour)
	}
	if rested > 1 {
		t.Errorf("all rested %d times", rested)
	}
}

// TestRests: a server that refuses us is not asked for new letters either, for as long as it rests; a clock that was ahead
// does not keep it so.
func TestRests(t *testing.T) {
	s, _ := odd(t, "mail", "550 5.1.8 bad outbound sender")
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
	if _, err := b.Step(t.Context()); err == nil {
		t.Fatal("Step: no error")
	}
	b.wantEvents(t, "try 1 2 3", "retry 1", "retry 2", "stopped", "skip 3")
	if first, third := b.queue.messages[0].DueAt, b.queue.messages[2].DueAt; !first.After(third) {
		t.Errorf("who was refused is due at %v, who was not tried at %v", first, third)
	}
	b.queue.messages[2].DueAt = b.now
	b.step(t, 0)
	b.wantEvents(t)
	b.now = b.now.Add(-24 * time.Hour)
	b.queue.messages[2].DueAt = b.now
	if _, err := b.Step(t.Context()); err == nil {
		t.Error("it rests for a day")
	}
}

// TestWantedAtOnce: what an operator wants at once is tried though the server rests, once, and alone; when it is taken, the others
// need not wait for the rest to end.
func TestWantedAtOnce(t *testing.T) {
	for _, perMinute := range []int{0, 60} {
		t.Run(fmt.Sprint(perMinute, " a minute"), func(t *testing.T) {
			s, mend := odd(t, "mail", "550 5.1.8 bad outbound sender")
			b := newBench(t, Submission{Addr: s.addr, PerMinute: perMinute}, "a@x.test", "b@x.test")
			if _, err := b.Step(t.Context()); err == nil {
				t.Fatal("no error")
			}
			b.now = b.now.Add(time.Second)
			b.queue.messages[0].DueAt, b.queue.messages[1].DueAt = b.now, time.Time{}
			b.queue.events = nil
			if _, err := b.Step(t.Context()); err == nil {
				t.Error("no error")
			}
			b.wantEvents(t, "try 2", "retry 2", "stopped")
			b.now = b.now.Add(time.Second)
			b.step(t, 0)
			mend()
			b.queue.messages[1].DueAt = time.Time{}
			b.step(t, 1)
			b.now = b.now.Add(time.Second)
			b.step(t, 1)
			if o := b.queue.messages[0]; o.State != intake.Sent {
				t.Errorf("the other is %s", o.State)
			}
		})
	}
}

// TestOneOfMany: what a server says of one recipient or letter while it takes others is about that one.
func TestOneOfMany(t *testing.T) {
	for _, c := range []struct {
		stage, reply       string
		recipient, content bool
	}{
		{"rcpt", "550 5.1.1 user unknown", true, false},
		{"rcpt", "550 5.1.10 Recipient not found", true, false},
		{"rcpt", "552 5.2.2 mailbox full", true, false},
		{"rcpt", "550 5.7.1 Access denied", true, false},
		{"rcpt", "550 no", true, false},
		{"data", "552 5.3.4 too large", false, true},
	} {
		for _, at := range []int{0, 1, 2} { // before, between and after those that it takes
			t.Run(fmt.Sprint(c.reply, " ", at), func(t *testing.T) {
				s, _ := odd(t, c.stage, c.reply, "bad@x.test")
				to := []string{"a@x.test", "b@x.test"}
				to = append(to[:at:at], append([]string{"bad@x.test"}, to[at:]...)...)
				b := newBench(t, Submission{Addr: s.addr}, to...)
				b.step(t, 2)
				if o := b.queue.messages[at]; o.State == intake.Queued { // nothing has shown yet that others get through
					later := b.queue.messages[0]
					later.ID, later.State, later.To, later.DueAt = 9, intake.Queued, "z@x.test", o.DueAt
					b.queue.messages = append(b.queue.messages, later)
					b.now = o.DueAt
					b.step(t, 1)
				}
				why := b.queue.why
				if o := b.queue.messages[at]; o.State != intake.Failed || why.Recipient != c.recipient || why.Content != c.content {
					t.Errorf("%s: %s, %+v", o.To, o.State, why)
				}
			})
		}
	}
}

// TestRefusedInTrial: where the server takes nothing for the operator, who gets the others' letters in a trial, that says nothing of
// those others.
func TestRefusedInTrial(t *testing.T) {
	for name, want := range map[string]bool{"trial": false, "none": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Submission{}, "a@x.test", "bad@x.test")
			operator := b.composer.service.Operator
			s, _ := odd(t, "rcpt", "550 5.1.1 user unknown", "bad@x.test", operator)
			b = newBench(t, Submission{Addr: s.addr}, "a@x.test", "bad@x.test")
			if name == "trial" {
				b.composer.service.Trial = &Trial{Only: []string{"a@x.test"}}
			}
			b.step(t, 1)
			if o := b.queue.messages[1]; o.State != intake.Failed || b.queue.why.Recipient != want {
				t.Errorf("%s: %+v", o.State, b.queue.why)
			}
		})
	}
}

// TestSeveralInARow: the same said of several recipients, and of nobody else anything better, is about the server: nothing
// is given up until something gets through, and the operator is told.
func TestSeveralInARow(t *testing.T) {
	for _, reply := range []string{"550 5.1.1 user unknown", "550 5.7.1 Access denied", "550 5.2.2 mailbox full"} {
		s, mend := odd(t, "rcpt", reply)
		b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
		for range 12 {
			b.step(t, 0)
			b.now = b.now.Add(backoff.Longest)
		}
		for _, o := range b.queue.messages {
			if o.State != intake.Queued {
				t.Errorf("%s: %s is %s", reply, o.To, o.State)
			}
		}
		if !strings.Contains(b.queue.said, reply[4:]) {
			t.Errorf("told %q", b.queue.said)
		}
		mend()
		b.step(t, 3)
	}
}

// TestFirstOfAll: before the server has ever taken anything, not even what names the recipient is sure.
func TestFirstOfAll(t *testing.T) {
	s, _ := odd(t, "rcpt", "550 5.1.1 user unknown")
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test")
	b.step(t, 0)
	b.wantEvents(t, "try 1", "retry 1")
}

// TestNamesNobody: a letter that is refused after its content, in words that say nothing, goes on waiting until it is clear
// that only this one is refused.
func TestNamesNobody(t *testing.T) {
	s, _ := odd(t, "data", "554 5.7.1 rejected", "bad@x.test")
	b := newBench(t, Submission{Addr: s.addr}, "bad@x.test", "a@x.test", "b@x.test", "c@x.test")
	for i := range 3 {
		b.queue.messages[i+1].DueAt = monday.Add(time.Duration(i) * time.Hour)
	}
	for i := range 3 {
		if o := b.queue.messages[0]; o.State != intake.Queued {
			t.Fatalf("given up at attempt %d", o.Attempts)
		}
		b.step(t, 1)
		b.now = monday.Add(time.Duration(i+1) * time.Hour)
	}
	if o := b.queue.messages[0]; o.State != intake.Failed || !b.queue.why.Content || o.Attempts != sureAttempts {
		t.Errorf("%s after %d attempts, %+v", o.State, o.Attempts, b.queue.why)
	}
}

// TestOperatorIsNeverGivenUp: what the operator has to do waits until it can be said.
func TestOperatorIsNeverGivenUp(t *testing.T) {
	s, mend := odd(t, "rcpt", "550 5.1.1 user unknown", "ops@x.test")
	b := newBench(t, Submission{Addr: s.addr}, "ops@x.test", "a@x.test", "b@x.test")
	b.queue.messages[0].Facts.Audience = intake.ToOperator
	b.queue.messages[2].DueAt = monday.Add(7 * 24 * time.Hour)
	b.step(t, 1)
	if is := b.Unheard(); !is.Since.Equal(monday) || !strings.Contains(is.Why, "user unknown") {
		t.Errorf("the operator is not reached since %v: %s", is.Since, is.Why)
	}
	for range 20 {
		b.now = b.now.Add(24 * time.Hour)
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if is := b.Trouble(); !is.Since.IsZero() || b.queue.said != "" {
		t.Errorf("the server is in trouble since %v: %s; told %q", is.Since, is.Why, b.queue.said)
	}
	if is := b.Unheard(); !is.Since.Equal(monday) {
		t.Errorf("after others got through, the operator is not reached since %v", is.Since)
	}
	mend()
	b.now = b.now.Add(24 * time.Hour)
	b.step(t, 1)
	if is := b.Unheard(); !is.Since.IsZero() || is.Worked.IsZero() {
		t.Errorf("the operator is still not reached since %v", is.Since)
	}
}

// TestOthersAreNotTheOperator: what a server says of others, or of us at login, says nothing of the operator's address.
func TestOthersAreNotTheOperator(t *testing.T) {
	s, _ := odd(t, "rcpt", "550 5.1.1 user unknown", "bad@x.test")
	b := newBench(t, Submission{Addr: s.addr}, "bad@x.test", "a@x.test")
	b.step(t, 1)
	s.die()
	b.queue.messages[0].To, b.queue.messages[0].State, b.queue.messages[0].DueAt = "ops@x.test", intake.Queued, b.now
	if _, err := b.Step(t.Context()); err == nil {
		t.Fatal("Step: no error")
	}
	if is := b.Unheard(); !is.Since.IsZero() || !is.Tried.IsZero() {
		t.Errorf("the operator is not reached since %v", is.Since)
	}
}

// TestRefusesUsForOne: a letter that is refused as if it were for us, while others get through all the time, holds nothing
// up, and is given up after days.
func TestRefusesUsForOne(t *testing.T) {
	s, _ := odd(t, "data", "550 5.7.1 daily limit exceeded", "bad@x.test")
	var to []string
	for i := range 60 {
		to = append(to, fmt.Sprintf("a%d@x.test", i))
	}
	b := newBench(t, Submission{Addr: s.addr}, append([]string{"bad@x.test"}, to...)...)
	for i := range to {
		b.queue.messages[i+1].DueAt = monday.Add(time.Duration(i) * 4 * time.Hour)
	}
	sent := 0
	for range 60 {
		n, err := b.Step(t.Context())
		var refused *stepError
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		sent += n
		b.now = b.now.Add(4 * time.Hour)
	}
	if o := b.queue.messages[0]; sent != 60 || o.State != intake.Failed || b.queue.why.Recipient || b.queue.why.Content {
		t.Errorf("%d sent; %s after %d attempts, %+v", sent, o.State, o.Attempts, b.queue.why)
	}
}

// TestServerBreaksInABatch: what the server took before it broke, in the same batch, does not show that it takes others.
func TestServerBreaksInABatch(t *testing.T) {
	for _, status := range []smtp.EnhancedCode{{5, 1, 1}, {5, 7, 1}} {
		var passed atomic.Int64
		begun := 0
		s := &server{on: func(stage, _ string) error {
			if stage == "mail" {
				begun++
				passed.Add(int64(time.Second)) // in which times are kept
			}
			if stage == "rcpt" && begun > 2 {
				return &smtp.SMTPError{Code: 550, EnhancedCode: status, Message: "no"}
			}
			return nil
		}}
		s.start(t, nil, false)
		b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test", "f@x.test")
		b.clock = func() time.Time { return monday.Add(time.Duration(passed.Load())) }
		for range 8 {
			_, _ = b.Step(t.Context())
			passed.Add(int64(20 * time.Minute))
		}
		for _, o := range b.queue.messages[2:] {
			if o.State != intake.Queued || o.Attempts < 2 {
				t.Errorf("%v: letter %d is %s after %d attempts: %s", status, o.ID, o.State, o.Attempts, o.LastError)
			}
		}
	}
}
