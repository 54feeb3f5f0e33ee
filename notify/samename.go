package notify

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"mfabot/intake"
)

// Parts of names that tell nobody apart: titles, and what a directory puts in brackets, such as the place.
var (
	bracketed = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)
	titles    = []string{"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev"}
)

// sameName reports whether two names can be one person's: written in another order or in capitals, with or without
// a title or middle names, and with an initial or a short form such as Sam in the place of a given name. It is true
// where one of them is empty.
func sameName(one, other string) bool {
	few, many := nameWords(one), nameWords(other)
	if len(few) > len(many) {
		few, many = many, few
	}
	if len(few) == 0 {
		return true
	}
	var left []string
	alike := false
	for _, w := range few {
		if i := slices.Index(many, w); i >= 0 {
			many = slices.Delete(many, i, i+1)
			alike = alike || len(w) > 1
			continue
		}
		left = append(left, w)
	}
	for _, w := range left {
		i := slices.IndexFunc(many, func(m string) bool { return shortFor(w, m) || shortFor(m, w) })
		if i < 0 {
			return false
		}
		many = slices.Delete(many, i, i+1)
	}
	return alike
}

// shortFor reports whether a part of a name is short for another: its initial, or such as Sam for Samuel. Jane is
// not short for Janet.
func shortFor(short, long string) bool {
	n := len(short)
	return strings.HasPrefix(long, short) && (n == 1 || n <= 4 && len(long) >= n+2)
}

// nameWords returns what a name consists of, in lower case and without accents.
func nameWords(name string) []string {
	plain := strings.ReplaceAll(intake.Folded(bracketed.ReplaceAllString(name, " ")), "'", "")
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(titles, w) })
}
