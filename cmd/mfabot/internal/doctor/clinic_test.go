package doctor

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

func done(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

const (
	password   = "swordfish"
	ourAddress = "mfa@helpdesk.test"
	results    = "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=helpdesk.test; spf=pass smtp.mailfrom=helpdesk.test\r\n"
	received   = "Received: from out.helpdesk.test ([192.0.2.1]) by mx.helpdesk.test with ESMTP id 1; Mon, 2 Nov 2026 09:00:00 +0000\r\n"
)

// clinic is a whole setting: servers with TLS, a mailbox, and a configuration, all of them as they should be but for what a
// test breaks.
type clinic struct {
	t       *testing.T
	dir     string
	toml    string
	imap    imapTrouble
	smtp    smtpTrouble
	leaf    x509.Certificate // what the servers' certificate is to be like
	unknown bool             // who signs it is not in ca.pem
	pinned  bool             // it is in ca.pem itself
	mail    []string         // in the inbox
	filed   []string         // in Processed
	names   map[string]bool  // that the DNS has
	around  Surroundings
	user    *imapmemserver.User
	cert    tls.Certificate
	ca      signer        // who is in ca.pem
	signs   crypto.Signer // mail of our own users; nil until any is

	forbidden atomic.Pointer[string] // of the directory

	mu     sync.Mutex
	moved  map[string]string // where servers are reached, by what the configuration calls them
	closes []func()          // the servers
}

// signer signs certificates.
type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// imapTrouble is what is wrong with the IMAP server. Each refusal is by the command.
type imapTrouble struct {
	plain    bool
	startTLS bool
	noKey    bool     // it has TLS, and no certificate that it can use
	script   []string // all that it says: a greeting, then an answer to each line
	refuses  map[string]error
	rewrite  []string // old and new of what it says
}

// smtpTrouble is what is wrong with the SMTP server.
type smtpTrouble struct {
	plain    bool
	script   []string // as that of imapTrouble
	password string
	refuses  []string // addresses in MAIL or RCPT
	loses    bool     // what it takes
	unproven bool     // what it delivers comes with no results
	says     string   // behind its name in the greeting
	rewrite  []string // old and new of what it says
}

func newClinic(t *testing.T) *clinic {
	t.Helper()
	text, err := os.ReadFile("testdata/mfabot.toml")
	done(t, err)
	c := &clinic{t: t, dir: t.TempDir(), toml: string(text),
		leaf: x509.Certificate{DNSNames: []string{"imap.helpdesk.test", "smtp.helpdesk.test"},
			NotAfter: time.Now().Add(100 * 24 * time.Hour)},
		smtp:  smtpTrouble{password: password},
		names: map[string]bool{"imap.helpdesk.test": true, "smtp.helpdesk.test": true},
		mail: []string{results + received + "From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\nMessage-ID: <1@helpdesk.test>\r\n" +
			"Subject: Hello\r\n\r\nI am here.\r\n"},
	}
	t.Cleanup(c.close)
	return c
}

// close closes the servers.
func (c *clinic) close() {
	for _, closes := range c.closes {
		closes()
	}
	c.closes = nil
}

// edit replaces one text of the configuration.
func (c *clinic) edit(old, text string) {
	c.t.Helper()
	if strings.Count(c.toml, old) != 1 {
		c.t.Fatalf("%q is not in the configuration once", old)
	}
	c.toml = strings.Replace(c.toml, old, text, 1)
}

func (c *clinic) file(name string) string { return filepath.Join(c.dir, name) }

func (c *clinic) write(name, text string) { done(c.t, os.WriteFile(c.file(name), []byte(text), 0o600)) }

// opens starts the servers, and writes what the configuration names. What is there already stays.
func (c *clinic) opens() *config.Settings {
	c.t.Helper()
	c.fill()
	c.serve()
	policy, err := intake.WithTelephone("01632 960123")
	done(c.t, err)
	for name, text := range map[string]string{"mfabot.toml": c.toml, "policy.toml": string(policy), "password": password + "\n",
		"sites.csv": "ods_code,name,kind,mailbox\nFX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test\n"} {
		if _, err := os.Stat(c.file(name)); err != nil {
			c.write(name, text)
		}
	}
	s, err := config.Load(c.file("mfabot.toml"))
	done(c.t, err)
	return s
}

// serve starts the servers, in the place of those that run.
func (c *clinic) serve() {
	c.t.Helper()
	c.close()
	c.cert = c.certificate()
	moved := map[string]string{"imap.helpdesk.test:993": c.serveIMAP(), "smtp.helpdesk.test:465": c.serveSMTP()}
	moved["smtp.helpdesk.test:25"] = moved["smtp.helpdesk.test:465"]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = moved
}

// dial connects to the server that is called addr.
func (c *clinic) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	to, ok := c.moved[addr]
	c.mu.Unlock()
	if ok {
		addr = to
	} else if strings.HasSuffix(addr, ":1993") {
		addr = closedPort(c.t)
	} else if host, _, _ := net.SplitHostPort(addr); strings.HasSuffix(host, ".helpdesk.test") {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

// lost has no server that is called addr.
func (c *clinic) lost(addr string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.moved, addr)
}

// examined are the lines about it.
func (c *clinic) examined() (lines []Line) {
	c.t.Helper()
	s := c.opens()
	around := c.around
	around.Dial = c.dial
	around.LookUp = func(_ context.Context, host string) ([]string, error) {
		if c.names[host] {
			return []string{"192.0.2.7"}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if around.Silence == 0 {
		around.Silence = 5 * time.Second
	}
	_, err := New(s, around).Examine(c.t.Context(), func(l Line) { lines = append(lines, l) })
	done(c.t, err)
	return lines
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	done(t, err)
	done(t, l.Close())
	return l.Addr().String()
}

// certificate makes the servers' certificate. Once, it writes ca.pem.
func (c *clinic) certificate() tls.Certificate {
	c.t.Helper()
	if c.ca.cert == nil {
		ca, der := newSigner(c.t, "Helpdesk CA", 1)
		c.ca = ca
		c.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	}
	by := c.ca
	if c.unknown {
		by, _ = newSigner(c.t, "Somebody Else", 2)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	done(c.t, err)
	c.leaf.SerialNumber = big.NewInt(3)
	leaf, err := x509.CreateCertificate(rand.Reader, &c.leaf, by.cert, &key.PublicKey, by.key)
	done(c.t, err)
	if c.pinned {
		c.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf})))
	}
	return tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}
}

