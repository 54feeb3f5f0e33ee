package meaning

import (
	"slices"

	"mfabot/parser/internal/learn"
)

// Text is a text, taken apart.
type Text []known

// known is a sentence with its features.
type known struct {
	sentence
	features []learn.Feature
}

// Take takes texts apart, as one.
func Take(texts ...string) (t Text) {
	for _, s := range texts {
		for _, s := range sentences(s) {
			t = append(t, known{s, features(s)})
		}
	}
	return t
}

// features returns those of all sentences.
func (t Text) features() (out []learn.Feature) {
	for _, s := range t {
		out = append(out, s.features...)
	}
	return out
}

// features returns what a sentence is known by, each once.
func features(s sentence) []learn.Feature {
	out := make([]learn.Feature, 0, 12*len(s))
	before := "^"
	for _, w := range s {
		out = append(out, learn.Of("word", w.stem), learn.Of("pair", before, w.stem))
		if w.denied {
			out = append(out, learn.Of("not", w.stem))
		}
		out = appendPieces(out, w.text)
		before = w.stem
	}
	out = appendConcepts(out, s)
	slices.Sort(out)
	return slices.Compact(out)
}

// piece is how many bytes a piece of a word has.
const piece = 4

// appendPieces appends the pieces of a word that is not short, of which the first and the last are other than those
// within.
func appendPieces(out []learn.Feature, w string) []learn.Feature {
	if len(w) < piece {
		return out
	}
	out = append(out, learn.Of("begin", w[:piece-1]), learn.Of("end", w[len(w)-piece+1:]))
	for i := range len(w) - piece + 1 {
		out = append(out, learn.Of("piece", w[i:i+piece]))
	}
	return out
}
