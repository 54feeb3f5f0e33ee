package request

import (
	"strings"

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

// category works out whether a short-term exception is asked for, and picks the one reason of that category
// that was found. despite is the one long-term reason that is given although the words ask for the short term.
func (p *Reader) category(found map[int]bool, h heard) (shortTerm bool, reason, despite string) {
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
		return false, "", ""
	}
	if shortTerm {
		return true, only(short), only(long)
	}
	return false, only(long), ""
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
