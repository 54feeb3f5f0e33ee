package text

import (
	"slices"
	"strings"
)

// Line is one line of readable text. The quote marks that stood before it are counted, not kept.
type Line struct {
	Text  string
	Quote int32
	Mark  Mark
	Doubt bool   // some of it may not be shown, or otherwise than it reads
	Link  *Link  // to web pages, behind words of it, the last first; HTML only
	key   string // see Simple
}

// Link is a link to a web page, with the words behind which it stands, and the link before it in the line.
type Link struct {
	URL, Text string
	Before    *Link
}

// LinksOf returns the links of a line in their order.
func LinksOf(ln *Line) []Link {
	var out []Link
	for l := ln.Link; l != nil && len(out) < maxLinks; l = l.Before {
		out = append(out, *l)
	}
	slices.Reverse(out)
	return out
}

// Simple returns the line as Simplify writes it, which is worked out once.
func (ln *Line) Simple() string {
	if ln.key == "" {
		ln.key = Simplify(ln.Text)
	}
	return ln.key
}

// Mark is what the HTML says of a line.
type Mark uint8

// The marks.
const (
	Unmarked    Mark = iota
	Signature        // in an element that a mail client puts its signature in
	Attribution      // in an element that introduces a quotation
	Cut              // all that follows is quoted
)

// Blank reports whether nothing is written in the lines.
func Blank(lines []Line) bool {
	for _, ln := range lines {
		if strings.TrimSpace(ln.Text) != "" {
			return false
		}
	}
	return true
}

// Join writes lines as one text, with ">" before quoted ones, without blank lines at either end and never
// more than one in a row.
func Join(lines []Line) string {
	size := 0
	for i := range lines {
		size += len(lines[i].Text) + min(int(lines[i].Quote), maxMarks) + len("\n\n ")
	}
	var b strings.Builder
	b.Grow(size)
	gap := false
	for i := range lines {
		ln := &lines[i]
		if ln.Quote == 0 && strings.TrimSpace(ln.Text) == "" {
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
		if ln.Quote > 0 {
			b.WriteString(strings.Repeat(">", min(int(ln.Quote), maxMarks)))
			if ln.Text != "" {
				b.WriteByte(' ')
			}
		}
		b.WriteString(strings.TrimRight(ln.Text, " \t"))
	}
	return b.String()
}

// TrimBlank removes blank lines at either end, and all but one in a row.
func TrimBlank(s string) string {
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

// NextWritten returns the index of the first line from i on that is not blank, or -1.
func NextWritten(lines []Line, i int) int {
	for ; i < len(lines); i++ {
		if strings.TrimSpace(lines[i].Text) != "" {
			return i
		}
	}
	return -1
}

// Texts are what lines say.
func Texts(lines []Line) []string {
	out := make([]string, len(lines))
	for i := range lines {
		out[i] = lines[i].Text
	}
	return out
}

// Cut returns what stands before and from the byte at on.
func (ln Line) Cut(at int) (before, behind Line) {
	before, behind = ln, ln
	before.Text, behind.Text = ln.Text[:at], strings.TrimSpace(ln.Text[at:])
	before.key, behind.key = "", ""
	return before, behind
}
