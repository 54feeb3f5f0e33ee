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
	"mfabot/intake/hint"
)

// errLost is in the error of a connection that ended or went silent, as opposed to a server that said no.
var errLost = errors.New("connection lost")

// session is a logged-in connection.
type session struct {
	raw     *deadlineConn
	stream  *stream
	mender  *mender
	client  *imapclient.Client
	caps    imap.CapSet
	changed chan struct{} // holds one when the server has reported new messages
	marked  bool          // there may be messages that were filed and are still to be expunged
}

// connect dials, protects the connection and logs in. A token that the server refuses is thrown away, whatever its end, and a
// new one is tried at once.
func (k *link) connect(ctx context.Context) error {
	for again := false; ; again = true {
		err := k.connectOnce(ctx)
		var refused *tokenRefused
		if !errors.As(err, &refused) || k.cfg.Refused == nil {
			return err
		}
		k.cfg.Refused(refused.token)
		if again {
			return err
		}
		k.log.Info("the server has refused the access token: a new one is tried", "error", err)
	}
}

// connectOnce is connect with the token at hand.
func (k *link) connectOnce(ctx context.Context) (err error) {
	k.turn()
	dialling, cancel := context.WithTimeout(ctx, k.cfg.Timeout)
	conn, err := k.cfg.Dial(dialling, "tcp", k.cfg.Addr)
	cancel()
	if err != nil {
		return k.explain(ctx, "connect to "+k.cfg.Addr, nil, nil, err)
	}
	raw := &deadlineConn{Conn: conn, writing: k.cfg.Timeout, silence: k.cfg.Timeout}
	release := raw.guard(ctx)
	step, o, err := k.open(ctx, raw)
	release()
	if err != nil {
		_ = conn.Close()
		return k.explain(ctx, step, raw, nil, err)
	}
	raw.allow(0)
	if at, ok := intake.GreetingDate(o.said); ok && k.cfg.Heard != nil && intake.OwnGreeting(k.cfg.Security, k.cfg.Addr) {
		k.cfg.Heard(at)
	}
	k.s = newSession(raw, o, k.odd)
	k.log.Debug("logged in", "addr", k.cfg.Addr)
	return nil
}

// open takes a new connection up to the login. It returns the step that failed.
func (k *link) open(ctx context.Context, raw *deadlineConn) (step string, o *opening, err error) {
	o = newOpening(raw)
	if k.cfg.Security == intake.TLS {
		secured := tls.Client(raw, k.tlsConfig())
		if err := secured.HandshakeContext(ctx); err != nil {
			return "TLS with " + k.cfg.Addr, nil, err
		}
		o = newOpening(secured)
	}
	if err := o.greet(); err != nil {
		return "greeting of " + k.cfg.Addr, nil, err
	}
	if k.cfg.Security == intake.StartTLS {
		if err := o.startTLS(ctx, k.tlsConfig()); err != nil {
			return "STARTTLS with " + k.cfg.Addr, nil, err
		}
	}
	if err := o.capability(); err != nil {
		return "capabilities of " + k.cfg.Addr, nil, err
	}
	if err := k.login(ctx, o); err != nil {
		return "log in as " + k.cfg.Username, nil, err
	}
	if err := o.capability(); err != nil {
		return "capabilities after login", nil, err
	}
	return "", o, nil
}

func (k *link) tlsConfig() *tls.Config {
	config := k.cfg.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(k.cfg.Addr)
		if err == nil {
			config.ServerName = host
		}
	}
	return config
}

// newSession hands the opened connection to the IMAP client, with a greeting of our own: already logged in,
// with the server's capabilities.
func newSession(raw *deadlineConn, o *opening, odd *oddities) *session {
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

	mender := newMender(o.br, odd)
	s := &session{
		raw:     raw,
		stream:  &stream{Conn: o.conn, r: io.MultiReader(strings.NewReader(greeting), mender)},
		mender:  mender,
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
func (k *link) do(ctx context.Context, step string, f func(s *session) error) error {
	k.turn()
	s := k.s
	err := ctx.Err()
	if err == nil {
		release := s.raw.guard(ctx)
		s.raw.allow(k.cfg.Timeout)
		err = f(s)
		if err == nil {
			s.raw.allow(0)
		}
		release()
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		err = k.explain(ctx, step, s.raw, s.stream, err)
		k.drop()
	}
	return err
}

// explain tells an operator which mailbox and step failed, and why. It replaces the client's words for a
// broken connection with the server's.
func (k *link) explain(ctx context.Context, step string, raw *deadlineConn, st *stream, err error) error {
	if st != nil && !errors.As(err, new(*imap.Error)) {
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
	case errors.Is(err, os.ErrDeadlineExceeded) && raw != nil && raw.endless():
		err = fmt.Errorf("the server went on speaking, and came to no end: %w", errLost)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("the server was silent for %v: %w", k.cfg.Timeout.Round(time.Millisecond), errLost)
	}
	if means := hint.Explain(hint.IMAP, err.Error()); means != "" {
		return fmt.Errorf("mailbox %s: %s: %w (%s)", k.cfg.Name, step, asThrottled(err), means)
	}
	return fmt.Errorf("mailbox %s: %s: %w", k.cfg.Name, step, asThrottled(err))
}

// drop closes the connection at once and forgets what was read through it.
func (k *link) drop() {
	if k.s != nil {
		_ = k.s.raw.Conn.Close()
		_ = k.s.client.Close() // waits for the client's reader
		k.s = nil
	}
}

// isRefusal reports whether err is the server's answer that it will not, or cannot: NO, or BAD, by which some say that
// they cannot read one message. One that asks to be left alone is none.
func isRefusal(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && (e.Type == imap.StatusResponseTypeNo || e.Type == imap.StatusResponseTypeBad) &&
		!errors.As(asThrottled(err), new(*throttled))
}

// hasCode reports whether err carries one of the response codes.
func hasCode(err error, codes ...imap.ResponseCode) bool {
	var e *imap.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}
