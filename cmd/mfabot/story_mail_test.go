package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"mime"
	"net/mail"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"mfabot/cmd/mfabot/internal/post"
)

// storyReceived is a letter that somebody got from us.
type storyReceived struct {
	to, id, template, subject, text, page string
	files                                 []string
	step                                  int
	raw                                   []byte
	lacks                                 []string // marks of a machine
}

var (
	storyHead = regexp.MustCompile(`(?is)<(style|head)\b.*?</(style|head)>`)
	storyLink = regexp.MustCompile(`(?i)<a\s[^>]*?href="([^"]*)"[^>]*>`)
	storyTag  = regexp.MustCompile(`<[^>]+>`)
	storyBars = regexp.MustCompile(`(?m)^\s*[|>]\s?`)
)

// storyWords are words as a reader sees them: without line breaks, quote bars and capitals.
func storyWords(s string) string {
	s = strings.ReplaceAll(storyBars.ReplaceAllString(s, ""), "\u00a0", " ")
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}

// storyRead takes a letter apart; of the page what is seen is left, with where its links lead.
func storyRead(to string, raw []byte, step int) (*storyReceived, error) {
	l := &storyReceived{to: to, raw: raw, step: step, id: post.MessageID(raw)}
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Auto-Submitted", "X-Auto-Response-Suppress", "X-Mfabot"} {
		if r.Header.Get(name) == "" {
			l.lacks = append(l.lacks, name)
		}
	}
	if l.subject, err = r.Header.Subject(); err != nil {
		return nil, err
	}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := l.take(p); err != nil {
			return nil, err
		}
	}
	page := storyLink.ReplaceAllString(storyHead.ReplaceAllString(l.page, " "), " $1 ")
	l.page = html.UnescapeString(storyTag.ReplaceAllString(page, " "))
	return l, nil
}

func (l *storyReceived) take(p *gomail.Part) error {
	content, err := io.ReadAll(p.Body)
	if err != nil {
		return err
	}
	switch h := p.Header.(type) {
	case *gomail.InlineHeader:
		switch kind, _, _ := h.ContentType(); kind {
		case "text/plain":
			l.text += string(content)
		case "text/html":
			l.page += string(content)
		}
	case *gomail.AttachmentHeader:
		name, err := h.Filename()
		l.files = append(l.files, name)
		return err
	}
	return nil
}

func (l *storyReceived) String() string {
	s := fmt.Sprintf("%s to %s: %q", l.template, l.to, l.subject)
	if len(l.files) > 0 {
		s += " with " + strings.Join(l.files, ", ")
	}
	return s
}

// compose writes the email of a step, as it lies in the mailbox.
func (p *play) compose(s *storyStep) []byte {
	var letter *storyReceived
	from := s.From
	if s.ReplyTo != nil {
		letter = p.pick(s.ReplyTo)
		if from == "" {
			from = letter.to
		}
	}
	from = p.named(from)
	raw := p.written(s, from, letter)
	d := parseDraft(raw)
	p.address(d, s, letter)
	bare := post.Bare(from)
	domain := bare[strings.LastIndexByte(bare, '@')+1:]
	d.set("Message-ID", fmt.Sprintf("<%s@%s>", storySeed(p.name, fmt.Sprint(p.step)), domain))
	switch s.Proven {
	case nil, true:
		d.by("dmarc=pass header.from="+domain, "spf=pass smtp.mailfrom="+domain)
	case "fail":
		d.by("dmarc=fail header.from="+domain, "spf=fail smtp.mailfrom="+domain)
	default:
		d.by("dmarc=none header.from="+domain, "spf=none", "dkim=none")
	}
	if s.AutoReply {
		bare = ""
	}
	d.top("Return-Path: <" + bare + ">")
	return []byte(strings.Replace(d.String(), borderTime, p.delivery(s).UTC().Format(time.RFC1123Z), 1))
}

