package text

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// renderHTML writes the text that a mail client would show as lines. It marks quotations, attributions and
// signatures by the elements and names that mail clients give them, and notes in images which pictures are
// shown, by Content-ID: true among new text, false in a quotation or a signature. ok is false for HTML that
// is nested too deep to be trusted.
func renderHTML(source string, images map[string]bool) (lines []Line, ok bool) {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return strippedTags(source), false
	}
	h := &htmlReader{current: &strings.Builder{}, images: images, sheet: readSheet(root), looks: map[string]look{}}
	h.walk(root, htmlState{ink: black, paper: white})
	h.breakLine()
	countMarks(h.lines)
	return h.lines, true
}

// countMarks takes the quote marks of plain text, which some clients leave in HTML, off the lines.
func countMarks(lines []Line) {
	for i := range lines {
		if marks, rest := quoteDepth(lines[i].Text); marks > 0 {
			lines[i].Quote += marks
			lines[i].Text = strings.TrimPrefix(rest, " ")
		}
	}
}

// htmlState is what an element's content inherits from it.
type htmlState struct {
	quote    int32
	mark     Mark
	preserve bool // white space counts
	cells    int  // how many cells of tables the text lies within
	doubtful bool // whether a reader sees the text is not sure
	unseen   bool
	size     shown
	ink      colour
	paper    colour
	painted  bool // a picture is behind the text, of any colour
	contrast shown
}

type htmlReader struct {
	lines   []Line
	current *strings.Builder
	space   bool // a blank is due before the next word
	tabs    int  // they are so many tabs: those between the words of a line are kept, as they part the columns of a table
	cutting bool // the element that everything after is quoted has been passed
	last    htmlState
	images  map[string]bool
	sheet   styleSheet
	looks   map[string]look // by style
	doubt   bool            // the line being written may be shown otherwise than it reads
	links   *Link           // of the line being written
}

var blockElements = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Table: true, atom.Tr: true, atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Dl: true,
	atom.Dt: true, atom.Dd: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true,
	atom.Blockquote: true, atom.Pre: true, atom.Hr: true, atom.Center: true, atom.Address: true, atom.Section: true,
	atom.Article: true, atom.Header: true, atom.Footer: true, atom.Form: true, atom.Fieldset: true, atom.Body: true,
	atom.Caption: true, atom.Thead: true, atom.Tbody: true, atom.Tfoot: true, atom.Main: true, atom.Details: true,
}

var skippedElements = map[atom.Atom]bool{
	atom.Head: true, atom.Style: true, atom.Script: true, atom.Template: true, atom.Noscript: true, atom.Object: true,
	atom.Iframe: true, atom.Svg: true, atom.Math: true, atom.Select: true, atom.Textarea: true, atom.Button: true,
	atom.Audio: true, atom.Video: true, atom.Canvas: true, atom.Map: true, atom.Title: true, atom.Noframes: true,
	atom.Datalist: true, atom.Dialog: true, atom.S: true, atom.Strike: true, atom.Del: true, atom.Embed: true,
	atom.Applet: true, atom.Noembed: true,
}

// unreadElements are those of the skipped ones whose text a reader may see.
var unreadElements = map[atom.Atom]bool{
	atom.Object: true, atom.Iframe: true, atom.Select: true, atom.Textarea: true, atom.Button: true, atom.Canvas: true,
}

// doubtHere marks the line being written, and the last one, as what follows may be quoted.
func (h *htmlReader) doubtHere() {
	h.doubt = true
	if n := len(h.lines); n > 0 {
		h.lines[n-1].Doubt = true
	}
}

func hasText(n *html.Node) bool {
	for d := range n.Descendants() {
		if d.Type == html.TextNode && strings.TrimSpace(d.Data) != "" {
			return true
		}
	}
	return false
}

func (h *htmlReader) walk(n *html.Node, s htmlState) {
	switch n.Type {
	case html.TextNode:
		h.text(n.Data, s)
		return
	case html.ElementNode:
		h.element(n, s)
		return
	case html.DocumentNode:
		h.walkChildren(n, s)
	}
}

