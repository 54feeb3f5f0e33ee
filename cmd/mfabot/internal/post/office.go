// Package post is a post office for a handful of people: a pair of mail servers that deliver to each other,
// the accounts on them, and the mail clients of the people who write and read there. The demonstration and
// the end-to-end tests run on it.
package post

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"
)

// How connections to a server are secured.
const (
	Plain    = "plain"
	StartTLS = "starttls"
	TLS      = "tls"
)

// Office is a running pair of mail servers (SMTP and IMAP) that deliver to each other, and the accounts on
// them.
type Office struct {
	// SMTPAddr and IMAPAddr are host:port on loopback.
	SMTPAddr, IMAPAddr string
	// SMTPSecurity and IMAPSecurity are Plain, StartTLS or TLS.
	SMTPSecurity, IMAPSecurity string
	// CAFile and RootCAs are the authority that signed the servers' certificates; both are empty without TLS.
	CAFile  string
	RootCAs *x509.CertPool
	// Password is the same for every account.
	Password string
	// AuthservID is the servers' name in the Authentication-Results they add, and Resolver the host:port of
	// the DNS server they use to check who sent a message. Both are empty if they do not check senders.
	AuthservID, Resolver string

	accounts  map[string]bool
	tokens    tokens
	cut       func()
	renumbers bool // new messages that were seen by EXAMINE alone
	count     func(account string) int
	setClock  func(now func() time.Time)
	sign      func(ctx context.Context, domain string, raw []byte) ([]byte, error)
	log       func() string
	stop      func() error
}

func newOffice(accounts []string) (*Office, error) {
	o := &Office{Password: rand.Text(), accounts: make(map[string]bool)}
	for _, a := range accounts {
		parsed, err := mail.ParseAddress(a)
		if err != nil {
			return nil, fmt.Errorf("account %q: %w", a, err)
		}
		o.accounts[strings.ToLower(parsed.Address)] = true
	}
	return o, nil
}

// stopOnce stops the servers once, when Close is called or ctx ends, whichever comes first.
func (o *Office) stopOnce(ctx context.Context, stop func() error) {
	stop = sync.OnceValue(stop)
	unbind := context.AfterFunc(ctx, func() { _ = stop() })
	o.stop = func() error {
		unbind()
		return stop()
	}
}

// Close stops the servers and waits until they have stopped. It may be called more than once, and on nil.
func (o *Office) Close() error {
	if o == nil {
		return nil
	}
	return o.stop()
}

// Delivered returns how many messages have been put into an account's mailbox. Real servers do not count: for
// them it is how many are there now, in all folders.
func (o *Office) Delivered(account string) int {
	return o.count(normal(account))
}

// SetClock sets the clock that stamps deliveries, which is the machine's until then. Real servers always use
// the machine's clock and ignore this.
func (o *Office) SetClock(now func() time.Time) {
	if o.setClock != nil {
		o.setClock(now)
	}
}

// Sign returns a message with the DKIM signature of a domain, whoever the message says it is from. Only an
// office that checks senders can do that.
func (o *Office) Sign(ctx context.Context, domain string, raw []byte) ([]byte, error) {
	if o.sign == nil {
		return nil, errors.New("signing: this office checks nobody, and has no keys")
	}
	signed, err := o.sign(ctx, domain, raw)
	if err != nil {
		return nil, fmt.Errorf("signing for %s: %w", domain, because(ctx, err))
	}
	return signed, nil
}

// Log returns the end of each server's log, to show when something went wrong. Embedded servers log nothing.
func (o *Office) Log() string {
	if o.log == nil {
		return ""
	}
	return o.log()
}

// dial connects to one of the servers. The connection is closed when ctx ends; the caller must call release,
// which undoes that.
func (o *Office) dial(ctx context.Context, addr, security string) (conn net.Conn, release func() bool, err error) {
	conn, err = new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	raw := conn
	release = context.AfterFunc(ctx, func() { _ = raw.Close() })
	if security == TLS {
		conn = tls.Client(raw, o.tlsConfig(addr))
	}
	return conn, release, nil
}

func (o *Office) tlsConfig(addr string) *tls.Config {
	host, _, _ := net.SplitHostPort(addr)
	return &tls.Config{RootCAs: o.RootCAs, ServerName: host}
}

// because adds the reason why ctx ended, if it did, to an error: a connection closed under a client does not
// explain itself.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}

// normal returns an address without a name and in lower case, the form in which accounts are known. Anything
// else is returned unchanged.
func normal(address string) string {
	if parsed, err := mail.ParseAddress(address); err == nil {
		address = parsed.Address
	}
	return strings.ToLower(address)
}
