package mime

import (
	"net/mail"
	"strings"
	"time"
)

// StripComments removes the parenthesised comments of RFC 5322 section 3.2.2 outside quoted strings.
func StripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
			continue
		case c == ')' && !quoted && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// Keyword returns the first word of a structured value in lower case: what stands before a parameter, a
// comment or a blank.
func Keyword(s string) string {
	s = strings.TrimSpace(StripComments(s))
	if i := strings.IndexAny(s, "; \t,"); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}

// MessageIDs returns the identifiers of a Message-ID, In-Reply-To or References value without their brackets.
// Words without brackets count only when they look like an identifier, as some clients leave the brackets
// out.
func MessageIDs(s string) []string {
	var ids []string
	for len(ids) < maxReferences {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		s = s[open+1:]
		end := strings.IndexByte(s, '>')
		if end < 0 {
			break
		}
		if id := strings.Join(strings.Fields(s[:end]), ""); id != "" {
			ids = append(ids, id)
		}
		s = s[end+1:]
	}
	if ids == nil {
		for _, word := range strings.Fields(s) {
			if strings.Contains(word, "@") && !strings.ContainsAny(word, "<>\"'(),;") && len(ids) < maxReferences {
				ids = append(ids, word)
			}
		}
	}
	return ids
}

// Date reads the value of a Date field. It tries the form of nearly all mail first, as each one that fails
// costs an error.
func Date(s string) (time.Time, error) {
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", s); err == nil {
		return t, nil
	}
	return mail.ParseDate(s)
}
