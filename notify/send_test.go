package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
)

// memory is a Queue in memory. It records its calls in order.
type memory struct {
	messages []intake.Outbound
	events   []string
	broken   string         // the call that fails
	said     string         // to the operator
	why      intake.Refusal // the last
	recorded func()         // is called once, when messages are recorded as sent; nil: nothing is
}

func (m *memory) call(name string, id int64) (*intake.Outbound, error) {
	if m.broken == name {
		return nil, errors.New("database is locked")
	}
	i := slices.IndexFunc(m.messages, func(o intake.Outbound) bool { return o.ID == id })
	if name != "sent" && m.messages[i].State != intake.Queued {
		return nil, intake.ErrStale
	}
	m.events = append(m.events, fmt.Sprintf("%s %d", name, id))
	return &m.messages[i], nil
}

func (m *memory) Due(_ context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	if m.broken == "due" {
		return nil, errors.New("database is locked")
	}
	var due []intake.Outbound
	for _, o := range m.messages {
		if o.State == intake.Queued && !o.DueAt.After(now) && len(due) < limit {
			due = append(due, o)
		}
	}
	return due, nil
}

func (m *memory) Wanted(context.Context) (bool, error) {
	return slices.ContainsFunc(m.messages, func(o intake.Outbound) bool { return o.State == intake.Queued && o.DueAt.IsZero() }), nil
}

func (m *memory) Try(ctx context.Context, messages []int64) (waiting []int64, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.together("try", func() {
		for _, id := range messages {
			var o *intake.Outbound
			if o, err = m.call("try", id); err == nil {
				o.Attempts++
				waiting = append(waiting, id)
			}
		}
	})
	if errors.Is(err, intake.ErrStale) {
		err = nil
	}
	return waiting, err
}

func (m *memory) Waits(_ context.Context, id int64) (bool, error) {
	if m.broken == "waits" {
		return false, errors.New("database is locked")
	}
	return slices.ContainsFunc(m.messages, func(o intake.Outbound) bool { return o.ID == id && o.State == intake.Queued }), nil
}

func (m *memory) Skip(ctx context.Context, messages []intake.Outbound) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.together("skip", func() {
		for _, skipped := range messages {
			if o, err := m.call("skip", skipped.ID); err == nil {
				o.Attempts, o.DueAt, o.LastError = skipped.Attempts, skipped.DueAt, skipped.LastError
			}
		}
	})
	return nil
}

func (m *memory) Sent(ctx context.Context, accepted ...intake.Accepted) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.together("sent", func() {
		for _, a := range accepted {
			var o *intake.Outbound
			if o, err = m.call("sent", a.ID); err == nil {
				o.State, o.SentAt, o.SentAs = intake.Sent, a.At, a.As
			}
		}
	})
	if done := m.recorded; done != nil {
		m.recorded = nil
		done()
	}
	return err
}

// together makes one event of those that do causes.
func (m *memory) together(name string, do func()) {
	before := len(m.events)
	do()
	several := m.events[before:]
	if len(several) == 0 {
		return
	}
	for i, event := range several {
		several[i] = strings.TrimPrefix(event, name)
	}
	m.events = append(m.events[:before], name+strings.Join(several, ""))
}

func (m *memory) Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o, err := m.call("retry", id)
	if err == nil {
		o.TriedAt, o.DueAt, o.LastError = failed, due, lastError
	}
	return err
}

func (m *memory) LastTaken(_ context.Context, but string) (taken, refused time.Time, err error) {
	for _, o := range m.messages {
		if o.To == but {
			continue
		}
		if o.SentAt.After(taken) {
			taken = o.SentAt
		}
		if o.BouncedAt.After(refused) {
			refused = o.BouncedAt
		}
	}
	return taken, refused, nil
}

func (m *memory) Stopped(_ context.Context, said string) error {
	m.events, m.said = append(m.events, "stopped"), said
	return nil
}

func (m *memory) WordsFailed(_ context.Context, t intake.Template, why string) error {
	m.events, m.said = append(m.events, "words failed "+string(t)), why
	return nil
}

