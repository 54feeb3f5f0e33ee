package parser

import (
	"bytes"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/standin"
	"mfabot/parser/internal/text"
)

// maxNote bounds the note of a mail server, in bytes: it has some lines of text.
const maxNote = 32 << 10

// ServerNote is what a mail server hands over in the place of a message that it cannot retrieve, with what it says of that.
type ServerNote = standin.ServerNote

// InPlace reads raw as such a note. ok is false for any other message, and for one that has passed a server on its way
// (RFC 5321, section 4.4): that a sender wrote, in whatever words.
func InPlace(raw []byte) (note ServerNote, ok bool) {
	if len(raw) > maxNote {
		return note, false
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
		return note, false
	}
	if root.Header.First("Received") != "" {
		return note, false
	}
	return standin.ReadServerNote(mime.DecodeWords(root.Header.First("Subject")), text.ReadBody(root, nil, silent).Plain)
}
