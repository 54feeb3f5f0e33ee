package text

import (
	"strings"
	"unicode"
)

// Simplify prepares a line for comparison with the tables: lower case, single blanks, no invisible
// characters, no marks of emphasis.
func Simplify(s string) string {
	if IsASCII(s) {
		return strings.Trim(collapse(strings.ToLower(s)), "*_ ")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r == '’' || r == '‘':
			return '\''
		case r == '：':
			return ':'
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Trim(collapse(s), "*_ ")
}

// collapse makes each run of white space one blank.
func collapse(s string) string {
	if strings.Contains(s, "  ") || strings.ContainsAny(s, "\t\r\n\v\f") {
		return strings.Join(strings.Fields(s), " ")
	}
	return strings.TrimSpace(s)
}

// Words returns the words of s in lower case, between single blanks. Hyphens count as blanks.
func Words(s string) string {
	if IsASCII(s) {
		return asciiWords(s)
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '‘':
			return '\''
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '\'':
			return unicode.ToLower(r)
		}
		return ' '
	}, s)
	return " " + strings.Join(strings.Fields(s), " ") + " "
}

func asciiWords(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(' ')
	blank := true
	for i := range len(s) {
		c := wordBytes[s[i]]
		if c != ' ' || !blank {
			b.WriteByte(c)
		}
		blank = c == ' '
	}
	if !blank || b.Len() == 1 {
		b.WriteByte(' ')
	}
	return b.String()
}

// wordBytes are the bytes of ASCII words in lower case, and blanks for all others.
var wordBytes = func() (table [256]byte) {
	for i := range table {
		table[i] = ' '
		if c := rune(i); c < 0x80 && !NotLetter(c) {
			table[i] = byte(unicode.ToLower(c))
		}
	}
	return table
}()

// IsASCII reports whether s has no other characters than those of ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// NotLetter reports whether r belongs to no word: letters, digits and the apostrophe do.
func NotLetter(r rune) bool {
	if r < 0x80 {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '\''
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// LeadingLetters returns the word at the beginning of s.
func LeadingLetters(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '_' {
			return s[:i]
		}
	}
	return s
}

// IndexColon returns the index of the first colon, the full-width one of East Asian text included, or -1.
func IndexColon(s string) int {
	plain := strings.IndexByte(s, ':')
	if plain >= 0 {
		s = s[:plain]
	}
	if wide := strings.Index(s, "："); wide >= 0 {
		return wide
	}
	return plain
}
