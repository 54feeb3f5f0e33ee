package meaning

import (
	"cmp"
	"slices"

	"mfabot/parser/internal/learn"
	"mfabot/parser/internal/text"
)

// So many words are named at most that decided, none of which spoke less than this part of what the first did.
const (
	mostDeciding = 4
	leastPart    = 4
)

// Deciding returns the words of the text that spoke most for a reason, as they are written and in their order; those that
// stand next to each other are one string.
func (r Reading) Deciding(reason string) []string {
	label, none := slices.Index(r.reasons.labels, reason), len(r.reasons.labels)-1
	if label < 0 || label == none {
		return nil
	}
	type candidate struct {
		at    int // in the window
		worth int
	}
	var words []candidate
	var about []learn.Feature
	window, second := r.strongest(label)
	for i, w := range window {
		if little[w.text] {
			continue
		}
		about = window.about(i, about[:0])
		if worth := r.reasons.model.Worth(about, label, none); worth > 0 {
			words = append(words, candidate{i, worth})
		}
	}
	slices.SortStableFunc(words, func(a, b candidate) int { return cmp.Compare(b.worth, a.worth) })
	var chosen []int
	for _, c := range words {
		again := slices.ContainsFunc(chosen, func(i int) bool { return window[i].stem == window[c.at].stem })
		if len(chosen) < mostDeciding && !again && leastPart*c.worth >= words[0].worth {
			chosen = append(chosen, c.at)
		}
	}
	slices.Sort(chosen)
	return window.phrases(chosen, second)
}

// strongest returns the words of the sentence that speaks most for a label, or of that and the one before, and where the
// last sentence of them begins.
func (r Reading) strongest(label int) (window sentence, last int) {
	none := len(r.reasons.labels) - 1
	most := -99.0
	var before learn.Votes
	for i, now := range r.votes {
		s := r.text[i].sentence
		for _, both := range []bool{false, true} {
			v := now
			if both {
				v = before.Plus(now)
			}
			if says := r.reasons.model.Says(v); says[label]-says[none] > most {
				most, window, last = says[label]-says[none], s, 0
				if both && i > 0 {
					window, last = slices.Concat(r.text[i-1].sentence, s), len(r.text[i-1].sentence)
				}
			}
		}
		before = now
	}
	return window, last
}

// about appends the features that a sentence has because of one of its words.
func (s sentence) about(i int, out []learn.Feature) []learn.Feature {
	w := s[i]
	pair := learn.Of("pair", "^")
	if i > 0 {
		pair = s[i-1].pair
	}
	out = append(append(out, w.features...), pair.With(w.stem))
	if i+1 < len(s) {
		out = append(out, w.pair.With(s[i+1].stem))
	}
	if w.isDenied {
		out = append(out, w.denied)
	}
	s[max(0, i-1):min(len(s), i+2)].eachConcept(func(f learn.Feature) { out = append(out, f) })
	return out
}

// phrases returns some words, those next to each other as one, but for those of another sentence, which begins at second.
func (s sentence) phrases(at []int, second int) (out []string) {
	for n, i := range at {
		if n > 0 && at[n-1] == i-1 && i != second {
			out[len(out)-1] += " " + s[i].said
		} else {
			out = append(out, s[i].said)
		}
	}
	return out
}

// little are words that tell nobody anything by themselves.
var little = text.WordSet(`a an the and or but if of in on at to for from with by as is are was were be been being has have had do does did
	will would can could should may might must this that these those it its he she they them him her his their i we you our my your us me
	mfa exception exemption who which what when where there here so than then also very just only please thank thanks
	since after before until while during dear hi hello kind regards due because
	y yr a'r yn i'r mae ei o ar am gan gyda ac neu`)
