package parser

import (
	"html"
	"regexp"
	"strings"
)

var markup = regexp.MustCompile(`<[^>]*>`)

// addsInPieces reports whether a text that belongs to the message, and yet comes as a file, says more than courtesy: a mail client shows
// it to the person who wrote it, so that it may limit a decision or take it back.
func (r *reading) addsInPieces() bool {
	for _, f := range r.files {
		if !f.isPiece() {
			continue
		}
		head, whole := f.beginning()
		if !whole || r.author.adds(pieceLines(string(head), f.part.mediaType == "text/html")) {
			return true
		}
	}
	return false
}

// isPiece reports whether the file is text of the message itself.
func (f *file) isPiece() bool {
	p := f.part
	if p.nested > 0 || (p.mediaType != "text/plain" && p.mediaType != "text/html") {
		return false
	}
	within := p.parent != nil && (p.parent.mediaType == "multipart/alternative" || p.parent.mediaType == "multipart/related")
	return p.disposition == "inline" || within || pieceName.MatchString(p.filename())
}

// beginning returns the first bytes of the file, and whether they are all of it.
func (f *file) beginning() (head []byte, whole bool) { return f.head, f.size <= int64(len(f.head)) }

// pieceLines cuts the text of a piece into lines. Tags of HTML are taken for line ends.
func pieceLines(source string, isHTML bool) []textLine {
	if isHTML {
		source = html.UnescapeString(markup.ReplaceAllString(source, "\n"))
	}
	var lines []textLine
	for s := range strings.Lines(source) {
		lines = append(lines, textLine{text: strings.TrimRight(s, "\r\n")})
	}
	return lines
}

// adds reports whether lines that stand below an approval say more than courtesy.
func (a author) adds(lines []textLine) bool {
	own, tail := a.splitSignature(lines, true)
	return hasCommand(lines, a.name) || takesBack(own, a.name) || takesBackBelow(tail, approve)
}