func (m *memory) Fail(_ context.Context, id int64, _ time.Time, why intake.Refusal) error {
	o, err := m.call("fail", id)
	if err == nil {
		o.State, o.LastError, m.why = intake.Failed, why.Text, why
	}
	return err
}

// bench is a sender with its queue, clock and server.
type bench struct {
	*Sender
	queue *memory
	now   time.Time
}

// newBench queues one message for each address.
func newBench(t *testing.T, s Submission, to ...string) *bench {
	t.Helper()
	b := &bench{queue: &memory{}, now: monday}
	for i, address := range to {
		letter := requestLetter(intake.LetterReceipt, intake.ToSite, nil)
		letter.To = address
		b.queue.messages = append(b.queue.messages, intake.Outbound{ID: int64(i + 1), Letter: letter, State: intake.Queued,
			MessageID: fmt.Sprintf("mfa-%d@helpdesk.test", i+1), CreatedAt: monday, DueAt: monday})
	}
	if s.Security == "" {
		s.Security = intake.Plain
	}
	if s.Timeout == 0 {
		s.Timeout = 10 * time.Second
	}
	b.Sender = NewSender(b.queue, testComposer(t), s, func() time.Time { return b.now }, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *bench) step(t *testing.T, want int) {
	t.Helper()
	if sent, err := b.Step(t.Context()); err != nil || sent != want {
		t.Fatalf("Step: %d, %v; want %d", sent, err, want)
	}
}

func (b *bench) wantEvents(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, b.queue.events); diff != "" {
		t.Errorf("queue (-want +got):\n%s", diff)
	}
	b.queue.events = nil
}

