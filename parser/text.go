package parser

import (
	"strings"
)

// textLine is one line of readable text. The quote marks that stood before it are counted, not kept.
type textLine struct {
	text  string
	quote int
	mark  mark
	key   string // see simple
}

// simple returns the line prepared for comparison, which is done once.
func (ln *textLine) simple() string {
	if ln.key == "" {
		ln.key = simplify(ln.text)
	}
	return ln.key
}

// mark is what the HTML says of a line.
type mark uint8

const (
	unmarked    mark = iota
	signature        // in an element that a mail client puts its signature in
	attribution      // in an element that introduces a quotation
	cut              // all that follows is quoted
)

// body is the readable text of a message in its two renditions, which are the same where there are no alternatives.
type body struct {
	plain, html []textLine // of alternatives, the plain ones or the HTML ones
	differ      bool
	silent      bool            // the HTML shows nothing, although the plain text says something
	images      map[string]bool // pictures shown by the HTML, by Content-ID: whether among new text
	broken      bool            // HTML that could not be read as a browser would
	cut         bool            // there was more text
}

// readBody gathers the text of the message below root, which is not in attached messages. instead, where there is any, is read for a
// message that says nothing else. It takes the text out of the parts, and warns of what is odd about it.
func readBody(root, instead *part, warn func(format string, args ...any)) *body {
	b := &body{images: map[string]bool{}}
	plain, html := choose(root)
	rendered := map[*part][]textLine{}
	render := func(parts []*part) []textLine {
		var out []textLine
		for _, p := range parts {
			if _, done := rendered[p]; !done {
				rendered[p] = b.render(p, warn)
			}
			out = append(out, rendered[p]...)
		}
		return out
	}
	b.html = render(html)
	b.plain = b.html
	if !sameParts(plain, html) {
		b.plain = render(plain)
		b.differ = !blank(b.plain) && !blank(b.html)
		if blank(b.plain) {
			b.plain = b.html
		}
		if blank(b.html) {
			b.html, b.silent = b.plain, !blank(b.plain)
		}
	}
	if instead != nil && root.parent == nil && blank(b.html) {
		b.html = render([]*part{instead})
		b.plain, b.differ = b.html, false
	}
	return b
}

// choose returns the text parts of the plain and of the HTML rendition below p, in order.
func choose(p *part) (plain, html []*part) {
	switch {
	case p.mediaType == "multipart/alternative":
		for _, child := range p.children {
			childPlain, childHTML := choose(child)
			if plain == nil || !hasType(plain, "text/plain") && hasType(childPlain, "text/plain") {
				plain = childPlain
			}
			if html == nil || hasType(childHTML, "text/html") {
				html = childHTML
			}
		}
	case p.isMultipart(), p.isBodySMIME():
		for _, child := range p.children {
			childPlain, childHTML := choose(child)
			plain = append(plain, childPlain...)
			html = append(html, childHTML...)
		}
	case p.isBody():
		return []*part{p}, []*part{p}
	}
	return plain, html
}

func hasType(parts []*part, mediaType string) bool {
	for _, p := range parts {
		if p.mediaType == mediaType {
			return true
		}
	}
	return false
}

func sameParts(a, b []*part) bool {
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

func blank(lines []textLine) bool {
	for _, ln := range lines {
		if strings.TrimSpace(ln.text) != "" {
			return false
		}
	}
	return true
}

// render decodes the text of one part into lines.
func (b *body) render(p *part, warn func(format string, args ...any)) []textLine {
	charset := p.params["charset"]
	if charset == "" && p.mediaType == "text/html" {
		charset = metaCharset(p.text)
	}
	lines := b.partLines(p, charset, warn)
	if len(lines) > maxLines {
		lines, b.cut = lines[:maxLines], true
	}
	return lines
}

func (b *body) partLines(p *part, charset string, warn func(format string, args ...any)) []textLine {
	text, ok := decodeCharset(p.text, charset)
	if !ok {
		warn("%s has the unknown character set %.40q", p, charset)
	}
	if strings.ContainsRune(text, 0) {
		warn("%s contains null characters", p)
		text = strings.ReplaceAll(text, "\x00", "\ufffd")
	}
	p.text = nil
	if p.mediaType == "text/html" {
		lines, ok := renderHTML(text, b.images)
		if !ok {
			warn("%s is HTML that is nested too deep to be read as a browser would", p)
			b.broken = true
		}
		return lines
	}
	flowed := strings.EqualFold(p.params["format"], "flowed")
	return plainLines(text, flowed, strings.EqualFold(p.params["delsp"], "yes"))
}

// plainLines cuts plain text into lines, counting quote marks and joining flowed lines (RFC 3676).
func plainLines(text string, flowed, delsp bool) []textLine {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	lines := make([]textLine, 0, min(strings.Count(text, "\n"), maxLines)+1)
	var paragraph strings.Builder
	joining, depth := false, 0
	for raw := range strings.SplitSeq(text, "\n") {
		if len(lines) > maxLines {
			return lines
		}
		quote, rest := quoteDepth(raw)
		soft := false
		if flowed {
			rest = strings.TrimPrefix(rest, " ")
			soft = strings.HasSuffix(rest, " ") && rest != "-- "
			if soft && delsp {
				rest = strings.TrimSuffix(rest, " ")
			}
		} else if quote > 0 {
			rest = strings.TrimPrefix(rest, " ")
		}
		if joining && (quote != depth || rest == "-- ") {
			lines = append(lines, textLine{text: paragraph.String(), quote: depth})
			paragraph.Reset()
		}
		if !joining && !soft {
			lines = append(lines, textLine{text: rest, quote: quote})
			continue
		}
		paragraph.WriteString(rest)
		depth, joining = quote, soft
		if !soft {
			lines = append(lines, textLine{text: paragraph.String(), quote: depth})
			paragraph.Reset()
		}
	}
	if joining {
		lines = append(lines, textLine{text: paragraph.String(), quote: depth})
	}
	return lines
}

// quoteDepth counts the ">" before a line, blanks between them allowed, and returns what follows them.
func quoteDepth(s string) (int, string) {
	depth := 0
	for {
		t := strings.TrimLeft(s, " \t\u00a0")
		if !strings.HasPrefix(t, ">") || depth == 0 && len(s)-len(t) > 3 {
			return depth, s
		}
		depth++
		s = t[1:]
	}
}

// joinLines writes lines as one text, quotes marked with ">", without blank lines at both ends and with one of those that follow each
// other.
func joinLines(lines []textLine) string {
	size := 0
	for i := range lines {
		size += len(lines[i].text) + min(lines[i].quote, maxMarks) + len("\n\n ")
	}
	var b strings.Builder
	b.Grow(size)
	gap := false
	for i := range lines {
		ln := &lines[i]
		if ln.quote == 0 && strings.TrimSpace(ln.text) == "" {
			gap = true
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if gap {
				b.WriteByte('\n')
			}
		}
		gap = false
		if ln.quote > 0 {
			b.WriteString(strings.Repeat(">", min(ln.quote, maxMarks)))
			if ln.text != "" {
				b.WriteByte(' ')
			}
		}
		b.WriteString(strings.TrimRight(ln.text, " \t"))
	}
	return b.String()
}

// trimBlankLines removes blank lines at both ends and all but one of those that follow each other.
func trimBlankLines(s string) string {
	var b strings.Builder
	empty := 0
	for ln := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(ln) == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if empty > 0 {
				b.WriteByte('\n')
			}
		}
		b.WriteString(ln)
		empty = 0
	}
	return b.String()
}
