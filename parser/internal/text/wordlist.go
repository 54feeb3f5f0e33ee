package text

import "strings"

// WordSet returns the set of the words in a text, with blanks between them.
func WordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// HasAnyWord reports whether one of the words of s is in the set.
func HasAnyWord(s string, set map[string]bool) bool {
	for w := range strings.FieldsFuncSeq(s, NotLetter) {
		if set[w] {
			return true
		}
	}
	return false
}

// ContainsAny reports whether s contains one of the words.
func ContainsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// StartsWithWord reports whether s begins with one of the words, by itself where the script separates words.
func StartsWithWord(s string, words []string) bool {
	for _, w := range words {
		rest, ok := strings.CutPrefix(s, w)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.:;!-") || []rune(w)[0] > 0x2e00) {
			return true
		}
	}
	return false
}

// Prefixes are beginnings of lines, by their first byte: every line is compared with all of them.
type Prefixes [256][]string

// Beginnings returns the words as prefixes.
func Beginnings(words ...string) *Prefixes {
	var p Prefixes
	for _, w := range words {
		p[w[0]] = append(p[w[0]], w)
	}
	return &p
}

// Like returns the prefixes that s might begin with.
func (p *Prefixes) Like(s string) []string {
	if s == "" {
		return nil
	}
	return p[s[0]]
}

// StartsWithAny reports whether s begins with one of the prefixes.
func StartsWithAny(s string, p *Prefixes) bool {
	for _, w := range p.Like(s) {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
