package post

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// maxMessage is the size limit of the embedded servers, in bytes.
const maxMessage = 50 << 20

// Embedded starts an office in this process, on loopback without TLS: go-imap's memory server, and an SMTP
// server that puts what it accepts into each recipient's INBOX, with the headers an MTA adds. It runs until
// Close is called or ctx ends.
func Embedded(ctx context.Context, accounts []string) (*Office, error) {
	o, err := newOffice(accounts)
	if err != nil {
		return nil, err
	}
	sorter := &sorter{
		password:  o.Password,
		tokens:    &o.tokens,
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
	imapServer, smtpServer := newIMAP(memory, sorter), newSMTP(sorter)
	var serving sync.WaitGroup
	serving.Go(func() { _ = imapServer.Serve(imapDoor) })
	serving.Go(func() { _ = smtpServer.Serve(smtpDoor) })

	o.SMTPAddr, o.SMTPSecurity = smtpDoor.Addr().String(), Plain
	o.IMAPAddr, o.IMAPSecurity = imapDoor.Addr().String(), Plain
	o.count, o.setClock = sorter.count, sorter.setClock
	o.cut = func() {
		imapDoor.cut()
		smtpDoor.cut()
	}
	o.stopOnce(ctx, func() error {
		err := errors.Join(smtpDoor.shut(), imapDoor.shut())
		serving.Wait()
		return err
	})
	return o, nil
}

func newIMAP(memory *imapmemserver.Server, s *sorter) *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			session := memory.NewSession()
			if _, any := s.tokens.take(""); any {
				return tokenSession{session.(imapserver.SessionIMAP4rev2), s.tokens, s.password}, nil, nil
			}
			return session, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true,
	})
}

func newSMTP(sorter *sorter) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &submission{sorter: sorter, conn: c}, nil
	}))
	server.Domain = "post.invalid"
	server.MaxMessageBytes = maxMessage
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

// sorter puts accepted messages into mailboxes.
type sorter struct {
	password string                         // immutable
	tokens   *tokens                        // immutable
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