func TestOneConnectionForAll(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
	b.queue.messages[2].DueAt = monday.Add(time.Hour)
	b.step(t, 2)
	b.now = b.now.Add(time.Hour)
	b.step(t, 1)
	b.step(t, 0)
	b.wantEvents(t, "try 1 2", "sent 1 2", "try 3", "sent 3")
	if got := s.dialled(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
	got := s.mail()[0]
	if got.from != "mfa@helpdesk.test" || got.to != "a@x.test" || !bytes.Contains(got.raw, []byte("Message-ID: <mfa-1@helpdesk.test>")) {
		t.Errorf("from %q to %q:\n%s", got.from, got.to, got.raw)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// TestNewConnections: what a server has been told anew holds for a message that an operator wants to be tried again, and for any that
// comes after a minute without one.
func TestNewConnections(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test", "d@x.test")
	for i, due := range []time.Time{monday, monday.Add(idleFor / 2), {}, monday.Add(3 * idleFor)} {
		b.queue.messages[i].DueAt = due
	}
	b.queue.messages[2].State = intake.Failed
	for i, want := range []struct {
		after             time.Duration
		sent, connections int
	}{{0, 1, 1}, {idleFor / 4, 0, 1}, {idleFor / 4, 1, 1}, {0, 1, 2}, {2 * idleFor, 0, 2}, {idleFor, 1, 3}} {
		if i == 3 {
			b.queue.messages[2].State = intake.Queued
		}
		b.now = b.now.Add(want.after)
		b.step(t, want.sent)
		if got := s.dialled(); got != want.connections {
			t.Errorf("after step %d: %d connections, want %d", i, got, want.connections)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, stage := range []string{"mail", "rcpt", "data"} {
		for _, code := range []int{421, 451, 550} {
			t.Run(fmt.Sprint(stage, code), func(t *testing.T) {
				messages := 0
				s := &server{on: func(at, _ string) error {
					if at == "mail" {
						messages++
					}
					if at == stage && messages == 2 {
						return refusal(code)
					}
					return nil
				}}
				s.start(t, nil, false)
				b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
				if code == 421 && stage == "mail" {
					b.step(t, 3) // treated as a connection gone stale
					b.wantEvents(t, "try 1 2 3", "sent 1", "sent 2 3")
					return
				}
				b.step(t, 2)
				second := b.queue.messages[1]
				if !strings.Contains(second.LastError, fmt.Sprintf("refused with %d", code)) {
					t.Errorf("last error: %q", second.LastError)
				}
				if code == 550 && stage == "rcpt" {
					b.wantEvents(t, "try 1 2 3", "sent 1", "sent 3", "fail 2")
					return
				}
				if code == 550 { // which may be about us
					b.wantEvents(t, "try 1 2 3", "sent 1", "sent 3", "retry 2")
					return
				}
				b.wantEvents(t, "try 1 2 3", "sent 1", "retry 2", "sent 3")
				if wait := second.DueAt.Sub(b.now); wait > time.Minute || wait < 48*time.Second {
					t.Errorf("due in %v", wait)
				}
				b.now = second.DueAt
				b.step(t, 1)
				if got := s.dialled(); (code == 421 || stage == "mail") != (got == 2) {
					t.Errorf("%d connections", got)
				}
			})
		}
	}
}

func TestStaleConnectionIsDialledAgain(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test")
	b.queue.messages[1].DueAt = monday.Add(time.Hour)
	b.step(t, 1)
	s.cutAll()
	b.now = b.now.Add(time.Hour)
	b.step(t, 1)
	b.wantEvents(t, "try 1", "sent 1", "try 2", "sent 2")
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	b := newBench(t, Submission{Addr: listener.Addr().String()}, "a@x.test", "b@x.test", "c@x.test")
	if sent, err := b.Step(t.Context()); err == nil || sent != 0 {
		t.Fatalf("Step: %d, %v", sent, err)
	}
	b.wantEvents(t, "try 1 2 3", "retry 1", "skip 2 3")
	b.step(t, 0)

	b.now = monday.Add(giveUpAfter)
	if _, err := b.Step(t.Context()); err == nil {
		t.Fatal("Step: no error")
	}
	b.wantEvents(t, "try 1 2 3", "retry 1", "skip 2 3") // what waited that long while we were down gets another chance
	for i := range b.queue.messages {
		b.queue.messages[i].Attempts = giveUpAttempts - 1
	}
	b.now = b.now.Add(backoff.Longest)
	if _, err := b.Step(t.Context()); err == nil {
		t.Fatal("Step: no error")
	}
	b.wantEvents(t, "try 1 2 3", "retry 1", "skip 2 3") // none is given up while nothing gets through

	s := (&server{on: func(stage, to string) error {
		if stage == "rcpt" && to == "a@x.test" {
			return refusal(450)
		}
		return nil
	}}).start(t, nil, false)
	b.line.submission.Addr = s.addr
	b.now = b.now.Add(backoff.Longest)
	b.queue.messages[2].DueAt = b.now.Add(time.Minute)
	b.step(t, 1)
	b.wantEvents(t, "try 1 2", "retry 1", "sent 2")
	b.now = b.now.Add(time.Minute)
	b.step(t, 1)
	b.wantEvents(t, "try 3", "sent 3")
	b.now = b.now.Add(backoff.Longest)
	b.step(t, 0)
	b.wantEvents(t, "try 1", "fail 1")
}

// TestSilentServer: a server that accepts connections and then says nothing, or only its greeting, costs one
// wait.
func TestSilentServer(t *testing.T) {
	for _, greeting := range []string{"", "220 hello\r\n"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		waits := 0
		dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			other, err := listener.Accept()
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { _ = other.Close() })
			_, err = other.Write([]byte(greeting))
			return &patient{conn, &waits}, err
		}
		b := newBench(t, Submission{Addr: listener.Addr().String(), Timeout: 20 * time.Millisecond, Dial: dial}, "a@x.test")
		_, err = b.Step(t.Context())
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || waits != 1 {
			t.Errorf("it greets with %q: waited %d times, %v", greeting, waits, err)
		}
		b.wantEvents(t, "try 1", "retry 1")
	}
}

// patient counts how often a wait was in vain.
type patient struct {
	net.Conn
	waits *int
}

func (c *patient) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		*c.waits++
	}
	return n, err
}

func TestCancelling(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{on: func(stage, _ string) error {
		if stage == "data" {
			cancel()
		}
		return nil
	}}
	s.start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test")
	if sent, err := b.Step(ctx); !errors.Is(err, context.Canceled) || sent != 1 {
		t.Fatalf("Step: %d, %v", sent, err)
	}
	b.wantEvents(t, "try 1 2", "sent 1", "skip 2") // the current one is finished, the other is not begun
	if o := b.queue.messages[1]; o.Attempts != 0 || !o.TriedAt.IsZero() || !o.DueAt.Equal(monday) {
		t.Errorf("the other was tried %d times, at %v, and is due at %v", o.Attempts, o.TriedAt, o.DueAt)
	}
}

// TestCancelledWhileComposing: a letter whose evidence could not be read because we stop was not tried.
func TestCancelledWhileComposing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test")
	b.queue.messages[0].Attach = []intake.Attachment{{InboundID: 17, Part: "2", Filename: "scan.pdf"}}
	b.composer.parts = partsFunc(func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
	if sent, err := b.Step(ctx); !errors.Is(err, context.Canceled) || sent != 0 {
		t.Fatalf("Step: %d, %v", sent, err)
	}
	b.wantEvents(t, "try 1", "skip 1")
}

// partsFunc are Parts that cannot be read.
type partsFunc func(context.Context) error

func (f partsFunc) Evidence(ctx context.Context, _ int64, _ string, _ io.Writer) error { return f(ctx) }

func TestRate(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr, PerMinute: 30}, "a@x.test", "b@x.test")
	b.step(t, 1)
	if want := monday.Add(2 * time.Second); !b.NextAt().Equal(want) {
		t.Errorf("NextAt: %v, want %v", b.NextAt(), want)
	}
	b.now = monday.Add(2*time.Second - 1)
	b.step(t, 0)
	b.now = b.NextAt()
	b.step(t, 1)
}

