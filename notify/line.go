package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"mfabot/intake"
	"mfabot/intake/hint"
)

// Submission says how to reach the submission server.
type Submission struct {
	Addr     string          // host:port
	Security intake.Security // with intake.Plain, credentials go only to a loopback address
	// Username is the sending mailbox. With a Password it logs in by PLAIN or LOGIN; with a Token, by
	// XOAUTH2, and the token may belong to another user allowed to send as that mailbox. With neither there
	// is no login. Both are called for each connection.
	Username string
	Password func() (string, error)
	Token    func(context.Context) (string, error)
	Refused  func(token string) // is told which token the server has refused, so that Token gives another; nil: nobody is

	TLS       *tls.Config   // nil for the system's roots
	PerMinute int           // messages; 0 for no limit
	Timeout   time.Duration // of each network step; 0 for 60 s
	LocalName string        // sent in EHLO; empty for the machine's name
	// Dial connects; nil for a net.Dialer. The connection must support deadlines.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Heard is told the time that the server gives in its greeting, once it has let us in, unless others could write
	// it; nil: nobody is.
	Heard func(at time.Time)
}

const defaultTimeout = 60 * time.Second

// unreachable is the error of a server that cannot be reached or will not let us in. It says nothing about
// any message.
type unreachable struct {
	addr string
	err  error
	code int // of the server's reply (RFC 5321, section 4.2); 0 where there is none
}

func (u *unreachable) Error() string { return "smtp server " + u.addr + ": " + u.err.Error() }
func (u *unreachable) Unwrap() error { return u.err }

// isUnreachable reports whether err is about the server rather than one message.
func isUnreachable(err error) bool {
	var u *unreachable
	return errors.As(err, &u)
}

// line is the connection to the server, dialled on first use.
type line struct {
	submission Submission
	session    *smtp.Client // nil when there is no connection
	conn       net.Conn
	// needsSender is set once the server has accepted with a sender what it refused without one. It outlives
	// the connection: what a server allows is a matter of its configuration, and learning it again on each
	// connection would cost a refusal.
	needsSender bool
	// soon is called when the server has kept us waiting for acceptedFor, or is about to while something is overdue; nil: there
	// is nothing to do meanwhile.
	soon    func()
	overdue func() bool
}

// send hands over one message, dialling first if there is no connection. An automatic answer goes without a
// sender if the server allows it. If the server refuses that, at whatever step, the message is handed over
// again with its sender: some servers refuse a null sender only after the content. ctx bounds dialling only:
// a message once begun is finished. meanwhile is called between its last byte and the server's reply to it, each time.
func (l *line) send(ctx context.Context, msg *Message, answer bool, meanwhile func()) error {
	if !answer || l.needsSender {
		return l.sendAs(ctx, msg.sender, msg, meanwhile)
	}
	err := l.sendAs(ctx, nullSender, msg, meanwhile)
	code := replyCode(err)
	if code == 0 || code == closing {
		return err
	}
	err = l.sendAs(ctx, msg.sender, msg, meanwhile)
	l.needsSender = err == nil && code >= 500
	return err
}

// sendAs hands over one message with the given envelope sender. If the connection turns out to have died
// while idle, it is dialled again. A connection on which the server puts off a sender is left: what stands behind it may have
// failed for as long as it lasts, as a filter that was started anew, and the next message gets another.
func (l *line) sendAs(ctx context.Context, sender string, msg *Message, meanwhile func()) error {
	reused := l.session != nil
	err := l.sendOnce(ctx, sender, msg, meanwhile)
	if reused && l.session == nil && atMail(err) {
		err = l.sendOnce(ctx, sender, msg, meanwhile)
	}
	if sender != nullSender && atMail(err) && replyCode(err)/100 == 4 {
		l.leave()
	}
	return err
}

// sendOnce hands over one message. After an error the connection is either ready for the next message or
// closed.
func (l *line) sendOnce(ctx context.Context, sender string, msg *Message, meanwhile func()) error {
	if l.session == nil {
		if err := l.dial(ctx); err != nil {
			return err
		}
	}
	err := handOver(context.WithoutCancel(ctx), l.session, sender, msg, meanwhile)
	if err == nil {
		return nil
	}
	if isFault(err) || l.session.Reset() != nil {
		l.drop()
	}
	if wantsCredentials(replyCode(err)) {
		return &unreachable{l.submission.Addr, err, replyCode(err)}
	}
	return err
}

// dial connects, secures the connection and logs in. The error is an unreachable.
func (l *line) dial(ctx context.Context) error {
	if l.soon != nil { // it may take long
		l.soon()
	}
	secret, code, err := l.open(ctx)
	if l.refuses(secret, code) { // it may have ended, whatever was said of its end: a new one is tried at once
		l.drop()
		secret, code, err = l.open(ctx)
		l.refuses(secret, code)
	}
	if err == nil {
		return nil
	}
	l.drop()
	return &unreachable{l.submission.Addr, explained(redacted(err, l.submission.Username, secret)), code}
}

// refuses reports whether the server has refused a token, and says so to whoever has given it.
func (l *line) refuses(token string, code int) bool {
	if l.submission.Token == nil || l.submission.Refused == nil || token == "" || !wantsCredentials(code) {
		return false
	}
	l.submission.Refused(token)
	return true
}

// explained is an error of a server that will not let us in, with what it means.
func explained(err error) error {
	if means := hint.Explain(hint.SMTP, err.Error()); means != "" {
		return fmt.Errorf("%w (%s)", err, means)
	}
	return err
}

