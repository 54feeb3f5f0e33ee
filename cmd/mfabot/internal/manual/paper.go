package manual

import (
	"regexp"
	"strings"
)

// Paper is the page of a paper in Markdown, of as much of it as the papers of docs/ need: headings, paragraphs, lists, code
// between fences, and tables, whose rows become items under the text of their first column.
func Paper(name string, section int, about, markdown string) string {
	p := new(page)
	p.head(name, section, about)
	p.request("SH DESCRIPTION")
	lines := strings.Split(markdown, "\n")
	apart := true // the next line of text begins a paragraph
	for i := 0; i < len(lines); i++ {
		text := strings.TrimSpace(lines[i])
		p.nested = p.nested && (text == "" || strings.HasPrefix(lines[i], "  "))
		switch {
		case text == "", strings.HasPrefix(text, "# "):
			apart = true
			continue
		case strings.HasPrefix(text, "## "):
			p.request("SH %s", plain(text[3:]))
		case strings.HasPrefix(text, "### "):
			p.request("SS %s", plain(text[4:]))
		case strings.HasPrefix(text, "```"):
			i = p.fenced(lines, i)
		case strings.HasPrefix(text, "|"):
			p.row(text)
		case item.MatchString(text):
			mark := item.FindString(text)
			p.nested = true
			p.request(`IP %s 4`, map[bool]string{true: `\(bu`, false: strings.TrimSpace(mark)}[mark == "- "])
			p.line(inline(strings.TrimPrefix(text, mark)))
		default:
			if apart {
				p.paragraph()
			}
			p.line(inline(text))
		}
		apart = false
	}
	return p.b.String()
}

// item finds how an item of a list begins.
var item = regexp.MustCompile(`^(- |[0-9]+\. )`)

// plain is a heading, without what marks code.
func plain(heading string) string { return escaped(strings.ReplaceAll(heading, "`", "")) }

// fenced writes the code after a fence, and returns where it ends.
func (p *page) fenced(lines []string, i int) int {
	indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
	var code []string
	for i++; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "```"); i++ {
		code = append(code, strings.TrimPrefix(lines[i], strings.Repeat(" ", indent)))
	}
	p.asItIs(code)
	return i
}

// header finds the names of the columns, and the line below them.
var header = regexp.MustCompile(`^\| *(key|column) *\||^\|[-|: ]+$`)

// row writes a row of a table: the last column says what the first is, under it and what is between.
func (p *page) row(text string) {
	if header.MatchString(text) {
		return
	}
	cells := strings.Split(strings.Trim(text, "|"), "|")
	for i := range cells {
		cells[i] = inline(strings.TrimSpace(cells[i]))
	}
	p.request("TP")
	title := cells[0]
	for _, between := range cells[1 : len(cells)-1] {
		if between != "" {
			title += " (" + between + ")"
		}
	}
	p.line(title)
	p.line(cells[len(cells)-1])
}
