package meaning

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// token is a word as it stands in a sentence.
type token struct {
	*word
	said     string // as it is written
	isDenied bool   // it stands close behind a word that denies, in the same clause
	isName   bool   // of somebody whose address is there: what it is made of says nothing
}

// sentence is a part of a text that says one thing.
type sentence []token

// says reports whether a sentence has the same words as another.
func (s sentence) says(other sentence) bool {
	return slices.EqualFunc(s, other, func(a, b token) bool { return a.stem == b.stem })
}

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

// bytesOfWord is about how many bytes a word takes in a text, with what parts it from the next.
const bytesOfWord = 6

// cutter cuts texts into sentences: at full stops and the like, and at blank lines.
type cutter struct {
	known  map[string]*word // words that were met before
	met    map[string]*word // others
	names  map[string]bool  // in lower case
	env    *snowballstem.Env
	tokens []token
	ends   []int // of sentences
	denied int   // how many words are still denied
	words  int
}

// cut cuts a text. Addresses are no words of it.
func (c *cutter) cut(s string) {
	s = withoutAddresses(s)
	c.tokens = slices.Grow(c.tokens, min(len(s)/bytesOfWord, maxWords))
	c.words = 0
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
}

// shortestName is how many bytes of an address make a name.
const shortestName = 3

// namesIn returns the words, in lower case, of which the addresses in texts are made.
func namesIn(texts ...string) map[string]bool {
	var names map[string]bool
	for _, s := range texts {
		for _, at := range mime.FindAddresses(s) {
			local, _, _ := strings.Cut(s[at[0]:at[1]], "@")
			for w := range strings.FieldsFuncSeq(strings.ToLower(local), func(r rune) bool { return !isWord(r) }) {
				if len(w) < shortestName {
					continue
				}
				if names == nil {
					names = map[string]bool{}
				}
				names[w] = true
			}
		}
	}
	return names
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
	if n := len(c.ends); len(c.tokens) > 0 && (n == 0 || c.ends[n-1] < len(c.tokens)) {
		c.ends = append(c.ends, len(c.tokens))
	}
	c.denied = 0
}

func (c *cutter) word(s string) {
	if len(s) > longestWord {
		return
	}
	w := c.meet(strings.ReplaceAll(strings.ToLower(s), "’", "'"))
	c.tokens = append(c.tokens, token{w, s, c.denied > 0, c.names[w.text] && s != w.text})
	c.words++
	c.denied = max(0, c.denied-1)
	if w.denies {
		c.denied = denies
	}
}

// meet returns what is known of a word in lower case.
func (c *cutter) meet(text string) *word {
	if w := c.known[text]; w != nil {
		return w
	}
	if w := c.met[text]; w != nil {
		return w
	}
	if c.met == nil {
		c.met, c.env = map[string]*word{}, snowballstem.NewEnv("")
	}
	text = strings.Clone(text) // it is remembered for longer than the message
	w := newWord(text, c.env)
	c.met[text] = w
	return w
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
