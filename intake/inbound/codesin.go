package inbound

import (
	"slices"

	"mfabot/intake"
	"mfabot/parser"
)

// codesIn lists the codes that a message brings back, each once, the surest
// first: what it answers, the address it was sent to, its subject, its text. Header
// fields that are not covered are passed over. Quoted text counts here: a code
// proves nothing alone.
func codesIn(m *parser.Message, covered func(field string) bool) []string {
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
		for _, code := range intake.FindCodes(s, maxCodes) {
			if len(out) < maxCodes && !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// maxCodes bounds the codes of a message that are looked up. All our
// Message-IDs have their form, so that a long conversation holds many.
const maxCodes = 100
