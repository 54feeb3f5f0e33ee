// Package wording says what a short text of a site or a user means: thanks, a question about where something
// stands, a call for a person, a withdrawal. Its functions are pure and know English, and the few Welsh words of
// the commands. They are meant for the author's own new text, without quotations and signature. Where a text can
// mean something else, they say so or find nothing: what they find must be safe to act on.
package wording

import (
	"regexp"
	"strings"
)

// simple returns a text in lower case, with plain apostrophes and single spaces.
func simple(text string) string {
	text = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "–", "-", "—", "-").Replace(text)
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}

// sentenceEnd matches where one sentence ends. A full stop within an address or a number ends nothing.
var sentenceEnd = regexp.MustCompile(`[.!?…]+(?:\s+|$)|\n\s*\n|\n`)

// sentences returns the sentences of a text, made simple, each with its question mark. A line that goes on below,
// as mail clients break them, is one with the next: it ends without a mark, and the next begins with a small letter.
func sentences(text string) []string {
	var out []string
	start := 0
	for _, at := range sentenceEnd.FindAllStringIndex(text, -1) {
		if mark := text[at[0]:at[1]]; strings.Trim(mark, "\n \t\r") == "" && goesOn(text[at[1]:]) && !strings.Contains(mark, "\n\n") {
			continue
		}
		out = append(out, text[start:at[1]])
		start = at[1]
	}
	out = append(out, text[start:])
	kept := out[:0]
	for _, s := range out {
		if s = simple(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// goesOn reports whether the rest of a text can continue a sentence that was broken off at the end of a line.
func goesOn(rest string) bool {
	rest = strings.TrimLeft(rest, " \t")
	return rest != "" && rest[0] >= 'a' && rest[0] <= 'z'
}
