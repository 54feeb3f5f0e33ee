package intake

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser"
)

type lookFile struct {
	Colour      *string
	ColourDark  *string `toml:"colour_dark"`
	Logo        *string
	Privacy     *string
	PrivacyPage *string `toml:"privacy_page"`
	Footer      *string
}

// readTexts reads what letters say of the service.
func readTexts(f *TOMLFile, p *Policy, raw *policyFile) {
	p.Name, p.Telephone, p.Authenticator = raw.Name, raw.Telephone, raw.Authenticator
	for _, s := range []struct{ key, value string }{
		{"name", p.Name}, {"telephone", p.Telephone}, {"authenticator", p.Authenticator},
	} {
		if strings.TrimSpace(s.value) == "" {
			f.Bad(s.key, "expected a text")
		}
	}
	for words, said := range raw.Welsh {
		if strings.TrimSpace(words) == "" || strings.TrimSpace(said) == "" {
			f.Bad("welsh", "expected words of this policy and the same in Welsh, not %q and %q", words, said)
		}
	}
	p.Welsh = raw.Welsh
	p.Hours = readOptional(f, "hours", raw.Hours)
	p.Relay = readOptional(f, "relay", raw.Relay)
	p.OtherMethods = readOptional(f, "other_methods", raw.OtherMethods)
	p.Look = readLook(f, raw)
	for _, s := range []struct{ key, number string }{{"telephone", p.Telephone}, {"relay", p.Relay}} {
		if strings.TrimSpace(s.number) != "" && !strings.ContainsAny(s.number, "0123456789") {
			f.Bad(s.key, "expected a telephone number, not %q", s.number)
		}
	}
}

// readOptional reads a text that may be left out, but not be blank.
func readOptional(f *TOMLFile, key string, s *string) string {
	if s == nil {
		return ""
	}
	if strings.TrimSpace(*s) == "" {
		f.Bad(key, "expected a text, or no such key")
	}
	return *s
}

// Bounds on what stands in every letter, in runes: the logo stands beside the name of the service, on a phone too.
const (
	maxLogo    = 30
	maxPrivacy = 200
	maxFooter  = 400
)

// The grounds on which the colours stand. White words stand on the one for a light ground too, as those of buttons do.
const (
	lightGround = "#ffffff"
	darkGround  = "#2b3237" // the lightest of them
	legible     = 4.5       // the least contrast of words (WCAG 2.2, success criterion 1.4.3)
)

// readLook reads how letters look and end.
func readLook(f *TOMLFile, raw *policyFile) Look {
	l := raw.Look
	look := Look{
		Colour:      readColour(f, "look.colour", readOptional(f, "look.colour", l.Colour), lightGround),
		ColourDark:  readColour(f, "look.colour_dark", readOptional(f, "look.colour_dark", l.ColourDark), darkGround),
		Logo:        readLine(f, "look.logo", l.Logo, raw.Welsh, maxLogo),
		Privacy:     readLine(f, "look.privacy", l.Privacy, raw.Welsh, maxPrivacy),
		PrivacyPage: readOptional(f, "look.privacy_page", l.PrivacyPage),
		Footer:      readLine(f, "look.footer", l.Footer, raw.Welsh, maxFooter),
	}
	const together = "expected %s too: that of the NHS would not go with it"
	if l.Colour != nil && l.ColourDark == nil {
		f.Bad("look.colour", together, "colour_dark")
	} else if l.Colour == nil && l.ColourDark != nil {
		f.Bad("look.colour_dark", together, "colour")
	}
	if look.PrivacyPage == "" {
		return look
	}
	if look.Privacy == "" {
		f.Bad("look.privacy_page", "expected privacy too: the words that lead there")
	}
	for _, page := range []string{look.PrivacyPage, raw.Welsh[look.PrivacyPage]} {
		if u, err := url.Parse(page); page != "" && (err != nil || u.Scheme != "https" || u.Host == "" ||
			strings.ContainsFunc(page, unicode.IsSpace)) {
			f.Bad("look.privacy_page", "expected the address of a page, such as https://example.org/privacy, not %q", page)
		}
	}
	return look
}

// readLine reads an optional text that stands in letters by itself: it and its Welsh are one line each, which nobody can take
// for the beginning of an answer.
func readLine(f *TOMLFile, key string, s *string, welsh map[string]string, limit int) string {
	text := readOptional(f, key, s)
	for _, line := range []string{text, welsh[text]} {
		if utf8.RuneCountInString(line) > limit || strings.ContainsFunc(line, unicode.IsControl) {
			f.Bad(key, "expected one line of at most %d characters, not %q", limit, line)
		}
		if line != "" && answers(line) {
			f.Bad(key, "expected words that are no answer, as they would count as one where somebody sends them back, not %q", line)
		}
	}
	return text
}

// answers reports whether a line would be taken for an answer, or for a line of the form, where it stands in a reply.
func answers(line string) bool {
	m, err := parser.New(parser.Vocabulary{}).Parse(strings.NewReader("From: a@x.test\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n\r\n" + line))
	return err != nil || m.Decision != nil || m.Withdraw || len(m.Subjects) > 0
}

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// readColour checks that a colour, unless it is empty, can be read on a ground.
func readColour(f *TOMLFile, key, colour, ground string) string {
	switch {
	case colour == "":
	case !colourForm.MatchString(colour):
		f.Bad(key, "expected a colour such as #005eb8, not %q", colour)
	case contrast(colour, ground) < legible:
		f.Bad(key, "expected a contrast of at least %.1f to 1 with %s, so that everybody can read it: %s has %.1f to 1",
			legible, ground, colour, math.Floor(contrast(colour, ground)*10)/10)
	}
	return strings.ToLower(colour)
}

// contrast is that of two colours, from 1 to 21 (WCAG 2.2, contrast ratio).
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is how bright a colour is, from 0 to 1 (WCAG 2.2, relative luminance).
func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // colourForm has looked at it
		c := float64(n) / math.MaxUint8
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