// address writes the fields that a step says are otherwise than the mail client has them.
func (p *play) address(d *draft, s *storyStep, letter *storyReceived) {
	if to := storyPeople(s.To); to != nil {
		d.set("To", p.namedList(to))
	}
	if cc := storyPeople(s.Cc); cc != nil {
		d.set("Cc", p.namedList(cc))
	}
	if s.Subject != nil {
		d.set("Subject", mime.QEncoding.Encode("utf-8", *s.Subject))
	}
	if letter != nil && s.Threaded != nil && !*s.Threaded {
		d.drop("In-Reply-To", "References", "Thread-Index", "Thread-Topic")
	}
	if s.AutoReply {
		d.set("Auto-Submitted", "auto-replied").set("X-Auto-Response-Suppress", "All")
		if s.Subject == nil {
			d.set("Subject", mime.QEncoding.Encode("utf-8", "Automatic reply: "+letter.subject))
		}
	}
	for name, value := range s.Headers {
		switch value := value.(type) {
		case []any:
			d.drop(name)
			for _, v := range value {
				d.end(fmt.Sprintf("%s: %v", name, v))
			}
		case string:
			if d.drop(name); value != "" {
				d.end(name + ": " + value)
			}
		}
	}
}

// written is the email as the mail client of a step writes it.
func (p *play) written(s *storyStep, from string, letter *storyReceived) []byte {
	client := post.Client{App: storyApp(p.t, s.Client), Date: p.delivery(s), Sender: s.Sender}
	if s.Sender != "" {
		client.Sender = p.named(s.Sender)
	}
	body := ""
	if s.Body != nil {
		body = strings.Trim(*s.Body, "\n")
	}
	files := p.files(s)
	quotes := letter != nil && (s.Quote == nil && !s.AutoReply || s.Quote != nil && *s.Quote)
	var raw []byte
	switch {
	case quotes:
		raw = client.Reply(from, letter.raw, body, files)
	case letter != nil:
		raw = client.New(from, p.named(service), "RE: "+letter.subject, body, files)
		raw = []byte(parseDraft(raw).set("In-Reply-To", "<"+letter.id+">").set("References", "<"+letter.id+">").String())
	default:
		raw = client.New(from, p.named(service), "", body, files)
	}
	page, given := s.HTML.(string)
	if s.Client != "plain" && s.HTML != false && !given {
		return raw
	}
	text := body
	if quotes {
		l, err := storyRead(service, raw, p.step)
		done(p.t, err)
		text = l.text
	}
	if !given {
		return plainly(raw, text, "", files)
	}
	if s.Body == nil {
		text = ""
	}
	return plainly(raw, text, "<html><body>"+page+"</body></html>", files)
}

// plainly puts a text, a page and files in the place of a message's content.
func plainly(raw []byte, text, page string, files []post.File) []byte {
	leaf := func(kind, content string) string {
		return "Content-Type: " + kind + "\nContent-Transfer-Encoding: base64\n\n" + post.Base64Lines([]byte(content))
	}
	var parts []string
	if text != "" || page == "" {
		parts = append(parts, leaf("text/plain; charset=utf-8", text+"\n"))
	}
	if page != "" {
		parts = append(parts, leaf("text/html; charset=utf-8", page))
	}
	d := parseDraft(raw).parts("alternative", parts...)
	if len(files) == 0 {
		return []byte(d.String())
	}
	inner := "Content-Type: multipart/alternative; boundary=\"inner\"\n\n--inner\n" + strings.Join(parts, "\n--inner\n") + "\n--inner--\n"
	all := []string{inner}
	for _, f := range files {
		all = append(all, "Content-Disposition: attachment; filename=\""+f.Name+"\"\n"+leaf(f.MediaType, string(f.Content)))
	}
	return []byte(d.parts("mixed", all...).String())
}

func storyApp(t *testing.T, name string) post.App {
	t.Helper()
	app, ok := map[string]post.App{"": post.Outlook, "outlook": post.Outlook, "owa": post.OutlookWeb, "gmail": post.Gmail,
		"apple": post.AppleMail, "plain": post.Gmail}[name]
	if !ok {
		t.Fatalf("no mail client %q", name)
	}
	return app
}

// named puts the name of a known mailbox before its address.
func (p *play) named(address string) string {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || p.names[strings.ToLower(a.Address)] == "" {
		return address
	}
	a.Name = p.names[strings.ToLower(a.Address)]
	return a.String()
}

func (p *play) namedList(addresses []string) string {
	var all []string
	for _, a := range addresses {
		all = append(all, p.named(a))
	}
	return strings.Join(all, ", ")
}

func (p *play) delivery(s *storyStep) time.Time {
	if s.Delivered == "" {
		return p.now
	}
	return storyTime(p.t, s.Delivered)
}

