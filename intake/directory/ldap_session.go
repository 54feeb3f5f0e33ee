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

// ldapAnswers bounds what is read through one connection, in bytes.
const ldapAnswers = 64 << 20

// session is a connection that is logged in.
type session struct {
	dir  *LDAP
	conn *ldap.Conn
	raw  net.Conn // below conn
}

// session connects, logs in, has f use the connection, and closes it. When ctx ends,
// so does the connection.
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

// allow gives the next operation its time. An error means that the connection is
// closed, which the operation will say.
func (s *session) allow() { _ = s.raw.SetDeadline(time.Now().Add(s.dir.timeout)) }

// search reads entries; most is how many are wanted at the most, 0 for all.
func (s *session) search(base string, scope, most int, filter string, attributes []string) ([]*ldap.Entry, error) {
	s.allow()
	seconds := int(s.dir.timeout / time.Second)
	result, err := s.conn.Search(ldap.NewSearchRequest(base, scope, ldap.NeverDerefAliases, most, seconds, false, filter, attributes, nil))
	if err != nil {
		return nil, err
	}
	return result.Entries, nil
}

// refusal is the server's answer in err, or nil where err is about the connection.
func refusal(err error) *ldap.Error {
	var e *ldap.Error
	if !errors.As(err, &e) || e.ResultCode == ldap.ErrorNetwork {
		return nil
	}
	return e
}

// troubles are the answers of a server that has them for the moment (RFC 4511,
// appendix A.2).
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
	ldap.LDAPResultInsufficientAccessRights:    "give bind_dn of [directory] the right to search users, and to read and change the members of the group",
	ldap.LDAPResultConfidentialityRequired:     "use ldaps:// or ldap+starttls://",
	ldap.LDAPResultStrongAuthRequired:          "use ldaps:// or ldap+starttls://",
	ldap.LDAPResultReferral:                    "the server refers to another: name that one in url of [directory]",
	ldap.LDAPResultUndefinedAttributeType:      "check member of [directory]",
}

// explain puts the error of an operation into words. One about the connection may be
// gone next time.
func (s *session) explain(what string, err error) error {
	answer := refusal(err)
	if answer == nil {
		return passing("%s: %s: the connection failed: %w", s.dir.Addr, what, err)
	}
	text := fmt.Errorf("%s: %s: %d %s: %s", s.dir.Addr, what, answer.ResultCode, ldap.LDAPResultCodeMap[answer.ResultCode], said(answer.Err.Error()))
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
