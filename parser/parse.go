package parser

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"mfabot/parser/internal/container"
	"mfabot/parser/internal/machine"
	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/reply"
	"mfabot/parser/internal/request"
	"mfabot/parser/internal/standin"
	"mfabot/parser/internal/text"
)

//go:generate go run ./internal/teach internal concepts
//go:generate go run ./internal/teach internal reasons methods kinds roles

// Parser reads messages using one Vocabulary. It is safe for concurrent use.
type Parser struct {
	requests *request.Reader
	texts    *meaning.Words
	kinds    *meaning.Kinds
	own      []string  // the service's own addresses
	lists    []string  // identifiers of the lists that the service's own addresses can be
	buffers  sync.Pool // of *mime.Buffers
}

// New returns a Parser for v.
func New(v Vocabulary) *Parser {
	reasons := make([]request.Reason, 0, len(v.Reasons))
	for _, r := range v.Reasons {
		reasons = append(reasons, request.Reason(r))
	}
	texts, kinds := meaning.NewWords(), meaning.NewKinds()
	p := &Parser{requests: request.NewReader(reasons, texts, kinds), texts: texts, kinds: kinds}
	for _, addr := range v.Addresses {
		p.own = append(p.own, strings.ToLower(addr))
		p.lists = append(p.lists, strings.ReplaceAll(strings.ToLower(addr), "@", "."))
	}
	return p
}

// reading is one message being read.
type reading struct {
	parser  *Parser
	m       *Message
	files   []*container.File
	inside  container.Opener
	reports []*mime.Part // parts of a delivery report
	author  reply.Author
	newest  *reply.Newest              // of the text as it is shown, then what the author wrote now; nil until it is looked for
	taken   meaning.Letter             // its words, if they were taken apart
	within  map[*mime.Part][]text.Line // the text of attached messages
	names   container.Names            // of its files
	missing int                        // how much came in the place of files
	kept    int                        // bytes of text kept
	cut     bool                       // some text was left out
}

// Parse reads one RFC 5322 message. The Message is usable if the error is nil; Warnings lists anything odd
// about it. The error wraps ErrUnreadable if the input is nothing like an email, and the reader's error if
// reading failed.
func (p *Parser) Parse(r io.Reader) (*Message, error) {
	rd := &reading{
		parser: p,
		m:      &Message{AuthMethodRegistered: "unknown"},
		within: map[*mime.Part][]text.Line{},
		names:  container.Names{},
		author: reply.Author{IsField: request.IsField},
	}
	root, err := rd.walk(r)
	if err != nil {
		return nil, fmt.Errorf("reading the message: %w", err)
	}
	if len(root.Header) == 0 {
		return nil, fmt.Errorf("%w: it has no header", ErrUnreadable)
	}
	rd.m.Header, rd.m.HeaderCut = root.Header, root.HeaderCut
	rd.readHeader(root.Header)
	b := rd.readBody(root)
	rd.readMachine(root, b)
	rd.readText(b, root)
	rd.readEvidence(root, b)
	if rd.cut {
		rd.warn("the message has more text than is read: the rest was left out")
	}
	return rd.m, nil
}

// walk reads the parts of the message. The error is the reader's.
func (r *reading) walk(from io.Reader) (*mime.Part, error) {
	b, ok := r.parser.buffers.Get().(*mime.Buffers)
	if !ok {
		b = mime.NewBuffers()
	}
	defer r.parser.buffers.Put(b)
	w := mime.NewWalker(from, b, mime.Handler{Warn: r.warn, Content: r.content, RawMessage: r.rawMessage})
	r.inside = container.NewOpener(w)
	return w.Walk()
}

func (r *reading) readBody(root *mime.Part) *text.Body {
	b := text.ReadBody(root, r.inside.Said, r.warn)
	r.cut = r.cut || b.Cut
	return b
}

// warn adds a warning, unless it is already there.
func (r *reading) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(r.m.Warnings) < maxWarnings && !slices.Contains(r.m.Warnings, text) {
		r.m.Warnings = append(r.m.Warnings, text)
	}
}

// readMachine determines whether a machine sent the message.
func (r *reading) readMachine(root *mime.Part, b *text.Body) {
	m := r.m
	sent := machine.Message{Root: root, From: m.From, Subject: m.Subject, OwnLists: r.parser.lists, Lines: b.HTML, Reports: r.reports,
		Own:          func() []text.Line { return r.newestOf(b).Lines },
		ByItself:     func() float64 { return r.byItself(b) },
		HasFiles:     len(r.files) > 0,
		HasDocuments: slices.ContainsFunc(r.files, func(f *container.File) bool { return !f.IsShown() })}
	found := sent.Read()
	m.Automatic, m.AutomaticSigns, m.Away, m.Bounce = found.Automatic, found.Signs, found.Away, found.Bounce
	for _, f := range found.Failures {
		m.Bounced = append(m.Bounced, Bounced(f))
	}
}

// newestOf returns the newest of the text as it is shown.
func (r *reading) newestOf(b *text.Body) reply.Newest {
	if r.newest == nil {
		n := r.author.Newest(b.HTML)
		r.newest = &n
	}
	return *r.newest
}

// byItself returns how probable it is, by the words, that a machine wrote the text by itself. Around a message that is
// encrypted it is a person's who sent that.
func (r *reading) byItself(b *text.Body) float64 {
	own := r.newestOf(b).Lines
	if standin.ReadEnvelope(own).Says {
		return 0
	}
	r.taken = r.parser.texts.TakeLetter(r.m.Subject, request.Words(own))
	return r.parser.kinds.Read(&r.taken).Of(meaning.Automatic)
}

// MachineFields returns the names of the header fields that can show a message to be a machine's, each once,
// apart from those added by the delivering server.
func MachineFields() []string { return machine.Fields() }
