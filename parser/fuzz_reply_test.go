package parser_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"mfabot/parser"
)

// FuzzReply quotes any text as every client does, containing a word that must not be read as the sender's.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"Hello", "On Mon wrote:\n\nHi", "-- \nBen", "Kind regards\nBen", "________\nFrom: a",
		"APPROVE\n\n\nPS", "2026-03-03 10:12 GMT+00:00 Ben", "CAUTION: external email\n\nHi"} {
		f.Add(s)
	}
	const canary = "Quetzalcoatlus"
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, text string) {
		for name, form := range quoteForms {
			raw := form(text + "\n" + canary)
			m, err := p.Parse(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.NewText, canary) {
				t.Fatalf("%s: quoted text is read as new:\n%s", name, raw)
			}
		}
		m, err := p.Parse(strings.NewReader(reply(text)))
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(m.NewText) || len(m.NewText) > len(m.Text)+3 {
			t.Fatalf("new text %q of %q", m.NewText, m.Text)
		}
	})
}

// FuzzRequest reads any text as a request: the users are named in it and are not its sender, and the reason
// is one of the policy's.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{"User: sam@site.test\nReason: accessibility",
		"Please exempt Dr Sam Okafor <sam@site.test>, she works in a prison.", "sam@site.test lost her phone",
		"Contact me on kim@site.test", "User\tReason\nsam@site.test\tother", "> User: sam@site.test", "Sam\nsam@site.test\n\nKind regards\nKim\nkim@site.test"} {
		f.Add(s)
	}
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := p.Parse(strings.NewReader(reply(text)))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range m.Subjects {
			if strings.EqualFold(s.Email, m.From) || !strings.Contains(s.Email, "@") {
				t.Fatalf("subject %q of %q", s.Email, text)
			}
			if isPlain(text) && !strings.Contains(unbroken(m.Text), unbroken(s.Email)) {
				t.Fatalf("%q is not in %q", s.Email, text)
			}
		}
		known := func(r parser.Reason) bool { return r.ID == m.Reason && r.ShortTerm == m.ShortTerm }
		if m.Reason != "" && !slices.ContainsFunc(vocabulary.Reasons, known) {
			t.Fatalf("reason %q, short term %v, of %q", m.Reason, m.ShortTerm, text)
		}
	})
}

// unbroken returns the letters and digits of a text: what is left of an address however somebody broke it. What they
// write in words, as "dot", is left out too.
func unbroken(s string) string {
	s = strings.ToLower(s)
	for _, word := range []string{"(at)", "[at]", "{at}", "<at>", "( at )", "[ at ]", "{ at }", "< at >", " at ",
		"(dot)", "[dot]", "{dot}", " dot "} {
		s = strings.ReplaceAll(s, word, "")
	}
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 || r < ' ' && r != '\n' })
}
