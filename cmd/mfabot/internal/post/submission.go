package post

import (
	"crypto/subtle"
	"fmt"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

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

func (s *submission) AuthMechanisms() []string {
	if _, any := s.sorter.tokens.take(""); any {
		return []string{sasl.Plain, sasl.Login, xoauth2}
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *submission) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error {
			return s.authenticate(username, password)
		}), nil
	case sasl.Login:
		return &loginServer{check: s.authenticate}, nil
	case xoauth2:
		return &tokenServer{tokens: s.sorter.tokens, failed: tokenRefused,
			login: func(username string) error { return s.authenticate(username, s.sorter.password) }}, nil
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

// loginServer is the server side of the LOGIN mechanism, which Outlook prefers and go-sasl lacks.
type loginServer struct {
	check    func(username, password string) error
	username *string // nil until it is known
}

// Next asks for the user's name and then for the password.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case l.username != nil:
		return nil, true, l.check(*l.username, string(response))
	case response == nil:
		return []byte("Username:"), false, nil
	}
	username := string(response)
	l.username = &username
	return []byte("Password:"), false, nil
}
