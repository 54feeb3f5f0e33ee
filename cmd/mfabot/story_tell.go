package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"

	"github.com/emersion/go-message"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// tell prints one line of the story under the time it happens at.
func (s *story) tell(format string, args ...any) {
	s.toldAt = s.clock.now()
	fmt.Fprintf(s.out, "%s  %s\n", s.clock.now().In(s.bot.settings.Policy.Zone).Format("Mon _2 Jan 2006 15:04"), fmt.Sprintf(format, args...))
}

// then prints a line under the one before.
func (s *story) then(format string, args ...any) {
	fmt.Fprintf(s.out, "%24s%s\n", "", fmt.Sprintf(format, args...))
}

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
	s.then("“%s”", shortened(strings.Join(strings.Fields(m.body), " "), 90))
	for _, f := range m.files {
		s.then("with %s", f.Name)
	}
}

// appNames are the mail clients as people call them.
var appNames = map[post.App]string{post.Outlook: "Outlook", post.OutlookWeb: "Outlook on the web", post.Gmail: "Gmail", post.AppleMail: "Apple Mail"}

func (s *story) tellOutcome(m intake.Inbound) {
	line := string(m.Outcome)
	if m.Reason != "" {
		line += ", " + m.Reason
	}
	if m.Ref != "" {
		line += ", " + m.Ref
	}
	s.then("→ %s", line)
}

func (s *story) tellLetter(o intake.Outbound, raw []byte) {
	subject := ""
	if m, err := netmail.ReadMessage(bytes.NewReader(raw)); err == nil {
		subject, _ = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	}
	if o.Facts.Token != "" {
		subject = strings.TrimSuffix(subject, " ["+o.Facts.Token+"]")
	}
	if !s.clock.now().Equal(s.toldAt) { // nobody wrote: it is due by its time
		s.tell("✉ %s: %s", o.To, subject)
		return
	}
	s.then("✉ %s: %s", o.To, subject)
}

func plainAddress(s string) string {
	if a, err := netmail.ParseAddress(s); err == nil {
		return a.Address
	}
	return s
}

// messageID is that of a message, without its brackets.
func messageID(raw []byte) string {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	return strings.Trim(m.Header.Get("Message-ID"), "<> ")
}

// folder is where the story leaves every email, to be looked at.
type folder struct {
	dir string
	n   int
}

// write leaves a message as it is, and its HTML as a page of its own.
func (f *folder) write(title string, raw []byte) error {
	f.n++
	base := filepath.Join(f.dir, fmt.Sprintf("%03d %s", f.n, title))
	return errors.Join(
		os.WriteFile(base+".eml", raw, 0o600),
		os.WriteFile(base+".html", []byte(pageOf(raw)), 0o600),
	)
}

// pageOf is a message's HTML, or its text as a page.
func pageOf(raw []byte) string {
	m, err := message.Read(bytes.NewReader(raw))
	if m == nil {
		return "<pre>" + html.EscapeString(err.Error()) + "</pre>"
	}
	page, text := "", ""
	_ = m.Walk(func(_ []int, e *message.Entity, _ error) error {
		kind, _, _ := e.Header.ContentType()
		switch {
		case kind == "text/html" && page == "":
			b, _ := io.ReadAll(e.Body)
			page = string(b)
		case kind == "text/plain" && text == "":
			b, _ := io.ReadAll(e.Body)
			text = string(b)
		}
		return nil
	})
	if page == "" {
		return "<!doctype html><meta charset=\"utf-8\"><pre style=\"white-space: pre-wrap\">" + html.EscapeString(text) + "</pre>"
	}
	return page
}
