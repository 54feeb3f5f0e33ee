package parser

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// The verbs of a Decision.
const (
	approve = "approve"
	reject  = "reject"
	info    = "info"
	revoke  = "revoke"
)

// keywords are the words that a command begins with, in lower case.
var keywords = map[string]string{
	"approve": approve, "approved": approve,
	"reject": reject, "rejected": reject,
	"info": info, "more info": info,
	"revoke": revoke, "revoked": revoke,
}

// courtesies may follow APPROVE on its line, with the sender's name after them.
var courtesies = []string{
	"many thanks", "thank you very much", "thanks very much", "thank you", "thanks", "with thanks", "cheers", "kind regards", "best wishes", "best regards", "regards",
}

// placeholders are what our own instructions give where a person should write something.
var placeholders = map[string]bool{"reason": true, "question": true, "your reason": true, "your question": true, "the reason": true, "the question": true, "text": true}

// decision is a reviewer's command.
type decision struct {
	Verb  string // approve, reject, info or revoke
	Text  string // the reason or the question; "UNTIL 2027-03-01" after APPROVE UNTIL 2027-03-01
	Until string // 2027-03-01 in that case
}

// decide reads the command on the first line of the newest text. It returns nil unless there is exactly one, nothing after it takes it
// back, and nothing about it is odd.
func (a author) decide(n newest) *decision {
	fromName := a.name
	first := nextText(n.lines, 0)
	if first < 0 || n.adjacent || n.long {
		return nil
	}
	d := parseCommand(n.lines[first].text, fromName)
	if d == nil {
		return nil
	}
	rest := n.lines[first+1:]
	if hasCommand(rest, fromName) || hasCommand(n.tail, fromName) || takesBackBelow(n.tail, d.Verb) {
		return nil
	}
	if d.Verb == approve {
		if takesBack(rest, fromName) {
			return nil
		}
		return d
	}
	if startsTakingBack(rest) {
		return nil
	}
	d.Text = decisionText(d.Text, rest)
	if placeholders[strings.Trim(simplify(d.Text), "<>[](){}. ")] {
		return nil
	}
	return d
}

// parseCommand reads one line as a command, or returns nil.
func parseCommand(s, fromName string) *decision {
	s, ok := commandText(s)
	if !ok {
		return nil
	}
	verb, rest := cutKeyword(s)
	switch verb {
	case "":
		return nil
	case approve:
		return parseApproval(rest, fromName)
	}
	text := strings.TrimLeft(rest, " .:,;-–—!")
	if rest != "" && !strings.ContainsAny(rest[:1], " .:,;-!") && !strings.HasPrefix(rest, "–") && !strings.HasPrefix(rest, "—") {
		return nil
	}
	if offersChoice(text) {
		return nil
	}
	return &decision{Verb: verb, Text: text}
}

// parseApproval reads what follows APPROVE on its line: nothing, UNTIL with a date, or a courtesy.
func parseApproval(rest, fromName string) *decision {
	bare := strings.Trim(rest, " .!:")
	if bare == "" {
		return &decision{Verb: approve}
	}
	if m := untilRE.FindStringSubmatch(rest); m != nil {
		if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
			return nil
		}
		return &decision{Verb: approve, Text: "UNTIL " + m[1], Until: m[1]}
	}
	if courtesyRE.MatchString(rest) && isCourtesy(simplify(strings.TrimLeft(rest, " .,!:;-–—")), fromName) {
		return &decision{Verb: approve}
	}
	return nil
}

var (
	untilRE    = regexp.MustCompile(`(?i)^:?\s+until:?\s+(\d{4}-\d{2}-\d{2})\s*[.!]*$`)
	courtesyRE = regexp.MustCompile(`^[ .,!:;–—-][\p{L} .,!;–—-]*$`)
)

// isCourtesy tells a phrase of courtesies, with words of the sender's name after it.
func isCourtesy(s, fromName string) bool {
	for _, c := range courtesies {
		if rest, ok := strings.CutPrefix(s, c); ok {
			rest = strings.Trim(rest, " .,!;-–—")
			return rest == "" || isName(rest, fromName)
		}
	}
	return false
}

// commandText makes a line comparable: full-width letters and odd blanks become plain ones, the asterisks that plain text has for
// bold go. It refuses characters that do not show, or that change the order in which others show.
func commandText(s string) (string, bool) {
	ok := true
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < 0x7f:
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Co, r),
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
	word := leadingLetters(s)
	if strings.EqualFold(word, "more") {
		if next := leadingLetters(strings.TrimLeft(s[len(word):], " ")); isASCII(next) && strings.EqualFold(next, "info") {
			i := strings.Index(s, next)
			return info, s[i+len(next):]
		}
		return "", s
	}
	if !isASCII(word) {
		return "", s
	}
	return keywords[strings.ToLower(word)], s[len(word):]
}

func leadingLetters(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '_' {
			return s[:i]
		}
	}
	return s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// offersChoice tells a text after REJECT or INFO that is another command, as when the choices are pasted back on one line.
func offersChoice(text string) bool {
	lower := strings.ToLower(text)
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "|") || strings.HasPrefix(text, "?") || strings.HasPrefix(lower, "or ") {
		return true
	}
	if verb, rest := cutKeyword(text); verb == approve || verb != "" && strings.Trim(rest, " .!?") == "" {
		return true
	}
	for word := range strings.FieldsFuncSeq(text, notLetter) {
		switch word {
		case "APPROVE", "APPROVED", "REJECT", "REJECTED":
			return true
		}
	}
	return false
}

func notLetter(r rune) bool {
	if r < 0x80 {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '\''
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// hasCommand tells whether one of the lines is a command of its own. Words such as "Info" begin sentences too: unless in capitals
// they need a colon or to stand alone.
func hasCommand(lines []textLine, fromName string) bool {
	for _, ln := range lines {
		s, _ := commandText(visible(ln.text))
		s = strings.TrimLeft(s, "-•>*·1234567890.) ")
		verb, rest := cutKeyword(s)
		if verb == "" {
			continue
		}
		word := s[:len(s)-len(rest)]
		alone := strings.Trim(rest, " .!?:") == ""
		if alone || strings.ToUpper(word) == word || strings.HasPrefix(strings.TrimSpace(rest), ":") || parseCommand(s, fromName) != nil && verb == approve {
			return true
		}
	}
	return false
}

// visible drops the characters that do not show.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// decisionText is the text on the command's line and what follows it.
func decisionText(first string, rest []textLine) string {
	all := append([]textLine{{text: first}}, rest...)
	return cutBytes(joinLines(all), maxDecision)
}

// withdraws tells whether the first line of the newest text is WITHDRAW and nothing else.
func (a author) withdraws(n newest) bool {
	first := nextText(n.lines, 0)
	if first < 0 || n.adjacent || n.long {
		return false
	}
	s, ok := commandText(n.lines[first].text)
	rest := n.lines[first+1:]
	return ok && isASCII(s) && strings.EqualFold(strings.TrimRight(s, ".! "), "withdraw") &&
		!hasCommand(rest, a.name) && !startsTakingBack(rest)
}

// sameDecision tells whether two readings of a message agree. The wording of a reason may differ, as plain text writes links out.
func sameDecision(a, b *decision) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Verb == b.Verb && a.Until == b.Until
}
