package notify

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"

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
// has its own, but it cannot send an empty sender. meanwhile is called between the last byte of the message and the
// server's reply to it. The error is a stepError or that of Parts; with the
// latter, the connection has half a message on it, and any further command would end it as if it were whole.
func handOver(ctx context.Context, session *smtp.Client, sender string, msg *Message, meanwhile func()) error {
	if err := envelope(session, sender, msg.recipient); err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(session.Text.W, contentBuffer)
	lines := &stuffed{w: buffer, last: '\n'}
	content := &failing{w: lines}
	if err := msg.Stream(ctx, content); err != nil && content.err == nil {
		return err
	} else if err != nil {
		return &stepError{intake.AtContent, "", err}
	}
	if err := cmp.Or(lines.end(), buffer.Flush(), session.Text.W.Flush()); err != nil {
		return &stepError{intake.AtContent, "", err}
	}
	if meanwhile != nil {
		meanwhile()
	}
	if err := readReply(session.Text, 250); err != nil {
		return &stepError{intake.AtContent, "", err}
	}
	return nil
}

// contentBuffer is how much of a message is written at once, in bytes.
const contentBuffer = 32 << 10

// command is one of a transaction, with the code of the reply that goes on with it, or its first digits.
type command struct {
	step          intake.Step
	address, line string
	code          int
}

// envelope begins a transaction, up to where the content is sent: with one wait where the server takes several commands at
// once (RFC 2920).
func envelope(session *smtp.Client, sender, recipient string) error {
	mail := command{intake.AtMail, sender, "MAIL FROM:" + sender, 250}
	if eight, _ := session.Extension("8BITMIME"); eight {
		mail.line += " BODY=8BITMIME"
	}
	rcpt, data := command{intake.AtRcpt, recipient, "RCPT TO:" + recipient, 25}, command{intake.AtData, "", "DATA", 354}
	if several, _ := session.Extension("PIPELINING"); several {
		return exchange(session.Text, mail, rcpt, data)
	}
	for _, c := range []command{mail, rcpt, data} {
		if err := exchange(session.Text, c); err != nil {
			return err
		}
	}
	return nil
}

// exchange gives commands at once, and reads the reply to each. It returns the first refusal. A server that has refused the
// sender or the recipient, and wants the content all the same, is left: it could take an empty one for a message.
func exchange(text *textproto.Conn, commands ...command) (refused error) {
	for _, c := range commands {
		if strings.ContainsAny(c.line, "\r\n") {
			return &stepError{c.step, c.address, fmt.Errorf("%w: more than a line", ErrUnsendable)}
		}
	}
	for _, c := range commands {
		_, _ = text.W.WriteString(c.line + "\r\n") // an error is Flush's too
	}
	if err := text.W.Flush(); err != nil {
		return &stepError{commands[0].step, commands[0].address, err}
	}
	for _, c := range commands {
		err := readReply(text, c.code)
		switch {
		case err == nil && refused != nil && c.step == intake.AtData:
			_ = text.Close()
		case err == nil:
		case refused == nil:
			refused = &stepError{c.step, c.address, err}
		}
		var reply *textproto.Error
		if err != nil && !errors.As(err, &reply) { // there are no more
			return refused
		}
	}
	return refused
}

// readReply reads a reply (RFC 5321, section 4.2), which need not have a text. It returns a textproto.Error for one whose code does not
// begin with want.
func readReply(text *textproto.Conn, want int) error {
	var said []string
	for {
		line, err := text.ReadLine()
		if err != nil {
			return err
		}
		code, err := strconv.Atoi(line[:min(3, len(line))])
		more := strings.HasPrefix(line[min(3, len(line)):], "-")
		if err != nil || code < 100 || len(line) > 3 && !more && line[3] != ' ' {
			return textproto.ProtocolError("not a reply: " + line)
		}
		said = append(said, line[min(4, len(line)):])
		switch {
		case more:
		case strings.HasPrefix(line, strconv.Itoa(want)):
			return nil
		default:
			return &textproto.Error{Code: code, Msg: strings.Join(said, "\n")}
		}
	}
}

// stuffed writes content as it follows DATA (RFC 5321, section 4.5.2): a line that begins with a dot has another in front,
// and each ends in CRLF.
type stuffed struct {
	w    io.Writer
	last byte // that was written
}

func (s *stuffed) Write(p []byte) (n int, err error) {
	for line := range bytes.Lines(p) {
		whole, end := line, []byte(nil)
		text, ends := bytes.CutSuffix(line, []byte("\n"))
		if before := lastOf(text, s.last); ends && before != '\r' {
			whole, end = text, []byte("\r\n")
		}
		if s.last == '\n' && line[0] == '.' {
			if _, err := s.w.Write([]byte{'.'}); err != nil {
				return n, err
			}
		}
		if _, err := s.w.Write(whole); err != nil {
			return n, err
		}
		if _, err := s.w.Write(end); err != nil {
			return n, err
		}
		s.last = lastOf(line, s.last)
		n += len(line)
	}
	return n, nil
}

// lastOf is the last byte of what is written; before where that is nothing.
func lastOf(p []byte, before byte) byte {
	if len(p) == 0 {
		return before
	}
	return p[len(p)-1]
}

// end writes what follows the content.
func (s *stuffed) end() error {
	end := ".\r\n"
	if s.last != '\n' {
		end = "\r\n.\r\n"
	}
	_, err := io.WriteString(s.w, end)
	return err
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
