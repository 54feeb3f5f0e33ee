package notify

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"path"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// Service is what every letter may state about the service that sends it.
type Service struct {
	Name          string // shown as the sender
	Address       string // people write to it, and it is the envelope sender but of automatic answers
	PlusAddress   bool   // mail to local+anything@domain comes to the address too (RFC 5233)
	Instance      string // marks our own mail, so that it is known when it comes back
	Policy        string // the name of the policy
	Telephone     string // of the helpdesk
	Authenticator string // the authentication method that the policy recommends
}

// ErrUnsendable is in the chain of every error that no later attempt can mend: a
// letter that its template cannot put into words, an address that is none.
var ErrUnsendable = errors.New("letter cannot be sent")

// Bounds on what is taken from elsewhere into a header.
const (
	maxReferences = 40  // the first, and the last ones
	maxMessageID  = 240 // bytes
	maxLocalPart  = 64  // bytes of an address (RFC 5321, section 4.5.3.1.1)
	maxFilename   = 120 // bytes, so that its line stays below 998 when encoded
	maxGiven      = 4000
)

// Composer makes messages of letters. It is safe for concurrent use.
type Composer struct {
	set     *templates.Set
	service Service
	parts   Parts
}

// NewComposer returns a composer that speaks for the service; parts gives the
// evidence that letters attach.
func NewComposer(set *templates.Set, s Service, parts Parts) *Composer {
	return &Composer{set: set, service: s, parts: parts}
}

// Subject is the subject that l is sent with at a moment: "[LT-2026-00042] ..." where
// it is about a request or exception, ending in the review code where it has
// one. Its errors are ErrUnsendable.
func (c *Composer) Subject(l intake.Letter, at time.Time) (string, error) {
	email, err := c.render(l, at)
	return email.Subject, err
}

// render puts the letter into words and completes its subject.
func (c *Composer) render(l intake.Letter, at time.Time) (templates.Email, error) {
	email, err := c.set.Render(string(l.Template), newView(c.service, l, at))
	if err != nil {
		return templates.Email{}, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	if l.Ref != "" {
		email.Subject = "[" + templates.Clean(l.Ref, maxRef) + "] " + email.Subject
	}
	if l.Facts.Code != "" {
		email.Subject += " [" + l.Facts.Code + "]"
	}
	return email, nil
}

// Compose makes the message of o as it goes out at now, and finds out whether the
// evidence that it attaches is there to be read. The same o makes the same message
// again, but for its Date, the days that it says are left, and its MIME boundaries.
// Errors of the evidence are those of Parts; all others are ErrUnsendable.
func (c *Composer) Compose(ctx context.Context, o intake.Outbound, now time.Time) (*Message, error) {
	if o.Facts.Seed != "" && o.Facts.Code == "" {
		return nil, fmt.Errorf("%w: its review code cannot be made: "+
			"the key beside the database is not the one that it was begun with", ErrUnsendable)
	}
	email, err := c.render(o.Letter, now)
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(c.service.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: service address: %w", ErrUnsendable, err)
	}
	to, err := mail.ParseAddress(o.To)
	if err != nil {
		return nil, fmt.Errorf("%w: address of the recipient: %w", ErrUnsendable, err)
	}
	msg := &Message{parts: c.parts}
	for _, a := range o.Attach {
		msg.attach = append(msg.attach, attachment{Attachment: a})
	}
	// The service address is the envelope sender too: bounces come to where they are
	// read. An automatic answer is sent without it where the server allows that.
	msg.sender, msg.recipient = bare(from.Address), bare(to.Address)
	msg.header = c.header(o, email.Subject, to, now)
	if msg.words, err = alternatives(email.Text, email.HTML); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	return msg, msg.check(ctx)
}

// bare is an address in angle brackets, without a name.
func bare(address string) string { return (&mail.Address{Address: address}).String() }

// header is the fields of the message of o, but for Content-Type.
func (c *Composer) header(o intake.Outbound, subject string, to *mail.Address, now time.Time) []byte {
	submitted := "auto-generated"
	if o.Answer || o.AnswersTo != "" { // also to a message that had no Message-ID
		submitted = "auto-replied"
	}
	inReplyTo, references := thread(o)
	from := mail.Address{Name: templates.Clean(c.service.Name, maxName), Address: c.service.Address}
	var h header
	// Machines are kept from answering (RFC 3834, section 5).
	h.add("Auto-Submitted", submitted)
	h.add("Date", now.Format(time.RFC1123Z))
	if inReplyTo != "" {
		h.add("In-Reply-To", inReplyTo)
	}
	h.add("MIME-Version", "1.0")
	h.add("Message-ID", "<"+o.MessageID+">")
	if references != "" {
		h.add("References", references)
	}
	h.add("Subject", encoded(subject))
	h.add("X-Auto-Response-Suppress", "All")
	h.add("X-Mfabot", encoded(templates.Clean(c.service.Instance, maxName)))
	h.add("From", from.String())
	h.add("To", to.String())
	if address, ok := c.replyTo(o.Facts.Code); ok {
		h.add("Reply-To", bare(address))
	}
	return h.Bytes()
}

// replyTo is the address to which a reply brings the review code back by being
// sent there; none without a code, or where the code makes it too long. It goes
// without a name: a mail client would learn to put this address for the service's.
func (c *Composer) replyTo(code string) (address string, ok bool) {
	at := strings.LastIndexByte(c.service.Address, '@')
	if !c.service.PlusAddress || code == "" || at+1+len(code) > maxLocalPart {
		return "", false
	}
	return c.service.Address[:at] + "+" + code + c.service.Address[at:], true
}

// thread is what keeps one conversation together (RFC 5322, section 3.6.4); empty
// where the message begins one.
func thread(o intake.Outbound) (inReplyTo, references string) {
	ids := o.References
	if len(ids) == 0 && o.AnswersTo != "" {
		ids = []string{o.AnswersTo}
	}
	if ids = messageIDs(ids); len(ids) > 0 {
		inReplyTo = ids[len(ids)-1]
	}
	return inReplyTo, strings.Join(ids, " ")
}

// messageIDs puts angle brackets around what can be a Message-ID (RFC 5322,
// section 3.6.4) and leaves the rest out: these were chosen by strangers. Of a long
// conversation the first and the last ones remain.
func messageIDs(references []string) []string {
	var ids []string
	for _, id := range references {
		if id != "" && len(id) <= maxMessageID && !strings.ContainsFunc(id, notInMessageID) {
			ids = append(ids, "<"+id+">")
		}
	}
	if len(ids) > maxReferences {
		ids = append(ids[:1:1], ids[len(ids)-maxReferences+1:]...)
	}
	return ids
}

// notInMessageID reports whether r would break a Message-ID or its header.
func notInMessageID(r rune) bool {
	return r <= ' ' || r >= 0x7f || r == '<' || r == '>'
}

// filename makes one harmless name, with its extension kept, of what somebody
// called a file.
func filename(given string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, templates.Clean(given, maxGiven))
	if strings.Trim(name, "._ ") == "" {
		return "evidence"
	}
	ext := path.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > maxFilename {
		runes := []rune(stem)
		stem = string(runes[:len(runes)-1])
	}
	return stem + ext
}

// mediaType is the type to declare: the one given where it is one that base64
// may carry (RFC 2046, section 5), else one that says nothing.
func mediaType(given string) string {
	const unknown = "application/octet-stream"
	parsed, _, err := mime.ParseMediaType(given)
	kind, _, ok := strings.Cut(parsed, "/")
	if err != nil || !ok || kind == "multipart" || kind == "message" {
		return unknown
	}
	return parsed
}
