package notify

import (
	"fmt"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// nullSender is the envelope sender of automatic answers (RFC 3834, section
// 3.3): nothing is sent back to it, so that no machine answers an answer.
const nullSender = "<>"

// The steps of a transaction.
const (
	stepMail    = "MAIL FROM"
	stepRcpt    = "RCPT TO"
	stepData    = "DATA"
	stepContent = "the content"
)

// stepError is how a transaction failed: by the server's refusal, or by the loss
// of the connection.
type stepError struct {
	step    string
	address string // in angle brackets; empty where the step has none
	err     error
}

func (s *stepError) Error() string {
	if s.address == "" {
		return s.step + ": " + s.err.Error()
	}
	return s.step + " " + s.address + ": " + s.err.Error()
}

func (s *stepError) Unwrap() error { return s.err }

// handOver is one transaction (RFC 5321, section 3.3), with its envelope sender
// in angle brackets. go-mail has one of its own, which cannot leave the sender
// empty. Its error is a stepError, or ErrUnsendable.
func handOver(session *smtp.Client, sender string, msg *mail.Msg) error {
	recipients, err := msg.GetRecipients()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	if err := session.Mail(sender); err != nil {
		return &stepError{stepMail, sender, err}
	}
	for _, to := range recipients {
		if err := session.Rcpt(to); err != nil {
			return &stepError{stepRcpt, to, err}
		}
	}
	content, err := session.Data()
	if err != nil {
		return &stepError{stepData, "", err}
	}
	if _, err := msg.WriteTo(content); err != nil {
		return &stepError{stepContent, "", err}
	}
	if err := content.Close(); err != nil {
		return &stepError{stepContent, "", err}
	}
	return nil
}
