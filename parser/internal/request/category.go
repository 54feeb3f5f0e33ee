package request

import (
	"cmp"
	"regexp"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// saysShort are words for the short term itself, and today those that speak for it.
var (
	saysShort = []string{
		"short term", "24 hour", "24 hours", "24hour", "24hours", "24 hr", "24 hrs", "24hr", "24hrs", "24h",
		"twenty four hour", "twenty four hours", "one day exception", "one day exemption",
	}
	today = []string{
		"for today", "just today", "today only", "only today", "for the day", "for one day", "one day only", "until tomorrow",
		"till tomorrow", "for the rest of the day", "for the rest of today", "until close", "for tonight",
	}
)

// Words of the short term mean something else before some words, and behind some.
var (
	otherHours = text.WordSet(`notice care nursing home cover service services a shift shifts on day emergency line
		support supervision pharmacy
		helpline in per staffed opening nurse residential crisis response rota rotas nurses unit centre basis hospice
		memory loss recall contract
		sick sickness illness ecg monitor blood pressure tape ago later before after is isn't was won't doesn't`)
	behindHours = text.WordSet("in within every after last gave given had than got")
)

// otherDay are words before those that speak for today, which show that something else is meant: who writes is away, or
// where phones are.
var otherDay = []string{" not in ", " away ", " closed ", " shut ", " off ", " out ", " locked ", " kept ", " lockers "}

// isOtherHours reports whether what stands around a word of the short term shows that none is asked for.
func isOtherHours(before, after string) bool {
	return otherHours[firstWord(after)] || isDenied(before) || behindHours[lastWord(before)] ||
		text.ContainsAny(before, []string{" not the ", " not a ", " not another ", "n't want ", "n't need "}) || noGood.MatchString(after)
}

// isAsked reports whether what stands around a word of the short term asks for it.
func isAsked(before, after string) bool {
	return exceptions[firstWord(after)] || askingHours[lastWord(before)]
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(s, " "), " ")
	return word
}

func lastWord(s string) string {
	s = strings.TrimRight(s, " ")
	return s[strings.LastIndexByte(s, ' ')+1:]
}

var (
	exceptions  = text.WordSet("exception exemption exemptions exceptions bypass pass access one please pls mfa for")
	askingHours = text.WordSet("for next have need needs want wants")
)

var noGood = regexp.MustCompile(`^ *(?:\w+ ){0,2}(?:no good|not enough|no use|useless|not what|isn't|not help)`)

var (
	phones     = text.WordSet("phone phones mobile handset smartphone iphone")
	goneBefore = text.WordSet("lost stole broke broken misplaced smashed left forgot forgotten dropped")
	goneAfter  = text.WordSet("lost stolen broken broke misplaced smashed missing died nicked dead")
)

// phoneGone reports whether a phone is said to be lost, stolen or broken: the words stand close to each
// other.
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

// A reason is given where a text speaks for it at least so much, and so much more than for any other: logarithms of odds.
const (
	spoken      = 2.0
	clearly     = 0.3
	hintWorth   = 2.0 // what a phrase of the policy adds
	despiteHint = 3.0 // instead of clearly, where phrases of the policy speak for both
	asShort     = 2.0 // what speaks for the short term, where no word says it
	clearlyLong = 2.0 // how much more speaks for a reason of the long term, where a word says the short one
)

// judged is what a text is taken to ask for.
type judged struct {
	shortTerm bool
	reason    string   // the one of that category; empty where none or more are meant
	despite   string   // the one long-term reason that is given although the words ask for the short term
	words     []string // that decided for the long-term reason
}

// explained adds the words that decided for a long-term reason: those of the form's field that named it, the phrase of the
// policy, or those of the text that spoke most for it.
func (p *Reader) explained(j judged, field string, h heard, said meaning.Reading) judged {
	id := cmp.Or(j.reason, j.despite)
	switch phrase := h.phrases[id]; {
	case id == "" || j.shortTerm && j.despite == "":
	case field != "":
		j.words = []string{strings.Trim(mime.Shorten(mime.Showable(field), maxField), " .")}
	case phrase != "":
		j.words = []string{phrase}
	default:
		j.words = said.Deciding(id)
	}
	return j
}

// maxField is how much is told of a field that named a reason, in bytes.
const maxField = 80

// judge works out whether a short-term exception is asked for, and for which reason. chosen are the reasons that a
// form's field names; nil where there is none, and the text tells.
func (p *Reader) judge(chosen map[int]bool, h heard, said meaning.Reading) judged {
	found := chosen
	if found == nil {
		found = h.reasons
	}
	short, long := p.count(found, true), p.count(found, false)
	reason, most, today := p.weigh(long, said.Scores)
	if reason == other && h.phrases[other] == "" && said.Few() { // which it takes more to tell
		reason = ""
	}
	if len(short) > 0 || h.today || h.phone && phoneGone(h.words) {
		today += hintWorth
	}
	if chosen != nil {
		reason = only(long)
	}
	switch {
	case h.long:
	case h.short && !h.asked && !h.today && most > today+clearlyLong:
	case h.short && (most < today || chosen != nil):
		return judged{shortTerm: true, reason: only(short)}
	case h.short:
		return judged{shortTerm: true, reason: only(short), despite: reason}
	case chosen != nil && len(long) > 0 && len(short) > 0 && !sameIDs(short, long):
		return judged{}
	case chosen != nil:
		if len(long) == 0 && (len(short) > 0 || h.phone && phoneGone(h.words)) {
			return judged{shortTerm: true, reason: only(short)}
		}
	case today > asShort && today > most:
		return judged{shortTerm: true, reason: only(short)}
	}
	return judged{reason: reason}
}

// weigh returns the one long-term reason that a text gives, how much it speaks for that, and how much for today only.
func (p *Reader) weigh(hinted map[string]bool, scores map[string]float64) (reason string, most, today float64) {
	today = scores[meaning.Short]
	best, second := "", ""
	for _, r := range p.reasons {
		if r.ShortTerm {
			continue
		}
		if hinted[r.ID] {
			scores[r.ID] += hintWorth
		}
		score, known := scores[r.ID]
		switch {
		case !known:
		case best == "" || score > scores[best]:
			best, second = r.ID, best
		case second == "" || score > scores[second]:
			second = r.ID
		}
	}
	if best == "" {
		return "", -99, today
	}
	most = scores[best]
	apart := clearly
	if hinted[best] && hinted[second] {
		apart = despiteHint
	}
	if most < spoken || second != "" && most-scores[second] < apart {
		return "", most, today
	}
	return best, most, today
}

// only returns the one identifier of a set; empty if there are more or none.
func only(ids map[string]bool) string {
	for id := range ids {
		if len(ids) == 1 {
			return id
		}
	}
	return ""
}

// count returns the identifiers of the found reasons that are of one category.
func (p *Reader) count(found map[int]bool, shortTerm bool) map[string]bool {
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

var saysLong = []string{
	"long term", "longer term", "long one", "longer one", "long exception", "long exemption", "standing exception",
	"longterm", "180 day", "180 days", "six month", "six months", "6 month", "6 months", "permanent",
	"permanently", "persistent", "persistently", "indefinite", "indefinitely", "ongoing",
}
