package notify

import (
	"bytes"
	"errors"
	"net"
	"os"
	"time"
)

// greeting keeps the first reply of a server (RFC 5321, section 4.2.1), of which go-mail tells only the code.
type greeting struct {
	net.Conn
	text  bytes.Buffer
	whole bool
}

// maxGreeting bounds it, in bytes.
const maxGreeting = 1 << 10

// Read is the connection's. What comes behind the greeting follows a command, and so is read apart from it.
func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if !g.whole {
		g.text.Write(p[:min(n, maxGreeting-g.text.Len())])
		line := g.text.Bytes()[bytes.LastIndexByte(bytes.TrimSuffix(g.text.Bytes(), []byte("\n")), '\n')+1:]
		last := bytes.HasSuffix(line, []byte("\n")) && !bytes.HasPrefix(line, []byte("220-"))
		g.whole = last || g.text.Len() == maxGreeting
	}
	return n, err
}

// stepConn gives each read and each write its own deadline, so that a large message may take its time but a
// silent server may not, nor one whose reply does not end. It ignores deadlines set by its caller. After one failure all
// later calls fail: go-mail answers silence with another command, which would mean waiting again.
type stepConn struct {
	net.Conn
	line    *line
	timeout time.Duration
	failed  error

	heard int       // bytes, since we last said something
	said  time.Time // when that was
}

// A reply has at most so many bytes, and takes no longer than so many timeouts.
const (
	maxReply      = 256 << 10
	maxReplyWaits = 5
)

var errEndless = errors.New("a reply that does not end")

func (c *stepConn) Read(p []byte) (int, error) {
	n, err := c.step(c.Conn.SetReadDeadline, c.Conn.Read, p)
	if c.heard += n; err == nil && (c.heard > maxReply || !c.said.IsZero() && time.Since(c.said) > maxReplyWaits*c.timeout) {
		c.failed = errEndless
		return n, c.failed
	}
	return n, err
}

func (c *stepConn) Write(p []byte) (int, error) {
	c.heard, c.said = 0, time.Now()
	return c.step(c.Conn.SetWriteDeadline, c.Conn.Write, p)
}

// step reads or writes. While something waits to be done, it first waits for no longer than that may.
func (c *stepConn) step(bound func(time.Time) error, do func([]byte) (int, error), p []byte) (n int, err error) {
	if c.failed != nil {
		return 0, c.failed
	}
	if c.line.soon != nil && c.line.overdue() {
		c.line.soon()
	}
	if soon := c.line.soon; soon != nil && c.timeout > acceptedFor {
		if err = bound(time.Now().Add(acceptedFor)); err == nil {
			n, err = do(p)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			c.failed = err
			return n, err
		}
		soon()
	}
	if err = bound(time.Now().Add(c.timeout)); err == nil {
		var rest int
		rest, err = do(p[n:])
		n += rest
	}
	c.failed = err
	return n, err
}

func (c *stepConn) SetDeadline(time.Time) error      { return nil }
func (c *stepConn) SetReadDeadline(time.Time) error  { return nil }
func (c *stepConn) SetWriteDeadline(time.Time) error { return nil }
