package templates

import (
	"regexp"
	"slices"
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
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	inBody, inLink, ownWay := false, false, false
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		raw := string(z.Raw())
		switch kind {
		case html.StartTagToken:
			tag := z.Token()
			inBody = inBody || tag.Data == "body"
			inLink = inLink || tag.Data == "a"
			ownWay = slices.Contains(tag.Attr, html.Attribute{Key: "dir", Val: "auto"})
		case html.EndTagToken:
			inLink = inLink && z.Token().Data != "a"
			ownWay = false
		case html.TextToken:
			if inBody {
				raw = wrapped(raw, inLink, ownWay)
			}
		}
		out.WriteString(raw)
	}
	return out.String()
}

// wrapped puts spans around what stays together in a text.
func wrapped(text string, inLink, ownWay bool) string {
	var out strings.Builder
	at := 0
	for _, found := range together.FindAllStringSubmatchIndex(text, -1) {
		span := inOnePiece
		if found[2] < 0 {
			span = itsOwnWay
		}
		if span == inOnePiece && inLink || span == itsOwnWay && ownWay {
			continue
		}
		piece := strings.Replace(text[found[0]:found[1]], "@", "@<wbr>", 1) // where it breaks if it must
		out.WriteString(text[at:found[0]] + span + piece + "</span>")
		at = found[1]
	}
	return out.String() + text[at:]
}
