package parser

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// part is one node of the MIME tree (RFC 2045, RFC 2046).
type part struct {
	path        string // position: "" for the message, "1", "1.2"; the content of an attached message goes on below its own
	parent      *part
	children    []*part
	header      header
	mediaType   string
	params      parameters
	disposition string
	dispParams  parameters
	nested      int  // how many attached messages it lies within
	cut         bool // fields were left out of its header

	text []byte // decoded content of a text part or a delivery report
	why  string // why it is no evidence, where what reads its content found out
}

// filename is the name that the sender gave, decoded and not yet safe.
func (p *part) filename() string {
	if name := p.dispParams["filename"]; name != "" {
		return name
	}
	return p.params["name"]
}

func (p *part) isMultipart() bool { return strings.HasPrefix(p.mediaType, "multipart/") }

// isBody tells whether a text part is text to be read, rather than a file.
func (p *part) isBody() bool {
	switch p.mediaType {
	case "text/plain", "text/html", "text/markdown", "text/enriched", "text/x-markdown":
	default:
		return false
	}
	if p.disposition == "attachment" {
		return false
	}
	// Some clients name the body itself; a named part among others is a file.
	alternative := p.parent != nil && p.parent.mediaType == "multipart/alternative"
	return p.filename() == "" || p.disposition == "" && (p.parent == nil || alternative)
}

// stop is what ended a part: the boundary of the multipart at that depth, or with depth -1 the end of the message.
type stop struct {
	depth int
	final bool
}

var atEnd = stop{depth: -1}

// tap receives the raw lines of an attached message, boundaries of multiparts within it included.
type tap struct {
	w     sink
	depth int // how many boundaries were open when it was
	eol   []byte
}

// handler is told what a walker comes upon.
type handler struct {
	warn       func(format string, args ...any)
	content    func(p *part) sink // where the decoded content of a leaf goes; nil discards it
	rawMessage func(p *part) sink // where the raw content of an attached message goes; nil discards it
}

// walker reads a message in one pass.
type walker struct {
	handler
	lines   *lineReader
	buffers *buffers
	open    []string         // boundaries of the multiparts being read
	byText  map[string][]int // their depths
	taps    []*tap
	parts   int
	unread  *line // a line that ended a header without belonging to it
}

// newWalker returns a walker for one message, which is read with the given memory.
func newWalker(from io.Reader, b *buffers, h handler) *walker {
	b.input.Reset(from)
	return &walker{handler: h, lines: newLineReader(b.input), buffers: b, byText: map[string][]int{}}
}

// walk reads the message. The error is the reader's.
func (w *walker) walk() (*part, error) {
	defer w.buffers.input.Reset(nil)
	root := &part{}
	w.entity(root)
	if w.lines.truncated {
		w.warn("the message is longer than %d MB: the rest was not read", maxMessageBytes>>20)
	}
	return root, w.lines.err
}

// walkInside reads the entity that was found inside a part, whose parts count with those of the message. The error is the reader's.
func (w *walker) walkInside(p *part, content io.Reader) error {
	inner := newWalker(content, newBuffers(), w.handler)
	inner.parts = w.parts
	child := &part{parent: p, nested: p.nested, path: p.path}
	p.children = append(p.children, child)
	inner.entity(child)
	w.parts = inner.parts
	return inner.lines.err
}

// next returns the next line of the part being read, or what ended the part.
func (w *walker) next() (line, stop, bool) {
	if w.unread != nil {
		ln := *w.unread
		w.unread = nil
		return ln, stop{}, true
	}
	ln, ok := w.lines.next()
	if !ok {
		return line{}, atEnd, false
	}
	end, isBoundary := w.boundary(ln)
	for _, t := range w.taps {
		if isBoundary && end.depth < t.depth {
			continue
		}
		t.w.take(t.eol)
		t.w.take(ln.text)
		t.eol = append(t.eol[:0], ln.eol...)
	}
	return ln, end, !isBoundary
}

