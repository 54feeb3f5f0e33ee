package text

import (
	"regexp"
	"strconv"
	"strings"
)

// shown says whether a reader sees a text.
type shown uint8

const (
	visible  shown = iota
	doubtful       // by some mail clients, or not as it reads here
	hidden         // by none
)

// look is what a style says of how text is shown. What is nil it says nothing of.
type look struct {
	shown   shown   // of the element and all within it
	unseen  *bool   // visibility: hidden; passed on to what lies within, which may undo it
	size    *shown  // by the size of the letters, likewise
	ink     *colour // of the letters
	paper   *colour // behind them
	painted bool    // by a picture, so that the colour behind them is not known
}

func (l look) isEmpty() bool { return l == look{} }

// and returns l with what a style of higher rank says.
func (l look) and(higher look) look {
	l.shown = max(l.shown, higher.shown)
	if higher.unseen != nil {
		l.unseen = higher.unseen
	}
	if higher.size != nil {
		l.size = higher.size
	}
	if higher.ink != nil {
		l.ink = higher.ink
	}
	if higher.paper != nil || higher.painted {
		l.paper, l.painted = higher.paper, higher.painted
	}
	return l
}

// readLook reads the declarations of a style (CSS Syntax 3, section 5.4.5), in lower case.
func readLook(style string) look {
	var l look
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, ok := strings.Cut(declaration, ":")
		if !ok {
			continue
		}
		value, _, _ = strings.Cut(value, "!")
		l.declare(strings.TrimPrefix(strings.TrimSpace(property), "-webkit-"), strings.TrimSpace(value))
	}
	return l
}

func (l *look) declare(property, value string) {
	switch property {
	case "color", "text-fill-color":
		l.setInk(value)
	case "background", "background-color", "background-image":
		l.setPaper(value)
	case "visibility":
		unseen := value == "hidden" || value == "collapse"
		l.unseen = &unseen
	case "font-size":
		l.setSize(value)
	case "font":
		l.setFont(value)
	default:
		if judge := showing[property]; judge != nil {
			l.shown = max(l.shown, judge(value))
			if worked.MatchString(value) {
				l.shown = max(l.shown, doubtful)
			}
		}
	}
}

// worked matches values that a reader works out.
var worked = regexp.MustCompile(`\b(var|calc|min|max|clamp|env|attr|expression)\(`)

// showing are the properties that can hide text or show it otherwise, and what their values do.
var showing = map[string]func(value string) shown{
	"display":              oneOf(map[string]shown{"none": hidden, "table-column": doubtful, "table-column-group": doubtful}),
	"content-visibility":   oneOf(map[string]shown{"hidden": hidden}),
	"mso-hide":             oneOf(map[string]shown{"all": hidden}),
	"unicode-bidi":         oneOf(map[string]shown{"bidi-override": doubtful, "isolate-override": doubtful}),
	"position":             oneOf(map[string]shown{"absolute": doubtful, "fixed": doubtful}),
	"flex-direction":       oneOf(map[string]shown{"row-reverse": doubtful, "column-reverse": doubtful}),
	"text-decoration":      struck,
	"text-decoration-line": struck,
	"opacity":              opacity,
	"height":               narrow,
	"width":                narrow,
	"max-height":           narrow,
	"max-width":            narrow,
	"line-height":          lineHeight,
	"zoom":                 lineHeight,
	"text-indent":          away,
	"left":                 away,
	"right":                away,
	"top":                  away,
	"bottom":               away,
	"margin-left":          away,
	"margin-right":         away,
	"margin-top":           away,
	"margin":               away,
	"letter-spacing":       crammed,
	"clip":                 clipped,
	"clip-path":            clipped,
	"transform":            transformed,
	"scale":                transformed,
	"translate":            transformed,
	"rotate":               transformed,
	"filter":               transformed,
	"mask":                 transformed,
	"mask-image":           transformed,
	"mix-blend-mode":       transformed,
	"animation":            transformed,
	"animation-name":       transformed,
	"text-security":        transformed,
}

func oneOf(values map[string]shown) func(string) shown {
	return func(value string) shown { return values[value] }
}

// struck is hidden, since what is struck out no longer holds.
func struck(value string) shown {
	if strings.Contains(value, "line-through") {
		return hidden
	}
	return visible
}

func opacity(value string) shown {
	v, ok := channel(value, 1)
	switch {
	case !ok || v >= 0.4:
		return visible
	case v < 0.1:
		return hidden
	}
	return doubtful
}

// narrow judges the size of a box.
func narrow(value string) shown {
	n, unit, ok := length(value)
	switch {
	case !ok || n < 0:
		return visible
	case n == 0:
		return hidden
	case isPoints(unit) && n < 4:
		return doubtful
	}
	return visible
}

