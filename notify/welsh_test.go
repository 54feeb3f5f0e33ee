package notify

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/templates"
)

// welshComposer says the words of the embedded policy in Welsh too.
func welshComposer(t *testing.T) *Composer {
	t.Helper()
	p, err := intake.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	c := testComposer(t)
	c.service.Welsh = maps.Clone(p.Welsh)
	for english, welsh := range map[string]string{
		c.service.OtherMethods: "neges destun neu allwedd ddiogelwch", c.service.Hours: "dydd Llun i ddydd Gwener, 8am i 6pm",
		"for example a signed risk assessment":                         "er enghraifft asesiad risg wedi'i lofnodi",
		"for example a letter from the place":                          "er enghraifft llythyr gan y lle",
		"it is a picture shown in the text of the email, as a logo is": "llun yn nhestun yr e-bost ydyw, fel logo",
	} {
		c.service.Welsh[english] = welsh
	}
	return c
}

// TestAllIsInWelsh: every letter to a site or a user is in Welsh, and nothing of what we say in it is English.
func TestAllIsInWelsh(t *testing.T) {
	c := welshComposer(t)
	english := strings.Fields("the and are was were has have had of to for with from that this these not please our they their " +
		"you your it be been will would could need needs who which when because if but or by as on in user site request exception")
	for _, s := range samples() {
		if !strings.HasPrefix(s.name, "cy-") {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			if c.language(s.letter) != templates.Welsh {
				t.Fatal("it is in English")
			}
			email, err := c.Render(s.letter, monday)
			if err != nil {
				t.Fatal(err)
			}
			theirs := []string{s.letter.Facts.By, "", "To get this email in English, reply with the one word ENGLISH.", ""}
			for _, e := range s.letter.Facts.Evidence {
				theirs = append(theirs, e.Filename, "")
			}
			for _, words := range s.letter.Facts.ReasonWords {
				theirs = append(theirs, words, "")
			}
			for line := range strings.Lines(strings.NewReplacer(theirs...).Replace(email.Subject + "\n" + email.Text)) {
				if quoted := strings.HasPrefix(strings.TrimSpace(line), "|"); quoted {
					continue
				}
				for word := range strings.FieldsSeq(line) {
					if slices.Contains(english, strings.Trim(word, ".,:;()“”\"?!")) {
						t.Errorf("%q in: %s", word, strings.TrimSpace(line))
					}
				}
			}
		})
	}
}
