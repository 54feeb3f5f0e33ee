package mailbox

import (
	"strings"

	"github.com/emersion/go-sasl"
)

// xoauth2 is Google's and Microsoft's SASL mechanism for an OAuth 2.0 access token. There is no RFC: see "The
// SASL XOAUTH2 Mechanism" in either's manual.
type xoauth2 struct {
	username, token string
	refusal         string // the server's challenge to a refused token, JSON
}

var _ sasl.Client = (*xoauth2)(nil)

func (x *xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.username + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the only challenge, the reason for a refusal, with the empty response that lets the server end
// the command.
func (x *xoauth2) Next(challenge []byte) ([]byte, error) {
	const enough = 500
	text := strings.ReplaceAll(string(challenge), x.token, "***")
	x.refusal = text[:min(len(text), enough)]
	return []byte{}, nil
}
