package intake

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/parser"
)

// tokensIn lists the codes that a message brings back, each once, the surest
// first: what it answers, the address it was sent to, its subject, its text. Header
// fields that are not covered are passed over. Quoted text counts here: a code
// proves nothing alone.
func tokensIn(m *parser.Message, covered func(field string) bool) []string {
	var places []string
	for _, place := range []struct {
		field string
		words []string
	}{
		{"in-reply-to", m.InReplyTo}, {"references", backwards(m.References)}, {"to", m.To}, {"cc", m.Cc}, {"subject", []string{m.Subject}},
	} {
		if covered(place.field) {
			places = append(places, place.words...)
		}
	}
	var out []string
	for _, s := range append(places, m.Text) {
		for _, token := range tokenForm.FindAllString(strings.ToLower(s), maxTokens) {
			if len(out) < maxTokens && !slices.Contains(out, token) {
				out = append(out, token)
			}
		}
	}
	return out
}

// maxTokens bounds the codes of a message that are looked up. All our
// Message-IDs have their form, so that a long conversation holds many.
const maxTokens = 100

var (
	tokenForm = regexp.MustCompile(secretForm)
	anyToken  = regexp.MustCompile(`(?i)` + secretForm)
	codeLine  = regexp.MustCompile(`(?i)^\W*review code\W*:`)
)

// MaskCodes hides the codes in words that are quoted to somebody: each is one
// person's alone.
func MaskCodes(s string) string { return anyToken.ReplaceAllString(s, secretPrefix+"…") }

// masked hides the codes in all that a letter quotes. The code that the letter
// itself brings is another fact.
func (f Facts) masked() Facts {
	f.Said, f.Justification, f.Headline = MaskCodes(f.Said), MaskCodes(f.Justification), MaskCodes(f.Headline)
	f.Lines, f.History = slices.Clone(f.Lines), slices.Clone(f.History)
	for i, line := range f.Lines {
		f.Lines[i] = MaskCodes(line)
	}
	for i := range f.History {
		f.History[i].Text = MaskCodes(f.History[i].Text)
	}
	return f
}

// beforeCode is what a reviewer wrote, without the review email that some mail
// clients leave below it unmarked.
func beforeCode(s string) string {
	var kept []string
	for line := range strings.Lines(s) {
		if anyToken.MatchString(line) || codeLine.MatchString(strings.TrimSpace(line)) {
			break
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}
