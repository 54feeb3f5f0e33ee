package reply

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/text"
)

// Author is who wrote a message: as much as it takes to tell their words from what surrounds them.
type Author struct {
	Name    string                 // display names, as they may stand below the text
	IsField func(line string) bool // reports whether a line is a field of a form, which no signature has
}

// Newest is what the sender wrote now, and what was taken for their signature.
type Newest struct {
	Lines  []text.Line // without quotes, attributions, signature, disclaimer and banner
	Tail   []text.Line // signatures and disclaimers above or between quotes
	Quoted bool        // something was left out as quoted
	below  []text.Line // the messages below that end it
	long   bool        // there is more of it than is kept
	// adjacent means that the first line follows a quoted one without a blank line: it may be the end of that one,
	// badly wrapped.
	adjacent bool
}

// Doubtful reports whether some of it may not be shown to a reader, or otherwise than it reads.
func (n Newest) Doubtful() bool {
	return slices.ContainsFunc(n.Lines, func(ln text.Line) bool { return ln.Doubt })
}

// Newest takes the newest text out of the lines of a rendition.
func (a Author) Newest(lines []text.Line) Newest {
	var n Newest
	kept := separateQuotes(splitRunOn(lines), &n)
	written := false
	for start := 0; start < len(kept); {
		end := start
		for end < len(kept) && kept[end].Quote == 0 {
			end++
		}
		segment := kept[start:end]
		if !written {
			segment = dropBanner(segment)
		}
		own, tail := a.splitSignature(segment, written)
		own = dropMarkings(own) // above what was cut off
		if !written {
			own = dropBanner(own)
		}
		if !text.Blank(own) {
			if written {
				n.Lines = append(n.Lines, text.Line{})
			}
			n.Lines = append(n.Lines, own...)
			written = true
		}
		n.Tail = append(n.Tail, tail...)
		start = end + 1
	}
	return n
}

// separateQuotes returns the sender's own lines, with a line of quote 1 where quoted lines were left out.
func separateQuotes(lines []text.Line, n *Newest) []text.Line {
	kept := make([]text.Line, 0, len(lines))
	gap, started, size := false, false, 0
	for i := 0; i < len(lines); {
		if n.long = size > MaxNewText; n.long {
			break
		}
		count, rest := quotedAt(lines, i)
		n.Quoted = n.Quoted || rest || count > 0
		if rest {
			n.below = lines[i:]
			break
		}
		if count > 0 {
			if !gap {
				kept = append(kept, text.Line{Quote: 1})
			}
			gap = true
			i += count
			continue
		}
		if !started && strings.TrimSpace(lines[i].Text) != "" {
			started = true
			n.adjacent = i > 0 && lines[i-1].Quote > 0 && strings.TrimSpace(lines[i-1].Text) != ""
		}
		kept = append(kept, lines[i])
		size += len(lines[i].Text) + 1
		gap = false
		i++
	}
	return kept
}

// endsOwnText reports whether everything from line i on is quoted.
func endsOwnText(lines []text.Line, i int) bool {
	ln := &lines[i]
	return ln.Mark == text.Cut || ln.Quote == 0 && (isSeparator(ln) || isHeaderBlock(lines, i))
}

// quotedAt returns how many lines from i on are quoted or introduce a quotation; rest means that all the
// others are.
func quotedAt(lines []text.Line, i int) (count int, rest bool) {
	if endsOwnText(lines, i) {
		return 0, true
	}
	if lines[i].Quote > 0 || lines[i].Mark == text.Attribution || isWrapped(lines, i) {
		return 1, false
	}
	count, kind := attributionAt(lines, i)
	if kind == noAttribution {
		return 0, false
	}
	switch next := text.NextWritten(lines, i+count); {
	case next < 0:
		return count, false
	case lines[next].Quote > 0 || lines[next].Mark == text.Attribution || lines[next].Mark == text.Cut:
		return count, false
	}
	return count, true
}

// isWrapped reports whether line i is the rest of a long quoted line that a client broke without a mark: it
// goes on in small letters between quoted lines, the first of which does not end a sentence as an answered
// question does.
func isWrapped(lines []text.Line, i int) bool {
	if i == 0 || i+1 >= len(lines) || lines[i-1].Quote == 0 || lines[i+1].Quote == 0 || len(lines[i-1].Text) < 45 {
		return false
	}
	if above := strings.TrimSpace(lines[i-1].Text); above == "" || strings.IndexByte(".?!:;", above[len(above)-1]) >= 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(lines[i].Text)
	return unicode.IsLower(r) || r == '_' || r == '/' || r == '&'
}

// WithSignature counts what stands in an element for the signature as text. That is right where the plain
// text shows that somebody wrote there.
func (n Newest) WithSignature() Newest {
	var rest []text.Line
	for _, ln := range n.Tail {
		if ln.Mark == text.Signature {
			n.Lines = append(n.Lines, ln)
		} else {
			rest = append(rest, ln)
		}
	}
	n.Tail = rest
	return n
}
