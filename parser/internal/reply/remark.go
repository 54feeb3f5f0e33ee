package reply

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/text"
)

// onlyComments reports whether a text below APPROVE is nothing but comments: thanks, greetings, praise of the evidence,
// how it was checked, why the user needs the exception. They are told by a grammar of what is harmless. Whatever it does
// not know may limit the approval, doubt it or take it back, so a word that it lacks costs a question, and no more.
func onlyComments(remark, fromName string) bool {
	if strings.TrimSpace(remark) == "" {
		return true
	}
	g := remarkGrammar()
	encoded, ok := g.encode(remark, fromName)
	return ok && g.matches(encoded)
}

// remarkGrammar is made when the first remark is read.
var remarkGrammar = sync.OnceValue(func() *grammar { return newGrammar(remarkLists, remarkParts, remarkSentences) })

// The runes of what is no word of the grammar.
const (
	nameRune   = '@' // a word that is written as a name
	writerRune = '&' // a word of the writer's own name
	numberRune = '#'
)

// encode writes a text as the runes of its words. It is not ok where something stands that is neither a word of the
// grammar, nor a name, nor harmless.
func (g *grammar) encode(s, fromName string) (encoded string, ok bool) {
	var b strings.Builder
	fromName = text.Simplify(fromName)
	afterSmall := false // a name follows words in small letters: nothing is one where all begin with capitals
	// A dash between words is a break, and a hyphen within one is nothing.
	for s = strings.NewReplacer("’", "'", " - ", ", ", "\n- ", "\n").Replace(s); s != ""; {
		raw := s[:wordEnd(s)]
		if raw == "" {
			r, size := utf8.DecodeRuneInString(s)
			s = s[size:]
			switch kind := remarkRunes[r]; {
			case kind != 0:
				b.WriteRune(kind)
				afterSmall = false
			case r == '\n':
				b.WriteByte('\n')
				afterSmall = false
			case !unicode.IsSpace(r) && r != '-' && !strings.ContainsRune(approvingSigns, r):
				return "", false
			}
			continue
		}
		s = s[len(raw):]
		word := strings.ToLower(raw)
		first, _ := utf8.DecodeRuneInString(raw)
		if keywords[word] != "" && raw == strings.ToUpper(raw) {
			return "", false
		}
		switch code := g.words[word]; {
		case code != 0 && (honorifics[word] || callsByName[word]):
			b.WriteRune(code)
			afterSmall = true
			continue
		case code != 0:
			b.WriteRune(code)
		case g.joined(word) != "":
			b.WriteString(g.joined(word))
		case strings.Trim(word, "0123456789") == "" && len(word) <= 4:
			b.WriteByte(numberRune)
		case isName(word, fromName):
			b.WriteByte(writerRune)
		case afterSmall && unicode.IsUpper(first) && raw[1:] == word[1:] && !doubts[word]:
			b.WriteByte(nameRune)
			continue
		default:
			return "", false
		}
		afterSmall = unicode.IsLower(first)
	}
	return b.String(), true
}

// callsByName are the words before a name, besides titles.
var callsByName = text.WordSet("hi hello hey hiya dear thanks cheers morning afternoon diolch annwyl helo shwmae")

// joined returns the runes of a word and of what is written onto its end, as in "gp's" and "ffonio'r".
func (g *grammar) joined(word string) string {
	at := strings.LastIndexByte(word, '\'')
	if at < 0 || g.words[word[:at]] == 0 || g.words[word[at:]] == 0 {
		return ""
	}
	return string([]rune{g.words[word[:at]], g.words[word[at:]]})
}

// wordEnd returns how long the word is that s begins with.
func wordEnd(s string) int {
	for i, r := range s {
		if text.NotLetter(r) {
			return i
		}
	}
	return len(s)
}

// approvingSigns may stand in a remark, and say nothing that it does not.
const approvingSigns = "*_👍🙂😊😀😃😄🙏👌👏✅✔☑🎉\ufe0f\u200d\u200b🏻🏼🏽🏾🏿"

// remarkRunes are the marks of punctuation that a remark may have, and what stands for them. A question mark or three
// dots are none of these.
var remarkRunes = map[rune]rune{'.': breakRune, ',': breakRune, ';': breakRune, ':': breakRune, '!': breakRune,
	'(': breakRune, ')': breakRune, '/': breakRune, '–': breakRune, '—': breakRune, '&': breakRune}
