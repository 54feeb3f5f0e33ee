// Package scan checks files for viruses with clamd, the ClamAV daemon.
package scan

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"mfabot/intake"
)

// Clamd checks files with one clamd. It is safe for concurrent use.
type Clamd struct {
	network, addr string
	timeout       time.Duration
}

const (
	chunk        = 64 << 10         // bytes sent at once
	replyLimit   = 4 << 10          // bytes of an answer
	clamdTimeout = 60 * time.Second // for connecting, each chunk, and the answer
)

// New returns a client of the clamd at "unix:/run/clamav/clamd.ctl" or "tcp:HOST:PORT". It does not connect.
func New(address string) (*Clamd, error) {
	network, addr, _ := strings.Cut(address, ":")
	valid := network == "unix" && strings.HasPrefix(addr, "/")
	if network == "tcp" {
		_, _, err := net.SplitHostPort(addr)
		valid = err == nil
	}
	if !valid {
		return nil, fmt.Errorf("expected unix:/PATH or tcp:HOST:PORT, not %q", address)
	}
	return &Clamd{network: network, addr: addr, timeout: clamdTimeout}, nil
}

// Scan checks what content writes, and returns the name of the virus found in it; "" for none.
// intake.ErrNotScanned if it is larger than clamd checks (StreamMaxLength in its configuration). After any
// other error nothing is known of the file, as clamd could not be asked.
func (c *Clamd) Scan(ctx context.Context, content func(io.Writer) error) (virus string, err error) {
	conn, err := (&net.Dialer{Timeout: c.timeout}).DialContext(ctx, c.network, c.addr)
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	s := &stream{conn: conn, timeout: c.timeout}
	sending := s.send(content)
	if sending != nil && !s.cut {
		return "", fmt.Errorf("file to check: %w", sending)
	}
	// If clamd refuses the rest, it answers and closes: its answer says more than the error of sending.
	reply, err := s.reply()
	if err != nil {
		return "", fmt.Errorf("clamd: %w", errors.Join(sending, err))
	}
	switch {
	case strings.HasSuffix(reply, " FOUND"):
		return strings.TrimPrefix(strings.TrimSuffix(reply, " FOUND"), "stream: "), nil
	case strings.Contains(reply, "size limit exceeded"):
		return "", intake.ErrNotScanned
	case reply != "stream: OK":
		return "", fmt.Errorf("clamd: it answers %q", reply)
	}
	if sending != nil {
		return "", fmt.Errorf("clamd: %w", sending)
	}
	return "", nil
}

// stream is one INSTREAM session (clamd(8)): chunks, each after its length, and an empty one at the end.
type stream struct {
	conn    net.Conn
	timeout time.Duration
	cut     bool // clamd accepts no more
}

func (s *stream) send(content func(io.Writer) error) error {
	if err := s.write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(chunks{s}, chunk)
	if err := content(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return s.write(make([]byte, 4))
}

func (s *stream) write(p []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		return err
	}
	_, err := s.conn.Write(p)
	s.cut = s.cut || err != nil
	return err
}

func (s *stream) reply() (string, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(s.timeout)); err != nil {
		return "", err
	}
	reply, err := bufio.NewReader(io.LimitReader(s.conn, replyLimit)).ReadString(0)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(reply, "\x00"), nil
}

// chunks writes each piece after its length.
type chunks struct{ s *stream }

func (c chunks) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	length := uint32(len(p)) //nolint:gosec // bounded by the buffer, or by a part
	if err := c.s.write(binary.BigEndian.AppendUint32(nil, length)); err != nil {
		return 0, err
	}
	return len(p), c.s.write(p)
}
