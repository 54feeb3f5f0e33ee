package notify

import (
	"errors"
	"net/textproto"
	"strings"

	"mfabot/intake"
)

// IsTemporary reports whether delivering the same message later may succeed. The server's refusals say so
// themselves (RFC 5321, section 4.2.1): 4yz is temporary and 5yz is permanent, unless the server only wants
// our credentials, which says nothing about the message. Network, store and context errors are temporary.
// ErrUnsendable is not.
func IsTemporary(err error) bool {
	if err == nil || errors.Is(err, ErrUnsendable) {
		return false
	}
	code := replyCode(err)
	return code < 500 || wantsCredentials(code)
}

// closing is the reply code of a server that is closing the connection (RFC 5321, section 4.2.3).
const closing = 421

// replyCode returns the code with which the server refused a message, or 0 if err is not such a refusal.
// Errors before there is a message, in the greeting or at login, do not count.
func replyCode(err error) int {
	var failed *stepError
	var reply *textproto.Error
	if !errors.As(err, &failed) || !errors.As(failed.err, &reply) || reply.Code < 400 || reply.Code > 599 {
		return 0
	}
	return reply.Code
}

// atMail reports whether err happened at the first step of a transaction, so that the server cannot have
// taken the message.
func atMail(err error) bool {
	var failed *stepError
	return errors.As(err, &failed) && failed.step == stepMail
}

// wantsCredentials reports whether a reply code is about who we are (RFC 4954, section 6).
func wantsCredentials(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// isFault reports whether err leaves the connection in doubt: anything but the server's refusal of one
// message.
func isFault(err error) bool {
	code := replyCode(err)
	return code == 0 || code == closing || wantsCredentials(code)
}

// tooLarge is the reply code of a server that takes no message of this size (RFC 1870, section 6.1).
const tooLarge = 552

// whyGivenUp returns why a message is given up; text is the error for the operator. A recipient is refused
// permanently by a 5yz reply to RCPT TO (RFC 5321, section 4.2.1), and the letter itself by one to DATA or to what
// follows it. The reply may begin with an enhanced status code (RFC 2034).
func whyGivenUp(err error, text string) intake.Refusal {
	r := intake.Refusal{Text: text}
	var failed *stepError
	var reply *textproto.Error
	if !errors.As(err, &failed) || !errors.As(failed.err, &reply) || reply.Code < 500 || reply.Code > 599 {
		return r
	}
	r.Recipient = failed.step == stepRcpt
	r.Content = failed.step == stepData || failed.step == stepContent || failed.step == stepMail && reply.Code == tooLarge
	if !r.Recipient && !r.Content {
		return r
	}
	r.Status, _, _ = strings.Cut(strings.Trim(reply.Msg, `"`), " ")
	return r
}