// newSigner makes a signer, and its own certificate.
func newSigner(t *testing.T, name string, serial int64) (s signer, der []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	done(t, err)
	s = signer{&x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, key}
	der, err = x509.CreateCertificate(rand.Reader, s.cert, s.cert, &key.PublicKey, key)
	done(t, err)
	return s, der
}

// listen opens a port, with TLS unless it is to be plain, for a server that runs until it is closed, or the test ends.
func (c *clinic) listen(plain bool, serve func(net.Listener) error, closes func() error) string {
	c.t.Helper()
	return c.listenWith(plain, []tls.Certificate{c.cert}, serve, closes)
}

// listenWith is listen with other certificates.
func (c *clinic) listenWith(plain bool, certs []tls.Certificate, serve func(net.Listener) error, closes func() error) string {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	done(c.t, err)
	addr := l.Addr().String()
	if !plain {
		l = tls.NewListener(l, &tls.Config{Certificates: certs, MinVersion: tls.VersionTLS12})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = serve(l)
	}()
	stop := func() {
		_ = errors.Join(l.Close(), closes())
		<-ended
	}
	c.closes = append(c.closes, stop)
	return addr
}

// fill puts the mail into the mailbox.
func (c *clinic) fill() {
	c.t.Helper()
	c.user = imapmemserver.NewUser(ourAddress, password)
	done(c.t, c.user.Create("INBOX", nil))
	for _, raw := range c.mail {
		_, err := c.user.Append("INBOX", bytes.NewReader([]byte(raw)), &imap.AppendOptions{})
		done(c.t, err)
	}
	if len(c.filed) > 0 {
		done(c.t, c.user.Create("Processed", nil))
	}
	for _, raw := range c.filed {
		_, err := c.user.Append("Processed", bytes.NewReader([]byte(raw)), &imap.AppendOptions{})
		done(c.t, err)
	}
}

