package mime

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// Handler is told what a walker comes across.
type Handler struct {
	Warn       func(format string, args ...any)
	Content    func(p *Part) Sink // where the decoded content of a leaf goes; nil discards it
	RawMessage func(p *Part) Sink // where the raw content of an attached message goes; nil discards it
}

// Buffers is the memory that reading a message takes whatever its size. It serves one message at a time.
type Buffers struct {
	input            *bufio.Reader
	encoded, decoded []byte // pieces of base64
}

// NewBuffers returns the memory to read messages with, one after another.
func NewBuffers() *Buffers {
	return &Buffers{input: bufio.NewReaderSize(nil, lineBuffer), encoded: make([]byte, 0, base64Piece+1<<10)}
}

// Walker reads a message in one pass.
type Walker struct {
	Handler
	lines   *lineReader
	buffers *Buffers
	open    []string         // boundaries of the multiparts being read
	byText  map[string][]int // their depths
	taps    []*tap
	parts   int
	unread  *line // a line that ended a header without belonging to it
}

// NewWalker returns a walker that reads one message with the given memory.
func NewWalker(from io.Reader, b *Buffers, h Handler) *Walker {
	b.input.Reset(from)
	return &Walker{Handler: h, lines: newLineReader(b.input), buffers: b, byText: map[string][]int{}}
}

// Walk reads the message. The error is the reader's.
func (w *Walker) Walk() (*Part, error) {
	defer w.buffers.input.Reset(nil)
	root := &Part{}
	w.entity(root)
	if w.lines.truncated {
		w.Warn("the message is longer than %d MB: the rest was not read", maxMessageBytes>>20)
	}
	return root, w.lines.err
}

// WalkInside reads the entity that was found inside a part, whose parts count with those of the message; deeper
// is 1 where it is a message of its own. The error is the reader's.
func (w *Walker) WalkInside(p *Part, deeper int, content io.Reader) error {
	inner := NewWalker(content, NewBuffers(), w.Handler)
	inner.parts = w.parts
	child := &Part{Parent: p, Nested: p.Nested + deeper, Path: p.Path}
	p.Children = append(p.Children, child)
	inner.entity(child)
	w.parts = inner.parts
	return inner.lines.err
}

// stop is what ended a part: the boundary of the multipart at that depth, or with depth -1 the end of the
// message.
type stop struct {
	depth int
	final bool
}

var atEnd = stop{depth: -1}

// tap receives the raw lines of an attached message, boundaries of multiparts within it included.
type tap struct {
	w     Sink
	depth int // how many boundaries were open when it was
	eol   []byte
}

// next returns the next line of the part being read, or what ended the part.
func (w *Walker) next() (line, stop, bool) {
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
		t.w.Take(t.eol)
		t.w.Take(ln.text)
		t.eol = append(t.eol[:0], ln.eol...)
	}
	return ln, end, !isBoundary
}

// boundary looks a line up among the open boundaries. The innermost multipart of that boundary is meant.
func (w *Walker) boundary(ln line) (stop, bool) {
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
func (w *Walker) entity(p *Part) stop {
	w.parts++
	var h headerReader
	end, ended := w.header(&h)
	p.Header, p.HeaderCut = h.fields, h.cut
	if h.cut {
		w.Warn("a header is longer than is read: fields were left out")
	}
	w.describe(p)
	if ended {
		if !p.IsMultipart() {
			w.leafSink(p)
		}
		return end
	}
	switch {
	case p.IsMultipart() && len(w.open) < maxDepth:
		return w.multipart(p)
	case p.IsMessage() && p.Nested < MaxMessages && plainEncoding(p):
		return w.message(p)
	default:
		if p.IsMultipart() {
			w.Warn("parts are nested more than %d deep: the rest was not read", maxDepth)
			p.Unread = true
			return w.skip()
		}
		return w.leaf(p)
	}
}

// header reads up to the blank line; ended reports that a boundary or the end of the message came first.
func (w *Walker) header(h *headerReader) (end stop, ended bool) {
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
			w.Warn("a header ends without a blank line")
			ln.text = bytes.Clone(ln.text)
			w.unread = &ln
			return end, false
		}
	}
}

