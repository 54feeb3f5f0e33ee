package notify

import (
	"bytes"
	"cmp"
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

// Service is what every letter may say about the service that sends it.
type Service struct {
	Name          string            // shown as the sender
	Address       string            // people write to it; also the envelope sender, except of automatic answers
	Operator      string            // the address of who runs it
	PlusAddress   bool              // mail to local+anything@domain reaches the address too (RFC 5233)
	Instance      string            // marks our own mail, so that we recognise it when it comes back
	Policy        string            // the name of the policy
	Telephone     string            // of the helpdesk
	Hours         string            // when it can be called; like the next two, empty if the policy does not say
	ShortHours    int               // how long a short-term exception lasts; 0 where that is no number of hours
	Relay         string            // what to call by text relay
	OtherMethods  string            // the authentication methods that are to be had besides the one
	Authenticator string            // that the policy recommends
	Calendar      bool              // letters about an end have a file for the calendar
	Logo          string            // words in the place of a picture; like those below, empty if the policy does not say
	Privacy       string            // what is said of privacy
	PrivacyPage   string            // where that leads
	Footer        string            // the last words of a letter
	Trial         *Trial            // nil: there is none
	Welsh         map[string]string // the words of the policy in Welsh, by the English ones
}

// ErrUnsendable is in the chain of every error that no retry can fix: a letter that its template cannot
// render, or a malformed address.
var ErrUnsendable = errors.New("letter cannot be sent")

// Bounds on outside values copied into a header.
const (
	maxReferences = 40  // the first and the latest
	maxMessageID  = 240 // bytes
	maxLocalPart  = 64  // bytes of an address (RFC 5321, section 4.5.3.1.1)
	maxFilename   = 120 // bytes, so that its line stays below 998 when encoded
	maxGiven      = 4000
)

// Composer turns letters into messages. It is safe for concurrent use.
type Composer struct {
	set     *templates.Set
	fill    func(l templates.Language, name string, data any) (templates.Email, error) // Render of set, or Try
	service Service
	parts   Parts
}

// NewComposer returns a composer for the service; parts supplies the evidence that letters attach.
func NewComposer(set *templates.Set, s Service, parts Parts) *Composer {
	return &Composer{set: set, fill: set.Render, service: s, parts: parts}
}

// NewPreview returns a composer for letters that nobody is sent: their words are those of set, or an error.
func NewPreview(set *templates.Set, s Service) *Composer {
	return &Composer{set: set, fill: set.Try, service: s}
}

// Subject returns the subject of l if sent at the given time: "... [LT-2026-00042]" if it is about a request
// or exception, with the review code at the end if it has one. Errors wrap ErrUnsendable.
func (c *Composer) Subject(l intake.Letter, at time.Time) (string, error) {
	email, err := c.Render(l, at)
	return email.Subject, err
}

// language is the one that a letter is in: that of its facts, where it has that letter.
func (c *Composer) language(l intake.Letter) templates.Language {
	if in := templates.Language(l.Facts.Language); c.set.Has(in, string(l.Template)) {
		return in
	}
	return templates.English
}

// view is newView in the letter's language.
func (c *Composer) view(l intake.Letter, at time.Time) view {
	in := c.language(l)
	v := newView(c.service, l, at, func(words string) string {
		if said := c.service.Welsh[words]; in == templates.Welsh && said != "" {
			return said
		}
		return c.set.Say(in, words)
	})
	v.setOther(l, c.otherThan(in, l.Template))
	return v
}

// otherThan is the other language that a letter is to be had in, where the policy is in both; empty for none.
func (c *Composer) otherThan(in templates.Language, t intake.Template) templates.Language {
	switch {
	case len(c.service.Welsh) == 0 || !c.set.Has(templates.Welsh, string(t)):
		return ""
	case in == templates.Welsh:
		return templates.English
	}
	return templates.Welsh
}

// Render renders the letter's template, as sent at the given time, and completes its subject. Errors wrap ErrUnsendable.
func (c *Composer) Render(l intake.Letter, at time.Time) (templates.Email, error) {
	return c.render(l, c.view(l, at))
}

// render is Render of a letter's view.
func (c *Composer) render(l intake.Letter, v view) (templates.Email, error) {
	email, err := c.fill(c.language(l), string(l.Template), v)
	if err != nil {
		return templates.Email{}, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	if v.TrialFor != "" {
		email.Subject = "Trial, for " + v.TrialFor + ": " + email.Subject
	}
	if l.Ref != "" {
		email.Subject += " [" + templates.Clean(l.Ref, maxRef) + "]"
	}
	email.Subject += codeAfter(l)
	return email, nil
}

// codeAfter is how a subject ends that has a code.
func codeAfter(l intake.Letter) string {
	if l.Facts.Code == "" {
		return ""
	}
	return " [" + l.Facts.Code + "]"
}

// Instead returns who gets a letter in the place of its recipient, in a trial; empty for none.
func (c *Composer) Instead(to string) string {
	if c.service.Trial.keptFrom(to, c.service.Operator) == "" {
		return ""
	}
	return c.service.Operator
}

// call is whether the words of a letter say where to call, so that its end does not: once is enough.
type call struct {
	text        *bytes.Buffer // as far as it is written
	known, told bool
}

// ForText is the view of which the text is made, with a telephone number that is heard of.
func (v view) ForText(text *bytes.Buffer) any {
	v.call, v.Service.Telephone = &call{text: text}, templates.Heard+v.Service.Telephone
	return v
}

// ForPage is the view of which the page is made, which ends as the text did.
func (v view) ForPage(text []byte) any {
	v.Service.Telephone = strings.TrimPrefix(v.Service.Telephone, templates.Heard)
	if !v.call.known { // its end always says it
		v.call = &call{known: true, told: bytes.Count(text, []byte(templates.Heard)) > 1}
	}
	return v
}

// Called reports whether the words of a letter say where to call: so far, when it is asked first.
func (v view) Called() bool {
	if !v.call.known {
		v.call.known, v.call.told = true, bytes.Contains(v.call.text.Bytes(), []byte(templates.Heard))
	}
	return v.call.told
}

// Compose builds the message of o as sent at now, and checks that the evidence it attaches can be read. The
// same o gives the same message each time, apart from its Date, the days left and the MIME boundaries. Errors
// reading evidence are those of Parts; all others wrap ErrUnsendable.
func (c *Composer) Compose(ctx context.Context, o intake.Outbound, now time.Time) (*Message, error) {
	if o.Facts.Seed != "" && o.Facts.Code == "" {
		return nil, fmt.Errorf("%w: its review code cannot be made: "+
			"the key beside the database is not the one that it was begun with", ErrUnsendable)
	}
	if o.Facts.AllSeed != "" && o.Facts.AllCode == "" {
		return nil, fmt.Errorf("%w: the review code for all its requests cannot be made: "+
			"the key beside the database is not the one that it was begun with", ErrUnsendable)
	}
	for _, u := range o.Facts.Undecided {
		if u.Seed != "" && u.Code == "" {
			return nil, fmt.Errorf("%w: the review code of %s cannot be made: "+
				"the key beside the database is not the one that it was begun with", ErrUnsendable, u.Ref)
		}
	}
	for _, d := range o.Facts.Decided {
		if d.Seed != "" && d.Code == "" {
			return nil, fmt.Errorf("%w: the review code of %s cannot be made: "+
				"the key beside the database is not the one that it was begun with", ErrUnsendable, d.Ref)
		}
	}
	v := c.view(o.Letter, now)
	email, err := c.render(o.Letter, v)
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(c.service.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: service address: %w", ErrUnsendable, err)
	}
	instead := c.Instead(o.To)
	to, err := mail.ParseAddress(cmp.Or(instead, o.To))
	if err != nil {
		return nil, fmt.Errorf("%w: address of the recipient: %w", ErrUnsendable, err)
	}
	msg := &Message{parts: c.parts, instead: email.Instead, attach: c.files(o.Letter, v, now),
		as: intake.SentAs{Subject: strings.TrimSuffix(email.Subject, codeAfter(o.Letter)), To: instead}}
	// The service address is also the envelope sender: bounces then arrive where they are read. An automatic
	// answer goes without one if the server allows it.
	msg.sender, msg.recipient = bare(from.Address), bare(to.Address)
	msg.header = c.header(o, email.Subject, to, now)
	picture, err := c.picture(o.Letter)
	if err == nil {
		msg.words, err = alternatives(email.Text, email.HTML, picture)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	return msg, msg.check(ctx)
}

// files are the evidence that a letter attaches, and what is made for it.
func (c *Composer) files(l intake.Letter, v view, now time.Time) (out []attachment) {
	for _, a := range l.Attach {
		out = append(out, attachment{Attachment: a})
	}
	if file := reportFile(l); file != "" {
		out = append(out, made(file, "text/csv", l.Facts.CSV))
	}
	if words := wholeWords(l); words != "" {
		// The mark at its beginning tells old editors that it is UTF-8.
		out = append(out, made(wordsFile, "text/plain", "\ufeff"+words))
	}
	if end := calendar(l, v, now); end != "" {
		out = append(out, made(calendarFile, "text/calendar", end))
	}
	return out
}

// bare returns an address in angle brackets, without a name.
func bare(address string) string { return (&mail.Address{Address: address}).String() }

// header returns the header of the message of o, apart from Content-Type.
func (c *Composer) header(o intake.Outbound, subject string, to *mail.Address, now time.Time) []byte {
	submitted := "auto-generated"
	if o.Answer || o.AnswersTo != "" { // even if the message answered had no Message-ID
		submitted = "auto-replied"
	}
	inReplyTo, references := thread(o)
	from := mail.Address{Name: templates.Clean(c.service.Name, maxName), Address: c.service.Address}
	var h header
	// Keeps machines from answering (RFC 3834, section 5).
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
	if address, ok := c.replyTo(o.Facts.Code); ok && o.Facts.Audience != intake.ToSite {
		h.add("Reply-To", bare(address))
	}
	if o.Facts.Audience == intake.ToOwner && o.To != c.service.Operator { // a person, who knows what is behind the numbers
		h.add("Reply-To", bare(c.service.Operator))
	}
	return h.Bytes()
}

// replyTo returns the address that carries the review code, so that a reply brings it back. There is none
// without a code, or if the code makes the address too long. It has no name: a mail client would save this
// address as the service's.
func (c *Composer) replyTo(code string) (address string, ok bool) {
	at := strings.LastIndexByte(c.service.Address, '@')
	if !c.service.PlusAddress || code == "" || at+1+len(code) > maxLocalPart {
		return "", false
	}
	return c.service.Address[:at] + "+" + code + c.service.Address[at:], true
}

// thread returns the fields that keep a conversation together (RFC 5322, section 3.6.4); both are empty if
// the message starts one.
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

// messageIDs puts angle brackets around valid Message-IDs (RFC 5322, section 3.6.4) and drops the rest:
// strangers chose them. Of a long conversation it keeps the first and the latest.
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

// filename turns a name somebody gave a file into a single safe one, keeping its extension.
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

// mediaType returns the type to declare: the given one if base64 may carry it (RFC 2046, section 5),
// otherwise a generic one.
func mediaType(given string) string {
	const unknown = "application/octet-stream"
	parsed, _, err := mime.ParseMediaType(given)
	kind, _, ok := strings.Cut(parsed, "/")
	if err != nil || !ok || kind == "multipart" || kind == "message" {
		return unknown
	}
	return parsed
}
