package notify

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a submission server that does as it is told.
type server struct {
	addr string
	// on is called at each stage (mail, rcpt, data, rset) with the recipient, or with the sender at mail, and
	// returns the refusal.
	on func(stage, address string) error
	// hangUp reports whether to close the connection once a message has been read.
	hangUp func(recipient string) bool
	login  func(mechanism, user, secret string) error // nil for no AUTH
	offers []string                                   // mechanisms; nil for all
	says   string                                     // in the greeting, behind the name
	// instead is what it says to whoever connects, in turn, a line for each of theirs, before it hangs up; nil for serving.
	instead atomic.Pointer[[]string]

	listener    net.Listener
	mu          sync.Mutex
	connections int
	senders     []string // of each MAIL, accepted or not
	open        []net.Conn
	received    []received
}

type received struct {
	from, to string
	raw      []byte
	tls      bool
}

// start serves on a free loopback port until the test ends. With implicit, TLS starts with the first byte;
// otherwise STARTTLS is offered if config is set.
func (s *server) start(t *testing.T, config *tls.Config, implicit bool) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr, s.listener = listener.Addr().String(), listener
	listener = counting{listener, s}
	if implicit {
		listener = tls.NewListener(listener, config)
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	srv.Domain, srv.AllowInsecureAuth = "smtp.helpdesk.test"+s.says, true
	srv.ErrorLog = quiet{}
	if !implicit {
		srv.TLSConfig = config
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		_ = s.listener.Close() // it may not have begun to serve
		<-done
	})
	return s
}

// counting counts connections, and keeps them for cutAll.
type counting struct {
	net.Listener
	server *server
}

func (c counting) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c.server.mu.Lock()
		c.server.connections++
		c.server.open = append(c.server.open, conn)
		c.server.mu.Unlock()
		said := c.server.instead.Load()
		if said == nil {
			return conn, nil
		}
		heard := bufio.NewReader(conn)
		for i, line := range *said {
			if i > 0 {
				_, _ = heard.ReadString('\n') // whatever it is
			}
			_, _ = fmt.Fprint(conn, line+"\r\n")
		}
		_ = conn.Close()
	}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// mail returns the messages accepted.
func (s *server) mail() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.received...)
}

func (s *server) dialled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// asked returns the sender of each MAIL.
func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.senders)
}

// die accepts no new connections, and closes all existing ones.
func (s *server) die() {
	_ = s.listener.Close()
	s.cutAll()
}

// cutAll closes every connection, as a server does to idle clients.
func (s *server) cutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.open {
		_ = conn.Close()
	}
	s.open = nil
}

type session struct {
	server   *server
	conn     *smtp.Conn
	loggedIn bool
	from, to string
}

func (s *session) Reset() {
	s.from, s.to = "", ""
	_ = s.ask("rset", "") // which nobody can refuse
}

func (s *session) Logout() error { return nil }

func (s *session) ask(stage, address string) error {
	if s.server.on == nil {
		return nil
	}
	return s.server.on(stage, address)
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.server.mu.Lock()
	s.server.senders = append(s.server.senders, from)
	s.server.mu.Unlock()
	if s.server.login != nil && !s.loggedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}
	}
	s.from = from
	return s.ask("mail", from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.ask("rcpt", to)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.hangUp != nil && s.server.hangUp(s.to) {
		_ = s.conn.Conn().Close()
		return errors.New("hung up")
	}
	if err := s.ask("data", s.to); err != nil {
		return err
	}
	_, overTLS := s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received = append(s.server.received, received{s.from, s.to, raw, overTLS})
	return nil
}

func (s *session) AuthMechanisms() []string {
	if s.server.login == nil {
		return nil
	}
	if s.server.offers != nil {
		return s.server.offers
	}
	return []string{"LOGIN", "PLAIN", "XOAUTH2"}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, secret string) error {
		err := s.server.login(mechanism, user, secret)
		s.loggedIn = err == nil
		return err
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return login(check), nil
	case "XOAUTH2":
		return xoauth2(check), nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// xoauth2 is the server side of XOAUTH2: one response, and an error that the client must acknowledge with an
// empty line.
func xoauth2(check func(user, token string) error) sasl.Server {
	var refused error
	return serverFunc(func(response []byte) ([]byte, bool, error) {
		if refused != nil {
			return nil, false, refused
		}
		if response == nil {
			return []byte{}, false, nil
		}
		fields := bytes.Split(response, []byte{1})
		user, token := bytes.TrimPrefix(fields[0], []byte("user=")), bytes.TrimPrefix(fields[1], []byte("auth=Bearer "))
		if refused = check(string(user), string(token)); refused != nil {
			return []byte(`{"status":"400"}`), false, nil
		}
		return nil, true, nil
	})
}

// login is the server side of LOGIN: it asks for the name, then the password.
func login(check func(user, password string) error) sasl.Server {
	var answers []string
	return serverFunc(func(response []byte) ([]byte, bool, error) {
		if response != nil {
			answers = append(answers, string(response))
		}
		switch len(answers) {
		case 0:
			return []byte("Username:"), false, nil
		case 1:
			return []byte("Password:"), false, nil
		}
		return nil, true, check(answers[0], answers[1])
	})
}

type serverFunc func([]byte) ([]byte, bool, error)

func (f serverFunc) Next(response []byte) ([]byte, bool, error) { return f(response) }

// certificates makes a certificate for 127.0.0.1, signed by its own authority, and a client configuration
// that trusts it.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "smtp"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	sign := func(template *x509.Certificate) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, authority, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	root, err := x509.ParseCertificate(sign(authority))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{sign(leaf)}, PrivateKey: key}}},
		&tls.Config{RootCAs: roots}
}

// refusal is a server's reply.
func refusal(code int) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: fmt.Sprintf("refused with %d", code)}
}
