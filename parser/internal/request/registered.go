package request

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// registeredInText reads in free text whether an authentication method is registered: yes, no or unknown.
func registeredInText(s string) string {
	answer := "unknown"
	if !text.ContainsAny(strings.ToLower(s), methods) {
		return answer
	}
	for s, rest, more := "", s, true; more; {
		s, rest, more = cutSentence(rest)
		lower := strings.ToLower(s)
		if !text.ContainsAny(lower, methods) || text.IsASCII(s) && !text.ContainsAny(lower, settingUp) ||
			!setUpWords.MatchString(s) || laterWords.MatchString(s) {
			continue
		}
		says := "yes"
		if notWords.MatchString(s) {
			says = "no"
		}
		if answer != "unknown" && answer != says {
			return "unknown"
		}
		answer = says
	}
	return answer
}

// methods are the words for what may be registered.
var methods = []string{"authenticator", "authentication", "mfa method", "security key"}

// settingUp are the words of which setUpWords needs at least one.
var settingUp = []string{"registered", "set", "enrolled", "installed"}

var setUpWords = regexp.MustCompile(`(?i)\b(registered|set ?up|enrolled|installed)\b`)

// cutSentence cuts text after its first sentence, and reports whether it found where that ends.
func cutSentence(text string) (sentence, rest string, found bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == ';':
			return text[:i], text[i+1:], true
		case i+1 == len(text):
		case (c == '.' || c == '!') && strings.IndexByte(" \t\n\f\r", text[i+1]) >= 0, c == '\n' && text[i+1] == '\n':
			return text[:i], text[i+2:], true
		}
	}
	return text, "", false
}

// isYes reads an answer: yes, no or unknown.
func isYes(s string) string {
	s = text.Simplify(s)
	switch word := text.LeadingLetters(s); word {
	case "yes", "y", "registered", "done", "true", "authenticator", "app", "microsoft", "sms", "phone", "ie", "ydw",
		"fido":
		return "yes"
	case "no", "n", "not", "none", "false", "nothing", "na":
		return "no"
	}
	return "unknown"
}
