package request

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// box is a box of a form, or what people write in the place of one.
type box struct {
	start, end int
	ticked     bool
}

// boxes are written in these ways.
var boxes = regexp.MustCompile(`\[[ _]*([xXyY*✓✔✗✘☑]?)[ _]*\]|\( *([xX✓✔☑]?) *\)|\((?:[Yy]es|YES|[Nn]o|NO|Y|N)\)|` +
	`[☐☑☒✓✔✗✘□■◻◼⬜⬛✅❌○●◯◉🗹🗸]\x{FE0F}?`)

// What stands in a box that is ticked, in one that is not, and in one of which that depends on the others.
const (
	tickedBoxes   = "xXyY*✓✔☑■◼⬛✅●◉🗹🗸"
	tickedOrCross = "☒✗✘❌"
)

// choose returns the lines with only those options of a form that are ticked: "[ ] no [x] yes" says yes. An option that
// is a whole field, such as a method that is registered, is answered with yes or no.
func choose(lines []text.Line) []text.Line {
	crossed := true // a cross is a tick
	any := false
	for _, ln := range lines {
		any = any || hasBox(ln.Text) || strings.Contains(ln.Text, "~~")
		if !text.IsASCII(ln.Text) && strings.ContainsAny(ln.Text, "✓✔☑✅") {
			crossed = false
		}
	}
	if !any {
		return lines
	}
	out := make([]text.Line, 0, len(lines))
	for _, ln := range lines {
		if s := struckOut.ReplaceAllString(ln.Text, " "); s != ln.Text || hasBox(s) {
			ln = text.Line{Text: chooseIn(s, crossed), Quote: ln.Quote, Mark: ln.Mark, Doubt: ln.Doubt}
			if strings.TrimSpace(ln.Text) == "" {
				continue
			}
		}
		out = append(out, ln)
	}
	return out
}

// struckOut is what is struck out in the manner of Markdown.
var struckOut = regexp.MustCompile(`~~[^~]+~~`)

// longestOption is how long a line with boxes is at most, in bytes.
const longestOption = 600

func hasBox(s string) bool {
	return len(s) <= longestOption && (!text.IsASCII(s) || strings.ContainsAny(s, "[(")) && boxes.MatchString(s)
}

// eitherRE is a yes or a no in brackets, beside the other one.
var eitherRE = regexp.MustCompile(`(?i)\((yes|no)\) *[/|] *(?:yes|no)\b|\b(?:yes|no) *[/|] *\((yes|no)\)`)

// chooseIn returns what a line with boxes says.
func chooseIn(s string, crossed bool) string {
	s = eitherRE.ReplaceAllString(s, "$1$2")
	found := boxesIn(s, crossed)
	if len(found) == 0 {
		return s
	}
	first, last := found[0], found[len(found)-1]
	lead, tail := s[:first.start], s[last.end:]
	label := labelIn(lead)
	behind := isBehind(s[first.start:first.end], lead[label:], tail)
	var b strings.Builder
	switch {
	case label > 0:
		b.WriteString(lead[:label])
	case !behind:
		b.WriteString(lead)
	}
	if behind {
		from, any := label, false
		for _, x := range found {
			option(&b, s[from:x.start], x.ticked)
			any = any || x.ticked
			from = x.end
		}
		if !any || !isAlternative(tail) {
			b.WriteString(tail)
		}
		return b.String()
	}
	for i, x := range found {
		to := len(s)
		if i+1 < len(found) {
			to = found[i+1].start
		}
		option(&b, s[x.end:to], x.ticked)
	}
	return b.String()
}

// isBehind reports whether the boxes of a line stand behind what they tick, by the first box, what stands before it and
// what stands behind the last.
func isBehind(box, lead, tail string) bool {
	lead, tail = strings.Trim(lead, "-•·*> \t"), strings.TrimSpace(tail)
	return lead != "" && (tail == "" || strings.IndexByte("/|,;", tail[0]) >= 0 || !strings.HasPrefix(box, "[") &&
		!strings.ContainsAny(box, "(☐☑☒□■"))
}

// isAlternative reports whether what stands behind the last box is another option, which is not ticked.
func isAlternative(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return s == "" || strings.IndexByte("/|,;", s[0]) >= 0 || s == "yes" || s == "no"
}

// labelIn returns where the label ends with which a line begins; 0 where there is none.
func labelIn(lead string) int {
	if i := strings.LastIndexAny(lead, ":?="); i >= 0 {
		return i + 1
	}
	if i := strings.IndexByte(lead, '\t'); i > 0 {
		return i + 1
	}
	return 0
}

// option writes an option that is ticked or not.
func option(b *strings.Builder, s string, ticked bool) {
	s = strings.Trim(s, " \t/|,;-–")
	key, _, ok := readLabel(s)
	switch {
	case s == "":
		if ticked {
			b.WriteString(" yes")
		} else {
			b.WriteString(" no")
		}
	case ok && key == formRegistered && ticked:
		b.WriteString(" " + s + ": yes")
	case ok && key == formRegistered:
		b.WriteString(" " + s + ": no")
	case ticked:
		b.WriteString(" " + s)
	}
}

func boxesIn(s string, crossed bool) (out []box) {
	for _, at := range boxes.FindAllStringIndex(s, -1) {
		inside := strings.Trim(s[at[0]:at[1]], "[]()_ \ufe0f")
		ticked := inside != "" && (strings.Contains(tickedBoxes, inside) || crossed && strings.Contains(tickedOrCross, inside) ||
			strings.EqualFold(inside, "yes"))
		out = append(out, box{at[0], at[1], ticked})
	}
	return out
}

// optionsOf returns the options that stand in a row.
func optionsOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '|' || r == ';' })
}

// emphasised returns the one of several options in a row that is marked, or "".
func emphasised(s string) string {
	if !strings.ContainsAny(s, "/|;") {
		return ""
	}
	options := optionsOf(s)
	if marked, ok := pick(options); ok && len(marked) == 1 {
		return marked[0]
	}
	return ""
}

// marked is an option with a mark before or behind it.
var (
	markBefore = regexp.MustCompile(`^(?:[xX] +|[>*✓✔→]+ *|_+|-> *)`)
	markBehind = regexp.MustCompile(`(?: +[xX]| *[<*✓✔←]+|_+| *<-+| +[yY]| *[-–=:(] *(?:[yY]es|YES|[yY])\)?| +(?:yes|YES))$`)
	markedNo   = regexp.MustCompile(`(?: +[nN]| *[-–=:(] *(?:[nN]o|NO|[nN])\)?| +(?:no|NO))$`)
)

// pick returns the options that are marked, without their marks; those that are not where others are marked with no. ok
// is false where no option is marked.
func pick(options []string) (chosen []string, ok bool) {
	var marked, plain []string
	denied := false
	for _, o := range options {
		o = strings.TrimSpace(o)
		bare := markBefore.ReplaceAllString(o, "")
		bare = strings.TrimSpace(markBehind.ReplaceAllString(bare, ""))
		switch {
		case o == "":
		case bare != o && bare != "":
			marked = append(marked, bare)
		case markedNo.MatchString(o) && markedNo.ReplaceAllString(o, "") != "":
			denied = true
		default:
			plain = append(plain, o)
		}
	}
	if len(marked) > 0 {
		return marked, true
	}
	return plain, denied
}
