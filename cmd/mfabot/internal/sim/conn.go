package sim

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// peer is the server's end of a connection.
type peer interface {
	// take receives what the bot has written.
	take(p []byte)
}

// Conn is the bot's end of a connection to a simulated server.
type Conn struct {
	world *World
	peer  peer

	mu       sync.Mutex
	wake     *sync.Cond
	unread   []byte // sent by the server
	ended    bool   // the server sends and accepts nothing more
	silent   bool   // the same, but without closing the connection
	closed   bool   // by the bot
	deadline bool   // reads have a deadline
}

func newConn(w *World, p peer) *Conn {
	c := &Conn{world: w, peer: p}
	c.wake = sync.NewCond(&c.mu)
	return c
}

// Write makes the server process p before it returns.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	closed, ended, silent := c.closed, c.ended, c.silent
	c.mu.Unlock()
	switch {
	case closed:
		return 0, net.ErrClosed
	case ended:
		return 0, syscall.EPIPE
	case !silent:
		c.peer.take(p)
	}
	return len(p), nil
}

// Read returns what the server has sent.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case len(c.unread) > 0:
			n := copy(p, c.unread)
			c.unread = c.unread[n:]
			return n, nil
		case c.ended:
			return 0, io.EOF
		case c.silent && c.deadline:
			return 0, os.ErrDeadlineExceeded
		case c.silent:
			c.world.Violate("hangs", "a read from a silent server has no deadline")
			return 0, io.EOF
		}
		c.wake.Wait()
	}
}

// send gives the bot something to read.
func (c *Conn) send(p string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unread = append(c.unread, p...)
	c.wake.Broadcast()
}

// end closes the connection: what was sent can still be read.
func (c *Conn) end() { c.set(&c.ended) }

// hush makes the server say nothing more.
func (c *Conn) hush() { c.set(&c.silent) }

func (c *Conn) set(what *bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*what = true
	c.wake.Broadcast()
}

// over reports whether the server has stopped processing.
func (c *Conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended || c.silent || c.closed
}

// Close closes the connection from the bot's side.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	c.wake.Broadcast()
	return nil
}

// SetReadDeadline notes whether there is a deadline; its time does not matter.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.deadline = !t.IsZero()
	c.wake.Broadcast()
	return nil
}

// SetWriteDeadline does nothing: writing never blocks.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline is the same as SetReadDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// LocalAddr returns the bot's address.
func (c *Conn) LocalAddr() net.Addr { return address("bot") }

// RemoteAddr returns the server's address.
func (c *Conn) RemoteAddr() net.Addr { return address("server") }

type address string

func (a address) Network() string { return "simulated" }
func (a address) String() string  { return string(a) }
