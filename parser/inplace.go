package parser

import (
	"bytes"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/standin"
	"mfabot/parser/internal/text"
)

// maxNote bounds the note of a mail server, in bytes: it has some lines of text.
const maxNote = 32 << 10

// InPlace reports whether raw is no message, but the note that a mail server hands over in the place of one that it cannot
// retrieve, as Exchange does. about is what the note says of that message; it may be empty.
func InPlace(raw []byte) (about string, ok bool) {
	if len(raw) > maxNote {
		return "", false
	}
	silent := func(string, ...any) {}
	keep := func(p *mime.Part) mime.Sink {
		if p.IsBody() {
			return &keeper{p: p, limit: maxNote}
		}
		return nil
	}
	found := mime.Handler{Warn: silent, Content: keep, RawMessage: func(*mime.Part) mime.Sink { return nil }}
	root, err := mime.NewWalker(bytes.NewReader(raw), mime.NewBuffers(), found).Walk()
	if err != nil {
		return "", false
	}
	return standin.OfServer(mime.DecodeWords(root.Header.First("Subject")), text.ReadBody(root, nil, silent).Plain)
}
