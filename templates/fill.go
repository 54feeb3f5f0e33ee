package templates

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	headingMark    = "\x01"
	subheadingMark = "\x02"
	unbroken       = "\x03" // a space at which no line may break
	width          = 72
)

// number matches the start of a numbered step.
var number = regexp.MustCompile(`^\d+\. +`)

// lead matches what a line of text starts with before its words.
var lead = regexp.MustCompile(`^ *(?:- |\d+\. |\| )?`)

// fill lays out the text of an email: lines within width if their words allow it, headings underlined, steps
// numbered, one blank line between blocks.
func fill(text string) string {
	var out []string
	step := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		switch {
		case line == "":
			step = 0
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
		case line == "--":
			out = append(out, "-- ") // the mark of a signature (RFC 3676, section 4.3)
		case strings.HasPrefix(line, headingMark):
			out = append(out, underline(line[1:], "=")...)
		case strings.HasPrefix(line, subheadingMark):
			out = append(out, underline(line[1:], "-")...)
		case number.MatchString(line):
			step++
			out = append(out, wrap(fmt.Sprintf("%d. %s", step, number.ReplaceAllString(line, "")))...)
		default:
			out = append(out, wrap(line)...)
		}
	}
	set := strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
	return strings.ReplaceAll(set, unbroken, " ")
}

// underline lays out a heading.
func underline(s, with string) []string {
	lines := wrap(s)
	longest := 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	return append(lines, strings.Repeat(with, longest))
}

// wrap breaks a line at spaces. Continuation lines are indented to the first word, or repeat the quote mark.
// Words that could pass for a command or for the number of a step, such as the year at the end of a sentence, never begin a
// line, and grouped numbers stay together: they stay with the word before them.
func wrap(line string) []string {
	start := lead.FindString(line)
	next := strings.Repeat(" ", len(start))
	if strings.HasSuffix(start, "| ") {
		next = start
	}
	var out []string
	rest := strings.Fields(line[len(start):])
	current := start
	for i, word := range rest {
		fits := utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) <= width
		switch {
		case i == 0:
			current += word
		case fits, instructs(strings.Join(rest[i:min(i+5, len(rest))], " ")), number.MatchString(word + " "),
			isDigit(rest[i-1][len(rest[i-1])-1]) && isDigit(word[0]):
			current += " " + word
		default:
			out = append(out, current)
			current = next + word
		}
	}
	return append(out, current)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// tidy removes the blank lines from a page, which template actions leave behind.
func tidy(html string) string {
	var out strings.Builder
	out.Grow(len(html))
	for html = strings.TrimSpace(html); html != ""; {
		line := strings.IndexByte(html, '\n') + 1
		if line == 0 {
			line = len(html)
		}
		out.WriteString(html[:line])
		blank := html[line:]
		blank = blank[:len(blank)-len(strings.TrimLeft(blank, " \t\n\f\r"))]
		html = html[line+strings.LastIndexByte(blank, '\n')+1:]
	}
	out.WriteByte('\n')
	return out.String()
}

// outlook returns the conditional comments that only Outlook's Word engine reads; html/template drops
// comments written in a source. Word does not know max-width, so it gets a table of that width around the
// letter, and in a cell it forgets the font.
func outlook(part string) template.HTML {
	switch part {
	case "head":
		return `<!--[if mso]><noscript><xml><o:OfficeDocumentSettings xmlns:o="urn:schemas-microsoft-com:office:office">` +
			`<o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml></noscript>` +
			`<style>p, h1, h2, h3, li, dt, dd, td, blockquote { mso-line-height-rule: exactly; }</style><![endif]-->`
	case "open":
		return template.HTML(`<!--[if mso]><table role="presentation" width="600" align="center" ` +
			`cellpadding="0" cellspacing="0" border="0"><tr>` + styled("<td>") + `<![endif]-->`)
	}
	return `<!--[if mso]></td></tr></table><![endif]-->`
}
