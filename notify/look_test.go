package notify

import (
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/templates"
)

// lookingOwn is a composer for a service with a look of its own.
func lookingOwn(t *testing.T) *Composer {
	t.Helper()
	set, err := templates.New(winter.Location(), templates.Look{Colour: "#7c2855", Dark: "#e8a5c6"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := testService()
	s.Logo, s.Privacy, s.PrivacyPage, s.Footer = "Oak & Elm", "How we use it", "https://oak.test/privacy", "Oak Trust, 1 High Street"
	s.Welsh = map[string]string{"Oak & Elm": "Derw a Llwyf", "How we use it": "Sut rydym yn ei ddefnyddio",
		"https://oak.test/privacy": "https://oak.test/cy", "Oak Trust, 1 High Street": "Derw, 1 Y Stryd Fawr"}
	return NewComposer(set, s, evidenceParts{})
}

// TestLook: what an operator chooses of how letters look stands in every letter, in its language, in text as in HTML; nothing
// is left of the colours that it replaces.
func TestLook(t *testing.T) {
	t.Parallel()
	c := lookingOwn(t)
	for _, s := range samples() {
		email, err := c.Render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		text, page := []string{"\nOak & Elm\n", "\nHow we use it\nhttps://oak.test/privacy\n", "\nOak Trust, 1 High Street\n"},
			[]string{">Oak &amp; Elm</span>", `<a href="https://oak.test/privacy" style="color:#7c2855;">How we use it</a>`,
				"Oak Trust, 1 High Street"}
		if s.letter.Facts.Language == intake.Welsh {
			text, page = []string{"\nDerw a Llwyf\n", "\nSut rydym yn ei ddefnyddio\nhttps://oak.test/cy\n", "\nDerw, 1 Y Stryd Fawr\n"},
				[]string{">Derw a Llwyf</span>", `<a href="https://oak.test/cy" style="color:#7c2855;">Sut`, "Derw, 1 Y Stryd Fawr"}
		}
		for i := range text {
			if !strings.Contains(email.Text, text[i]) || !strings.Contains(email.HTML, page[i]) {
				t.Errorf("%s: %q and %q are not both there", s.name, text[i], page[i])
			}
		}
		for _, colour := range []string{"#005eb8", "#8ac4f5", "#1f4e79"} {
			if strings.Contains(strings.ToLower(email.HTML), colour) {
				t.Errorf("%s: %s is left", s.name, colour)
			}
		}
	}
}
