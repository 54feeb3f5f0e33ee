package text

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rule is a rule of a style sheet, kept if it says something of how text is shown.
type rule struct {
	tag     string // left out: any
	id      string
	classes []string
	exact   bool // it applies to every element that matches; else it may
	look    look
}

// styleSheet is what the document's own style elements say, the rules by one name that each goes by.
type styleSheet struct {
	rules map[string][]rule
	count int
	cut   bool            // not all was read
	looks map[string]look // by an element's names, as documents repeat few of them many times
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?(\*/|$)`)
	compound   = regexp.MustCompile(`^([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+)*)$`)
	nameInRule = regexp.MustCompile(`[.#][\w-]+`)
	pseudo     = regexp.MustCompile(`:[:\w-]+(\([^)]*\))?|\[[^\]]*\]`)
	pointedAt  = regexp.MustCompile(`:(hover|active|focus|focus-within|focus-visible|selection)\b`)
	generated  = regexp.MustCompile(`(?:^|;)\s*content\s*:\s*([^;]*)`)
	nothing    = regexp.MustCompile(`^(none|normal|''|""|)\s*$`)
	forAll     = regexp.MustCompile(`^@media\s*(only\s+)?(all|screen)?\s*$`)
)

// readSheet reads the style elements below n.
func readSheet(n *html.Node) styleSheet {
	s := styleSheet{rules: map[string][]rule{}, looks: map[string]look{}}
	room := maxStyleBytes
	for d := range n.Descendants() {
		if d.DataAtom != atom.Style || d.FirstChild == nil || d.Namespace != "" {
			continue
		}
		source := d.FirstChild.Data
		if len(source) > room {
			source, s.cut = source[:room], true
		}
		room -= len(source)
		s.read(cssComment.ReplaceAllString(strings.ToLower(source), ""), true, 0)
	}
	return s
}

// read reads rules (CSS Syntax 3, section 5.4.1). certain is false for those that hold under some condition.
func (s *styleSheet) read(source string, certain bool, depth int) {
	for source != "" {
		end := strings.IndexAny(source, "{;")
		if end < 0 {
			return
		}
		if depth > maxStyleDepth || s.count > maxStyleRules {
			s.cut = true
			return
		}
		prelude := strings.TrimSpace(strings.NewReplacer("<!--", "", "-->", "").Replace(source[:end]))
		if source[end] == ';' { // @import and the like; elsewhere a stray one
			source = source[end+1:]
			continue
		}
		block, rest, closed := cutBlock(source[end+1:])
		source = rest
		s.cut = s.cut || !closed
		switch {
		case !strings.HasPrefix(prelude, "@"):
			s.add(prelude, block, certain)
		case strings.HasPrefix(prelude, "@media"), strings.HasPrefix(prelude, "@supports"), strings.HasPrefix(prelude, "@layer"):
			s.read(block, certain && forAll.MatchString(prelude), depth+1)
		}
	}
}

// cutBlock cuts after the brace that closes a block.
func cutBlock(s string) (block, rest string, closed bool) {
	depth := 1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

func (s *styleSheet) add(selectors, block string, certain bool) {
	l := readLook(block)
	adds := look{shown: l.shown}
	if m := generated.FindStringSubmatch(block); m != nil && !nothing.MatchString(m[1]) {
		adds.shown = max(adds.shown, doubtful)
	}
	if l.isEmpty() && adds.isEmpty() {
		return
	}
	for selector := range strings.SplitSeq(selectors, ",") {
		if pointedAt.MatchString(selector) {
			continue
		}
		r := rule{exact: certain, look: l}
		if strings.Contains(selector, ":before") || strings.Contains(selector, ":after") {
			r.look, r.exact = look{shown: min(adds.shown, doubtful)}, false
		}
		if r.parse(strings.TrimSpace(selector)) && !r.look.isEmpty() {
			s.rules[r.name()] = append(s.rules[r.name()], r)
			s.count++
		}
	}
}

// parse reads a selector: whole where it is of one element, else as much as its last element says.
func (r *rule) parse(selector string) bool {
	last := pseudo.ReplaceAllString(selector, "")
	if i := strings.LastIndexAny(last, " >+~\t\n\r"); i >= 0 {
		last = last[i+1:]
	}
	r.exact = r.exact && last == selector
	m := compound.FindStringSubmatch(last)
	if m == nil {
		return false
	}
	r.tag = strings.TrimPrefix(m[1], "*")
	for _, name := range nameInRule.FindAllString(m[2], -1) {
		if id, ok := strings.CutPrefix(name, "#"); ok {
			r.id = id
		} else {
			r.classes = append(r.classes, name[1:])
		}
	}
	return true
}

// name is what the rule is looked up by.
func (r *rule) name() string {
	switch {
	case r.id != "":
		return "#" + r.id
	case len(r.classes) > 0:
		return "." + r.classes[0]
	}
	return r.tag
}

func (r *rule) matches(tag, id string, classes []string) bool {
	if r.tag != "" && r.tag != tag || r.id != "" && r.id != id {
		return false
	}
	for _, class := range r.classes {
		if !slices.Contains(classes, class) {
			return false
		}
	}
	return true
}

// lookOf returns what the rules say of an element: that it is doubtful, where they may hide it.
func (s *styleSheet) lookOf(e element) look {
	if len(s.rules) == 0 {
		return look{}
	}
	tag, id := e.atom.String(), strings.ToLower(e.id)
	classes := make([]string, 0, len(e.classes))
	for _, class := range e.classes {
		classes = append(classes, strings.ToLower(class))
	}
	key := tag + "#" + id + "." + strings.Join(classes, ".")
	l, ok := s.looks[key]
	if !ok {
		l = s.match(tag, id, classes)
		s.looks[key] = l
	}
	return l
}

func (s *styleSheet) match(tag, id string, classes []string) look {
	names := []string{"", tag}
	for _, class := range classes {
		names = append(names, "."+class)
	}
	if id != "" {
		names = append(names, "#"+id)
	}
	var sure look
	mayHide := false
	for _, name := range names {
		for _, r := range s.rules[name] {
			switch {
			case !r.matches(tag, id, classes):
			case r.exact:
				sure = sure.and(r.look)
			default:
				mayHide = mayHide || r.look.mayHide()
			}
		}
	}
	if mayHide {
		sure.shown = max(sure.shown, doubtful)
	}
	return sure
}

// mayHide reports whether text that looks so could go unread. What says the colours of letters and paper together, as
// that for dark screens does, hides nothing where they differ.
func (l look) mayHide() bool {
	paper := white
	if l.paper != nil {
		paper = l.paper.over(white)
	}
	return l.shown != visible || l.unseen != nil && *l.unseen || l.size != nil && *l.size != visible ||
		l.ink != nil && faint(*l.ink, paper) != visible
}

// faint judges letters of one colour on another.
func faint(ink, paper colour) shown {
	switch ratio := ink.contrast(paper); {
	case ratio < 1.15:
		return hidden
	case ratio < 1.4:
		return doubtful
	}
	return visible
}
