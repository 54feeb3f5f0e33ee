package notify

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"mfabot/intake"
)

// What GOV.UK and the NHS service manual ask of a letter.
const (
	easeAtLeast  = 65.0 // Flesch reading ease
	wordsAtMost  = 25   // of a sentence
	wordsOnMean  = 14.0
	titleAtMost  = 70 // characters
	letterAtMost = 20 << 10
)

// TestLettersAreReadable measures what we say ourselves: not what is quoted, nor facts, nor addresses.
func TestLettersAreReadable(t *testing.T) {
	c := testComposer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			ease := easeAtLeast
			if s.letter.Facts.Language == intake.Welsh { // of which it says nothing
				ease = 0
			}
			email, err := c.Render(s.letter, monday)
			if err != nil {
				t.Fatal(err)
			}
			said := sentences(email.Text)
			words, syllables := 0, 0
			for _, sentence := range said {
				n := 0
				for _, word := range strings.Fields(sentence) {
					if k := syllablesOf(word); k > 0 {
						n, syllables = n+1, syllables+k
					}
				}
				if words += n; n > wordsAtMost {
					t.Errorf("a sentence of %d words: %s", n, sentence)
				}
			}
			mean := float64(words) / float64(len(said))
			if got := 206.835 - 1.015*mean - 84.6*float64(syllables)/float64(words); mean > wordsOnMean || got < ease {
				t.Errorf("sentences of %.1f words on the mean, reading ease %.0f", mean, got)
			}
			if title := readPage(t, []byte(email.HTML)).title; len([]rune(title)) > titleAtMost && s.letter.Template != intake.LetterAlert {
				t.Errorf("a title of %d characters: %s", len([]rune(title)), title)
			}
			if n := len(email.HTML); n > letterAtMost {
				t.Errorf("%d bytes of HTML", n)
			}
		})
	}
}

var (
	underlined = regexp.MustCompile(`^(=+|-{2,})\s*$`)
	fact       = regexp.MustCompile(`^[\pL ,()]{3,45}: \S`)
	tabular    = regexp.MustCompile(`^\S+( \S+)*( {2,}\S+( \S+)*)+$`) // a row of a table
	link       = regexp.MustCompile(`mailto:\S+|\S+@[\w.-]*\w|mfa-\w+|[LS]T-\d+-\d+`)
	mark       = regexp.MustCompile(`^(- |\d+\. )`)
	sentence   = regexp.MustCompile(`[.!?:](\s|$)`)
)

// sentences returns what a letter says: headings, items and the sentences of paragraphs.
func sentences(text string) (out []string) {
	text, _, _ = strings.Cut(text, "\n-- \n")
	for _, block := range strings.Split(text, "\n\n") {
		var parts []string
		for _, line := range strings.Split(block, "\n") {
			switch {
			case underlined.MatchString(line), tabular.MatchString(line), strings.HasPrefix(line, "  | "), strings.TrimSpace(line) == "|",
				fact.MatchString(line) && !strings.HasSuffix(line, "."):
				parts = append(parts, "")
			case mark.MatchString(line):
				parts = append(parts, mark.ReplaceAllString(line, ""))
			case len(parts) > 0:
				parts[len(parts)-1] += " " + strings.TrimSpace(line)
			default:
				parts = append(parts, line)
			}
		}
		for _, part := range parts {
			for _, s := range sentence.Split(link.ReplaceAllString(part, "it"), -1) {
				if s = strings.TrimSpace(s); strings.ContainsFunc(s, unicode.IsLetter) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

var (
	vowels = regexp.MustCompile(`[aeiouy]+`)
	silent = regexp.MustCompile(`(?:[^laeiouy]e|[^aeiouytd]ed|[^aeiouyscxz]es)$`)
)

// syllablesOf estimates the syllables of a word; 0 for what is none.
func syllablesOf(word string) int {
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))
	if word == "" {
		return 0
	}
	n := len(vowels.FindAllString(word, -1))
	if n > 1 && silent.MatchString(word) {
		n--
	}
	return max(n, 1)
}
