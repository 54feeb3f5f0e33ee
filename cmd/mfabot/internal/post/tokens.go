package post

import (
	"strings"
	"sync/atomic"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// xoauth2 is Microsoft's mechanism for access tokens, which go-sasl lacks.
const xoauth2 = "XOAUTH2"

// tokens says which access tokens an office takes, beside the password.
type tokens struct {
	good atomic.Pointer[func(token string) bool] // nil: it takes none
}

// TakeTokens has an embedded office take those access tokens that are good when somebody signs in, for every account. It also
// ends all connections.
func (o *Office) TakeTokens(good func(token string) bool) {
	o.tokens.good.Store(&good)
	o.cut()
}

// Cut ends all connections, as a server does with those whose token has ended. Of real servers only Dovecot does that.
func (o *Office) Cut() { o.cut() }

// take reports whether a token is taken, and whether any is.
func (t *tokens) take(token string) (taken, any bool) {
	good := t.good.Load()
	return good != nil && (*good)(token), good != nil
}

// tokenServer is the server side of XOAUTH2: a refusal is a challenge, to which an empty response comes before the answer.
type tokenServer struct {
	tokens  *tokens
	login   func(username string) error
	failed  error
	refused bool
}

// Next takes the user and the token.
func (t *tokenServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case t.refused:
		return nil, false, t.failed
	case response == nil:
		return []byte{}, false, nil
	}
	username, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	token, _, _ := strings.Cut(strings.TrimPrefix(rest, "auth=Bearer "), "\x01")
	if taken, _ := t.tokens.take(token); !taken {
		t.refused = true
		return []byte(`{"status":"401","schemes":"Bearer"}`), false, nil
	}
	return nil, true, t.login(username)
}

// tokenSession is an IMAP session in which somebody can sign in with a token, too.
type tokenSession struct {
	imapserver.SessionIMAP4rev2
	tokens   *tokens
	password string
}

// AuthenticateMechanisms lists them.
func (s tokenSession) AuthenticateMechanisms() []string { return []string{sasl.Plain, xoauth2} }

// Authenticate begins a login.
func (s tokenSession) Authenticate(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return s.Login(username, password) }), nil
	case xoauth2:
		return &tokenServer{tokens: s.tokens, failed: imapserver.ErrAuthFailed,
			login: func(username string) error { return s.Login(username, s.password) }}, nil
	}
	return nil, imapserver.ErrAuthFailed
}

// tokenRefused is what Exchange Online says by SMTP.
var tokenRefused = &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 3}, Message: "Authentication unsuccessful"}
