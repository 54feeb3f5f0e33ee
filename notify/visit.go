package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// Visit is a look at the submission server beside the sender that may be using it. Only one goroutine may use it.
type Visit struct{ line *line }

// NewVisit returns a visit that has not begun.
func NewVisit(s Submission) *Visit { return &Visit{&line{submission: s}} }

// Enter connects and logs in.
func (v *Visit) Enter(ctx context.Context) error { return v.line.dial(ctx) }

// Leave ends the connection. What the server says to that does not matter.
func (v *Visit) Leave() { _ = v.line.close() }

// Takes begins a message, with the envelope addresses of its sender, which may be none, and its recipient, and goes no
// further: the error is the server's.
func (v *Visit) Takes(ctx context.Context, sender, recipient string) error {
	if v.line.session == nil {
		if err := v.line.dial(ctx); err != nil {
			return err
		}
	}
	err := v.line.session.Mail("<" + sender + ">")
	if err != nil {
		err = &stepError{intake.AtMail, "<" + sender + ">", err}
	} else if err = v.line.session.Rcpt("<" + recipient + ">"); err != nil {
		err = &stepError{intake.AtRcpt, "<" + recipient + ">", err}
	}
	if err != nil && isFault(err) || v.line.session.Reset() != nil {
		v.line.drop()
	}
	return err
}

// Test is a message to ourselves that says nothing.
type Test struct {
	Service   Service
	To        string // an address of ours
	MessageID string // without angle brackets
	Now       time.Time
}

// Send hands it over. It is marked as ours, so that who reads it answers nothing.
func (v *Visit) Send(ctx context.Context, t Test) error {
	return v.line.sendAs(ctx, "<"+t.Service.Address+">", &Message{sender: "<" + t.Service.Address + ">", recipient: "<" + t.To + ">",
		header: t.header(), words: entity{"text/plain; charset=us-ascii", []byte(testWords)}}, nil)
}

// Raw is the message as bytes.
func (t Test) Raw() []byte {
	return append(t.header(), "Content-Type: text/plain; charset=us-ascii\r\n\r\n"+testWords...)
}

const testWords = "This is a test by mfabot doctor. It asks for nothing, and is answered by nobody.\r\n"

func (t Test) header() []byte {
	var b strings.Builder
	for _, f := range [][2]string{
		{"From", "<" + t.Service.Address + ">"}, {"To", "<" + t.To + ">"}, {"Subject", "Test of mfabot"},
		{"Date", t.Now.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + t.MessageID + ">"}, {"MIME-Version", "1.0"},
		{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"},
		{"X-Mfabot", templates.Clean(t.Service.Instance, maxName)},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", f[0], f[1])
		}
	}
	return []byte(b.String())
}
