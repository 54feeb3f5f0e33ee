package parser

import (
	"regexp"
	"strings"
	"unicode"
)

// reasonWords is a reason of the policy with its phrases prepared for comparison.
type reasonWords struct {
	Reason
	phrases []string // between blanks
}

func compileReasons(v Vocabulary) []reasonWords {
	out := make([]reasonWords, 0, len(v.Reasons))
	for _, r := range v.Reasons {
		w := reasonWords{Reason: r}
		for _, phrase := range append([]string{r.ID, r.Title}, r.Phrases...) {
			if p := words(phrase); strings.TrimSpace(p) != "" && !bareOther(p) {
				w.phrases = append(w.phrases, p)
			}
		}
		out = append(out, w)
	}
	return out
}

// bareOther keeps the identifier "other" from being found in every second sentence.
func bareOther(p string) bool { return strings.TrimSpace(p) == "other" }

// words returns the words of s in lower case, between single blanks, hyphens taken for blanks.
func words(s string) string {
	if isASCII(s) {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), notLetter), " ") + " "
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '‘':
			return '\''
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '\'':
			return unicode.ToLower(r)
		}
		return ' '
	}, s)
	return " " + strings.Join(strings.Fields(s), " ") + " "
}

// mention is where a phrase of a reason stands in a text.
type mention struct {
	start, end int
	reason     int
}

var negation = regexp.MustCompile(`\b(not|isn't|wasn't|aren't|is no|nor|rather than|nothing to do with|instead of|unrelated to)( (a|an|the|any|about|due|to|because|of|really|for|for a|this|been|related|on|grounds))* $`)

// mentions finds the reasons that a text names. A phrase within a longer phrase of another reason does not count, nor does one that is denied.
func (p *Parser) mentions(text string) map[int]bool {
	text = words(text)
	var found []mention
	for i, r := range p.reasons {
		for _, phrase := range r.phrases {
			for at, rest := 0, text; ; {
				n := strings.Index(rest, phrase)
				if n < 0 {
					break
				}
				start := at + n
				if !negation.MatchString(text[max(0, start-60) : start+1]) {
					found = append(found, mention{start, start + len(phrase), i})
					break
				}
				at = start + len(phrase) - 1
				rest = text[at:]
			}
		}
	}
	reasons := map[int]bool{}
	for _, m := range found {
		inside := false
		for _, o := range found {
			inside = inside || o.reason != m.reason && o.start <= m.start && m.end <= o.end && o.end-o.start > m.end-m.start
		}
		if !inside {
			reasons[m.reason] = true
		}
	}
	return reasons
}

// named returns the reasons that a form's value names by identifier or title, of which there may be one in each category; in any
// other case those that it mentions.
func (p *Parser) named(value string) map[int]bool {
	exact := map[int]bool{}
	key := words(value)
	for i, r := range p.reasons {
		if key == words(r.ID) || key == words(r.Title) {
			exact[i] = true
		}
	}
	if len(exact) > 0 {
		return exact
	}
	if found := p.mentions(value); len(found) > 0 {
		return found
	}
	if strings.HasPrefix(key, " other ") {
		for i, r := range p.reasons {
			if r.ID == "other" {
				exact[i] = true
			}
		}
	}
	return exact
}

// saysShort and saysLong are the words for the categories themselves, as words writes them.
var (
	saysShort = spaced("short term", "24 hour", "24 hours", "24hour", "24hours", "24 hr", "24 hrs", "24hr", "24hrs", "24h", "twenty four hour", "twenty four hours", "for today", "just today", "today only",
		"only today", "for the day", "for one day", "one day only", "one day exception", "one day exemption", "until tomorrow", "till tomorrow", "for the rest of the day", "for the rest of today")
	saysLong = spaced("long term", "longer term", "180 day", "180 days", "six month", "six months", "6 month", "6 months", "permanent", "permanently", "persistent", "persistently", "indefinite", "indefinitely", "ongoing")
)

func spaced(phrases ...string) []string {
	for i, p := range phrases {
		phrases[i] = " " + p + " "
	}
	return phrases
}

var (
	phones     = wordSet("phone phones mobile handset smartphone iphone")
	goneBefore = wordSet("lost stole broke broken misplaced smashed left forgot forgotten dropped")
	goneAfter  = wordSet("lost stolen broken broke misplaced smashed missing died nicked dead")
)

// phoneGone tells whether a phone is said to be lost, stolen or broken: the words stand within a few of each other.
func phoneGone(text string) bool {
	all := strings.Fields(text)
	for i, w := range all {
		if !phones[w] {
			continue
		}
		for j := max(0, i-4); j < i; j++ {
			if goneBefore[all[j]] {
				return true
			}
		}
		for j := i + 1; j < min(len(all), i+5); j++ {
			if goneAfter[all[j]] {
				return true
			}
		}
	}
	return false
}

// category tells whether the short-term exception is asked for, and picks the one reason of the category that was found.
func (p *Parser) category(found map[int]bool, text string) (shortTerm bool, reason string) {
	text = words(text)
	short, long := p.count(found, true), p.count(found, false)
	explicit := true
	switch {
	case containsAny(text, saysLong):
	case containsAny(text, saysShort):
		shortTerm = true
	default:
		explicit = false
		shortTerm = len(long) == 0 && (len(short) > 0 || phoneGone(text))
	}
	if !explicit && len(short) > 0 && len(long) > 0 && !sameIDs(short, long) {
		return false, ""
	}
	of := long
	if shortTerm {
		of = short
	}
	if len(of) == 1 {
		for id := range of {
			reason = id
		}
	}
	return shortTerm, reason
}

// count returns the identifiers of the reasons found of one category.
func (p *Parser) count(found map[int]bool, shortTerm bool) map[string]bool {
	ids := map[string]bool{}
	for i := range found {
		if p.reasons[i].ShortTerm == shortTerm {
			ids[p.reasons[i].ID] = true
		}
	}
	return ids
}

func sameIDs(a, b map[string]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for id := range a {
		if !b[id] {
			return false
		}
	}
	return true
}
