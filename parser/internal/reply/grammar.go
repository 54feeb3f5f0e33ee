package reply

import (
	"maps"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// grammar tells texts that are made of its sentences. Sentences, and the parts that they are made of, are written as
// regular expressions over words, in which {name} stands for one of a list of words or for a part. To the grammar each
// word is one rune.
type grammar struct {
	words map[string]rune
	parts []*syntax.Regexp // the rune firstPart stands for the first
	whole *syntax.Regexp
}

const (
	firstWord  = 0x4e00
	firstPart  = 0xe000
	breakRune  = ',' // between sentences, and within some
	longestRun = 250 // runes that a grammar reads
)

var (
	slot        = regexp.MustCompile(`\{[a-z]+\}`)
	patternWord = regexp.MustCompile(`[\p{Latin}']+`)
)

// newGrammar makes a grammar. In a list, _ stands for the blank between words that belong together.
func newGrammar(lists, parts map[string]string, sentences []string) *grammar {
	g := &grammar{words: map[string]rune{}}
	codes := map[string]string{}
	for name, list := range lists {
		codes["{"+name+"}"] = g.oneOf(strings.Fields(list))
	}
	names := slices.Sorted(maps.Keys(parts))
	for i, name := range names {
		codes["{"+name+"}"] = string(rune(firstPart + i))
	}
	for _, name := range names {
		g.parts = append(g.parts, g.compile(oneLine(parts[name]), codes))
	}
	g.whole = g.compile("[,\n]*(("+oneLine(strings.Join(sentences, "|"))+")([,\n]+(and|so|ac|a|felly)?|and|so|ac|a))*", codes)
	return g
}

// oneLine joins the lines over which a pattern is written.
func oneLine(pattern string) string { return strings.Join(strings.Fields(pattern), " ") }

func (g *grammar) compile(pattern string, codes map[string]string) *syntax.Regexp {
	pattern = slot.ReplaceAllStringFunc(pattern, func(name string) string {
		if codes[name] == "" {
			panic("no list or part is called " + name)
		}
		return codes[name]
	})
	pattern = patternWord.ReplaceAllStringFunc(pattern, func(word string) string { return string(g.code(word)) })
	re, err := syntax.Parse(strings.NewReplacer(" ", "", "_", "").Replace(pattern), syntax.Perl)
	if err != nil {
		panic(err)
	}
	return re
}

// oneOf is the pattern of one of the words.
func (g *grammar) oneOf(words []string) string {
	var coded []string
	for _, w := range words {
		coded = append(coded, patternWord.ReplaceAllStringFunc(w, func(word string) string { return string(g.code(word)) }))
	}
	return "(" + strings.Join(coded, "|") + ")"
}

// code is the rune of a word.
func (g *grammar) code(word string) rune {
	if g.words[word] == 0 {
		g.words[word] = rune(firstWord + len(g.words))
	}
	return g.words[word]
}

// matches reports whether a text is made of sentences.
func (g *grammar) matches(encoded string) bool {
	r := grammarReader{grammar: g, text: append([]rune(encoded), breakRune), ends: map[[2]int]places{}}
	if len(r.text) > longestRun {
		return false
	}
	return r.read(g.whole, places{}.with(0)).has(len(r.text))
}

// grammarReader reads one text. It finds all the places where what begins at given ones may end, in time that grows with
// the size of the grammar and of the text.
type grammarReader struct {
	*grammar
	text []rune
	ends map[[2]int]places // of a part that begins at a place
}

func (r *grammarReader) read(re *syntax.Regexp, from places) (to places) {
	if from == (places{}) {
		return to
	}
	switch re.Op { //exhaustive:ignore
	case syntax.OpLiteral:
		to = from
		for _, c := range re.Rune {
			to = r.readRune(c, to)
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				to = to.or(r.readRune(c, from))
			}
		}
	case syntax.OpConcat, syntax.OpCapture:
		to = from
		for _, sub := range re.Sub {
			to = r.read(sub, to)
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			to = to.or(r.read(sub, from))
		}
	case syntax.OpQuest:
		to = from.or(r.read(re.Sub[0], from))
	case syntax.OpStar:
		for to = from; ; {
			more := to.or(r.read(re.Sub[0], to))
			if more == to {
				break
			}
			to = more
		}
	case syntax.OpPlus:
		star := syntax.Regexp{Op: syntax.OpStar, Sub: re.Sub}
		to = r.read(&star, r.read(re.Sub[0], from))
	case syntax.OpEmptyMatch:
		to = from
	}
	return to
}

func (r *grammarReader) readRune(c rune, from places) (to places) {
	for i := range from.all(len(r.text)) {
		if c < firstPart {
			if r.text[i] == c {
				to = r.after(i, to)
			}
			continue
		}
		key := [2]int{int(c), i}
		ends, known := r.ends[key]
		if !known {
			ends = r.read(r.parts[c-firstPart], places{}.with(i))
			r.ends[key] = ends
		}
		to = to.or(ends)
	}
	return to
}

// after adds the places behind the rune at i: a line may end after each.
func (r *grammarReader) after(i int, to places) places {
	to = to.with(i + 1)
	if i+1 < len(r.text) && r.text[i+1] == '\n' && r.text[i] != '\n' {
		to = to.with(i + 2)
	}
	return to
}

// places is a set of indices.
type places [longestRun/64 + 1]uint64

func (p places) with(i int) places {
	p[i/64] |= 1 << (i % 64)
	return p
}

func (p places) has(i int) bool { return p[i/64]&(1<<(i%64)) != 0 }

func (p places) or(q places) places {
	for i := range p {
		p[i] |= q[i]
	}
	return p
}

// all yields the places below end.
func (p places) all(end int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i, word := range p {
			for ; word != 0; word &= word - 1 {
				if at := i*64 + bits.TrailingZeros64(word); at >= end || !yield(at) {
					return
				}
			}
		}
	}
}
