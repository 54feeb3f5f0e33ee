package notify

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"mfabot/intake"
)

// page is what a screen reader relies on.
type page struct {
	lang, title string
	headings    []string // h1, h2, h3 in order
	tables      int
	faults      []string
}

func readPage(t *testing.T, source []byte) page {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var p page
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html":
			p.lang = attribute(n, "lang")
		case "title":
			if n.FirstChild != nil {
				p.title = n.FirstChild.Data
			}
		case "h1", "h2", "h3":
			p.headings = append(p.headings, n.Data)
		case "table":
			p.tables++
		case "th":
			if attribute(n, "scope") == "" {
				p.faults = append(p.faults, "a th without scope")
			}
		case "a":
			switch to := attribute(n, "href"); { // a reply, or a call to the number shown, is all that one may open
			case strings.HasPrefix(to, "mailto:mfa@helpdesk.test?"):
			case to == "tel:03332001133" && n.FirstChild.Data == "0333\u00a0200\u00a01133":
			case to == "tel:1800103332001133" && n.FirstChild.Data == "18001\u00a00333\u00a0200\u00a01133":
			default:
				p.faults = append(p.faults, "a link to "+to)
			}
		case "img": // is in the letter itself, and is told to who cannot see it
			if !strings.HasPrefix(attribute(n, "src"), "cid:chart-") || len(attribute(n, "alt")) < 20 {
				p.faults = append(p.faults, "a picture "+attribute(n, "src")+", "+attribute(n, "alt"))
			}
		case "script", "link", "form", "input":
			p.faults = append(p.faults, "an element "+n.Data)
		case "p", "li", "h4", "ul", "ol", "blockquote":
			if n.FirstChild == nil {
				p.faults = append(p.faults, "an empty "+n.Data)
			}
		}
	}
	return p
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestPagesAreAccessible(t *testing.T) {
	c := testComposer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			email, err := c.Render(s.letter, monday)
			if err != nil {
				t.Fatal(err)
			}
			p := readPage(t, []byte(email.HTML))
			if want := map[string]string{"": "en-GB", intake.Welsh: "cy"}[s.letter.Facts.Language]; p.lang != want || p.title == "" {
				t.Errorf("lang %q, title %q", p.lang, p.title)
			}
			if len(p.headings) == 0 || p.headings[0] != "h1" {
				t.Errorf("headings %v do not begin with h1", p.headings)
			}
			for i, h := range p.headings[1:] {
				if h != "h2" && (h != "h3" || p.headings[i] == "h1") {
					t.Errorf("headings %v: want h2 after the one h1, and h3 only below one", p.headings)
				}
			}
			for _, fault := range p.faults {
				t.Error(fault)
			}
		})
	}
}
