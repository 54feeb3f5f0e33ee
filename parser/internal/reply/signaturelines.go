package reply

import (
	"strings"

	"mfabot/parser/internal/text"
)

// lineKind is how a line bears on where a signature is.
type lineKind uint8

const (
	kindKnown   lineKind = 1 << iota // the line has been looked at
	kindSkipped                      // blank, a picture, or in an element for signatures
	kindLast                         // a disclaimer, a rule, or what a phone adds: above it was the signature
	kindOther                        // a form's field, a postscript, or something about somebody else
	kindSpeaks                       // a sentence
	kindDetails                      // how to reach somebody, or what they are
)

// signatureReader finds out whether a signature stands below a line. It looks at each line once, however many
// closings there are.
type signatureReader struct {
	lines   []text.Line
	kinds   []lineKind
	isField func(line string) bool
}

func (b *signatureReader) kind(i int) lineKind {
	if b.kinds == nil {
		b.kinds = make([]lineKind, len(b.lines))
	}
	if b.kinds[i] == 0 {
		b.kinds[i] = kindKnown | b.kindOf(&b.lines[i])
	}
	return b.kinds[i]
}

func (b *signatureReader) kindOf(ln *text.Line) lineKind {
	s, raw := ln.Simple(), strings.TrimSpace(ln.Text)
	if s == "" && raw == "" || ln.Mark == text.Signature || pictureLine.MatchString(raw) {
		return kindSkipped
	}
	if isDisclaimer(s) || isSentFrom(s, "") || ruleLine.MatchString(raw) {
		return kindLast
	}
	var kind lineKind
	if b.isField(ln.Text) || isPostscript(s) || saysOfOthers(s) {
		kind |= kindOther
	}
	if isSentence(s) {
		kind |= kindSpeaks
	}
	if isContact(s) || len(strings.Fields(s)) <= 6 && text.HasAnyWord(s, posts) {
		kind |= kindDetails
	}
	return kind
}

// isSignature reports whether the lines from i on look like a signature: few, and no sentences or form fields
// before a disclaimer. Below a name with details stand the sentences of an organisation.
func (b *signatureReader) isSignature(i int) bool {
	count, details := 0, false
	for ; i < len(b.lines); i++ {
		kind := b.kind(i)
		if kind&kindSkipped != 0 {
			continue
		}
		if kind&kindLast != 0 {
			return true
		}
		count++
		if count > 25 || kind&kindOther != 0 || kind&kindSpeaks != 0 && (count <= 2 || !details) {
			return false
		}
		details = details || kind&kindDetails != 0
	}
	return true
}

// endAtRule reports whether the ruled line above line i ends the text: nothing, a disclaimer or a short
// signature stands below it.
func (b *signatureReader) endAtRule(i int, wrote bool) bool {
	next := text.NextWritten(b.lines, i)
	return next < 0 || isDisclaimer(b.lines[next].Simple()) || wrote && len(b.lines)-i <= 12 && b.isSignature(i)
}
