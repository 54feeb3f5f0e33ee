package parser

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"
)

// Parser reads messages in the words of one Vocabulary. It is safe for concurrent use.
type Parser struct {
	requests *requestReader
	buffers  sync.Pool // of *buffers
}

// New returns a Parser for v.
func New(v Vocabulary) *Parser {
	reasons := make([]policyReason, 0, len(v.Reasons))
	for _, r := range v.Reasons {
		reasons = append(reasons, policyReason(r))
	}
	return &Parser{requests: newRequestReader(reasons)}
}

// buffers is the memory that reading one message takes whatever its size.
type buffers struct {
	input            *bufio.Reader
	encoded, decoded []byte // pieces of base64
}

func newBuffers() *buffers {
	return &buffers{input: bufio.NewReaderSize(nil, lineBuffer), encoded: make([]byte, 0, base64Piece+1<<10)}
}

// reading is one message being read.
type reading struct {
	parser  *Parser
	m       *Message
	files   []*file
	inside  contents
	reports []*part // parts of a delivery report
	author  author
	kept    int  // bytes of text kept
	cut     bool // there was more
}

// Parse reads one RFC 5322 message. The Message is usable whenever the error is nil; what was odd about it is in its Warnings. An
// error wraps ErrUnreadable when the input has nothing of an email, and the reader's error when that failed.
func (p *Parser) Parse(r io.Reader) (*Message, error) {
	rd := &reading{parser: p, author: author{isField: isField}, m: &Message{AuthMethodRegistered: "unknown"}}
	root, err := rd.walk(r)
	if err != nil {
		return nil, fmt.Errorf("reading the message: %w", err)
	}
	if len(root.header) == 0 {
		return nil, fmt.Errorf("%w: it has no header", ErrUnreadable)
	}
	rd.m.Header, rd.m.HeaderCut = root.header, root.cut
	rd.readHeader(root.header)
	b := rd.readBody(root)
	rd.readMachine(root, b)
	rd.readText(b, root)
	rd.readEvidence(b)
	if rd.cut {
		rd.warn("the message has more text than is read: the rest was left out")
	}
	return rd.m, nil
}

// walk reads the parts of the message. The error is the reader's.
func (r *reading) walk(from io.Reader) (*part, error) {
	b, ok := r.parser.buffers.Get().(*buffers)
	if !ok {
		b = newBuffers()
	}
	defer r.parser.buffers.Put(b)
	w := newWalker(from, b, handler{warn: r.warn, content: r.content, rawMessage: r.rawMessage})
	r.inside = newContents(w)
	return w.walk()
}

func (r *reading) readBody(root *part) *body {
	b := readBody(root, r.inside.said, r.warn)
	r.cut = r.cut || b.cut
	return b
}

// warn notes an oddity once.
func (r *reading) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(r.m.Warnings) < maxWarnings && !slices.Contains(r.m.Warnings, text) {
		r.m.Warnings = append(r.m.Warnings, text)
	}
}

// content decides where the decoded content of a leaf goes.
func (r *reading) content(p *part) sink {
	switch {
	case p.isBody():
		return r.inside.text(p, &keeper{reading: r, p: p, limit: maxTextBytes})
	case isReport(p):
		if p.nested == 0 {
			r.reports = append(r.reports, p)
		}
		return both{&keeper{p: p, limit: maxReportBytes}, r.newFile(p, false)}
	}
	to := r.newFile(p, false)
	if inner := r.inside.unwrap(p); inner != nil && to != (nowhere{}) {
		return both{to, inner}
	}
	return to
}

func (r *reading) rawMessage(p *part) sink { return r.newFile(p, true) }

func (r *reading) newFile(p *part, raw bool) sink {
	if len(r.files) >= maxFiles {
		r.warn("the message has more than %d files: the rest was left out", maxFiles)
		return nowhere{}
	}
	f := newFile(p, raw)
	r.files = append(r.files, f)
	return f
}

// keeper keeps the decoded content of a part up to a limit, for body text one that the whole message shares.
type keeper struct {
	reading *reading
	p       *part
	limit   int
}

