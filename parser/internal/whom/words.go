package whom

import (
	"iter"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// words returns the words of a text in lower case.
func words(s string) []string {
	var out []string
	for _, w := range wordsAt(s) {
		out = append(out, w)
	}
	return out
}

// wordsAt yields the words of a text in lower case, each with where it stands.
func wordsAt(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		start := -1
		for i, r := range s + " " {
			in := !text.NotLetter(r) || r == '’'
			switch {
			case start < 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
				start = i
			case !in && start >= 0:
				w := strings.TrimRight(s[start:i], "'’")
				if !yield(start, strings.ToLower(strings.ReplaceAll(w, "’", "'"))) {
					return
				}
				start = -1
			}
		}
	}
}
