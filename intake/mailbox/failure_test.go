package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mfabot/intake"
)

func testOversize(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.MaxSize = 1000
	p, l := meet(t, cfg), newLedger()
	small := letter("small")
	large := letter("large") + strings.Repeat("0123456789abcde\r\n", 200)
	exact := letter("exact")
	exact += strings.Repeat("x", 1000-len(exact)-2) + "\r\n"
	for _, s := range []string{small, large, exact} {
		p.add("INBOX", s)
	}
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 2, 3})
	equal(t, "header only", l.taken[1].HeaderOnly, true)
	equal(t, "size", l.taken[1].Size, int64(len(large)))
	equal(t, "header", string(l.taken[1].Raw), large[:strings.Index(large, "\r\n\r\n")+4])
	equal(t, "at the limit", string(l.taken[2].Raw), exact)
	equal(t, "whole", l.taken[2].HeaderOnly, false)
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{small, large, exact})
}

// Large messages come one at a time, each to where the last one was, and that is not kept when they are done.
func testLargeInTurn(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	var texts []string
	for i, size := range []int{batchBytes + 17, 100, batchBytes + 2<<20, batchBytes} {
		text := letter(fmt.Sprint(i))
		texts = append(texts, text+strings.Repeat(fmt.Sprintf("%014d\r\n", i), (size-len(text))/16)+strings.Repeat("x", 10)+"\r\n")
		p.add("INBOX", texts[i])
	}
	var places []*byte
	l.into = func(a intake.Arrival) intake.Folder {
		i := a.UID - 1
		if string(a.Raw) != texts[i] {
			t.Errorf("message %d came as something else, of %d bytes", a.UID, len(a.Raw))
		}
		if len(a.Raw) > batchBytes {
			places = append(places, &a.Raw[0])
		}
		return intake.Processed
	}
	w := watch(t, cfg, l)
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4})
	if len(places) < 2 || slices.ContainsFunc(places, func(at *byte) bool { return at != places[0] }) {
		t.Errorf("large messages were at %v", places)
	}
	if w.room != nil {
		t.Error("the memory is kept")
	}
}

func testBatchCount(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.Batch = 10
	p, l := meet(t, cfg), newLedger()
	for i := range 25 {
		p.add("INBOX", letter(fmt.Sprint(i)))
	}
	equal(t, "handled", drain(t, watch(t, cfg, l)), 25)
	equal(t, "batches", l.batches, []int{10, 10, 5})
}

func testWrongPassword(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.Password = func() (string, error) { return "hunter2-wrong", nil }
	l := newLedger()
	w := watch(t, cfg, l)
	_, err := w.Step(t.Context())
	if !errors.Is(err, ErrLogin) || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("error %v", err)
	}
	if !strings.Contains(err.Error(), "mailbox helpdesk: log in as helpdesk") {
		t.Errorf("the error doesn't say where: %v", err)
	}
	w.cfg.Password = func() (string, error) { return testPassword, nil } // rotated
	drain(t, w)
}

// cutter stands between watcher and server and closes a connection after it has let the allowed bytes of the
// server's through.
type cutter struct {
	allowed atomic.Int64
	cut     atomic.Int64 // connections cut
}

func (c *cutter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &cutConn{Conn: conn, cutter: c}, nil
}

type cutConn struct {
	net.Conn
	cutter *cutter
}

func (c *cutConn) Read(p []byte) (int, error) {
	allowed := c.cutter.allowed.Load()
	if allowed <= 0 {
		c.cutter.cut.Add(1)
		_ = c.Conn.Close()
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), allowed)])
	c.cutter.allowed.Add(-int64(n))
	return n, err
}

