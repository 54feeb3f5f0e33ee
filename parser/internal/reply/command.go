package reply

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"mfabot/parser/internal/text"
)

// keywords are the words that a command begins with, in lower case, in English and Welsh.
var keywords = map[string]string{
	"approve": Approve, "approved": Approve, "cymeradwyo": Approve, "cymeradwywyd": Approve,
	"reject": Reject, "rejected": Reject, "gwrthod": Reject, "gwrthodwyd": Reject,
	"info": Info, "more info": Info, "gwybodaeth": Info,
	"revoke": Revoke, "revoked": Revoke,
}

// courtesies may follow APPROVE on its line, with the sender's name after them.
var courtesies = []string{
	"many thanks", "thank you very much", "thanks very much", "thank you", "thanks", "with thanks", "cheers",
	"kind regards", "best wishes", "best regards", "regards",
	"diolch yn fawr iawn", "diolch yn fawr", "llawer o ddiolch", "diolch", "cofion gorau", "cofion cynnes", "cofion",
}

// parseCommand reads one line as a command, or returns nil.
func parseCommand(s, fromName string) *Decision {
	s, ok := commandText(s)
	if !ok {
		return nil
	}
	verb, rest := cutKeyword(s)
	switch {
	case verb == "", isNoun(s[:len(s)-len(rest)], rest):
		return nil
	case verb == Approve:
		return parseApproval(rest, fromName)
	}
	text := strings.TrimLeft(rest, " .:,;-–—!")
	if rest != "" && !strings.ContainsAny(rest[:1], " .:,;-!") && !strings.HasPrefix(rest,
		"–") && !strings.HasPrefix(rest, "—") {
		return nil
	}
	if offersChoice(text) {
		return nil
	}
	return &Decision{Verb: verb, Text: text}
}

// isNoun reports whether a word of command may be the noun that it is in Welsh: "Gwybodaeth yn dod yfory" begins a sentence. In
// capitals, alone, or before a colon, a dash or a full stop it is the command.
func isNoun(word, rest string) bool {
	next := strings.TrimLeft(rest, " ")
	return slices.Contains([]string{"gwrthod", "gwybodaeth"}, strings.ToLower(word)) && word != strings.ToUpper(word) &&
		next != "" && !strings.HasPrefix(next, "–") && !strings.HasPrefix(next, "—") && !strings.ContainsAny(next[:1], ".:;-!")
}

// parseApproval reads what follows APPROVE on its line: nothing, UNTIL with a date, or a courtesy.
func parseApproval(rest, fromName string) *Decision {
	bare := strings.Trim(rest, " .!:")
	if bare == "" {
		return &Decision{Verb: Approve}
	}
	if m := untilRE.FindStringSubmatch(rest); m != nil {
		if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
			return nil
		}
		return &Decision{Verb: Approve, Text: "UNTIL " + m[1], Until: m[1]}
	}
	if courtesyRE.MatchString(rest) && isCourtesy(text.Simplify(strings.TrimLeft(rest, " .,!:;-–—")), fromName) {
		return &Decision{Verb: Approve}
	}
	return nil
}

var (
	untilRE    = regexp.MustCompile(`(?i)^:?\s+(?:until|hyd|tan):?\s+(\d{4}-\d{2}-\d{2})\s*[.!]*$`)
	courtesyRE = regexp.MustCompile(`^[ .,!:;–—-][\p{L} .,!;–—-]*$`)
)

// isCourtesy reports whether s is a courtesy, with or without the sender's name after it.
func isCourtesy(s, fromName string) bool {
	for _, c := range courtesies {
		if rest, ok := strings.CutPrefix(s, c); ok {
			rest = strings.Trim(rest, " .,!;-–—")
			return rest == "" || isName(rest, fromName)
		}
	}
	return false
}

// commandText makes a line comparable: full-width letters and odd blanks become plain ones, and the asterisks
// that stand for bold in plain text go. It refuses characters that do not show, or that change the order in
// which others show.
func commandText(s string) (string, bool) {
	ok := true
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < 0x7f:
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn, unicode.Me, unicode.Co),
			r == 0x115f, r == 0x1160, r == 0x2800, r == 0x3164, r == 0xffa0, r == unicode.ReplacementChar:
			ok = false
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if inner, bold := strings.CutPrefix(s, "*"); bold {
		if before, after, closed := strings.Cut(strings.TrimPrefix(inner, "*"), "*"); closed {
			s = before + strings.TrimPrefix(after, "*")
		}
	}
	return s, ok
}

// cutKeyword cuts a keyword off the front of a line.
func cutKeyword(s string) (verb, rest string) {
	word := text.LeadingLetters(s)
	if strings.EqualFold(word, "more") {
		next := text.LeadingLetters(strings.TrimLeft(s[len(word):], " "))
		if text.IsASCII(next) && strings.EqualFold(next, "info") {
			i := strings.Index(s, next)
			return Info, s[i+len(next):]
		}
		return "", s
	}
	if !text.IsASCII(word) {
		return "", s
	}
	return keywords[strings.ToLower(word)], s[len(word):]
}

// offersChoice reports whether the text after REJECT or INFO is another command, as when the choices are
// pasted back on one line.
func offersChoice(s string) bool {
	lower := strings.ToLower(s)
	if strings.HasPrefix(s, "/") || strings.HasPrefix(s, "|") || strings.HasPrefix(s, "?") || strings.HasPrefix(lower,
		"or ") {
		return true
	}
	if verb, rest := cutKeyword(s); verb == Approve || verb != "" && strings.Trim(rest, " .!?") == "" {
		return true
	}
	for word := range strings.FieldsFuncSeq(s, text.NotLetter) {
		switch word {
		case "APPROVE", "APPROVED", "REJECT", "REJECTED", "CYMERADWYO", "CYMERADWYWYD", "GWRTHOD", "GWRTHODWYD":
			return true
		}
	}
	return false
}

// hasCommand reports whether one of the lines is a command by itself. Words such as "Info" begin sentences
// too: unless in capitals, they must stand alone or before a colon.
func hasCommand(lines []text.Line, fromName string) bool {
	for _, ln := range lines {
		s, _ := commandText(visible(ln.Text))
		s = strings.TrimLeft(s, "-•>*·1234567890.) ")
		verb, rest := cutKeyword(s)
		if verb == "" {
			continue
		}
		word := s[:len(s)-len(rest)]
		alone := strings.Trim(rest, " .!?:") == ""
		if alone || strings.ToUpper(word) == word || strings.HasPrefix(strings.TrimSpace(rest), ":") ||
			verb == Approve && parseCommand(s, fromName) != nil {
			return true
		}
	}
	return false
}

// visible drops invisible characters.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}
