package text

import (
	"strings"

	"mfabot/parser/internal/mime"
)

// Body is the readable text of a message in its two renditions, which are the same if there are no
// alternatives.
type Body struct {
	Plain, HTML []Line   // the text of the plain and of the HTML alternatives
	Others      [][]Line // of further alternatives
	Differ      bool
	Silent      bool            // the HTML shows nothing, but the plain text says something
	Images      map[string]bool // pictures in the HTML by Content-ID, and whether they are among new text
	Broken      bool            // some HTML could not be read as a browser would
	Cut         bool            // some text was left out
}

// ReadBody collects the text of the message below root, without attached messages. If the message says
// nothing else, it reads instead, unless that is nil. It takes the text out of the parts, and warns about
// oddities.
func ReadBody(root, instead *mime.Part, warn func(format string, args ...any)) *Body {
	b := &Body{Images: map[string]bool{}}
	plain, html := choose(root)
	rendered := map[*mime.Part][]Line{}
	render := func(parts []*mime.Part) []Line {
		var out []Line
		for _, p := range parts {
			if _, done := rendered[p]; !done {
				rendered[p] = b.render(p, warn)
			}
			out = append(out, rendered[p]...)
		}
		return out
	}
	b.HTML = render(html)
	b.Plain = b.HTML
	if !sameParts(plain, html) {
		b.Plain = render(plain)
		b.Differ = !Blank(b.Plain) && !Blank(b.HTML)
		if Blank(b.Plain) {
			b.Plain = b.HTML
		}
		if Blank(b.HTML) {
			b.HTML, b.Silent = b.Plain, !Blank(b.Plain)
		}
	}
	for _, p := range others(root) {
		if _, done := rendered[p]; !done {
			b.Others = append(b.Others, render([]*mime.Part{p}))
		}
	}
	if instead != nil && root.Parent == nil && Blank(b.HTML) {
		b.HTML = render([]*mime.Part{instead})
		b.Plain, b.Differ = b.HTML, false
	}
	return b
}

// choose returns the text parts of the plain and of the HTML rendition below p, in order.
func choose(p *mime.Part) (plain, html []*mime.Part) {
	switch {
	case p.MediaType == "multipart/alternative":
		for _, child := range p.Children {
			childPlain, childHTML := choose(child)
			if plain == nil || !hasType(plain, "text/plain") && hasType(childPlain, "text/plain") {
				plain = childPlain
			}
			if html == nil || hasType(childHTML, "text/html") {
				html = childHTML
			}
		}
	case p.IsMultipart(), p.IsBodySMIME():
		for _, child := range p.Children {
			childPlain, childHTML := choose(child)
			plain = append(plain, childPlain...)
			html = append(html, childHTML...)
		}
	case p.IsBody():
		return []*mime.Part{p}, []*mime.Part{p}
	}
	return plain, html
}

// others returns all the text parts of the message below p.
func others(p *mime.Part) []*mime.Part {
	if p.IsBody() {
		return []*mime.Part{p}
	}
	var all []*mime.Part
	if p.IsMultipart() || p.IsBodySMIME() {
		for _, child := range p.Children {
			all = append(all, others(child)...)
		}
	}
	return all
}

func hasType(parts []*mime.Part, mediaType string) bool {
	for _, p := range parts {
		if p.MediaType == mediaType {
			return true
		}
	}
	return false
}

func sameParts(a, b []*mime.Part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// render decodes the text of one part into lines.
func (b *Body) render(p *mime.Part, warn func(format string, args ...any)) []Line {
	charset := p.Params["charset"]
	if charset == "" && p.MediaType == "text/html" {
		charset = metaCharset(p.Text)
	}
	lines := b.partLines(p, charset, warn)
	if len(lines) > maxLines {
		lines, b.Cut = lines[:maxLines], true
	}
	return lines
}

func (b *Body) partLines(p *mime.Part, charset string, warn func(format string, args ...any)) []Line {
	text, ok := mime.Decode(p.Text, charset)
	if !ok {
		warn("%s has the unknown character set %.40q", p, charset)
	}
	if strings.ContainsRune(text, 0) {
		warn("%s contains null characters", p)
		text = strings.ReplaceAll(text, "\x00", "\ufffd")
	}
	p.Text = nil
	if p.MediaType == "text/html" {
		lines, ok := renderHTML(text, b.Images)
		if !ok {
			warn("%s is HTML that is nested too deep to be read as a browser would", p)
			b.Broken = true
		}
		return lines
	}
	flowed := strings.EqualFold(p.Params["format"], "flowed")
	return plainLines(text, flowed, strings.EqualFold(p.Params["delsp"], "yes"))
}
