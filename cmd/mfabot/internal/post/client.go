package post

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/mail"
	"strings"
	"time"
)

// App is a mail client that people use.
type App string

// The mail clients.
const (
	Outlook    App = "outlook"     // Outlook for Windows
	OutlookWeb App = "outlook-web" // Outlook on the web
	Gmail      App = "gmail"
	AppleMail  App = "apple-mail"
)

// Apps returns every mail client.
func Apps() []App { return []App{Outlook, OutlookWeb, Gmail, AppleMail} }

// Client writes messages as one mail client does, at one time. What a real client draws at random, such as a
// Message-ID, is derived from the content: the same message twice gives the same bytes twice.
type Client struct {
	App  App
	Date time.Time
	// Sender is who writes on behalf of a shared mailbox, as "Name <address>"; empty if it is the mailbox
	// itself.
	Sender string
}

// File is an attachment.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// New writes a message that starts a conversation. Addresses are written "Name <address>"; to may list
// several, separated by commas.
func (c Client) New(from, to, subject, body string, files []File) []byte {
	l := c.letter(from, body, files)
	l.to = addresses(to)
	l.subject = subject
	return l.write(c.App, nil)
}

// Reply answers a message: it goes to the sender, with the message quoted as the client does.
func (c Client) Reply(from string, original []byte, body string, files []File) []byte {
	o := readOriginal(original)
	l := c.letter(from, body, files)
	l.answer(o)
	l.subject = "Re: " + o.topic()
	if c.App == Outlook {
		l.subject = "RE: " + o.topic()
	}
	return l.write(c.App, original)
}

// OutOfOffice returns the automatic reply that Exchange sends for somebody who is away. Exchange submits it
// with a null return path.
func OutOfOffice(from string, original []byte, date time.Time) []byte {
	o := readOriginal(original)
	back := date.AddDate(0, 0, 7).Format("Monday 2 January")
	l := Client{Date: date}.letter(from, "Thank you for your email. I am on annual leave and will be back on "+back+".\n"+
		"I will answer your email when I am back.", nil)
	l.answer(o)
	l.subject = "Automatic reply: " + o.subject
	l.sow("out-of-office", original)
	return outOfOffice(l)
}

func (c Client) letter(from, body string, files []File) *letter {
	l := &letter{from: address(from), body: strings.TrimRight(body, "\n"), files: files, date: c.Date}
	if c.Sender != "" {
		sender := address(c.Sender)
		l.sender = &sender
	}
	return l
}

// letter is a message before a client has put it into its own form.
type letter struct {
	from       mail.Address
	sender     *mail.Address // nil for none
	to         []mail.Address
	subject    string
	date       time.Time
	body       string
	files      []File
	quoted     *original // nil for a new message
	inReplyTo  string
	references []string
	seed       [sha256.Size]byte
}

func (l *letter) answer(o original) {
	l.quoted = &o
	l.to = []mail.Address{o.replyTo}
	l.inReplyTo = o.messageID
	l.references = o.references
	if o.messageID != "" {
		l.references = append(l.references, o.messageID)
	}
}

func (l *letter) write(app App, original []byte) []byte {
	l.sow(string(app), original)
	switch app {
	case OutlookWeb:
		return outlookWeb(l)
	case Gmail:
		return gmail(l)
	case AppleMail:
		return appleMail(l)
	case Outlook:
	}
	return outlook(l)
}

// sow sets the seed of everything in the message that looks random.
func (l *letter) sow(app string, original []byte) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q %q %d %x", app, l.from, l.to, l.subject, l.body,
		l.references, l.date.UnixNano(), sha256.Sum256(original))
	for _, f := range l.files {
		fmt.Fprintf(h, "%q %x", f.Name, sha256.Sum256(f.Content))
	}
	h.Sum(l.seed[:0])
}

// random returns n hexadecimal digits, different for each use.
func (l *letter) random(use string, n int) string {
	sum := sha256.Sum256(append(l.seed[:], use...))
	return hex.EncodeToString(sum[:])[:n]
}

// uuid returns a version 4 UUID in upper case, different for each use.
func (l *letter) uuid(use string) string {
	r := l.random(use, 32)
	return strings.ToUpper(r[:8] + "-" + r[8:12] + "-4" + r[13:16] + "-a" + r[17:20] + "-" + r[20:])
}

// domain returns the domain of the sender's address.
func (l *letter) domain() string {
	return l.from.Address[strings.LastIndex(l.from.Address, "@")+1:]
}

func (l *letter) lines() []string { return strings.Split(l.body, "\n") }

// threading adds the headers that link an answer to what it answers.
func (l *letter) threading(h *header) {
	if l.inReplyTo == "" {
		return
	}
	h.add("References", strings.Join(l.references, " "))
	h.add("In-Reply-To", l.inReplyTo)
}

func (l *letter) senderField(h *header) {
	if l.sender != nil {
		h.add("Sender", formatAddress(*l.sender))
	}
}

func (l *letter) dateField() string { return l.date.Format("Mon, 2 Jan 2006 15:04:05 -0700") }

// address parses "Name <address>". Anything else is used as an address unchanged, so that a message can be
// wrong on purpose.
func address(s string) mail.Address {
	if a, err := mail.ParseAddress(s); err == nil {
		return *a
	}
	return mail.Address{Address: strings.Trim(s, " <>")}
}

// Bare returns only the address of "Name <address>".
func Bare(s string) string { return address(s).Address }

func addresses(s string) []mail.Address {
	list, err := mail.ParseAddressList(s)
	if err != nil {
		return []mail.Address{address(s)}
	}
	var all []mail.Address
	for _, a := range list {
		all = append(all, *a)
	}
	return all
}

// shown returns an address as clients display it, rather than as headers encode it.
func shown(a mail.Address) string {
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

func shownAll(list []mail.Address) string {
	var names []string
	for _, a := range list {
		names = append(names, shown(a))
	}
	return strings.Join(names, "; ")
}

// paragraphs turns lines into HTML, each between open and closed, and an empty one into blank.
func paragraphs(lines []string, open, closed, blank string) string {
	var b strings.Builder
	for _, line := range lines {
		text := html.EscapeString(line)
		if strings.TrimSpace(line) == "" {
			text = blank
		}
		b.WriteString(open + text + closed + "\n")
	}
	return b.String()
}
