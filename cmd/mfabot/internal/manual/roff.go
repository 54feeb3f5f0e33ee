// Package manual writes man pages (man(7)): of the commands, and of a paper of docs/.
package manual

import (
	"fmt"
	"regexp"
	"strings"
)

// page is a man page that is being written.
type page struct {
	b      strings.Builder
	nested bool // what follows is within an item of a list
	headed bool // a heading was the last thing: it begins a paragraph by itself
}

// request writes a request of roff, as it is.
func (p *page) request(format string, args ...any) {
	fmt.Fprintf(&p.b, "."+format+"\n", args...)
	p.headed = strings.HasPrefix(format, "S")
}

// line writes a line of text, which is already escaped.
func (p *page) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.b.WriteString(text + "\n")
	p.headed = false
}

// paragraph begins one.
func (p *page) paragraph() {
	switch {
	case p.nested:
		p.request(`IP "" 4`)
	case !p.headed:
		p.request("PP")
	}
}

// asItIs writes lines that are neither filled nor marked.
func (p *page) asItIs(lines []string) {
	p.paragraph()
	p.request("nf")
	p.request("RS 2")
	for _, l := range lines {
		p.line(escaped(l))
	}
	p.request("RE")
	p.request("fi")
}

// head writes the title, for a section of the manual, and the line that apropos finds.
func (p *page) head(name string, section int, about string) {
	p.request(`TH %s %d "" mfabot mfabot`, strings.ToUpper(escaped(name)), section)
	p.request("SH NAME")
	p.line(escaped(name) + ` \- ` + escaped(about))
}

// escaped is text with nothing in it that roff acts on.
func escaped(text string) string { return special.Replace(text) }

var special = strings.NewReplacer(`\`, `\e`, "-", `\-`, "~", `\(ti`, "^", `\(ha`, "`", `\(ga`, "'", `\(aq`)

func bold(text string) string { return `\fB` + escaped(text) + `\fR` }

// marked finds what is marked within a line of Markdown: code, a link, or what is bold.
var marked = regexp.MustCompile("`([^`]+)`|\\*\\*([^*]+)\\*\\*|\\[((?:[^\\]`]|`[^`]*`)+)\\]\\([^)]*\\)")

// inline is a line of Markdown. Where a link leads is left out, as papers refer to each other by files.
func inline(text string) string {
	var b strings.Builder
	for {
		at := marked.FindStringSubmatchIndex(text)
		if at == nil {
			return b.String() + escaped(text)
		}
		b.WriteString(escaped(text[:at[0]]))
		switch {
		case at[2] >= 0:
			b.WriteString(bold(text[at[2]:at[3]]))
		case at[4] >= 0:
			b.WriteString(`\fB` + strings.ReplaceAll(inline(text[at[4]:at[5]]), `\fR`, `\fB`) + `\fR`)
		default:
			b.WriteString(inline(text[at[6]:at[7]]))
		}
		text = text[at[1]:]
	}
}