// describe reads the fields that say what the part is.
func (w *Walker) describe(p *Part) {
	p.MediaType, p.Params = parseParameterised(p.Header.First("Content-Type"))
	p.Disposition, p.DispParams = parseParameterised(p.Header.First("Content-Disposition"))
	switch {
	case p.MediaType == "" && p.Parent != nil && p.Parent.MediaType == "multipart/digest":
		p.MediaType = "message/rfc822"
	case p.MediaType == "", p.MediaType == "text", p.MediaType == "plain":
		p.MediaType = "text/plain"
	case p.MediaType == "html":
		p.MediaType = "text/html"
	case !strings.Contains(p.MediaType, "/"):
		w.Warn("a part has the media type %.40q", p.MediaType)
		p.MediaType = "text/plain"
	}
}

// multipart reads the children of p (RFC 2046 section 5.1). Where no boundary is declared, the first line
// that could be one is.
func (w *Walker) multipart(p *Part) stop {
	if boundary := strings.TrimRight(p.Params["boundary"], " \t"); boundary != "" {
		return w.children(p, boundary, false)
	}
	for {
		ln, end, ok := w.next()
		if !ok {
			return end
		}
		if text := bytes.TrimRight(ln.text, " \t\r"); len(text) > 2 && bytes.HasPrefix(text, []byte("--")) && !ln.cont {
			w.Warn("a multipart declares no boundary: the first one found was taken")
			return w.children(p, string(text[2:]), true)
		}
	}
}

func (w *Walker) children(p *Part, boundary string, started bool) stop {
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
			w.Warn("the message has more than %d parts: the rest was not read", maxParts)
			p.Unread = true
			end = w.skip()
			continue
		}
		child := &Part{Parent: p, Nested: p.Nested, Path: childPath(p, len(p.Children)+1)}
		p.Children = append(p.Children, child)
		end = w.entity(child)
	}
	if end.depth != depth {
		w.Warn("a multipart has no final boundary")
		if len(p.Children) == 0 && len(bytes.TrimSpace(preamble)) > 0 {
			w.salvage(p, preamble)
		}
		return end
	}
	w.closeBoundary(boundary, depth)
	return w.skip()
}

// salvage keeps what stands in a multipart whose boundary never came.
func (w *Walker) salvage(p *Part, preamble []byte) {
	child := &Part{Parent: p, Nested: p.Nested, Path: childPath(p, 1), MediaType: "text/plain"}
	p.Children = append(p.Children, child)
	if to := w.Content(child); to != nil {
		to.Take(preamble)
		CloseSink(to)
	}
}

// closeBoundary forgets the boundary at depth and all deeper ones. Calling it twice does no harm.
func (w *Walker) closeBoundary(boundary string, depth int) {
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

// skip reads on to the next boundary.
func (w *Walker) skip() stop {
	for {
		if _, end, ok := w.next(); !ok {
			return end
		}
	}
}

// message reads an attached message (RFC 2046 section 5.2.1), raw for itself and part by part for what it
// holds.
func (w *Walker) message(p *Part) stop {
	p.place()
	if raw := w.RawMessage(p); raw != nil {
		w.taps = append(w.taps, &tap{w: raw, depth: len(w.open)})
		defer func() { w.taps = w.taps[:len(w.taps)-1] }()
	}
	child := &Part{Parent: p, Nested: p.Nested + 1, Path: p.Path}
	p.Children = append(p.Children, child)
	return w.entity(child)
}

// leafSink asks for the place of a leaf's content.
func (w *Walker) leafSink(p *Part) Sink {
	p.place()
	return w.Content(p)
}

func (w *Walker) leaf(p *Part) stop {
	to := w.leafSink(p)
	if to == nil {
		return w.skip()
	}
	encoding := Keyword(p.Header.First("Content-Transfer-Encoding"))
	d, known := newDecoder(encoding, to)
	if !known {
		w.Warn("%s has the unknown transfer encoding %.40q", p, encoding)
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
				w.Warn("%s is damaged: its transfer encoding is broken", p)
			}
			CloseSink(to)
			return end
		}
		if len(pending) > 0 {
			d.eol(pending)
		}
		d.line(ln.text, ln.more)
		pending = append(pending[:0], ln.eol...)
	}
}
