package parser

import "strings"

// lineKind is what a line says of whether it is part of a signature.
type lineKind uint8

const (
	kindKnown   lineKind = 1 << iota // the line has been looked at
	kindSkipped                      // blank, a picture, or in an element for signatures
	kindLast                         // a disclaimer, a rule, or what a phone adds: above it was the signature
	kindOther                        // a form's field, a postscript, or something about somebody else
	kindSpeaks                       // a sentence
	kindDetails                      // how to reach somebody, or what they are
)

// belowReader tells whether signatures stand below lines. It looks at each line once, however many closings there are.
type belowReader struct {
	lines   []textLine
	kinds   []lineKind
	isField func(line string) bool
}

func (b *belowReader) kind(i int) lineKind {
	if b.kinds == nil {
		b.kinds = make([]lineKind, len(b.lines))
	}
	if b.kinds[i] == 0 {
		b.kinds[i] = kindKnown | b.kindOf(&b.lines[i])
	}
	return b.kinds[i]
}

func (b *belowReader) kindOf(ln *textLine) lineKind {
	s, raw := ln.simple(), strings.TrimSpace(ln.text)
	if s == "" && raw == "" || ln.mark == signature || pictureLine.MatchString(raw) {
		return kindSkipped
	}
	if isDisclaimer(s) || isSentFrom(s, "") || ruleLine.MatchString(raw) {
		return kindLast
	}
	var kind lineKind
	if b.isField(ln.text) || isPostscript(s) || saysOfOthers(s) {
		kind |= kindOther
	}
	if isSentence(s) {
		kind |= kindSpeaks
	}
	if isContact(s) || len(strings.Fields(s)) <= 6 && hasAnyWord(s, posts) {
		kind |= kindDetails
	}
	return kind
}

// isSignature tells whether the lines from i on look like a signature: few, and no sentences or form fields before a disclaimer.
// Below a name with details stand the sentences of an organisation.
func (b *belowReader) isSignature(i int) bool {
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

// endAtRule tells whether the ruled line above line i ends the text: nothing, a disclaimer or a short signature stands below it.
func (b *belowReader) endAtRule(i int, wrote bool) bool {
	next := nextText(b.lines, i)
	return next < 0 || isDisclaimer(b.lines[next].simple()) || wrote && len(b.lines)-i <= 12 && b.isSignature(i)
}
