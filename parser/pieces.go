package parser

import (
	"html"
	"regexp"
	"strings"
)

var markup = regexp.MustCompile(`<[^>]*>`)

// addsInPieces tells whether a text that belongs to the message, and yet comes as a file, says more than courtesy: a mail client shows
// it to the person who wrote it, so that it may limit a decision or take it back.
func (r *reading) addsInPieces(root *part) bool {
	adds := false
	var visit func(p *part)
	visit = func(p *part) {
		adds = adds || r.isAddingPiece(p)
		for _, child := range p.children {
			visit(child)
		}
	}
	visit(root)
	return adds
}

func (r *reading) isAddingPiece(p *part) bool {
	if p.file == nil || p.nested > 0 || (p.mediaType != "text/plain" && p.mediaType != "text/html") {
		return false
	}
	within := p.parent != nil && (p.parent.mediaType == "multipart/alternative" || p.parent.mediaType == "multipart/related")
	if p.disposition != "inline" && !within && !pieceName.MatchString(p.filename()) {
		return false
	}
	if p.file.size > int64(len(p.file.head)) {
		return true
	}
	text := string(p.file.head)
	if p.mediaType == "text/html" {
		text = html.UnescapeString(markup.ReplaceAllString(text, "\n"))
	}
	var lines []textLine
	for s := range strings.Lines(text) {
		lines = append(lines, textLine{text: strings.TrimRight(s, "\r\n")})
	}
	own, tail := splitSignature(lines, r.who, true)
	return hasCommand(lines, r.who) || takesBack(own, r.who) || takesBackBelow(tail, approve)
}
