package whom

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/text"
)

// word is a word in lower case, and where it begins within its line.
type word struct {
	text string
	at   int
}

// cut returns the words of each of some lines.
func cut(lines []string) [][]word {
	out := make([][]word, len(lines))
	for i, line := range lines {
		out[i] = wordsAt(line)
	}
	return out
}

// words returns the words of a text in lower case.
func words(s string) []string {
	all := wordsAt(s)
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = w.text
	}
	return out
}

// bytesOfWord is about how many bytes of a text a word takes, with what parts it from the next.
const bytesOfWord = 6

// wordsAt returns the words of a text in lower case, each with where it stands.
func wordsAt(s string) []word {
	out := make([]word, 0, len(s)/bytesOfWord+1)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += size
			continue
		}
		end := wordEnd(s, i+size)
		out = append(out, word{lower(s[i:end]), i})
		i = end
	}
	return out
}

// wordEnd returns where a word ends of which a part stands before i.
func wordEnd(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if text.NotLetter(r) && r != '’' {
			break
		}
		i += size
	}
	return i
}

// lower returns a word in lower case, without apostrophes at its end.
func lower(w string) string {
	if strings.IndexByte(w, '\'') >= 0 || strings.Contains(w, "’") {
		w = strings.ReplaceAll(strings.TrimRight(w, "'’"), "’", "'")
	}
	return strings.ToLower(w)
}
