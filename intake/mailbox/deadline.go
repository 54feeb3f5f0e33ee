package mailbox

import (
	"context"
	"net"
	"sync"
	"time"
)

// deadlineConn bounds how long the other side may be silent while we wait for it, and how long it may speak without
// coming to an end. The IMAP client sets deadlines of its own, which leave gaps: its calls to do so are ignored.
type deadlineConn struct {
	net.Conn
	writing time.Duration // for each write

	mu      sync.Mutex
	silence time.Duration // for each read; 0: nothing is waited for, so no bound
	until   time.Time     // when all that is waited for must be over; zero before the first read
	last    time.Time     // later than this until does not become
}

// Whoever is waited for must be done after so many times the silence that is allowed. For each piece of what it sends it
// gets as much as that silence more, up to the most: a server may be slow, but not say for ever that it is still there.
const (
	patience     = 30
	mostPatience = 480
	piece        = 64 << 10 // bytes
)

// allow sets how long a read may take from now on, including the one in progress. 0 means no bound.
func (c *deadlineConn) allow(silence time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silence, c.until = silence, time.Time{}
	c.applyLocked()
}

// applyLocked sets the deadline of the next read. An error means that the connection is closed, which the
// read will report.
func (c *deadlineConn) applyLocked() {
	var deadline time.Time
	if c.silence > 0 {
		now := time.Now()
		if c.until.IsZero() {
			c.until, c.last = now.Add(patience*c.silence), now.Add(mostPatience*c.silence)
		}
		if deadline = now.Add(c.silence); deadline.After(c.until) {
			deadline = c.until
		}
	}
	_ = c.Conn.SetReadDeadline(deadline)
}

func (c *deadlineConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	c.applyLocked()
	c.mu.Unlock()
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.IsZero() {
		if c.until = c.until.Add(time.Duration(float64(n) / piece * float64(c.silence))); c.until.After(c.last) {
			c.until = c.last
		}
	}
	return n, err
}

// endless reports whether the other side has spoken without coming to an end.
func (c *deadlineConn) endless() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.until.IsZero() && !time.Now().Before(c.until)
}

func (c *deadlineConn) Write(p []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.writing)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *deadlineConn) SetDeadline(time.Time) error      { return nil }
func (c *deadlineConn) SetReadDeadline(time.Time) error  { return nil }
func (c *deadlineConn) SetWriteDeadline(time.Time) error { return nil }

// guard closes the connection if ctx ends before release is called. It closes the one below TLS, as a TLS
// farewell could block.
func (c *deadlineConn) guard(ctx context.Context) (release func()) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		_ = c.Conn.Close()
	})
	return func() {
		if !stop() {
			<-closed
		}
	}
}

// sleep waits for d, or returns ctx's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
