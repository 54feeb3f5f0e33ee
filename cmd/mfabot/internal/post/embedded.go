package post

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// maxMessage is the size limit of the embedded servers, in bytes.
const maxMessage = 50 << 20

// Embedded starts an office in this process, on loopback without TLS: go-imap's
// memory server, and an SMTP server that puts what it accepts into the INBOX of
// each recipient, with the headers that an MTA adds. It runs until Close is
// called or ctx ends.
func Embedded(ctx context.Context, accounts []string) (*Office, error) {
	o, err := newOffice(accounts)
	if err != nil {
		return nil, err
	}
	sorter := &sorter{
		password:  o.Password,
		boxes:     make(map[string]*imapmemserver.User),
		now:       time.Now,
		delivered: make(map[string]int),
	}
	memory := imapmemserver.New()
	for account := range o.accounts {
		user := imapmemserver.NewUser(account, o.Password)
		if err := user.Create("INBOX", nil); err != nil {
			return nil, err
		}
		memory.AddUser(user)
		sorter.boxes[account] = user
	}

	imapDoor, err := openDoor(ctx)
	if err != nil {
		return nil, err
	}
	smtpDoor, err := openDoor(ctx)
	if err != nil {
		return nil, errors.Join(err, imapDoor.shut())
	}
	quiet := log.New(io.Discard, "", 0)
	imapServer := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		Logger:       quiet,
		InsecureAuth: true,
	})
	smtpServer := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &submission{sorter: sorter, conn: c}, nil
	}))
	smtpServer.Domain = "post.invalid"
	smtpServer.MaxMessageBytes = maxMessage
	smtpServer.AllowInsecureAuth = true
	smtpServer.ErrorLog = quiet

	var serving sync.WaitGroup
	serving.Go(func() { _ = imapServer.Serve(imapDoor) })
	serving.Go(func() { _ = smtpServer.Serve(smtpDoor) })

	o.SMTPAddr, o.SMTPSecurity = smtpDoor.Addr().String(), Plain
	o.IMAPAddr, o.IMAPSecurity = imapDoor.Addr().String(), Plain
	o.count, o.setClock = sorter.count, sorter.setClock
	o.stopOnce(ctx, func() error {
		err := errors.Join(smtpDoor.shut(), imapDoor.shut())
		serving.Wait()
		return err
	})
	return o, nil
}

// sorter puts accepted messages into mailboxes.
type sorter struct {
	password string                         // immutable
	boxes    map[string]*imapmemserver.User // immutable

	mu        sync.Mutex
	now       func() time.Time
	delivered map[string]int
}

func (s *sorter) count(account string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivered[account]
}

func (s *sorter) setClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// deliver appends a message to the INBOX of each recipient.
func (s *sorter) deliver(helo, protocol, from string, to []string, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now()
	id := fmt.Sprintf("%x", sha256.Sum256(raw))[:12]
	for _, rcpt := range to {
		trace := fmt.Sprintf("Return-Path: <%s>\r\n"+
			"Received: from %s ([127.0.0.1])\r\n"+
			"\tby post.invalid with %s id %s\r\n"+
			"\tfor <%s>; %s\r\n",
			from, helo, protocol, id, rcpt, at.Format(time.RFC1123Z))
		message := bytes.NewReader(append([]byte(trace), raw...))
		if _, err := s.boxes[rcpt].Append("INBOX", message, &imap.AppendOptions{Time: at}); err != nil {
			return err
		}
		s.delivered[rcpt]++
	}
	return nil
}

// submission is one connection to the SMTP server.
type submission struct {
	sorter *sorter
	conn   *smtp.Conn
	login  string
	from   string
	to     []string
}

func (s *submission) Reset()        { s.from, s.to = "", nil }
func (s *submission) Logout() error { return nil }

func (s *submission) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s *submission) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error {
			return s.authenticate(username, password)
		}), nil
	case sasl.Login:
		return newLoginServer(s.authenticate), nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *submission) authenticate(username, password string) error {
	account := normal(username)
	same := subtle.ConstantTimeCompare([]byte(password), []byte(s.sorter.password)) == 1
	if s.sorter.boxes[account] == nil || !same {
		return smtp.ErrAuthFailed
	}
	s.login = account
	return nil
}

func (s *submission) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	account := normal(to)
	if s.sorter.boxes[account] == nil {
		return &smtp.SMTPError{
			Code:         550,
			EnhancedCode: smtp.EnhancedCode{5, 1, 1},
			Message:      fmt.Sprintf("<%s>: no such mailbox", to),
		}
	}
	s.to = append(s.to, account)
	return nil
}

func (s *submission) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	protocol := "ESMTP"
	if s.login != "" {
		protocol = "ESMTPA"
	}
	return s.sorter.deliver(s.conn.Hostname(), protocol, s.from, s.to, raw)
}

// newLoginServer is the server's side of the LOGIN mechanism, which Outlook
// still prefers and go-sasl does not have.
func newLoginServer(check func(username, password string) error) sasl.Server {
	return &loginServer{check: check}
}

type loginServer struct {
	check    func(username, password string) error
	asked    bool
	username *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked && response == nil:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.username == nil:
		name := string(response)
		l.asked, l.username = true, &name
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.username, string(response))
}

// door is a listener whose connections can be closed together and waited for,
// which neither server does by itself.
type door struct {
	net.Listener
	open sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
}

func openDoor(ctx context.Context) (*door, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &door{Listener: l, conns: make(map[net.Conn]bool)}, nil
}

// Accept waits for the next connection.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	d.conns[conn] = true
	d.open.Add(1)
	return &doorConn{Conn: conn, leave: sync.OnceFunc(func() {
		d.mu.Lock()
		delete(d.conns, conn)
		d.mu.Unlock()
		d.open.Done()
	})}, nil
}

// shut closes the listener and its connections, and waits until the server has
// let go of each.
func (d *door) shut() error {
	err := d.Listener.Close()
	d.mu.Lock()
	d.closed = true
	for conn := range d.conns {
		conn.Close()
	}
	d.mu.Unlock()
	d.open.Wait()
	return err
}

// doorConn is closed by the server when its goroutine is done with it.
type doorConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and tells the door.
func (c *doorConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