func (h *htmlReader) walkChildren(n *html.Node, s htmlState) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		h.walk(c, s)
	}
}

func (h *htmlReader) element(n *html.Node, s htmlState) {
	if n.Namespace != "" || skippedElements[n.DataAtom] {
		if (n.Namespace != "" || unreadElements[n.DataAtom]) && hasText(n) {
			h.doubtHere()
		}
		return
	}
	e := readElement(n)
	l := h.lookOf(e)
	if l.shown == hidden {
		return
	}
	s = s.as(l)
	s.doubtful = s.doubtful || n.DataAtom == atom.Bdo || n.DataAtom == atom.Details && !e.open
	role := e.role()
	switch role {
	case roleNone:
	case roleCut:
		h.breakLine()
		h.cutting = true
	case roleQuote:
		s.quote++
	case roleSignature:
		s.mark = Signature
	case roleAttribution:
		s.mark = Attribution
	}
	s.preserve = s.preserve && n.DataAtom != atom.Table || n.DataAtom == atom.Pre ||
		strings.Contains(e.style, "white-space:pre")
	switch n.DataAtom {
	case atom.Br:
		h.newLine(s)
		return
	case atom.Img:
		h.image(e, s)
		return
	case atom.Td, atom.Th:
		h.cell(n, s)
		return
	case atom.A:
		h.link(n, e.href)
	}
	block := blockElements[n.DataAtom] || role == roleQuote || role == roleSignature || role == roleAttribution
	if block {
		h.breakLine()
		if e.isSpaced() {
			h.gap(s)
		}
	}
	h.walkChildren(n, s)
	if n.DataAtom == atom.A {
		h.linked(e.href, s)
	}
	if block {
		h.breakLine()
		if e.isSpaced() || role == roleQuote {
			h.gap(s)
		}
	}
}

// cell sets the cells of a row apart by a tab, so that a form laid out as a table reads as one line a row,
// also with the paragraphs that Word puts into each cell.
func (h *htmlReader) cell(n *html.Node, s htmlState) {
	s.cells++
	if s.cells > maxCells || !isCell(elementBefore(n)) && !isCell(elementAfter(n)) {
		h.breakLine()
		h.walkChildren(n, s)
		h.breakLine()
		return
	}
	lines, row, links := h.lines, h.current, h.links
	h.lines, h.current, h.links = nil, &strings.Builder{}, nil
	h.walkChildren(n, s)
	h.breakLine()
	inner := h.lines
	h.lines, h.current, h.links = lines, row, cmp.Or(h.links, links)
	text, single := singleLine(inner)
	if !single {
		h.breakLine()
		if len(inner) > len(h.lines) {
			// Cells within cells would have their lines copied at each level.
			h.lines = slices.Insert(inner, 0, h.lines...)
		} else {
			h.lines = append(h.lines, inner...)
		}
		return
	}
	h.begin(s)
	if row.Len() > 0 {
		row.WriteByte('\t')
	}
	row.WriteString(text)
	for i := range inner {
		for _, l := range LinksOf(&inner[i]) {
			h.links = &Link{l.URL, l.Text, h.links}
		}
	}
	h.doubt = h.doubt || slices.ContainsFunc(inner, func(ln Line) bool { return ln.Doubt })
}

func isCell(n *html.Node) bool { return n != nil && (n.DataAtom == atom.Td || n.DataAtom == atom.Th) }

func elementBefore(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil && n.Type != html.ElementNode; n = n.PrevSibling {
	}
	return n
}

func elementAfter(n *html.Node) *html.Node {
	for n = n.NextSibling; n != nil && n.Type != html.ElementNode; n = n.NextSibling {
	}
	return n
}

// singleLine returns the one line with text; false when there are more or it is quoted.
func singleLine(lines []Line) (string, bool) {
	text := ""
	for _, ln := range lines {
		if strings.TrimSpace(ln.Text) == "" {
			continue
		}
		if text != "" || ln.Quote > 0 {
			return "", false
		}
		text = ln.Text
	}
	return text, true
}

