package templates

import (
	"bytes"
	"regexp"
	"strings"
)

const (
	// A reference, a code or an address breaks only where it is longer than a whole line, and not at its hyphens: half of one
	// looks like another.
	inOnePiece = `<span style="display:inline-block;max-width:100%">`
	// What is written from right to left does not turn round what we wrote beside it.
	itsOwnWay = `<span dir="auto">`
)

// together matches what stays in one piece in the source of a page, with the marks that stand right beside it, or else a run of
// words from right to left.
var together = regexp.MustCompile(`([(\[]*(?:\b[A-Z]{2}-\d{4}-\d{5,}\b|\bmfa-[a-z2-7]{20,}\b|` +
	`(?:[^\s<>()\[\]@&;:,]|&#43;|&#39;|&amp;)+@[\w-]+(?:\.[\w-]+)*)[)\].,:;?!]*)` +
	`|` + rightToLeft + `+(?:[\s\pP\pM\d]*` + rightToLeft + `+)*`)

const rightToLeft = `[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]`

// keepTogether copies a page to out, and marks what must stay in one piece. It adds no character to the text, so that what is
// copied is what was meant. Where an element says that its text is of a direction of its own, that stays as it is; so does a
// link, of which a piece by itself would lose the underline.
func keepTogether(out *bytes.Buffer, page []byte) {
	inBody, inLink, ownWay := false, false, false
	for len(page) > 0 {
		start, end := tagIn(page)
		text, tag := page[:start], page[start:end]
		if inBody {
			kept(out, text, inLink, ownWay)
		} else {
			out.Write(text)
		}
		out.Write(tag)
		page = page[end:]
		switch {
		case len(tag) == 0, tag[1] == '!', tag[1] == '?', bytes.HasSuffix(tag, []byte("/>")):
		case tag[1] == '/':
			inLink, ownWay = inLink && !isElement(tag[2:], "a"), false
		default:
			inBody, inLink = inBody || isElement(tag[1:], "body"), inLink || isElement(tag[1:], "a")
			ownWay = bytes.Contains(tag, []byte(` dir="auto"`))
		}
	}
}

// tagIn returns where the first tag or comment of a page begins and ends; its end if there is none.
func tagIn(page []byte) (start, end int) {
	for start = bytes.IndexByte(page, '<'); start >= 0 && start+1 < len(page); {
		switch c := page[start+1]; {
		case bytes.HasPrefix(page[start:], []byte("<!--")):
			return start, after(page, start+len("<!--"), "-->")
		case c == '!', c == '?':
			return start, after(page, start, ">")
		case c == '/', 'a' <= c|' ' && c|' ' <= 'z':
			return start, endOfTag(page, start)
		}
		next := bytes.IndexByte(page[start+1:], '<')
		if next < 0 {
			break
		}
		start += 1 + next
	}
	return len(page), len(page)
}

// after returns where the next mark ends, from a place on.
func after(page []byte, from int, mark string) int {
	if at := bytes.Index(page[from:], []byte(mark)); at >= 0 {
		return from + at + len(mark)
	}
	return len(page)
}

// endOfTag returns where a tag ends that begins at a place. What is in quotation marks is skipped.
func endOfTag(page []byte, from int) int {
	for i := from; i < len(page); i++ {
		switch page[i] {
		case '>':
			return i + 1
		case '=':
			if quote := page[min(i+1, len(page)-1)]; quote == '"' || quote == '\'' {
				i = after(page, i+2, string(quote)) - 1
			}
		}
	}
	return len(page)
}

// isElement reports whether a tag is of an element, from its name on.
func isElement(tag []byte, name string) bool {
	return len(tag) > len(name) && strings.EqualFold(string(tag[:len(name)]), name) &&
		bytes.IndexByte([]byte(" \n\t\f\r/>"), tag[len(name)]) >= 0
}

// kept writes a text with spans around what stays together. Most words are none of that, as is soon seen: an address has an @,
// the rest has a hyphen, and neither has white space in it; but a run from right to left has.
func kept(out *bytes.Buffer, text []byte, inLink, ownWay bool) {
	plain := 0 // text before it is written
	word, seen := 0, false
	for at, c := range text {
		switch {
		case c == ' ', c == '\n', c == '\t', c == '\f', c == '\r':
			if seen {
				out.Write(text[plain:word])
				keptIn(out, text[word:at], inLink, ownWay)
				plain = at
			}
			word, seen = at+1, false
		case c == '@', c == '-':
			seen = true
		case mayTurn(c):
			out.Write(text[plain:word])
			keptIn(out, text[word:], inLink, ownWay)
			return
		}
	}
	if !seen {
		out.Write(text[plain:])
		return
	}
	out.Write(text[plain:word])
	keptIn(out, text[word:], inLink, ownWay)
}

// mayTurn reports whether a letter that is written from right to left may begin with a byte in UTF-8, as no letter of our
// languages does.
func mayTurn(c byte) bool {
	const hebrew, punctuation = 0xd6, 0xe2
	return c >= hebrew && c != punctuation
}

// keptIn is kept by what it searches for.
func keptIn(out *bytes.Buffer, text []byte, inLink, ownWay bool) {
	at := 0
	for _, found := range together.FindAllSubmatchIndex(text, -1) {
		span := inOnePiece
		if found[2] < 0 {
			span = itsOwnWay
		}
		if span == inOnePiece && inLink || span == itsOwnWay && ownWay {
			continue
		}
		out.Write(text[at:found[0]])
		out.WriteString(span)
		out.Write(bytes.Replace(text[found[0]:found[1]], []byte("@"), []byte("@<wbr>"), 1)) // where it breaks if it must
		out.WriteString("</span>")
		at = found[1]
	}
	out.Write(text[at:])
}
