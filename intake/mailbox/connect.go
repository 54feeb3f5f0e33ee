package mailbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mfabot/intake"
)

// errLost is in the error of a connection that ended or went silent, as opposed to a server that said no.
var errLost = errors.New("connection lost")

// session is a logged-in connection.
type session struct {
	raw     *deadlineConn
	stream  *stream
	client  *imapclient.Client
	caps    imap.CapSet
	changed chan struct{} // holds one when the server has reported new messages
	marked  bool          // there may be messages that were filed and are still to be expunged
}

// connect dials, protects the connection and logs in.
func (w *Watcher) connect(ctx context.Context) (err error) {
	w.turn()
	dialling, cancel := context.WithTimeout(ctx, w.cfg.Timeout)
	conn, err := w.cfg.Dial(dialling, "tcp", w.cfg.Addr)
	cancel()
	if err != nil {
		return w.explain(ctx, "connect to "+w.cfg.Addr, nil, err)
	}
	raw := &deadlineConn{Conn: conn, writing: w.cfg.Timeout, silence: w.cfg.Timeout}
	release := raw.guard(ctx)
	step, o, err := w.open(ctx, raw)
	release()
	if err != nil {
		_ = conn.Close()
		return w.explain(ctx, step, nil, err)
	}
	raw.allow(0)
	w.s = newSession(raw, o)
	w.log.Debug("logged in", "addr", w.cfg.Addr)
	return nil
}

// open takes a new connection up to the login. It returns the step that failed.
func (w *Watcher) open(ctx context.Context, raw *deadlineConn) (step string, o *opening, err error) {
	o = newOpening(raw)
	if w.cfg.Security == intake.TLS {
		secured := tls.Client(raw, w.tlsConfig())
		if err := secured.HandshakeContext(ctx); err != nil {
			return "TLS with " + w.cfg.Addr, nil, err
		}
		o = newOpening(secured)
	}
	if err := o.greet(); err != nil {
		return "greeting of " + w.cfg.Addr, nil, err
	}
	if w.cfg.Security == intake.StartTLS {
		if err := o.startTLS(ctx, w.tlsConfig()); err != nil {
			return "STARTTLS with " + w.cfg.Addr, nil, err
		}
	}
	if err := o.capability(); err != nil {
		return "capabilities of " + w.cfg.Addr, nil, err
	}
	if err := w.login(ctx, o); err != nil {
		return "log in as " + w.cfg.Username, nil, err
	}
	if err := o.capability(); err != nil {
		return "capabilities after login", nil, err
	}
	return "", o, nil
}

func (w *Watcher) tlsConfig() *tls.Config {
	config := w.cfg.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(w.cfg.Addr)
		if err == nil {
			config.ServerName = host
		}
	}
	return config
}

// newSession hands the opened connection to the IMAP client, with a greeting of our own: already logged in,
// with the server's capabilities.
func newSession(raw *deadlineConn, o *opening) *session {
	caps := o.caps.Copy()
	if _, rev1 := caps[imap.CapIMAP4rev1]; rev1 && caps.Has(imap.CapMove) {
		// The client takes IMAP4rev2 as permission to send UTF-8. A server that supports both revisions has
		// to be asked first (RFC 9051, appendix A).
		caps[imap.CapMove] = struct{}{}
		delete(caps, imap.CapIMAP4rev2)
	}
	var names []string
	for name := range caps {
		names = append(names, string(name))
	}
	slices.Sort(names)
	greeting := "* PREAUTH [CAPABILITY " + strings.Join(names, " ") + "] logged in\r\n"

	s := &session{
		raw:     raw,
		stream:  &stream{Conn: o.conn, r: io.MultiReader(strings.NewReader(greeting), o.br)},
		caps:    o.caps,
		changed: make(chan struct{}, 1),
		marked:  true, // as by a connection that broke before that
	}
	s.client = imapclient.New(s.stream, &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(data *imapclient.UnilateralDataMailbox) {
				if data.NumMessages != nil {
					s.report()
				}
			},
		},
	})
	return s
}

// report notes that there may be new messages.
func (s *session) report() {
	select {
	case s.changed <- struct{}{}:
	default: // noted already
	}
}

// stream is what the IMAP client reads from. It keeps the last words and the error, which the client does not
// pass on.
type stream struct {
	net.Conn
	r     io.Reader
	ended error // of reading

	mu   sync.Mutex
	tail []byte // the end of what was read
	err  error  // the first error
}

const tailSize = 512 // bytes, enough for a BYE

// Read reads nothing more after it has failed. The IMAP client would try several times, and wait the full
// time for a silent server each time.
func (st *stream) Read(p []byte) (int, error) {
	if st.ended != nil {
		return 0, st.ended
	}
	n, err := st.r.Read(p)
	st.ended = err
	st.mu.Lock()
	defer st.mu.Unlock()
	st.tail = append(st.tail, p[max(0, n-tailSize):n]...)
	st.tail = slices.Delete(st.tail, 0, max(0, len(st.tail)-tailSize))
	st.err = cmp.Or(st.err, err)
	return n, err
}

func (st *stream) Write(p []byte) (int, error) {
	n, err := st.Conn.Write(p)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.err = cmp.Or(st.err, err)
	return n, err
}

// end returns the error that ended the stream, and the text of a final BYE.
func (st *stream) end() (bye string, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	lines := bytes.Split(bytes.TrimSuffix(st.tail, []byte("\r\n")), []byte("\r\n"))
	last := lines[len(lines)-1]
	if text, ok := bytes.CutPrefix(last, []byte("* BYE ")); ok {
		bye = string(text)
	}
	return bye, st.err
}

// do runs one exchange with the server, bounded in silence and by ctx. An error costs the connection, so the
// next step starts with a new one.
func (w *Watcher) do(ctx context.Context, step string, f func(s *session) error) error {
	w.turn()
	s := w.s
	err := ctx.Err()
	if err == nil {
		release := s.raw.guard(ctx)
		s.raw.allow(w.cfg.Timeout)
		err = f(s)
		s.raw.allow(0)
		release()
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		err = w.explain(ctx, step, s.stream, err)
		w.drop()
	}
	return err
}

// explain tells an operator which mailbox and step failed, and why. It replaces the client's words for a
// broken connection with the server's.
func (w *Watcher) explain(ctx context.Context, step string, st *stream, err error) error {
	var refusal *imap.Error
	isRefusal := errors.As(err, &refusal)
	if st != nil && !isRefusal {
		bye, ended := st.end()
		switch {
		case bye != "":
			err = fmt.Errorf("the server said BYE %s: %w", bye, errLost)
		case errors.Is(ended, io.EOF):
			err = fmt.Errorf("the server closed the connection: %w", errLost)
		case ended != nil:
			err = fmt.Errorf("%w: %w", errLost, ended)
		}
	}
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("the server was silent for %v: %w", w.cfg.Timeout.Round(time.Millisecond), errLost)
	}
	return fmt.Errorf("mailbox %s: %s: %w", w.cfg.Name, step, err)
}

// drop closes the connection at once and forgets what was read through it.
func (w *Watcher) drop() {
	if w.s != nil {
		_ = w.s.raw.Conn.Close()
		_ = w.s.client.Close() // waits for the client's reader
		w.s = nil
	}
	w.pending = nil
}

// isRefusal reports whether err is a NO: the server understood, and will not.
func isRefusal(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && e.Type == imap.StatusResponseTypeNo
}

// hasCode reports whether err carries one of the response codes.
func hasCode(err error, codes ...imap.ResponseCode) bool {
	var e *imap.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