func (h *htmlReader) text(data string, s htmlState) {
	if seen := s.seen(); seen != visible && strings.TrimSpace(data) != "" {
		if seen == hidden {
			return
		}
		h.begin(s)
		h.doubt = true
	}
	if s.preserve {
		for i, piece := range strings.Split(strings.ReplaceAll(data, "\r\n", "\n"), "\n") {
			if i > 0 {
				h.newLine(s)
			}
			if piece != "" {
				h.begin(s)
				h.current.WriteString(piece)
			}
		}
		return
	}
	first := true
	for data != "" {
		word := strings.TrimLeftFunc(data, isCollapsible)
		if gap := data[:len(data)-len(word)]; gap != "" {
			h.space = true
			h.tabs += strings.Count(gap, "\t")
			if strings.IndexByte(gap, '\n') >= 0 {
				h.tabs = 0
			}
		}
		end := strings.IndexFunc(word, isCollapsible)
		if end < 0 {
			end = len(word)
		}
		if word == "" {
			return
		}
		h.begin(s)
		if first {
			h.current.Grow(len(data) + 1)
		}
		first = false
		if h.space && h.current.Len() > 0 && !strings.HasSuffix(h.current.String(), "\t") {
			if h.tabs > 0 {
				h.current.WriteString(strings.Repeat("\t", min(h.tabs, maxTabs)))
			} else {
				h.current.WriteByte(' ')
			}
		}
		h.space, h.tabs = false, 0
		h.current.WriteString(word[:end])
		data = word[end:]
	}
}

func isCollapsible(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

// begin makes sure that the line being written is of one quotation and mark.
func (h *htmlReader) begin(s htmlState) {
	if h.current.Len() > 0 && (h.last.quote != s.quote || h.last.mark != s.mark) {
		h.breakLine()
	}
	h.last = s
}

// breakLine ends the line being written, if there is one.
func (h *htmlReader) breakLine() {
	h.space, h.tabs = false, 0
	if h.current.Len() > 0 {
		h.newLine(h.last)
	}
}

// newLine ends the line being written, empty or not.
func (h *htmlReader) newLine(s htmlState) {
	if h.current.Len() > 0 {
		s = h.last
	}
	ln := Line{Text: strings.ReplaceAll(h.current.String(), "\u00a0", " "), Quote: s.quote, Mark: s.mark, Link: h.links,
		Doubt: h.doubt || h.sheet.cut}
	h.doubt, h.links = false, nil
	if h.cutting {
		ln.Mark = Cut
	}
	h.lines = append(h.lines, ln)
	h.current.Reset()
	h.space, h.tabs = false, 0
}

// gap leaves a blank line unless there is one.
func (h *htmlReader) gap(s htmlState) {
	if n := len(h.lines); n > 0 && strings.TrimSpace(h.lines[n-1].Text) != "" && h.lines[n-1].Quote == s.quote {
		h.newLine(s)
	}
}

func (h *htmlReader) image(e element, s htmlState) {
	cid, ok := strings.CutPrefix(strings.TrimSpace(e.src), "cid:")
	if !ok {
		return
	}
	if plain, err := url.PathUnescape(cid); err == nil {
		cid = plain
	}
	isNew := s.quote == 0 && s.mark == Unmarked && !h.cutting
	h.images[cid] = h.images[cid] || isNew
}

// strippedTags is the text of HTML that is too deep to be parsed: for reading, not for deciding.
func strippedTags(source string) []Line {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return plainLines(strings.Join(strings.Fields(b.String()), " "), false, false)
		case html.TextToken:
			if skip == "" {
				b.Write(z.Text())
				b.WriteByte(' ')
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "style" || string(name) == "script" {
				skip = string(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		}
	}
}

var metaCharsetRE = regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?([a-z0-9_:-]{1,40})`)

// metaCharset is the charset that an HTML document declares for itself.
func metaCharset(source []byte) string {
	if m := metaCharsetRE.FindSubmatch(source[:min(len(source), 4096)]); m != nil {
		return string(m[1])
	}
	return ""
}
