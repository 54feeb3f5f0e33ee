package demo

import (
	"bytes"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// tell prints one line of the story with the time at which it happens.
func (s *story) tell(format string, args ...any) {
	s.toldAt = s.clock.Now()
	at := s.toldAt.In(s.bot.Settings.Policy.Zone).Format("Mon _2 Jan 2006 15:04")
	fmt.Fprintf(s.out, "%s  %s\n", at, fmt.Sprintf(format, args...))
}

// then prints one more line under it.
func (s *story) then(format string, args ...any) {
	fmt.Fprintf(s.out, "%24s%s\n", "", fmt.Sprintf(format, args...))
}

// tellMail tells who writes what, and with which mail client.
func (s *story) tellMail(m mail) {
	name, _, _ := strings.Cut(m.from, " <")
	switch {
	case m.away:
		s.tell("%s is away: an automatic reply", name)
		return
	case m.answers != nil:
		s.tell("%s replies from %s to %q:", name, appNames[m.app], m.answers.Template)
	default:
		s.tell("%s writes from %s, %q:", name, appNames[m.app], m.subject)
	}
	s.then("“%s”", opening(m.body))
	for _, f := range m.files {
		s.then("with %s", f.Name)
	}
}

// opening is the beginning of what somebody wrote, on one line.
func opening(body string) string {
	const most = 90 // characters
	r := []rune(strings.Join(strings.Fields(body), " "))
	if len(r) > most {
		r = append(r[:most-1], '…')
	}
	return string(r)
}

// appNames are the mail clients as people call them.
var appNames = map[post.App]string{post.Outlook: "Outlook", post.OutlookWeb: "Outlook on the web", post.Gmail: "Gmail",
	post.AppleMail: "Apple Mail"}

// tellOutcome tells what became of a message.
func (s *story) tellOutcome(m intake.Inbound) {
	line := string(m.Outcome)
	if m.Reason != "" {
		line += ", " + string(m.Reason)
	}
	if m.Ref != "" {
		line += ", " + m.Ref
	}
	s.then("→ %s", line)
}

// tellLetter tells who got a letter about what.
func (s *story) tellLetter(o intake.Outbound, raw []byte) {
	subject := ""
	if m, err := netmail.ReadMessage(bytes.NewReader(raw)); err == nil {
		subject, _ = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	}
	if o.Facts.Code != "" {
		subject = strings.TrimSuffix(subject, " ["+o.Facts.Code+"]")
	}
	if !s.clock.Now().Equal(s.toldAt) { // nobody wrote: it was due by now
		s.tell("✉ %s: %s", o.To, subject)
		return
	}
	s.then("✉ %s: %s", o.To, subject)
}
