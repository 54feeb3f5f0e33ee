package meaning

import "mfabot/parser/internal/learn"

// Text is a text, taken apart.
type Text []known

// known is a sentence with its features.
type known struct {
	sentence
	features []learn.Feature
}

// features returns those of all sentences.
func (t Text) features() (out []learn.Feature) {
	for _, s := range t {
		out = append(out, s.features...)
	}
	return out
}

// featuresOfWord is about how many features a sentence has for each of its words.
const featuresOfWord = 12

// text returns the sentences with their features.
func (c *cutter) text() Text {
	t := make(Text, 0, len(c.ends))
	all := make([]learn.Feature, 0, featuresOfWord*len(c.tokens))
	var set learn.Set
	from := 0
	for _, end := range c.ends {
		s := sentence(c.tokens[from:end])
		s.features(&set)
		begin := len(all)
		all = append(all, set.Features()...)
		t = append(t, known{s, all[begin:len(all):len(all)]})
		set.Empty()
		from = end
	}
	return t
}

// features adds what a sentence is known by.
func (s sentence) features(set *learn.Set) {
	pair := learn.Of("pair", "^")
	for _, w := range s {
		if w.isName {
			pair = learn.Of("pair", "@")
			continue
		}
		for _, f := range w.features {
			set.Add(f)
		}
		set.Add(pair.With(w.stem))
		if w.isDenied {
			set.Add(w.denied)
		}
		pair = w.pair
	}
	s.eachConcept(set.Add)
}
