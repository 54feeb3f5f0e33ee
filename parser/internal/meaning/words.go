package meaning

import (
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"mfabot/parser/internal/learn"
)

// word is what is known of a word, wherever it stands.
type word struct {
	text     string // in lower case
	stem     string // of an English word (Snowball); all numbers have one
	denies   bool   // it turns round what follows
	ofMethod bool   // sentences about methods of authentication have such words
	features []learn.Feature
	denied   learn.Feature // where it is denied
	pair     learn.Feature // what makes a pair with the stem behind it
	phrase   learn.Feature // of the word alone
	about    []concept     // what the word alone is about
	goesOn   bool          // phrases of the lexicon begin with it
}

// Words takes texts apart. It remembers words that it has met, so that what costs most is done once for each. It is safe
// for concurrent use.
type Words struct {
	mutex sync.RWMutex
	known map[string]*word // by the word in lower case
}

// maxKnown is how many words are remembered, after which it begins anew: most of what people write has some thousands.
const maxKnown = 8192

// NewWords returns Words that have met none.
func NewWords() *Words { return &Words{known: map[string]*word{}} }

// Take takes texts apart, as one.
func (w *Words) Take(texts ...string) Text { return w.take(namesIn(texts...), texts...) }

// take takes texts apart in which some words are names.
func (w *Words) take(names map[string]bool, texts ...string) Text {
	c := &cutter{known: w.known, names: names}
	w.mutex.RLock()
	for _, s := range texts {
		c.cut(s)
	}
	w.mutex.RUnlock()
	w.remember(c.met)
	return c.text()
}

// remember adds words.
func (w *Words) remember(met map[string]*word) {
	if len(met) == 0 {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.known)+len(met) > maxKnown {
		clear(w.known)
	}
	for text, known := range met {
		w.known[text] = known
	}
}

// newWord works out what is known of a word in lower case.
func newWord(text string, env *snowballstem.Env) *word {
	w := &word{text: text, stem: stem(text, env), denies: denying[text]}
	w.ofMethod = aboutMethod[w.stem] || aboutMethod[text]
	w.features = appendPieces([]learn.Feature{learn.Of("word", w.stem)}, text)
	w.denied, w.pair, w.phrase = learn.Of("not", w.stem), learn.Of("pair", w.stem), learn.Of(w.stem)
	look(w.phrase, func(c concept) {
		if c == goesOn {
			w.goesOn = true
		} else {
			w.about = append(w.about, c)
		}
	})
	return w
}

// stem returns the stem of a word in lower case.
func stem(w string, env *snowballstem.Env) string {
	if strings.Trim(w, "0123456789") == "" {
		return "0"
	}
	env.SetCurrent(w)
	english.Stem(env)
	return env.Current()
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
