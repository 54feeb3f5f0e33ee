package text

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

var (
	hiddenStyle = regexp.MustCompile(`(^|;)(display:none|visibility:(hidden|collapse)|mso-hide:all|` +
		`opacity:0(\.0\d*)?(;|!|$)|text-decoration(-line)?:[^;]*line-through|` +
		`font-size:([01](\.\d+)?(px|pt)|0(\.0*)?(em|rem|%|;|!|$))|` +
		`(max-)?(height|width):0(px|pt|em|%|;|!|$)|text-indent:-\d{3,}|(left|top|right|margin-left|` +
		`margin-top):-\d{3,}|clip:rect\(0|font:0|transform:scale\(0)`)
	colourStyle     = regexp.MustCompile(`(?:^|;)color:([^;!]+)`)
	backgroundStyle = regexp.MustCompile(`(?:^|;)background(-color)?:([^;!]+)`)
	whiteColour     = regexp.MustCompile(`^(white|snow|ivory|ghostwhite|transparent|#f[c-f]f[c-f]f[c-f]|#fff|` +
		`#ffff[c-f].|rgba?\(25[0-5],25[0-5],25[0-5].*|rgba\(.*,0(\.0+)?\)|hsla?\(.*,(9[89]|100)%.*)$`)
	hidingRule = regexp.MustCompile(`\.([\w-]+)\s*\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden|` +
		`font-size\s*:\s*0|mso-hide\s*:\s*all)[^{}]*$`)
)

// look is what an element's style says of its visibility.
type look struct {
	hidden bool
	white  bool // the text is written in white
	paints bool // there is a background other than white
}

// lookOf reads a style once, as documents repeat few styles many times.
func (h *htmlReader) lookOf(style string) look {
	if style == "" {
		return look{}
	}
	l, ok := h.looks[style]
	if ok {
		return l
	}
	l.hidden = hiddenStyle.MatchString(style)
	if m := colourStyle.FindStringSubmatch(style); m != nil {
		l.white = whiteColour.MatchString(m[1])
	}
	if m := backgroundStyle.FindStringSubmatch(style); m != nil {
		l.paints = !whiteColour.MatchString(m[2]) && m[2] != "none" && m[2] != "inherit" && m[2] != "initial"
	}
	h.looks[style] = l
	return l
}

// isHidden reports whether no mail client would show an element, and whether something is painted behind what
// it does show.
func (h *htmlReader) isHidden(e element, s htmlState) (hidden, background bool) {
	l := h.lookOf(e.style)
	if e.color != "" && !l.white {
		l.white = whiteColour.MatchString(e.color)
	}
	background = s.background || l.paints || e.bgcolor != "" && !whiteColour.MatchString(e.bgcolor)
	hidden = e.hidden || l.hidden || l.white && !background || e.atom != atom.Img && (e.width == "0" || e.height == "0")
	for _, class := range e.classes {
		hidden = hidden || h.hidden[strings.ToLower(class)]
	}
	return hidden, background
}

// hiddenClasses finds the classes that the document's own style sheet hides.
func hiddenClasses(source string) map[string]bool {
	classes := map[string]bool{}
	source = source[:min(len(source), maxStyleBytes)]
	start := indexTag(source, "style")
	if start < 0 {
		return classes
	}
	for rest := source[start:]; ; {
		rule, after, closed := strings.Cut(rest, "}")
		if !closed {
			return classes
		}
		if m := hidingRule.FindStringSubmatch(rule); m != nil {
			classes[strings.ToLower(m[1])] = true
		}
		rest = after
	}
}

// indexTag returns where an element of that name first begins, or -1.
func indexTag(source, name string) int {
	for from := 0; ; from++ {
		i := strings.IndexByte(source[from:], '<')
		if i < 0 {
			return -1
		}
		from += i
		if rest := source[from+1:]; len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) {
			return from
		}
	}
}
