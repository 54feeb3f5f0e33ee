package request

import (
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/text"
)

// saysShort and saysLong are the words for the categories themselves.
var saysShort = []string{
	"short term", "24 hour", "24 hours", "24hour", "24hours", "24 hr", "24 hrs", "24hr", "24hrs", "24h",
	"twenty four hour", "twenty four hours", "for today", "just today", "today only", "only today", "for the day",
	"for one day", "one day only", "one day exception", "one day exemption", "until tomorrow", "till tomorrow",
	"for the rest of the day", "for the rest of today",
}

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
	spoken      = 1.0
	clearly     = 0.5
	hintWorth   = 2.0 // what a phrase of the policy adds
	despiteHint = 3.0 // instead of clearly, where phrases of the policy speak for both
	asShort     = 2.0 // what speaks for the short term, where no word says it
)

// judged is what a text is taken to ask for.
type judged struct {
	shortTerm bool
	reason    string // the one of that category; empty where none or more are meant
	despite   string // the one long-term reason that is given although the words ask for the short term
}

// judge works out whether a short-term exception is asked for, and for which reason. chosen are the reasons that a
// form's field names; nil where there is none, and the text tells.
func (p *Reader) judge(chosen map[int]bool, h heard, t meaning.Text) judged {
	found := chosen
	if found == nil {
		found = h.reasons
	}
	short, long := p.count(found, true), p.count(found, false)
	reason, most, today := only(long), 0.0, 0.0
	if chosen == nil {
		reason, most, today = p.weigh(long, p.meaning.Read(t))
		if len(short) > 0 || h.phone && phoneGone(h.words) {
			today += hintWorth
		}
	}
	switch {
	case h.long:
	case h.short && most < today:
		return judged{true, only(short), ""}
	case h.short:
		return judged{true, only(short), reason}
	case chosen != nil && len(long) > 0 && len(short) > 0 && !sameIDs(short, long):
		return judged{}
	case chosen != nil:
		if len(long) == 0 && (len(short) > 0 || h.phone && phoneGone(h.words)) {
			return judged{true, only(short), ""}
		}
	case today > asShort && today > most:
		return judged{true, only(short), ""}
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
	"long term", "longer term", "180 day", "180 days", "six month", "six months", "6 month", "6 months", "permanent",
	"permanently", "persistent", "persistently", "indefinite", "indefinitely", "ongoing",
}
