package request

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/text"
	"mfabot/parser/internal/whom"
)

// Reason is one reason of the policy.
type Reason struct {
	ID        string   // policy id, such as "secure-location"
	Title     string   // "Persistent work in a secure location"
	ShortTerm bool     // belongs to the short-term category
	Phrases   []string // words or phrases that mean it in free text
	Examples  []string // sentences that give it, from which it is learnt
}

// Reader reads requests in the words of a policy. It is safe for concurrent use.
type Reader struct {
	texts   *meaning.Words
	whom    *whom.Reader
	meaning *meaning.Reasons
	methods *meaning.Methods
	kinds   *meaning.Kinds
	reasons []reasonWords
	phrases *text.PhraseIndex // of the reasons and the categories
}

// reasonWords is a reason of the policy with its names as text.Words writes them.
type reasonWords struct {
	Reason
	id, title string
}

// What a phrase of the index means other than a reason, whose numbers count from 0.
const (
	meansShort = -1 - iota
	meansLong
	meansPhone
	meansToday
)

// NewReader returns a reader for the reasons of a policy, with what else the parser reads with.
func NewReader(policy []Reason, texts *meaning.Words, kinds *meaning.Kinds) *Reader {
	reasons := make([]reasonWords, 0, len(policy))
	index := &text.PhraseIndex{}
	for i, r := range policy {
		reasons = append(reasons, reasonWords{Reason: r, id: text.Words(r.ID), title: text.Words(r.Title)})
		for _, phrase := range append([]string{r.ID, r.Title}, r.Phrases...) {
			if p := text.Words(phrase); strings.TrimSpace(p) != "" && !bareOther(p) {
				index.Add(p, i)
			}
		}
	}
	for meaning, phrases := range map[int][]string{
		meansShort: saysShort, meansLong: saysLong, meansPhone: slices.Collect(maps.Keys(phones)), meansToday: today,
	} {
		for _, p := range phrases {
			index.Add(text.Words(p), meaning)
		}
	}
	return &Reader{texts, whom.NewReader(), meaning.NewReasons(examples(policy)), meaning.NewMethods(), kinds, reasons, index}
}

// examples are those of a policy.
func examples(policy []Reason) (out []meaning.Passage) {
	for _, r := range policy {
		label := r.ID
		if r.ShortTerm {
			label = meaning.Short
		}
		for _, e := range r.Examples {
			out = append(out, meaning.Passage{Text: e, Reason: label})
		}
	}
	return out
}

// other is the reason of a policy that stands for all that none of the others names.
const other = "other"

// bareOther keeps the identifier "other" from being found in every second sentence.
func bareOther(p string) bool { return strings.TrimSpace(p) == other }

// mention is where a phrase of a reason stands in a text.
type mention struct {
	start, end int
	reason     int
}

var negation = regexp.MustCompile(`\b(not|isn't|wasn't|aren't|is no|nor|rather than|nothing to do with|instead of|` +
	`unrelated to)( (a|an|the|any|about|due|to|because|of|really|for|for a|this|been|related|on|grounds))* $` +
	`|\b(never|nobody|no one|neither|without)( [\w']+){0,4} $`)

// isDenied reports whether what stands before a phrase denies it.
func isDenied(before string) bool {
	return text.ContainsAny(before, negating) && negation.MatchString(before)
}

// negating are the words of which negation needs at least one.
var negating = []string{"no", "n't", "never", "neither", "without", "instead", "rather", "unrelated"}

// heard is what a text says in the words of the policy.
type heard struct {
	words       string
	reasons     map[int]bool
	phrases     map[string]string // by the identifier of a reason, the first phrase that names it
	short, long bool              // it names the category
	asked       bool              // it asks for the short term by its name
	phone       bool
	today       bool // it has words that speak for the short term
}

// denyingReach is how far before a word for the long term one that denies it may stand, in bytes.
const denyingReach = 25

// alreadyReach is how far behind the beginning of a word for the long term one may stand that says that somebody has one.
const alreadyReach = 90

// hear finds the reasons that a text names. A phrase within a longer one of another reason does not count,
// nor does one that is denied.
func (p *Reader) hear(s string) heard {
	h := heard{words: text.Words(s)}
	var found []mention
	next := make([]int, p.phrases.Count) // where each phrase may be found again
	p.phrases.Each(h.words, func(ph text.Phrase, start int) {
		switch ph.Meaning {
		case meansShort:
			end := start + len(ph.Text)
			before, after := h.words[max(0, start-60):start+1], h.words[end-1:min(len(h.words), end+60)]
			if !isOtherHours(before, after) {
				h.short = true
				h.asked = h.asked || isAsked(before, after)
			}
		case meansToday:
			h.today = h.today || !text.ContainsAny(h.words[max(0, start-denyingReach):start+1], otherDay)
		case meansLong:
			before, after := h.words[max(0, start-denyingReach):start+1], h.words[start:min(len(h.words), start+alreadyReach)]
			h.long = h.long || !isDenied(before) && !strings.Contains(before, " not ") && !strings.Contains(after, " already ")
		case meansPhone:
			h.phone = true
		default:
			if start < next[ph.Number] {
				return
			}
			end := start + len(ph.Text)
			next[ph.Number] = end - 1
			if !isDenied(h.words[max(0, start-60) : start+1]) {
				found = append(found, mention{start, end, ph.Meaning})
				next[ph.Number] = len(h.words)
			}
		}
	})
	h.reasons = outermost(found)
	for _, m := range found {
		if id := p.reasons[m.reason].ID; h.reasons[m.reason] && h.phrases[id] == "" {
			if h.phrases == nil {
				h.phrases = map[string]string{}
			}
			h.phrases[id] = strings.TrimSpace(h.words[m.start:m.end])
		}
	}
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

// named returns the reasons that a form's value names by identifier or title, of which there may be one in
// each category; in any other case those that it mentions.
func (p *Reader) named(value string) map[int]bool {
	exact := map[int]bool{}
	key := text.Words(value)
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
			if r.ID == other {
				exact[i] = true
			}
		}
	}
	return exact
}

// leading returns the reasons by whose identifier or title a form's value begins.
func (p *Reader) leading(value string) map[int]bool {
	found := map[int]bool{}
	key := text.Words(value)
	for i, r := range p.reasons {
		if strings.HasPrefix(key, r.id) || strings.HasPrefix(key, r.title) {
			found[i] = true
		}
	}
	return found
}
