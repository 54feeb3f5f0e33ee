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

// words is what a file says.
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
	return words{lines[0], lines[1], rest}, nil
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

// source converts a body to the source of a template.
func (f form) source(body string) (string, error) {
	var b strings.Builder
	for _, block := range blocks(body) {
		if !slices.ContainsFunc(block, item.MatchString) {
			f.words(&b, block)
			continue
		}
		if err := f.list(&b, block); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// blocks splits a body at its blank lines.
func blocks(body string) [][]string {
	var out [][]string
	var block []string
	for _, line := range strings.Split(body+"\n", "\n") {
		if line = strings.TrimSpace(line); line != "" {
			block = append(block, line)
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
func (f form) words(b *strings.Builder, lines []string) {
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			fmt.Fprintf(b, f.paragraph, f.inline(strings.Join(paragraph, " ")))
		}
		paragraph = nil
	}
	for _, line := range lines {
		heading, isHeading := strings.CutPrefix(line, "# ")
		subheading, isSubheading := strings.CutPrefix(line, "## ")
		minor, isMinor := strings.CutPrefix(line, "### ")
		if !isHeading && !isSubheading && !isMinor && !actionLine.MatchString(line) {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		switch {
		case isHeading:
			fmt.Fprintf(b, f.heading, heading)
		case isSubheading:
			fmt.Fprintf(b, f.subheading, subheading)
		case isMinor:
			fmt.Fprintf(b, f.minor, minor)
		default:
			fmt.Fprintln(b, line)
		}
	}
	flush()
}

// list writes a block of items and actions. A line that is neither continues the item before it, and is an
// error if there is none.
func (f form) list(b *strings.Builder, lines []string) error {
	tag := "ol"
	if slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "- ") }) {
		tag = "ul"
	}
	fmt.Fprintf(b, f.openList, tag)
	for i := 0; i < len(lines); i++ {
		mark := item.FindString(lines[i])
		if mark == "" && !actionLine.MatchString(lines[i]) {
			return fmt.Errorf("%q belongs to no item of the list: a blank line is missing", lines[i])
		}
		if mark == "" {
			fmt.Fprintf(b, f.choice, lines[i])
			continue
		}
		words := lines[i][len(mark):]
		for i+1 < len(lines) && !item.MatchString(lines[i+1]) && !actionLine.MatchString(lines[i+1]) {
			i++
			words += " " + lines[i]
		}
		fmt.Fprintf(b, f.item, mark, f.inline(words))
	}
	fmt.Fprintf(b, f.closeList, tag)
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
