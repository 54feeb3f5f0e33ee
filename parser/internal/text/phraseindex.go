package text

import "strings"

// PhraseIndex finds many phrases in one pass over a text, looking only where a word begins. Phrases and text
// are as Words writes them.
type PhraseIndex struct {
	byStart [256][]Phrase // by the first two bytes of the first word, see startOf
	Count   int
}

// Phrase is one phrase of an index with what it means.
type Phrase struct {
	Text    string
	Meaning int
	Number  int // counted from 0 in the index
}

func startOf(text string) byte { return text[1]*31 + text[2] }

// Add puts a phrase into the index.
func (x *PhraseIndex) Add(text string, meaning int) {
	start := startOf(text)
	x.byStart[start] = append(x.byStart[start], Phrase{text, meaning, x.Count})
	x.Count++
}

// Each calls found with the start of every phrase that stands in the text.
func (x *PhraseIndex) Each(text string, found func(p Phrase, start int)) {
	for i := 0; i+2 < len(text); i++ {
		for _, p := range x.byStart[startOf(text[i:])] {
			if strings.HasPrefix(text[i:], p.Text) {
				found(p, i)
			}
		}
		next := strings.IndexByte(text[i+1:], ' ')
		if next < 0 {
			return
		}
		i += next
	}
}