// boundary looks a line up among the open boundaries. The innermost multipart of that boundary is meant.
func (w *walker) boundary(ln line) (stop, bool) {
	if len(w.open) == 0 || ln.cont || len(ln.text) < 3 || ln.text[0] != '-' || ln.text[1] != '-' {
		return stop{}, false
	}
	text := bytes.TrimRight(ln.text[2:], " \t\r")
	if depths := w.byText[string(text)]; len(depths) > 0 {
		return stop{depth: depths[len(depths)-1]}, true
	}
	if text, final := bytes.CutSuffix(text, []byte("--")); final {
		if depths := w.byText[string(text)]; len(depths) > 0 {
			return stop{depth: depths[len(depths)-1], final: true}, true
		}
	}
	return stop{}, false
}

// entity reads a header and what follows it.
func (w *walker) entity(p *part) stop {
	w.parts++
	var h headerReader
	end, ended := w.header(&h)
	p.header, p.cut = h.fields, h.cut
	if h.cut {
		w.warn("a header is longer than is read: fields were left out")
	}
	w.describe(p)
	if ended {
		if !p.isMultipart() {
			w.leafSink(p)
		}
		return end
	}
	switch {
	case p.isMultipart() && len(w.open) < maxDepth:
		return w.multipart(p)
	case p.isMessage() && p.nested < maxMessages && plainEncoding(p):
		return w.message(p)
	default:
		if p.isMultipart() {
			w.warn("parts are nested more than %d deep: the rest was not read", maxDepth)
			return w.skip()
		}
		return w.leaf(p)
	}
}

func (p *part) isMessage() bool {
	return p.mediaType == "message/rfc822" || p.mediaType == "message/global"
}

func plainEncoding(p *part) bool {
	_, plain := decoderOf(p, nowhere{}).(*plainDecoder)
	return plain
}

// header reads up to the blank line; ended tells that a boundary or the end of the message came first.
func (w *walker) header(h *headerReader) (end stop, ended bool) {
	defer h.finish()
	for {
		ln, end, ok := w.next()
		if !ok {
			return end, true
		}
		if len(ln.text) == 0 && !ln.cont {
			return end, false
		}
		if !h.add(ln.text, ln.cont) {
			w.warn("a header ends without a blank line")
			ln.text = bytes.Clone(ln.text)
			w.unread = &ln
			return end, false
		}
	}
}

// describe reads the fields that say what the part is.
func (w *walker) describe(p *part) {
	p.mediaType, p.params = parseParameterised(p.header.first("Content-Type"))
	p.disposition, p.dispParams = parseParameterised(p.header.first("Content-Disposition"))
	switch {
	case p.mediaType == "" && p.parent != nil && p.parent.mediaType == "multipart/digest":
		p.mediaType = "message/rfc822"
	case p.mediaType == "", p.mediaType == "text", p.mediaType == "plain":
		p.mediaType = "text/plain"
	case p.mediaType == "html":
		p.mediaType = "text/html"
	case !strings.Contains(p.mediaType, "/"):
		w.warn("a part has the media type %.40q", p.mediaType)
		p.mediaType = "text/plain"
	}
}

// multipart reads the children of p (RFC 2046 section 5.1). Where no boundary is declared, the first line that could be one is.
func (w *walker) multipart(p *part) stop {
	if boundary := strings.TrimRight(p.params["boundary"], " \t"); boundary != "" {
		return w.children(p, boundary, false)
	}
	for {
		ln, end, ok := w.next()
		if !ok {
			return end
		}
		if text := bytes.TrimRight(ln.text, " \t\r"); len(text) > 2 && bytes.HasPrefix(text, []byte("--")) && !ln.cont {
			w.warn("a multipart declares no boundary: the first one found was taken")
			return w.children(p, string(text[2:]), true)
		}
	}
}

