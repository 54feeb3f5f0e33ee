package text

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is what matters of an HTML element's attributes.
type element struct {
	atom    atom.Atom
	id      string
	name    string
	classes []string
	style   string // in lower case, without blanks
	look    string // the same with them
	kind    string
	src     string
	href    string
	paper   string // the colour behind the text
	picture bool   // a picture is behind it
	ink     string // the colour of the text
	hidden  bool
	open    bool
	width   string
	height  string
}

func readElement(n *html.Node) element {
	e := element{atom: n.DataAtom}
	for _, a := range n.Attr {
		switch a.Key {
		case "id":
			e.id = strings.TrimSpace(a.Val)
		case "name":
			e.name = strings.TrimSpace(a.Val)
		case "class":
			e.classes = strings.Fields(a.Val)
		case "style":
			e.style, e.look = squeeze(a.Val), strings.ToLower(a.Val)
		case "type":
			e.kind = strings.ToLower(a.Val)
		case "src":
			e.src = a.Val
		case "href":
			e.href = strings.TrimSpace(a.Val)
		case "bgcolor":
			e.paper = squeeze(a.Val)
		case "background":
			e.picture = a.Val != ""
		case "color", "text":
			e.ink = squeeze(a.Val)
		case "open":
			e.open = true
		case "hidden":
			e.hidden = true
		case "data-signatureblock": // Windows Mail
			e.classes = append(e.classes, "signature")
		case "width":
			e.width = strings.TrimSpace(a.Val)
		case "height":
			e.height = strings.TrimSpace(a.Val)
		}
	}
	return e
}

// squeeze returns s in lower case without white space.
func squeeze(s string) string {
	if !strings.ContainsFunc(s, unicode.IsSpace) {
		return strings.ToLower(s)
	}
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

// isSpaced reports whether the element is a paragraph set apart by blank lines. Those of Word are not.
func (e element) isSpaced() bool {
	if e.atom != atom.P || strings.Contains(e.style, "margin:0") || strings.Contains(e.style, "margin-top:0") {
		return false
	}
	for _, class := range e.classes {
		if strings.HasPrefix(class, "Mso") {
			return false
		}
	}
	return true
}
