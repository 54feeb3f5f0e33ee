package notify

import (
	"errors"

	"github.com/wneessen/go-mail"
)

// IsTemporary reports whether a later attempt to deliver the same message may
// fare better. The server's refusals say so themselves (RFC 5321, section
// 4.2.1): 4yz is temporary and 5yz is not, except that a server which wants
// credentials of us has nothing against the message. Faults of the network, of
// the store and of the context are temporary. ErrUnsendable is not.
func IsTemporary(err error) bool {
	var refused *mail.SendError
	switch {
	case err == nil, errors.Is(err, ErrUnsendable):
		return false
	case !errors.As(err, &refused):
		return true
	case refused.Reason == mail.ErrGetSender, refused.Reason == mail.ErrGetRcpts:
		return false
	}
	code := refused.ErrorCode()
	return code < 500 || wantsCredentials(code)
}

// replyCode is the server's reply that err is about; 0 where there is none.
func replyCode(err error) int {
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		return 0
	}
	return refused.ErrorCode()
}

// wantsCredentials reports whether a reply code is about who we are (RFC 4954,
// section 6).
func wantsCredentials(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// isFault reports whether err leaves the connection in doubt: it is not the
// server's refusal of one message.
func isFault(err error) bool {
	code := replyCode(err)
	return code == 0 || code == 421 || wantsCredentials(code)
}