// Whatever byte the connection ends at, the next step goes on from there. It may take until later for a message that the
// connection ended at again and again.
func testCut(t *testing.T, srv server) {
	cfg := srv.config(t)
	at := newClock()
	cfg.Now = at.read
	c := new(cutter)
	cfg.Dial = c.dial
	cfg.Batch = 2
	p, l := meet(t, cfg), newLedger()
	var texts []string
	for i := range 4 {
		texts = append(texts, letter(fmt.Sprint(i))+strings.Repeat("0123456789abcde\r\n", 300))
		p.add("INBOX", texts[i])
	}
	w := watch(t, cfg, l)
	for limit := int64(40); ; limit += 613 {
		if limit > 1<<20 {
			t.Fatal("it never gets through")
		}
		c.allowed.Store(limit)
		at.later(10 * time.Minute)
		n, err := w.Step(t.Context())
		if err == nil && n == 0 && len(l.stuck) == 0 {
			break
		}
	}
	if c.cut.Load() < 5 {
		t.Errorf("only %d connections were cut", c.cut.Load())
	}
	equal(t, "taken", slices.Sorted(slices.Values(l.uids())), []uint32{1, 2, 3, 4})
	for _, a := range l.taken {
		equal(t, "raw", string(a.Raw), texts[a.UID-1])
	}
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "unfiled", len(l.unfiled), 0)
	for _, text := range p.texts(srv.folder(intake.Processed)) {
		if !strings.Contains(strings.Join(texts, ""), text) {
			t.Errorf("not what was sent: %.80q", text)
		}
	}
}

func testIdle(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	if !w.s.caps.Has("IDLE") {
		start := time.Now()
		if err := w.Wait(t.Context(), 50*time.Millisecond); err != nil || time.Since(start) < 50*time.Millisecond {
			t.Fatalf("not a timer: %v after %v", err, time.Since(start))
		}
		return
	}
	// One message after another: the memory server misses those that come while it begins to idle.
	woken, added := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-woken:
				added <- nil
				return
			default:
			}
			if err := p.tryAdd("INBOX", letter("news")); err != nil {
				added <- err
				return
			}
		}
	}()
	err := w.Wait(t.Context(), time.Minute)
	close(woken)
	if err := errors.Join(err, <-added); err != nil {
		t.Fatal(err)
	}
	if drain(t, w) == 0 {
		t.Error("woken for nothing")
	}
	if err := w.Wait(t.Context(), 50*time.Millisecond); err != nil { // the timer
		t.Fatal(err)
	}
	equal(t, "handled after nothing", drain(t, w), 0)
}

// signalConn closes said when the client has first written something that ends with word.
type signalConn struct {
	net.Conn
	word string
	said chan struct{}
}

func (c *signalConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if strings.HasSuffix(string(p), c.word) && c.word != "" {
		close(c.said)
		c.word = ""
	}
	return n, err
}

func testWaitCancelled(t *testing.T, srv server) {
	cfg := srv.config(t)
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan struct{})
	cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &signalConn{Conn: conn, word: "IDLE\r\n", said: said}, err
	}
	w := watch(t, cfg, newLedger())
	drain(t, w)
	if !w.s.caps.Has("IDLE") {
		close(said)
	}
	go func() {
		<-said
		cancel()
	}()
	if err := w.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	drain(t, w)
}

// A connection that has ended meanwhile is replaced without an error.
func testConnectionEnded(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.Batch = 1
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	p.add("INBOX", letter("one"))
	p.add("INBOX", letter("two"))
	_ = w.s.raw.Conn.Close()
	if n, err := w.Step(t.Context()); n != 1 || err != nil {
		t.Fatalf("Step = %d, %v", n, err)
	}
	// It ends while there is more to do, and whoever idles is told.
	idles := w.s.caps.Has("IDLE")
	_ = w.s.raw.Conn.Close()
	err := w.Wait(t.Context(), time.Nanosecond)
	if idles && (!errors.Is(err, errLost) || w.s != nil) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := w.Step(t.Context()); idles && err != nil {
		t.Error(err)
	}
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{1, 2})
}
