package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"path"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

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
	if l.Facts.Token != "" {
		email.Subject += " [" + l.Facts.Token + "]"
	}
	return email, nil
}

// Compose makes the message of o as it goes out at now, with its evidence read
// into memory. The same o makes the same message again, but for its Date, the days
// that it says are left, and its MIME boundaries. Errors of the evidence are those of Parts; all others are ErrUnsendable.
func (c *Composer) Compose(ctx context.Context, o intake.Outbound, now time.Time) (*mail.Msg, error) {
	if o.Facts.Seed != "" && o.Facts.Token == "" {
		return nil, fmt.Errorf("%w: its review code cannot be made: the key beside the database is not the one that it was begun with", ErrUnsendable)
	}
	email, err := c.render(o.Letter, now)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	if err := c.address(msg, o.To); err != nil {
		return nil, err
	}
	if to, ok := c.replyTo(o.Facts.Token); ok {
		msg.ReplyToMailAddress(&netmail.Address{Address: to})
	}
	msg.SetMessageIDWithValue(o.MessageID)
	msg.SetDateWithValue(now)
	msg.Subject(email.Subject)
	c.mark(msg, o)
	msg.SetBodyString(mail.TypeTextPlain, email.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, email.HTML)
	for _, a := range o.Attach {
		if err := c.attach(ctx, msg, a); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// address sets who writes and to whom. The service address is the envelope
// sender too: bounces come to where they are read. An automatic answer is sent
// without it where the server allows that.
func (c *Composer) address(msg *mail.Msg, to string) error {
	if err := msg.EnvelopeFrom(c.service.Address); err != nil {
		return fmt.Errorf("%w: service address: %w", ErrUnsendable, err)
	}
	msg.FromMailAddress(&netmail.Address{Name: templates.Clean(c.service.Name, maxName), Address: c.service.Address})
	if err := msg.To(to); err != nil {
		return fmt.Errorf("%w: address of the recipient: %w", ErrUnsendable, err)
	}
	return nil
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

// mark sets the headers that keep one conversation together and that keep
// machines from answering (RFC 3834, section 5).
func (c *Composer) mark(msg *mail.Msg, o intake.Outbound) {
	references := o.References
	if len(references) == 0 && o.AnswersTo != "" {
		references = []string{o.AnswersTo}
	}
	if ids := messageIDs(references); len(ids) > 0 {
		msg.SetGenHeader(mail.HeaderInReplyTo, ids[len(ids)-1])
		msg.SetGenHeader(mail.HeaderReferences, strings.Join(ids, " "))
	}
	submitted := "auto-generated"
	if o.Answer || o.AnswersTo != "" { // also to a message that had no Message-ID
		submitted = "auto-replied"
	}
	msg.SetGenHeader("Auto-Submitted", submitted)
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("X-Mfabot", templates.Clean(c.service.Instance, maxName))
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

// attach adds one piece of evidence.
func (c *Composer) attach(ctx context.Context, msg *mail.Msg, a intake.Attachment) error {
	var content bytes.Buffer
	if err := c.parts.Evidence(ctx, a.InboundID, a.Part, &content); err != nil {
		return fmt.Errorf("evidence, part %s of inbound message %d: %w", a.Part, a.InboundID, err)
	}
	name := filename(a.Filename)
	msg.AttachReadSeeker(name, bytes.NewReader(content.Bytes()),
		mail.WithFileContentType(mail.ContentType(mediaType(a.MediaType))), disposition(name))
	return nil
}

// disposition names the file as RFC 2231 has it; the name in Content-Type, which
// old readers want, is set by go-mail.
func disposition(name string) mail.FileOption {
	return func(f *mail.File) {
		f.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
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
