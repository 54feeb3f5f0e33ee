package templates

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
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

// keepTogether marks in a page what must stay in one piece. It adds no character to the text, so that what is copied is what
// was meant. Where an element says that its text is of a direction of its own, that stays as it is; so does a link, of which a
// piece by itself would lose the underline.
func keepTogether(page string) string {
	var out bytes.Buffer
	out.Grow(len(page) + len(page)/8)
	z := html.NewTokenizer(strings.NewReader(page))
	inBody, inLink, ownWay := false, false, false
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind == html.TextToken && inBody {
			kept(&out, z.Raw(), inLink, ownWay)
			continue
		}
		out.Write(z.Raw()) // before anything else is asked of the token, which would change it
		switch kind {
		case html.StartTagToken:
			tag, _ := z.TagName()
			inBody = inBody || string(tag) == "body"
			inLink = inLink || string(tag) == "a"
			ownWay = isOwnWay(z)
		case html.EndTagToken:
			tag, _ := z.TagName()
			inLink = inLink && string(tag) != "a"
			ownWay = false
		}
	}
	return out.String()
}

// isOwnWay reports whether a tag, whose name has been read, says that what it holds goes in a direction of its own.
func isOwnWay(z *html.Tokenizer) bool {
	for {
		key, value, more := z.TagAttr()
		if string(key) == "dir" && string(value) == "auto" {
			return true
		}
		if !more {
			return false
		}
	}
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
		word = len(text)
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