// try connects and logs in anew, as an open connection says nothing of the login, and leaves again. code is what the server
// replied where it turned us away.
func (l *line) try(ctx context.Context) (code int, err error) {
	l.leave()
	var u *unreachable
	if err = l.dial(ctx); errors.As(err, &u) {
		code = u.code
	}
	l.leave()
	return code, err
}

// leave ends the connection, which the server may have ended by itself.
func (l *line) leave() { _ = l.close() }

// open is dial without regard to what the error may repeat: the secret that was used. code is what the server replied.
func (l *line) open(ctx context.Context) (secret string, code int, err error) {
	secret, options, err := l.options(ctx)
	if err != nil {
		return secret, 0, err
	}
	host, _, err := net.SplitHostPort(l.submission.Addr)
	if err != nil {
		return secret, 0, err
	}
	conn, err := l.connect(ctx)
	if err != nil {
		return secret, 0, err
	}
	// go-mail ignores ctx once connected, and leaves the connection open when it fails.
	opened := l.conn
	defer context.AfterFunc(ctx, func() { _ = opened.Close() })()
	greeted := &greeting{Conn: conn}
	options = append(options, mail.WithDialContextFunc(
		func(context.Context, string, string) (net.Conn, error) { return greeted, nil }))
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return secret, 0, err
	}
	l.session, err = client.DialToSMTPClientWithContext(ctx)
	var reply *textproto.Error
	if errors.As(err, &reply) {
		code = reply.Code
	}
	s := l.submission
	if at, ok := intake.GreetingDate(greeted.text.String()); ok && err == nil && s.Heard != nil && intake.OwnGreeting(s.Security, s.Addr) {
		s.Heard(at)
	}
	return secret, code, err
}

// options returns the options for go-mail's client, and the secret it will use.
func (l *line) options(ctx context.Context) (secret string, options []mail.Option, err error) {
	s := l.submission
	options = []mail.Option{mail.WithTimeout(l.timeout()), mail.WithTLSConfig(l.tls()), mail.WithoutSMTPUTF8()}
	if s.LocalName != "" {
		options = append(options, mail.WithHELO(s.LocalName))
	}
	policy := mail.NoTLS
	if s.Security == intake.StartTLS {
		policy = mail.TLSMandatory
	}
	options = append(options, mail.WithTLSPolicy(policy))
	switch {
	case s.Token != nil:
		if s.Security == intake.Plain && !isLocal(s.Addr) {
			return "", nil, errors.New("a token is not sent over a connection without TLS")
		}
		if secret, err = s.Token(ctx); err != nil {
			return "", nil, fmt.Errorf("token: %w", err)
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthXOAUTH2))
	case s.Password != nil:
		if secret, err = s.Password(); err != nil {
			return "", nil, fmt.Errorf("password: %w", err)
		}
		mechanisms := []mail.SMTPAuthType{mail.SMTPAuthPlain, mail.SMTPAuthLogin}
		if s.Security == intake.TLS { // which connect has made, and go-mail does not see behind a greeting
			mechanisms = []mail.SMTPAuthType{mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}
		}
		options = append(options, mail.WithOpportunisticSMTPAuth(mechanisms...))
	default:
		return "", options, nil
	}
	return secret, append(options, mail.WithUsername(s.Username), mail.WithPassword(secret)), nil
}

// tls returns the TLS configuration for this server.
func (l *line) tls() *tls.Config {
	config := &tls.Config{}
	if l.submission.TLS != nil {
		config = l.submission.TLS.Clone()
	}
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	if host, _, err := net.SplitHostPort(l.submission.Addr); err == nil && config.ServerName == "" {
		config.ServerName = host
	}
	return config
}

// timeout returns the limit on each network step.
func (l *line) timeout() time.Duration {
	if l.submission.Timeout > 0 {
		return l.submission.Timeout
	}
	return defaultTimeout
}

// connect opens the connection that go-mail uses.
func (l *line) connect(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout())
	defer cancel()
	dial := l.submission.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", l.submission.Addr)
	if err != nil {
		return nil, err
	}
	l.conn = &stepConn{Conn: conn, line: l, timeout: l.timeout()}
	if l.submission.Security != intake.TLS {
		return l.conn, nil
	}
	protected := tls.Client(l.conn, l.tls())
	if err := protected.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return protected, nil
}

// drop closes the connection abruptly: whatever was begun on it stays unfinished.
func (l *line) drop() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
	l.conn, l.session = nil, nil
}

// close says goodbye and closes the connection.
func (l *line) close() error {
	if l.session == nil {
		return nil
	}
	err := l.session.Quit()
	l.drop()
	return err
}

// isLocal reports whether addr, with its port, is on this machine.
func isLocal(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && intake.IsLoopback(host)
}

// redacted returns err without the secret, in case the server repeated it in any of the forms in which it was
// sent. An error that has none of it stays what it is.
func redacted(err error, username, secret string) error {
	if secret == "" {
		return err
	}
	whole := err.Error()
	text := whole
	for _, sent := range []string{
		secret, "\x00" + username + "\x00" + secret, "user=" + username + "\x01auth=Bearer " + secret + "\x01\x01",
	} {
		text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(sent)), "[secret]")
	}
	if text = strings.ReplaceAll(text, secret, "[secret]"); text == whole {
		return err
	}
	return errors.New(text)
}