func TestStoreFaults(t *testing.T) {
	tests := []struct {
		broken string
		sent   int
		events []string
	}{
		{"due", 0, nil},
		{"try", 0, nil},
		{"waits", 0, []string{"try 1 2", "skip 1 2"}},
		{"sent", 2, []string{"try 1 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.broken, func(t *testing.T) {
			s := (&server{}).start(t, nil, false)
			b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test")
			b.queue.broken = tt.broken
			if sent, err := b.Step(t.Context()); err == nil || sent != tt.sent {
				t.Errorf("Step: %d, %v", sent, err)
			}
			b.wantEvents(t, tt.events...)
			b.queue.broken = ""
			if tt.sent == 2 { // it stops before it has anything else to send
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}
			b.step(t, 2-tt.sent)
			if got := len(s.mail()); got != 2 { // whatever was recorded late
				t.Errorf("%d messages", got)
			}
			for _, o := range b.queue.messages {
				if o.State != intake.Sent || o.Attempts != 1 {
					t.Errorf("%s after %d attempts", o.State, o.Attempts)
				}
			}
		})
	}
}

// TestRecordedWhileTheServerWorks: what was accepted is on record soon, even if the server takes its time with the next.
func TestRecordedWhileTheServerWorks(t *testing.T) {
	recorded := make(chan struct{})
	s := &server{on: func(stage, to string) error {
		if stage == "data" && to == "b@x.test" {
			select {
			case <-recorded:
			case <-t.Context().Done():
			}
		}
		return nil
	}}
	s.start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "a@x.test", "b@x.test", "c@x.test")
	b.queue.recorded = func() { close(recorded) }
	b.step(t, 3)
	b.wantEvents(t, "try 1 2 3", "sent 1", "sent 2 3")
}

func TestUnsendableIsGivenUp(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr}, "not an address", "b@x.test", "c@x.test", "d@x.test")
	b.queue.messages[1].Template = "no-such-template"
	b.queue.messages[2].Attach = []intake.Attachment{{InboundID: 17, Part: "99"}}
	b.step(t, 1)
	b.wantEvents(t, "try 1 2 3 4", "fail 1", "fail 2", "retry 3", "sent 4")
}
