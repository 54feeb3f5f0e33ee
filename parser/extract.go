package parser

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"mfabot/parser/internal/container"
	"mfabot/parser/internal/mime"
)

// Extractor reads attachments out of messages, with memory that it uses again. The zero Extractor is ready. It is safe for
// concurrent use.
type Extractor struct {
	buffers sync.Pool // of *mime.Buffers
}

// Extract copies the decoded content of one attachment to w: part is the Part of an Attachment that Parse
// found in the same message. The error wraps ErrNoPart if the message has no such attachment, and is
// otherwise that of raw or w; once w fails, no more of raw is read.
func (e *Extractor) Extract(raw io.Reader, part string, w io.Writer) error {
	if strings.HasPrefix(part, elsewhere) { // nothing of it came
		return nil
	}
	out := &extractor{name: part, w: w}
	found := mime.Handler{Warn: func(string, ...any) {}, Content: out.leaf, RawMessage: out.message}
	b, ok := e.buffers.Get().(*mime.Buffers)
	if !ok {
		b = mime.NewBuffers()
	}
	defer e.buffers.Put(b)
	walk := mime.NewWalker(&wanted{raw, out}, b, found)
	out.inside = container.NewOpener(walk)
	_, err := walk.Walk()
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

// extractor passes on the content of one part and keeps the writer's first error.
type extractor struct {
	name   string
	w      io.Writer
	inside container.Opener
	found  bool
	err    error
}

// wanted is the message, read only while the extracted content can still be written.
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

func (e *extractor) leaf(p *mime.Part) mime.Sink {
	switch {
	case p.IsBody():
		return e.inside.Text(p, mime.Nowhere{})
	case strings.HasPrefix(e.name, p.Path+"."):
		return e.inside.Unwrap(p)
	}
	return e.message(p)
}

func (e *extractor) message(p *mime.Part) mime.Sink {
	if p.Path != e.name || e.found {
		return nil
	}
	e.found = true
	return e
}

func (e *extractor) Take(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}