func (w *walker) children(p *part, boundary string, started bool) stop {
	var preamble []byte
	depth := len(w.open)
	w.open = append(w.open, boundary)
	w.byText[boundary] = append(w.byText[boundary], depth)
	defer w.closeBoundary(boundary, depth)

	end := stop{depth: depth}
	for !started {
		ln, e, ok := w.next()
		if !ok {
			end = e
			break
		}
		if len(preamble) < maxPreamble {
			preamble = append(append(preamble, ln.text...), ln.eol...)
		}
	}
	for end.depth == depth && !end.final {
		if w.parts >= maxParts {
			w.warn("the message has more than %d parts: the rest was not read", maxParts)
			end = w.skip()
			continue
		}
		child := &part{parent: p, nested: p.nested, path: childPath(p, len(p.children)+1)}
		p.children = append(p.children, child)
		end = w.entity(child)
	}
	if end.depth != depth {
		w.warn("a multipart has no final boundary")
		if len(p.children) == 0 && len(bytes.TrimSpace(preamble)) > 0 {
			w.salvage(p, preamble)
		}
		return end
	}
	w.closeBoundary(boundary, depth)
	return w.skip()
}

// salvage keeps what stands in a multipart whose boundary never came.
func (w *walker) salvage(p *part, preamble []byte) {
	child := &part{parent: p, nested: p.nested, path: childPath(p, 1), mediaType: "text/plain"}
	p.children = append(p.children, child)
	if to := w.content(child); to != nil {
		to.take(preamble)
		closeSink(to)
	}
}

// closeBoundary forgets the boundary at depth and all deeper ones. It may be called twice.
func (w *walker) closeBoundary(boundary string, depth int) {
	if len(w.open) <= depth {
		return
	}
	w.open = w.open[:depth]
	depths := w.byText[boundary]
	w.byText[boundary] = depths[:len(depths)-1]
	if len(depths) == 1 {
		delete(w.byText, boundary)
	}
}

func childPath(p *part, n int) string {
	if p.path == "" {
		return strconv.Itoa(n)
	}
	return p.path + "." + strconv.Itoa(n)
}

// skip reads on to the next boundary.
func (w *walker) skip() stop {
	for {
		if _, end, ok := w.next(); !ok {
			return end
		}
	}
}

// message reads an attached message (RFC 2046 section 5.2.1), raw for itself and part by part for what it holds.
func (w *walker) message(p *part) stop {
	p.place()
	if raw := w.rawMessage(p); raw != nil {
		w.taps = append(w.taps, &tap{w: raw, depth: len(w.open)})
		defer func() { w.taps = w.taps[:len(w.taps)-1] }()
	}
	child := &part{parent: p, nested: p.nested + 1, path: p.path}
	p.children = append(p.children, child)
	return w.entity(child)
}

// place gives a part that is no multipart its own position: a single body is the first part of its message.
func (p *part) place() {
	if p.parent == nil || p.parent.isMessage() || p.parent.isSMIME() {
		p.path = childPath(p, 1)
	}
}

// leafSink asks for the place of a leaf's content.
func (w *walker) leafSink(p *part) sink {
	p.place()
	return w.content(p)
}

// decoderOf returns the decoder that the part's header asks for.
func decoderOf(p *part, to sink) decoder {
	d, _ := newDecoder(keyword(p.header.first("Content-Transfer-Encoding")), to)
	return d
}

func (w *walker) leaf(p *part) stop {
	to := w.leafSink(p)
	if to == nil {
		return w.skip()
	}
	encoding := keyword(p.header.first("Content-Transfer-Encoding"))
	d, known := newDecoder(encoding, to)
	if !known {
		w.warn("%s has the unknown transfer encoding %.40q", p, encoding)
	}
	in64, _ := d.(*base64Decoder)
	if in64 != nil {
		in64.buf, in64.out = w.buffers.encoded[:0], w.buffers.decoded
		defer func() { w.buffers.encoded, w.buffers.decoded = in64.buf, in64.out }()
	}
	var pending []byte
	for {
		if in64 != nil && len(w.taps) == 0 && w.unread == nil {
			w.lines.skip(in64.whole(w.lines.buffered()))
		}
		ln, end, ok := w.next()
		if !ok {
			if d.close() {
				w.warn("%s is damaged: its transfer encoding is broken", p)
			}
			closeSink(to)
			return end
		}
		if len(pending) > 0 {
			d.eol(pending)
		}
		d.line(ln.text, ln.more)
		pending = append(pending[:0], ln.eol...)
	}
}

// String names the part in warnings.
func (p *part) String() string { return "part " + p.path }
