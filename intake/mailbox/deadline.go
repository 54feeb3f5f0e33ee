package mailbox

import (
	"context"
	"net"
	"sync"
	"time"
)

// deadlineConn bounds how long the other side may be silent while we wait for it. The IMAP client sets
// deadlines of its own, which leave gaps: its calls to do so are ignored.
type deadlineConn struct {
	net.Conn
	writing time.Duration // for each write

	mu      sync.Mutex
	silence time.Duration // for each read; 0: nothing is waited for, so no bound
}

// allow sets how long a read may take from now on, including the one in progress. 0 means no bound.
func (c *deadlineConn) allow(silence time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silence = silence
	c.applyLocked()
}

// applyLocked sets the deadline of the next read. An error means that the connection is closed, which the
// read will report.
func (c *deadlineConn) applyLocked() {
	var deadline time.Time
	if c.silence > 0 {
		deadline = time.Now().Add(c.silence)
	}
	_ = c.Conn.SetReadDeadline(deadline)
}

func (c *deadlineConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	c.applyLocked()
	c.mu.Unlock()
	return c.Conn.Read(p)
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
