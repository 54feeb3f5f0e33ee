package meaning

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// word is a word of a sentence.
type word struct {
	said   string // as it is written
	text   string // in lower case
	stem   string // of an English word (Snowball); all numbers have one
	denied bool   // it stands close behind a word that denies, in the same clause
}

// sentence is a part of a text that says one thing.
type sentence []word

// denying are the words that turn round what follows.
var denying = text.WordSet(`not no never nor neither without cannot can't cant won't wont don't dont doesn't doesnt didn't isn't
	isnt aren't wasn't weren't hasn't haven't hadn't couldn't wouldn't shouldn't nothing none nobody unrelated instead
	nid nad nac na ddim dim heb byth ni does doedd`)

// denies is how many words one that denies reaches.
const denies = 6

// How much of a text is read: so many words, and none of more bytes.
const (
	maxWords    = 4000
	longestWord = 40
)

// cutter cuts a text into sentences: at full stops and the like, and at blank lines.
type cutter struct {
	env    *snowballstem.Env
	stems  map[string]string // of the words so far
	out    []sentence
	now    sentence
	denied int // how many words are still denied
	words  int
}

// sentences cuts a text. Addresses are no words of it.
func sentences(s string) []sentence {
	s = withoutAddresses(s)
	c := &cutter{env: snowballstem.NewEnv(""), stems: map[string]string{}}
	for i := 0; i < len(s) && c.words < maxWords; {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isWord(r):
			end := wordEnd(s, i)
			c.word(s[i:end])
			i = end
			continue
		case endsSentence(s, i, r):
			c.end()
		case strings.ContainsRune(",;:()–—", r):
			c.denied = 0
		}
		i += size
	}
	c.end()
	return c.out
}

// withoutAddresses has a sign in the place of each address.
func withoutAddresses(s string) string {
	found := mime.FindAddresses(s)
	if len(found) == 0 {
		return s
	}
	var b strings.Builder
	from := 0
	for _, at := range found {
		b.WriteString(s[from:at[0]])
		b.WriteByte('@')
		from = at[1]
	}
	b.WriteString(s[from:])
	return b.String()
}

func (c *cutter) end() {
	if len(c.now) > 0 {
		c.out = append(c.out, c.now)
	}
	c.now, c.denied = nil, 0
}

func (c *cutter) word(s string) {
	if len(s) > longestWord {
		return
	}
	w := word{said: s, text: strings.ReplaceAll(strings.ToLower(s), "’", "'"), denied: c.denied > 0}
	w.stem = c.stem(w.text)
	c.now = append(c.now, w)
	c.words++
	c.denied = max(0, c.denied-1)
	if denying[w.text] {
		c.denied = denies
	}
}

// stem returns the stem of a word in lower case.
func (c *cutter) stem(w string) string {
	if strings.Trim(w, "0123456789") == "" {
		return "0"
	}
	stem, known := c.stems[w]
	if !known {
		c.env.SetCurrent(w)
		english.Stem(c.env)
		stem = c.env.Current()
		c.stems[w] = stem
	}
	return stem
}

// endsSentence reports whether the character r at i ends one.
func endsSentence(s string, i int, r rune) bool {
	switch r {
	case '!', '?', '•':
		return true
	case '.':
		return i+1 == len(s) || s[i+1] <= ' '
	case '\n':
		return i+1 < len(s) && s[i+1] == '\n'
	}
	return false
}

// wordEnd returns where the word ends that begins at i. An apostrophe may stand within one.
func wordEnd(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isWord(r) {
			if r != '\'' && r != '’' {
				break
			}
			if next, _ := utf8.DecodeRuneInString(s[i+size:]); !isWord(next) {
				break
			}
		}
		i += size
	}
	return i
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
