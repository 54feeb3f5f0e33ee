package parser

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// policyReason is one reason of the policy.
type policyReason struct {
	ID        string   // policy id, such as "secure-location"
	Title     string   // "Persistent work in a secure location"
	ShortTerm bool     // belongs to the short-term category
	Phrases   []string // words or phrases that mean it in free text
}

// requestReader reads requests in the words of a policy. It is safe for concurrent use.
type requestReader struct {
	reasons []reasonWords
	phrases *phraseIndex // of the reasons and the categories
}

// reasonWords is a reason of the policy with its names as words writes them.
type reasonWords struct {
	policyReason
	id, title string
}

// What a phrase of the index means when it is not a reason, whose number counts from 0.
const (
	meansShort = -1 - iota
	meansLong
	meansPhone
)

// newRequestReader returns a reader for the reasons of a policy.
func newRequestReader(policy []policyReason) *requestReader {
	reasons := make([]reasonWords, 0, len(policy))
	index := &phraseIndex{}
	for i, r := range policy {
		reasons = append(reasons, reasonWords{policyReason: r, id: words(r.ID), title: words(r.Title)})
		for _, phrase := range append([]string{r.ID, r.Title}, r.Phrases...) {
			if p := words(phrase); strings.TrimSpace(p) != "" && !bareOther(p) {
				index.add(p, i)
			}
		}
	}
	for meaning, phrases := range map[int][]string{meansShort: saysShort, meansLong: saysLong, meansPhone: slices.Collect(maps.Keys(phones))} {
		for _, p := range phrases {
			index.add(words(p), meaning)
		}
	}
	return &requestReader{reasons, index}
}

// bareOther keeps the identifier "other" from being found in every second sentence.
func bareOther(p string) bool { return strings.TrimSpace(p) == "other" }

// words returns the words of s in lower case, between single blanks, hyphens taken for blanks.
func words(s string) string {
	if isASCII(s) {
		return asciiWords(s)
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

func asciiWords(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(' ')
	blank := true
	for i := range len(s) {
		c := wordBytes[s[i]]
		if c != ' ' || !blank {
			b.WriteByte(c)
		}
		blank = c == ' '
	}
	if !blank || b.Len() == 1 {
		b.WriteByte(' ')
	}
	return b.String()
}

// wordBytes are the bytes of ASCII words in lower case, and blanks for all others.
var wordBytes = func() (table [256]byte) {
	for i := range table {
		table[i] = ' '
		if c := rune(i); c < 0x80 && !notLetter(c) {
			table[i] = byte(unicode.ToLower(c))
		}
	}
	return table
}()

// mention is where a phrase of a reason stands in a text.
type mention struct {
	start, end int
	reason     int
}

var negation = regexp.MustCompile(`\b(not|isn't|wasn't|aren't|is no|nor|rather than|nothing to do with|instead of|unrelated to)( (a|an|the|any|about|due|to|because|of|really|for|for a|this|been|related|on|grounds))* $`)

// isDenied tells whether what stands before a phrase denies it.
func isDenied(before string) bool {
	return containsAny(before, negating) && negation.MatchString(before)
}

// negating are the words of which negation needs one.
var negating = []string{"no", "n't", "instead", "rather", "unrelated"}

// heard is what a text says in the words of the policy.
type heard struct {
	words       string
	reasons     map[int]bool
	short, long bool // it names the category
	phone       bool
}

// hear finds the reasons that a text names. A phrase within a longer phrase of another reason does not count, nor does one that is denied.
func (p *requestReader) hear(text string) heard {
	h := heard{words: words(text)}
	var found []mention
	next := make([]int, p.phrases.count) // where each phrase may be found again
	p.phrases.each(h.words, func(ph phrase, start int) {
		switch ph.meaning {
		case meansShort:
			h.short = true
		case meansLong:
			h.long = true
		case meansPhone:
			h.phone = true
		default:
			if start < next[ph.number] {
				return
			}
			end := start + len(ph.text)
			next[ph.number] = end - 1
			if !isDenied(h.words[max(0, start-60) : start+1]) {
				found = append(found, mention{start, end, ph.meaning})
				next[ph.number] = len(h.words)
			}
		}
	})
	h.reasons = outermost(found)
	return h
}

// outermost returns the reasons of the phrases that do not stand within a longer one of another reason.
func outermost(found []mention) map[int]bool {
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
func (p *requestReader) named(value string) map[int]bool {
	exact := map[int]bool{}
	key := words(value)
	for i, r := range p.reasons {
		if key == r.id || key == r.title {
			exact[i] = true
		}
	}
	if len(exact) > 0 {
		return exact
	}
	if found := p.hear(value).reasons; len(found) > 0 {
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

// saysShort and saysLong are the words for the categories themselves.
var (
	saysShort = []string{"short term", "24 hour", "24 hours", "24hour", "24hours", "24 hr", "24 hrs", "24hr", "24hrs", "24h", "twenty four hour", "twenty four hours", "for today", "just today", "today only",
		"only today", "for the day", "for one day", "one day only", "one day exception", "one day exemption", "until tomorrow", "till tomorrow", "for the rest of the day", "for the rest of today"}
	saysLong = []string{"long term", "longer term", "180 day", "180 days", "six month", "six months", "6 month", "6 months", "permanent", "permanently", "persistent", "persistently", "indefinite", "indefinitely", "ongoing"}
)

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
func (p *requestReader) category(found map[int]bool, h heard) (shortTerm bool, reason string) {
	short, long := p.count(found, true), p.count(found, false)
	explicit := true
	switch {
	case h.long:
	case h.short:
		shortTerm = true
	default:
		explicit = false
		shortTerm = len(long) == 0 && (len(short) > 0 || h.phone && phoneGone(h.words))
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
func (p *requestReader) count(found map[int]bool, shortTerm bool) map[string]bool {
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