func (k *keeper) take(b []byte) {
	room := k.limit - len(k.p.text)
	if k.reading != nil {
		room = k.limit - k.reading.kept
	}
	keep := b[:min(len(b), max(room, 0))]
	if k.p.text == nil && len(keep) > 0 {
		k.p.text = make([]byte, 0, textPiece)
	}
	k.p.text = append(k.p.text, keep...)
	if k.reading != nil {
		k.reading.kept += len(keep)
		k.reading.cut = k.reading.cut || len(keep) < len(b)
	}
}

// readMachine tells whether a machine sent the message.
func (r *reading) readMachine(root *part, b *body) {
	m := r.m
	mail := machineMail{root: root, from: m.From, subject: m.Subject, lines: b.html, reports: r.reports, hasFiles: len(r.files) > 0}
	found := mail.read()
	m.Automatic, m.AutomaticSigns, m.Away, m.Bounce = found.automatic, found.signs, found.away, found.bounce
	for _, f := range found.failures {
		m.Bounced = append(m.Bounced, Bounced(f))
	}
}

// readHeader reads the fields of the message's header, those that tell a machine apart.
func (r *reading) readHeader(h header) {
	m := r.m
	if ids := messageIDs(h.first("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = messageIDs(h.first("In-Reply-To"))
	m.References = messageIDs(h.first("References"))
	m.Subject = cutBytes(strings.TrimSpace(cleanText(decodeWords(h.first("Subject")))), maxSubject)
	if date := h.first("Date"); date != "" {
		if t, err := parseDate(date); err == nil {
			m.Date = t.UTC().Truncate(time.Second)
		} else {
			r.warn("the date is malformed")
		}
	}
	r.readFrom(h.all("From"))
	sender, name := oneAddress(h.first("Sender"))
	m.Sender = sender
	r.author.name = m.FromName + " " + name
	if local, _, ok := strings.Cut(m.From, "@"); ok && m.FromName == "" {
		r.author.name += strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(local)
	}
	m.To = r.addresses(h, "To")
	m.Cc = r.addresses(h, "Cc")
}

// parseDate reads the form that nearly all mail has first, as each other that is tried costs an error.
func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s); err == nil {
		return t, nil
	}
	return mail.ParseDate(s)
}

// readEvidence describes the files.
func (r *reading) readEvidence(b *body) {
	taken := names{}
	for i, f := range r.files {
		r.m.Evidence = append(r.m.Evidence, Attachment(f.describe(i+1, taken, b.images)))
	}
}

// Extract copies the decoded content of one attachment to w: part is the Part of an Attachment that Parse found in the same
// message. The error wraps ErrNoPart when the message has no such attachment, or is that of raw or w; once w fails no more is
// read of raw.
func Extract(raw io.Reader, part string, w io.Writer) error {
	out := &extractor{name: part, w: w}
	walk := newWalker(&wanted{raw, out}, newBuffers(), handler{warn: func(string, ...any) {}, content: out.leaf, rawMessage: out.message})
	out.inside = newContents(walk)
	_, err := walk.walk()
	switch {
	case out.err != nil:
		return fmt.Errorf("writing part %s: %w", part, out.err)
	case err != nil:
		return fmt.Errorf("reading the message: %w", err)
	case !out.found:
		return fmt.Errorf("%w: %q", ErrNoPart, part)
	}
	return nil
}

// extractor passes on the content of one part and remembers the first error of the writer.
type extractor struct {
	name   string
	w      io.Writer
	inside contents
	found  bool
	err    error
}

// wanted is a message as long as what is extracted of it can be written.
type wanted struct {
	io.Reader
	by *extractor
}

func (w *wanted) Read(p []byte) (int, error) {
	if w.by.err != nil {
		return 0, w.by.err
	}
	return w.Reader.Read(p)
}

func (e *extractor) leaf(p *part) sink {
	switch {
	case p.isBody():
		return e.inside.text(p, nowhere{})
	case strings.HasPrefix(e.name, p.path+"."):
		return e.inside.unwrap(p)
	}
	return e.message(p)
}

func (e *extractor) message(p *part) sink {
	if p.path != e.name || e.found {
		return nil
	}
	e.found = true
	return e
}

func (e *extractor) take(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

// headerOf reads a header kept as text, such as the fields of a returned message.
func headerOf(text []byte) header {
	var h headerReader
	for ln := range bytes.Lines(text) {
		ln = bytes.TrimRight(ln, "\r\n")
		if len(ln) == 0 || !h.add(ln, false) {
			break
		}
	}
	h.finish()
	return h.fields
}
