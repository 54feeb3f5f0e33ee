package inbound

import (
	"slices"

	"mfabot/intake"
	"mfabot/parser"
)

// codesIn returns the codes in a message, each once and the most reliable first: in what it answers, the
// address it was sent to, its subject, its text. Header fields that are not covered are skipped. Quoted text
// counts here, since a code alone proves nothing.
func codesIn(m *parser.Message, covered func(field string) bool) []string {
	var places []string
	for _, place := range []struct {
		field string
		words []string
	}{
		{"in-reply-to", m.InReplyTo}, {"references", backwards(m.References)}, {"to", m.To}, {"cc", m.Cc},
		{"subject", []string{m.Subject}},
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

// maxCodes bounds the codes that are looked up for a message. All our Message-IDs look like codes, so a long
// conversation has many.
const maxCodes = 100
