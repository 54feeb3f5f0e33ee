package templates

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The markup of a .mail file.
//
//	Subject: one line
//	Preview: one line, which mail clients show beside the subject in a list
//
//	# the heading of the email, exactly one
//	## a heading within it
//	### a heading within that
//	A paragraph, over as many lines as it likes.
//	- an item of a list
//	1. a numbered step
//	**strong words**
//
// Blank lines separate blocks. A line that is just one template action ({{if ...}}, {{end}},
// {{template ...}}) is a block of its own. A block with items is one list, and the actions in it choose among
// its items; numbers are assigned again when the list is shown. Values are never read as markup, because it
// is expanded before they are known; html/template escapes them. In text, strong words stay on one line.

var (
	actionLine = regexp.MustCompile(`^\{\{-? *(if|else|end|range|with|template|break|continue)\b[^{}]*\}\}$`)
	strong     = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	item       = regexp.MustCompile(`^(-|\d+\.) +`)
)

// words is what a file says; the lines of the body are numbered as those of the file.
type words struct{ subject, preview, body string }

// split divides a file.
func split(file string) (words, error) {
	rest := strings.ReplaceAll(file, "\r\n", "\n")
	var lines [2]string
	for i, name := range []string{"Subject", "Preview"} {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		said, ok := strings.CutPrefix(line, name+":")
		if lines[i] = strings.TrimSpace(said); !ok || lines[i] == "" {
			return words{}, fmt.Errorf(`line %d must be "%s: ..."`, i+1, name)
		}
	}
	if strings.TrimSpace(rest) == "" {
		return words{}, errors.New("the body is empty")
	}
	return words{lines[0], lines[1], "\n\n" + rest}, nil
}

// form is how one of an email's two forms is written.
type form struct {
	heading, subheading, minor, paragraph string // formats of their words
	openList, item, closeList             string
	choice                                string // an action within a list
	strong                                func(words string) string
}

// htmlForm returns the form that produces an html/template.
func htmlForm() form {
	return form{
		heading: "<h1>%s</h1>\n", subheading: "<h2>%s</h2>\n", minor: "<h3>%s</h3>\n", paragraph: "<p>%s</p>\n",
		openList: "<%s>\n", item: "<li>%.0s%s</li>\n", closeList: "</%s>\n", choice: "%s\n",
		strong: func(words string) string { return "<strong>" + words + "</strong>" },
	}
}

// textForm returns the form that produces a text/template, which fill lays out afterwards.
func textForm() form {
	return form{
		heading: headingMark + "%s\n\n", subheading: subheadingMark + "%s\n\n", minor: "%s\n\n", paragraph: "%s\n\n",
		openList: "%.0s", item: "%s%s\n", closeList: "%.0s\n", choice: "%s",
		strong: func(words string) string { return strings.ReplaceAll(words, " ", unbroken) },
	}
}

// line is a line of a body, with its number.
type line struct {
	at    int
	words string
}

// draft is the source of a template that is being written, with the line of the body that each line of it comes from.
type draft struct {
	strings.Builder
	from []int
}

// put writes what a line of the body becomes.
func (d *draft) put(at int, format string, args ...any) {
	words := fmt.Sprintf(format, args...)
	for range strings.Count(words, "\n") {
		d.from = append(d.from, at)
	}
	d.WriteString(words)
}

// source converts a body to the source of a template, and says from which line of the body each line of that comes.
func (f form) source(body string) (template string, from []int, err error) {
	var d draft
	for _, block := range blocks(body) {
		if !slices.ContainsFunc(block, func(l line) bool { return item.MatchString(l.words) }) {
			f.words(&d, block)
			continue
		}
		if err := f.list(&d, block); err != nil {
			return "", nil, err
		}
	}
	return d.String(), d.from, nil
}

// blocks splits a body at its blank lines.
func blocks(body string) [][]line {
	var out [][]line
	var block []line
	for i, words := range strings.Split(body+"\n", "\n") {
		if words = strings.TrimSpace(words); words != "" {
			block = append(block, line{i + 1, words})
			continue
		}
		if len(block) > 0 {
			out = append(out, block)
		}
		block = nil
	}
	return out
}

// words writes a block of headings, paragraphs and actions.
func (f form) words(d *draft, lines []line) {
	var paragraph []string
	flush := func(at int) {
		if len(paragraph) > 0 {
			d.put(at, f.paragraph, f.inline(strings.Join(paragraph, " ")))
		}
		paragraph = nil
	}
	for _, l := range lines {
		heading, isHeading := strings.CutPrefix(l.words, "# ")
		subheading, isSubheading := strings.CutPrefix(l.words, "## ")
		minor, isMinor := strings.CutPrefix(l.words, "### ")
		if !isHeading && !isSubheading && !isMinor && !actionLine.MatchString(l.words) {
			paragraph = append(paragraph, l.words)
			continue
		}
		flush(l.at - 1)
		switch {
		case isHeading:
			d.put(l.at, f.heading, heading)
		case isSubheading:
			d.put(l.at, f.subheading, subheading)
		case isMinor:
			d.put(l.at, f.minor, minor)
		default:
			d.put(l.at, "%s\n", l.words)
		}
	}
	flush(lines[len(lines)-1].at)
}

// list writes a block of items and actions. A line that is neither continues the item before it, and is an
// error if there is none.
func (f form) list(d *draft, lines []line) error {
	tag := "ol"
	if slices.ContainsFunc(lines, func(l line) bool { return strings.HasPrefix(l.words, "- ") }) {
		tag = "ul"
	}
	d.put(lines[0].at, f.openList, tag)
	for i := 0; i < len(lines); i++ {
		at, words := lines[i].at, lines[i].words
		mark := item.FindString(words)
		if mark == "" && !actionLine.MatchString(words) {
			return fmt.Errorf("line %d belongs to no item of the list, a blank line is missing: %q", at, words)
		}
		if mark == "" {
			d.put(at, f.choice, words)
			continue
		}
		words = words[len(mark):]
		for i+1 < len(lines) && !item.MatchString(lines[i+1].words) && !actionLine.MatchString(lines[i+1].words) {
			i++
			words += " " + lines[i].words
		}
		d.put(at, f.item, mark, f.inline(words))
	}
	d.put(lines[len(lines)-1].at, f.closeList, tag)
	return nil
}

// telephone matches an action that shows a telephone number.
var telephone = regexp.MustCompile(`\{\{(\$?\.Service\.(?:Telephone|Relay))\}\}`)

// dialled makes a link of each telephone number in the source of a page, so that a tap calls it.
func dialled(source string) string {
	return telephone.ReplaceAllString(source, `<a href="tel:{{digits $1}}">{{$1}}</a>`)
}

// inline expands the markup inside a line.
func (f form) inline(words string) string {
	return strong.ReplaceAllStringFunc(words, func(marked string) string {
		return f.strong(marked[2 : len(marked)-2])
	})
}
