package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-ldap/ldap/v3"

	"mfabot/intake"
)

// ldapAnswers bounds the bytes read through one connection.
const ldapAnswers = 64 << 20

// session is a logged-in connection.
type session struct {
	dir  *LDAP
	conn *ldap.Conn
	raw  net.Conn // below conn
}

// session connects, logs in, calls f, and closes the connection. The connection also ends with ctx.
func (d *LDAP) session(ctx context.Context, f func(*session) error) error {
	within, cancel := context.WithTimeout(ctx, d.timeout)
	raw, err := d.Dial(within, "tcp", d.Addr)
	cancel()
	if err != nil {
		return unreached(d.Addr, err)
	}
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	s := &session{dir: d, raw: raw}
	err = s.open(ctx)
	if err == nil {
		err = f(s)
	}
	if s.conn != nil {
		_ = s.conn.Unbind() // a farewell, when all is done
		_ = s.conn.Close()
	}
	_ = raw.Close()
	if err != nil && ctx.Err() != nil {
		return passing("%s: %w", d.Addr, context.Cause(ctx))
	}
	return err
}

// open protects the connection and logs in.
func (s *session) open(ctx context.Context) error {
	d := s.dir
	password, err := d.Password()
	if err != nil {
		return lasting("%s: password of %s: %w", d.Addr, d.BindDN, err)
	}
	s.allow()
	stream := net.Conn(&bounded{Conn: s.raw, left: ldapAnswers})
	// With intake.Plain, the stream stays as it is.
	//exhaustive:ignore
	switch d.Security {
	case intake.TLS:
		secured := tls.Client(stream, d.TLS)
		err, stream = secured.HandshakeContext(ctx), secured
	case intake.StartTLS:
		stream, err = startTLS(ctx, stream, d.TLS)
	}
	switch {
	case refusal(err) != nil:
		return s.explain("STARTTLS", err)
	case err != nil:
		return unreached(d.Addr, err)
	}
	s.conn = ldap.NewConn(stream, d.Security != intake.Plain)
	s.conn.SetTimeout(d.timeout)
	s.conn.Start()
	s.allow()
	if err := s.conn.Bind(d.BindDN, password); err != nil {
		return s.explain("log in as "+d.BindDN, err)
	}
	return nil
}

// allow sets the deadline of the next operation. An error means that the connection is closed, which the
// operation will report.
func (s *session) allow() { _ = s.raw.SetDeadline(time.Now().Add(s.dir.timeout)) }

// search reads at most most entries, or all if that is 0.
func (s *session) search(base string, scope, most int, filter string, attributes []string) ([]*ldap.Entry, error) {
	s.allow()
	seconds := int(s.dir.timeout / time.Second)
	result, err := s.conn.Search(ldap.NewSearchRequest(
		base, scope, ldap.NeverDerefAliases, most, seconds, false, filter, attributes, nil))
	if err != nil {
		return nil, err
	}
	return result.Entries, nil
}

// refusal returns the server's answer in err, or nil if err is about the connection.
func refusal(err error) *ldap.Error {
	var e *ldap.Error
	if !errors.As(err, &e) || e.ResultCode == ldap.ErrorNetwork {
		return nil
	}
	return e
}

// troubles are the answers that may be different next time (RFC 4511, appendix A.2).
var troubles = map[uint16]string{
	ldap.LDAPResultTimeLimitExceeded:  "it takes too long",
	ldap.LDAPResultAdminLimitExceeded: "it has reached a limit of its own",
	ldap.LDAPResultBusy:               "it is busy",
	ldap.LDAPResultUnavailable:        "it is not available",
}

// advice is what to do about other answers.
var advice = map[uint16]string{
	ldap.LDAPResultInvalidCredentials:          "check bind_dn and the password of [directory]",
	ldap.LDAPResultInappropriateAuthentication: "check bind_dn and the password of [directory]",
	ldap.LDAPResultInsufficientAccessRights: "give bind_dn of [directory] the right to search users, " +
		"and to read and change the members of the group",
	ldap.LDAPResultConfidentialityRequired: "use ldaps:// or ldap+starttls://",
	ldap.LDAPResultStrongAuthRequired:      "use ldaps:// or ldap+starttls://",
	ldap.LDAPResultReferral:                "the server refers to another: name that one in url of [directory]",
	ldap.LDAPResultUndefinedAttributeType:  "check member of [directory]",
}

// explain puts the error of an operation into words. An error about the connection is passing.
func (s *session) explain(what string, err error) error {
	answer := refusal(err)
	if answer == nil {
		return passing("%s: %s: the connection failed: %w", s.dir.Addr, what, err)
	}
	name := ldap.LDAPResultCodeMap[answer.ResultCode]
	text := fmt.Errorf("%s: %s: %d %s: %s", s.dir.Addr, what, answer.ResultCode, name, said(answer.Err.Error()))
	if trouble, passes := troubles[answer.ResultCode]; passes {
		return passing("%w (%s)", text, trouble)
	}
	if todo, known := advice[answer.ResultCode]; known {
		return lasting("%w (%s)", text, todo)
	}
	return &failure{err: text}
}

// bounded reads no more than left bytes.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("it answers with more than %d bytes: %w", ldapAnswers, io.ErrShortBuffer)
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
