package text

import "strings"

func WordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

func HasAnyWord(s string, set map[string]bool) bool {
	for w := range strings.FieldsFuncSeq(s, NotLetter) {
		if set[w] {
			return true
		}
	}
	return false
}

// ContainsAny tells whether one of the words stands in s.
func ContainsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func StartsWithWord(s string, words []string) bool {
	for _, w := range words {
		rest, ok := strings.CutPrefix(s, w)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.:;!-") || []rune(w)[0] > 0x2e00) {
			return true
		}
	}
	return false
}

// Prefixes are beginnings of lines, by the byte they start with: every line is compared with all of them.
type Prefixes [256][]string

func Beginnings(words ...string) *Prefixes {
	var p Prefixes
	for _, w := range words {
		p[w[0]] = append(p[w[0]], w)
	}
	return &p
}

// Like returns those that s might begin with.
func (p *Prefixes) Like(s string) []string {
	if s == "" {
		return nil
	}
	return p[s[0]]
}

// StartsWithAny tells whether s begins with one of them.
func StartsWithAny(s string, p *Prefixes) bool {
	for _, w := range p.Like(s) {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
