package reply

import (
	"slices"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// isSender reports whether a line names the sender, with titles, letters after the name or a post beside it.
// fromName is simplified.
func isSender(raw, s, fromName string) bool {
	first, _, _ := strings.Cut(s, " ")
	first = strings.TrimFunc(first, text.NotLetter)
	if len(raw) > 120 || len(first) > 2 && !honorifics[first] && !strings.Contains(fromName, first) {
		return false
	}
	if isName(s, fromName) {
		return true
	}
	raw = strings.Trim(raw, "*_ ")
	if end := strings.IndexAny(raw, ",|(/•·:"); end > 0 && !strings.Contains(raw[:end], " - ") {
		if family, given, ok := strings.Cut(raw, ","); ok && strings.Contains(raw, "(") {
			given, _, _ = strings.Cut(given, "(")
			return isName(text.Simplify(given+" "+family), fromName) &&
				strings.Contains(text.Simplify(fromName), text.Simplify(family))
		}
		raw = raw[:end]
	}
	raw, _, _ = strings.Cut(raw, " - ")
	raw, _, _ = strings.Cut(raw, " – ")
	words := strings.Fields(raw)
	for len(words) > 1 && honorifics[strings.ToLower(strings.Trim(words[0], "."))] {
		words = words[1:]
	}
	return isInitials(words, fromName) || isNameWithLetters(words, fromName)
}

var honorifics = text.WordSet("dr mr mrs ms miss mx prof professor rev sir dame sister nurse")

// isNameWithLetters reports whether the words are a name of two or more, with at most three abbreviations
// such as MRPharmS after it.
func isNameWithLetters(words []string, fromName string) bool {
	count := 0
	for count < len(words) && isName(text.Simplify(words[count]), fromName) {
		count++
	}
	if count < 2 || len(words)-count > 3 {
		return count == 1 && len(words) == 1
	}
	for _, w := range words[count:] {
		if r := []rune(w); !unicode.IsUpper(r[0]) || len(r) > 1 && strings.ToLower(w[1:]) == w[1:] {
			return false
		}
	}
	return true
}

// isInitials reports whether the words are initials of the sender: "SJ" or "S Jones" for Sarah Jones.
func isInitials(words []string, fromName string) bool {
	names := strings.FieldsFunc(text.Simplify(fromName), text.NotLetter)
	if len(names) < 2 || len(words) == 0 {
		return false
	}
	first, last := names[0], names[len(names)-1]
	if len(words) == 1 {
		w := strings.ReplaceAll(words[0], ".", "")
		return len(w) == 2 && w == strings.ToUpper(w) && strings.EqualFold(w, first[:1]+last[:1])
	}
	return len(words) == 2 && strings.EqualFold(strings.Trim(words[0], "."), first[:1]) && strings.EqualFold(words[1], last)
}

// isName reports whether a line is nothing but words of the sender's display name.
func isName(s, fromName string) bool {
	name := text.Simplify(fromName)
	for w := range strings.FieldsFuncSeq(s, text.NotLetter) {
		if !strings.Contains(name, w) {
			return false
		}
	}
	words := strings.FieldsFunc(name, text.NotLetter)
	said := strings.FieldsFunc(s, text.NotLetter)
	if len(words) == 0 || len(said) == 0 || len(said) > len(words) {
		return false
	}
	for _, w := range said {
		if len(w) < 2 || !slices.Contains(words, w) {
			return false
		}
	}
	return true
}
