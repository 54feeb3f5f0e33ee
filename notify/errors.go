package notify

import (
	"errors"
	"net/textproto"
	"strings"

	"mfabot/intake"
)

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
	return errors.As(err, &failed) && failed.step == intake.AtMail
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

// replyOf returns what the server said of a message; its code is 0 if it said nothing of one.
func replyOf(err error) intake.Reply {
	code := replyCode(err)
	if code == 0 {
		return intake.Reply{}
	}
	var failed *stepError
	var reply *textproto.Error
	errors.As(err, &failed)
	errors.As(failed.err, &reply)
	return intake.NewReply(failed.step, code, strings.Trim(reply.Msg, `"`))
}