func (c *clinic) serveIMAP() string {
	c.t.Helper()
	if c.imap.script != nil {
		return c.scripted(c.imap.script)
	}
	mem, refuses := imapmemserver.New(), c.imap.refuses
	mem.AddUser(c.user)
	quiet := log.New(io.Discard, "", 0)
	options := &imapserver.Options{Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {},
		imap.CapUIDPlus: {}, imap.CapNamespace: {}},
		Logger: quiet, InsecureAuth: true,
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &patient{mem.NewSession().(imapserver.SessionIMAP4rev2), refuses}, nil, nil
		}}
	if c.imap.startTLS {
		options.TLSConfig = &tls.Config{Certificates: []tls.Certificate{c.cert}, MinVersion: tls.VersionTLS12}
	}
	srv := imapserver.New(options)
	words := strings.NewReplacer(c.imap.rewrite...)
	certs := []tls.Certificate{c.cert}
	if c.imap.noKey {
		certs = nil
	}
	return c.listenWith(c.imap.plain, certs, func(l net.Listener) error { return srv.Serve(rewriting{l, words}) }, srv.Close)
}

// rewriting is a listener that replaces what is said.
type rewriting struct {
	net.Listener
	words *strings.Replacer
}

type rewritten struct {
	net.Conn
	words *strings.Replacer
}

func (r rewriting) Accept() (net.Conn, error) {
	conn, err := r.Listener.Accept()
	return rewritten{conn, r.words}, err
}

func (r rewritten) Write(p []byte) (int, error) {
	_, err := io.WriteString(r.Conn, r.words.Replace(string(p)))
	return len(p), err
}

// patient is a session that refuses some commands.
type patient struct {
	imapserver.SessionIMAP4rev2
	refuses map[string]error
}

func (p *patient) Login(username, password string) error {
	if err := p.refuses["login"]; err != nil {
		return err
	}
	return p.SessionIMAP4rev2.Login(username, password)
}

func (p *patient) Create(name string, options *imap.CreateOptions) error {
	if err := p.refuses["create"]; err != nil {
		return err
	}
	return p.SessionIMAP4rev2.Create(name, options)
}

func (p *patient) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	if err := p.refuses["append"]; err != nil {
		_, _ = io.Copy(io.Discard, r)
		return nil, err
	}
	return p.SessionIMAP4rev2.Append(name, r, options)
}

func (p *patient) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	if err := p.refuses["move"]; err != nil {
		return err
	}
	return p.SessionIMAP4rev2.Move(w, set, dest)
}

func (p *patient) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if err := p.refuses["expunge"]; err != nil {
		return err
	}
	return p.SessionIMAP4rev2.Expunge(w, uids)
}

func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

func (c *clinic) serveSMTP() string {
	c.t.Helper()
	if c.smtp.script != nil {
		return c.scripted(c.smtp.script)
	}
	is := c.smtp
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{is: is, user: c.user}, nil }))
	srv.Domain, srv.AllowInsecureAuth, srv.ErrorLog = "smtp.helpdesk.test"+c.smtp.says, true, log.New(io.Discard, "", 0)
	words := strings.NewReplacer(is.rewrite...)
	return c.listen(c.smtp.plain, func(l net.Listener) error { return srv.Serve(rewriting{l, words}) }, srv.Close)
}

// submission takes mail, and delivers it into the inbox.
type submission struct {
	is   smtpTrouble
	user *imapmemserver.User
	from string
}

func (s *submission) Reset()                   {}
func (s *submission) Logout() error            { return nil }
func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *submission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, given string) error {
		if given != s.is.password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *submission) check(addr string) error {
	for _, refused := range s.is.refuses {
		if refused == addr {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not here: <" + addr + ">"}
		}
	}
	return nil
}

func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.check("from " + from)
}

func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error { return s.check(to) }

func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil || s.is.loses {
		return err
	}
	head := received
	if !s.is.unproven {
		head = results + received
	}
	_, err = s.user.Append("INBOX", bytes.NewReader(append([]byte(head), raw...)), &imap.AppendOptions{})
	return err
}

// shown is lines as a test that fails shows them.
func shown(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-9s %s: %s\n          > %s\n", l.State, l.Check, l.Found, l.Mend)
	}
	return b.String()
}
