package request

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/text"
)

// eitherHint is what a form offers as answers.
var eitherHint = regexp.MustCompile(`^\W*(?:yes|y|ydy|ie|oes) *(?:/|or|neu|\|) *(?:no|n|nac ydy|na|nac oes)\b *(?:/` +
	` *(?:not sure|don't know|unsure)\b *)?[)\]:*_-]* *`)

// isYes reads what stands in the field that asks whether a method is registered.
func isYes(s string) string {
	if one := emphasised(s); one != "" {
		s = one
	}
	notApplicable := strings.TrimSpace(s) == "NA"
	s = strings.Trim(text.Simplify(s), " .,!\"'“”‘’*_()[]->✓✔")
	s = eitherHint.ReplaceAllString(s, "")
	if notApplicable || strings.HasPrefix(s, "n/a") || isUnsure(s) || strings.HasSuffix(s, "?") {
		return meaning.Unknown
	}
	switch {
	case text.StartsWithWord(s, []string{"no longer", "yes please"}), text.HasAnyWord(s, professions) && !text.HasAnyWord(s, methods):
		return meaning.Unknown
	case s == "registered":
		return meaning.Yes
	}
	for _, a := range saysMethod {
		if text.StartsWithWord(s, a.words) {
			return a.says
		}
	}
	return meaning.Unknown
}

// isUnsure reports whether an answer says that it is not known.
func isUnsure(s string) bool { return text.HasAnyWord(text.Simplify(s), unsure) }

// professions are words of another registration, and methods of this one.
var (
	professions = text.WordSet("nmc gphc gdc goc hcpc cqc gmc pin blind")
	methods     = text.WordSet("app authenticator sms text call phone key code codes token")
)

// unsure are words of those who do not know.
var unsure = text.WordSet("sure unsure know stated think maybe perhaps probably possibly idea unknown siŵr gwybod tbc")

// saysMethod are the beginnings of answers.
var saysMethod = []struct {
	says  string
	words []string
}{
	{meaning.No, []string{"no", "n", "not", "none", "false", "nothing", "na", "never", "nope", "neither", "nac", "naddo",
		"nag", "dim", "nid"}},
	{meaning.Yes, []string{"yes", "y", "yep", "yeah", "yess", "done", "true", "authenticator", "ms authenticator", "app", "microsoft",
		"sms", "text", "phone", "call", "landline", "security key", "yubikey", "key", "token", "ie", "ydw", "ydy", "oes",
		"do", "fido", "the app"}},
}
