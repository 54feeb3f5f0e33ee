package templates

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	headingMark    = "\x01"
	subheadingMark = "\x02"
	unbroken       = "\x03" // a space at which no line may break
	width          = 72
)

// number returns how long the number of a step is with which a line begins, and the spaces after it; 0 where none does.
func number(line string) int {
	digits := 0
	for digits < len(line) && isDigit(line[digits]) {
		digits++
	}
	words := strings.TrimPrefix(line[digits:], ".")
	if digits == 0 || !strings.HasPrefix(line[digits:], ". ") {
		return 0
	}
	return len(line) - len(strings.TrimLeft(words, " "))
}

// lead returns how long that is which a line starts with before its words.
func lead(line string) int {
	spaces := len(line) - len(strings.TrimLeft(line, " "))
	line = line[spaces:]
	switch {
	case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "| "):
		return spaces + len("- ")
	case number(line) > 0:
		return spaces + strings.IndexByte(line, ' ') + 1
	}
	return spaces
}

// fill lays out the text of an email: lines within width if their words allow it, headings underlined, steps
// numbered, one blank line between blocks.
func fill(text string) string {
	out := make([]byte, 0, len(text)+len(text)/4)
	step := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		switch {
		case line == "":
			step = 0
			if len(out) > 0 && !bytes.HasSuffix(out, []byte("\n\n")) {
				out = append(out, '\n')
			}
		case line == "--":
			out = append(out, "-- \n"...) // the mark of a signature (RFC 3676, section 4.3)
		case strings.HasPrefix(line, headingMark):
			out = underline(out, line[1:], "=")
		case strings.HasPrefix(line, subheadingMark):
			out = underline(out, line[1:], "-")
		case number(line) > 0:
			step++
			out = wrap(out, strconv.Itoa(step)+". "+line[number(line):])
		default:
			out = wrap(out, line)
		}
	}
	return strings.ReplaceAll(string(bytes.TrimRight(out, "\n")), unbroken, " ") + "\n"
}

// underline lays out a heading.
func underline(out []byte, s, with string) []byte {
	from, longest := len(out), 0
	out = wrap(out, s)
	for line := range bytes.Lines(out[from:]) {
		longest = max(longest, utf8.RuneCount(line)-1)
	}
	return append(append(out, strings.Repeat(with, longest)...), '\n')
}

// wrap breaks a line at spaces, and adds the lines that it becomes to out. Continuation lines are indented to the first word,
// or repeat the quote mark.
// Words that could pass for a command or for the number of a step, such as the year at the end of a sentence, never begin a
// line, and grouped numbers stay together: they stay with the word before them.
func wrap(out []byte, line string) []byte {
	start := line[:lead(line)]
	next := strings.Repeat(" ", len(start))
	if strings.HasSuffix(start, "| ") {
		next = start
	}
	if len(line) <= width && isClean(line[len(start):]) {
		return append(append(out, line...), '\n')
	}
	rest := strings.Fields(line[len(start):])
	out = append(out, start...)
	long := utf8.RuneCountInString(start) // the line so far
	for i, word := range rest {
		runes := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			long += runes
		case long+1+runes <= width, instructs(strings.Join(rest[i:min(i+5, len(rest))], " ")), number(word+" ") > 0,
			isDigit(rest[i-1][len(rest[i-1])-1]) && isDigit(word[0]):
			out = append(out, ' ')
			long += 1 + runes
		default:
			out = append(append(out, '\n'), next...)
			long = utf8.RuneCountInString(next) + runes
		}
		out = append(out, word...)
	}
	return append(out, '\n')
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// tidy removes the blank lines from a page, in place, which template actions leave behind.
func tidy(page []byte) []byte {
	page = bytes.TrimSpace(page)
	out := page[:0]
	for len(page) > 0 {
		line := bytes.IndexByte(page, '\n') + 1
		if line == 0 {
			line = len(page)
		}
		out = append(out, page[:line]...)
		blank := page[line:]
		blank = blank[:len(blank)-len(bytes.TrimLeft(blank, " \t\n\f\r"))]
		page = page[line+bytes.LastIndexByte(blank, '\n')+1:]
	}
	return append(out, '\n')
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
