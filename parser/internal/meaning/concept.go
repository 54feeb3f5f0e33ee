package meaning

import (
	_ "embed"
	"encoding/binary"
	"slices"
	"sort"

	"mfabot/parser/internal/learn"
)

// concept is what words are about, such as hands, or phones: a number of the lexicon's.
type concept uint8

// lexicon has the concepts of words, sorted by the hashes of their stems: four bytes of hash, one of concept. It is made
// of lessons/concepts.txt.
//
//go:embed lexicon.bin
var lexicon []byte

// entrySize is the size of an entry of the lexicon.
const entrySize = 5

// longest is how many words a phrase of the lexicon has at most.
const longest = 3

// isDenied is set in a concept that is denied.
const isDenied concept = 0x80

// goesOn stands in the place of a concept where a longer phrase begins as this one does.
const goesOn concept = 0

// phrase returns the hash of a phrase by the stems of its words.
func phrase(s sentence) learn.Feature {
	hash := s[0].phrase
	for _, w := range s[1:] {
		hash = hash.With(w.stem)
	}
	return hash
}

// look calls found with each concept of a phrase, and with goesOn.
func look(phrase learn.Feature, found func(concept)) {
	hash := uint32(phrase)
	n := len(lexicon) / entrySize
	at := func(i int) uint32 { return binary.BigEndian.Uint32(lexicon[i*entrySize:]) }
	for i := sort.Search(n, func(i int) bool { return at(i) >= hash }); i < n && at(i) == hash; i++ {
		found(concept(lexicon[i*entrySize+4]))
	}
}

// eachConcept calls found with the features of the concepts that a sentence is about, and of those that it is about
// together.
func (s sentence) eachConcept(found func(learn.Feature)) {
	var room [32]concept
	about := room[:0]
	add := func(c concept, w token) {
		if w.isDenied {
			c |= isDenied
		}
		if !slices.Contains(about, c) {
			about = append(about, c)
		}
	}
	for i, w := range s {
		for _, c := range w.about {
			add(c, w)
		}
		for n, more := 2, w.goesOn; more && n <= longest && i+n <= len(s); n++ {
			more = false
			look(phrase(s[i:i+n]), func(c concept) {
				if c == goesOn {
					more = true
				} else {
					add(c, w)
				}
			})
		}
	}
	slices.Sort(about)
	for i, c := range about {
		found(learn.Of("about", string(rune(c))))
		both := learn.Of("both", string(rune(c)))
		for _, d := range about[i+1:] {
			found(both.With(string(rune(d))))
		}
	}
}
