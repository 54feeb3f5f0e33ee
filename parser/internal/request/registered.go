package request

import "mfabot/parser/internal/text"

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
