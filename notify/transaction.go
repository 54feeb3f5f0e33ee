package notify

import (
	"context"
	"io"

	"github.com/wneessen/go-mail/smtp"

	"mfabot/intake"
	"mfabot/intake/hint"
)

// nullSender is the envelope sender of automatic answers (RFC 3834, section 3.3): nothing is sent back to it,
// so no machine answers an answer.
const nullSender = "<>"

// stepError is why a transaction failed: the server refused, or the connection was lost.
type stepError struct {
	step    intake.Step
	address string // in angle brackets; empty if the step has none
	err     error
}

func (s *stepError) Error() string {
	at := string(s.step)
	if s.address != "" {
		at += " " + s.address
	}
	return hint.After(hint.SMTP, at+": "+s.err.Error())
}

func (s *stepError) Unwrap() error { return s.err }

// handOver runs one transaction (RFC 5321, section 3.3), with the envelope sender in angle brackets. go-mail
// has its own, but it cannot send an empty sender. The error is a stepError or that of Parts; with the
// latter, the connection has half a message on it, and any further command would end it as if it were whole.
func handOver(ctx context.Context, session *smtp.Client, sender string, msg *Message) error {
	if err := session.Mail(sender); err != nil {
		return &stepError{intake.AtMail, sender, err}
	}
	if err := session.Rcpt(msg.recipient); err != nil {
		return &stepError{intake.AtRcpt, msg.recipient, err}
	}
	data, err := session.Data()
	if err != nil {
		return &stepError{intake.AtData, "", err}
	}
	content := &failing{w: data}
	if err := msg.Stream(ctx, content); err != nil && content.err == nil {
		return err
	} else if err != nil {
		return &stepError{intake.AtContent, "", err}
	}
	if err := data.Close(); err != nil {
		return &stepError{intake.AtContent, "", err}
	}
	return nil
}

// failing keeps the error of a writer, to tell it apart from an error of what is being written.
type failing struct {
	w   io.Writer
	err error
}

func (f *failing) Write(p []byte) (n int, err error) {
	if f.err == nil {
		n, f.err = f.w.Write(p)
	}
	return n, f.err
}