// files are the attachments of a step. The same name, and version, is the same file in all of a story.
func (p *play) files(s *storyStep) []post.File {
	var files []post.File
	for _, a := range s.Attach {
		f := map[string]any{"name": a, "version": int64(1)}
		if table, ok := a.(map[string]any); ok {
			f = table
			if f["version"] == nil {
				f["version"] = int64(1)
			}
		}
		name := fmt.Sprint(f["name"])
		text, _ := f["text"].(string)
		file := storyFile(p.t, name, storySeed(p.name, name, fmt.Sprint(f["version"])), text)
		if kind, ok := f["type"].(string); ok {
			file.MediaType = kind
		}
		files = append(files, file)
	}
	return files
}

var storyLogo = regexp.MustCompile(`(?i)^image\d+\.png$`)

// storyFile makes a file of the kind that its name says.
func storyFile(t *testing.T, name, seed, text string) post.File {
	t.Helper()
	noise := rand.New(rand.NewChaCha8([32]byte([]byte(seed + seed)[:32])))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(noise.Uint32())
		}
		return b
	}
	picture := func(w, h int) image.Image {
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range w * h {
			c := noise.Uint32()
			img.Set(i%w, i/w, color.RGBA{byte(c), byte(c >> 8), byte(c >> 16), 255})
		}
		return img
	}
	if text == "" {
		text = "I write in support of the request.\nThe circumstances are as the site describes them.\nOur reference " + seed
	}
	var b bytes.Buffer
	f := post.File{Name: name}
	switch ext := strings.ToLower(path.Ext(name)); {
	case storyLogo.MatchString(name):
		f.MediaType = "image/png"
		done(t, png.Encode(&b, picture(24, 12)))
	case ext == ".png":
		f.MediaType = "image/png"
		done(t, png.Encode(&b, picture(240, 160)))
	case ext == ".jpg" || ext == ".jpeg":
		f.MediaType = "image/jpeg"
		done(t, jpeg.Encode(&b, picture(320, 240), nil))
	case ext == ".heic":
		f.MediaType = "image/heic"
		b.WriteString("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1")
		b.Write(random(60000))
	case ext == ".txt":
		f.MediaType = "text/plain"
		b.WriteString(text + "\n")
	case ext == ".exe":
		f.MediaType = "application/octet-stream"
		b.WriteString("MZ")
		b.Write(random(4000))
	case ext == ".docx" || ext == ".zip":
		f.MediaType = "application/zip"
		done(t, storyArchive(&f, &b, ext, text))
	default:
		f.MediaType = "application/pdf"
		b.Write(post.EvidencePDF("Letter "+seed, strings.Split(text, "\n")...))
	}
	f.Content = b.Bytes()
	return f
}

func storyArchive(f *post.File, to io.Writer, ext, text string) error {
	z := zip.NewWriter(to)
	if ext == ".zip" {
		return z.Close()
	}
	f.MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Override PartName="/word/document.xml" ContentType="` + f.MediaType + `.main+xml"/></Types>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` +
			`<w:body><w:p><w:r><w:t>` + html.EscapeString(text) + `</w:t></w:r></w:p></w:body></w:document>`},
	} {
		w, err := z.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, part[1]); err != nil {
			return err
		}
	}
	return z.Close()
}

// storyReport is the report that a letter could not be delivered (RFC 3464).
func storyReport(l *storyReceived, at time.Time, seed string) []byte {
	head, _, _ := strings.Cut(string(l.raw), "\r\n\r\n")
	d := parseDraft([]byte("From: Mail Delivery System <MAILER-DAEMON@mx.helpdesk.test>\r\nTo: " + service +
		"\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: " + at.Format(time.RFC1123Z) +
		"\r\nMessage-ID: <" + seed + "@mx.helpdesk.test>\r\nAuto-Submitted: auto-replied\r\n\r\n"))
	const why = "550 5.1.1 user unknown"
	d.parts(`report; report-type=delivery-status`,
		textPart+"Your message could not be delivered to <"+l.to+">: "+why,
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.helpdesk.test\n\nFinal-Recipient: rfc822; "+l.to+
			"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; "+why+"\n",
		"Content-Type: text/rfc822-headers\n\n"+head+"\n")
	return []byte(d.top(ours+"dmarc=none header.from=mx.helpdesk.test",
		"Received: from out.mx.helpdesk.test (out.mx.helpdesk.test [192.0.2.7])\r\n"+
			"\tby mx.helpdesk.test with ESMTPS id "+seed+"; "+at.Format(time.RFC1123Z)).top("Return-Path: <>").String())
}