func lineHeight(value string) shown {
	n, unit, ok := length(value)
	if ok && (n == 0 || unit != "" && isPoints(unit) && n < 2 || unit == "" && n < 0.3 || unit == "%" && n < 30) {
		return doubtful
	}
	return visible
}

// away judges a distance, of which the largest of several counts: text may be moved out of sight by it, or over
// other text.
func away(value string) shown {
	worst := visible
	for one := range strings.FieldsSeq(value) {
		n, unit, ok := length(one)
		switch {
		case !ok:
		case n <= -100 && unit != "%":
			worst = hidden
		case n <= -50 && unit == "%", n < -6 && unit != "%" && !isPoints(unit), n >= 1000:
			worst = max(worst, doubtful)
		}
	}
	return worst
}

// crammed judges what is added between letters, which may lie upon one another.
func crammed(value string) shown {
	if n, unit, ok := length(value); ok && (n <= -3 || n <= -0.3 && !isPoints(unit)) {
		return doubtful
	}
	return visible
}

var (
	clippedAll = regexp.MustCompile(`^(rect\(0|inset\(\s*(5\d|[6-9]\d|\d{3,})(\.\d+)?%\s*\)|circle\(0)`)
	scaledAway = regexp.MustCompile(`^(scale[xy]?\(\s*0(\.0+)?\s*[,)]|0$|opacity\(0)`)
)

func clipped(value string) shown {
	switch {
	case value == "auto" || value == "none":
		return visible
	case clippedAll.MatchString(value):
		return hidden
	}
	return doubtful
}

func transformed(value string) shown {
	switch {
	case value == "none" || value == "normal" || value == "":
		return visible
	case scaledAway.MatchString(value):
		return hidden
	}
	return doubtful
}

// setInk reads the colour of letters.
func (l *look) setInk(value string) {
	if c, ok := readColour(value); ok {
		l.ink = &c
	} else if strings.Contains(value, "(") {
		l.shown = max(l.shown, doubtful)
	}
}

// setPaper reads what is behind the letters: a colour, among other words, or a picture.
func (l *look) setPaper(value string) {
	if strings.Contains(value, "url(") || strings.Contains(value, "gradient(") {
		l.paper, l.painted = nil, true
		return
	}
	for one := range splitWords(value) {
		c, ok := readColour(one)
		switch {
		case one == "none" || one == "initial" || !ok && !strings.Contains(one, "("):
		case !ok:
			l.paper, l.painted = nil, true
		case c.a > 0:
			l.paper, l.painted = &c, false
		}
	}
}

// splitWords cuts at blanks that are not within parentheses.
func splitWords(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		depth, start := 0, 0
		for i, c := range s + " " {
			switch {
			case c == '(':
				depth++
			case c == ')':
				depth--
			case c == ' ' && depth <= 0:
				if i > start && !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
	}
}

// setSize reads the size of letters. A share of what surrounds them says something only where it is tiny.
func (l *look) setSize(value string) {
	n, unit, ok := length(value)
	size := visible
	switch {
	case !ok:
		if sizeWords[value] {
			l.size = &size
		}
		return
	case n == 0, isPoints(unit) && n < 2:
		size = hidden
	case isPoints(unit) && n < 4, !isPoints(unit) && unit != "%" && n < 0.3, unit == "%" && n < 30:
		size = doubtful
	case unit == "%" || unit == "em":
		return
	}
	l.size = &size
}

var sizeWords = map[string]bool{"xx-small": true, "x-small": true, "small": true, "medium": true, "large": true,
	"x-large": true, "xx-large": true, "xxx-large": true, "initial": true}

// setFont reads the size within the short form, such as bold 11.0pt/1.2 Arial.
func (l *look) setFont(value string) {
	for one := range strings.FieldsSeq(value) {
		size, _, _ := strings.Cut(one, "/")
		n, unit, ok := length(size)
		if ok && (unit != "" || n == 0) || sizeWords[size] {
			l.setSize(size)
			return
		}
	}
}

var lengthRE = regexp.MustCompile(`^([-+]?(?:\d+\.?\d*|\.\d+))([a-z]*|%)$`)

// length reads a number with its unit.
func length(s string) (n float64, unit string, ok bool) {
	m := lengthRE.FindStringSubmatch(s)
	if m == nil {
		return 0, "", false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return n, m[2], err == nil
}

// isPoints reports whether a unit is as small as a point; browsers take a number without one for pixels.
func isPoints(unit string) bool { return unit == "px" || unit == "pt" || unit == "" }
