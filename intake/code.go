package intake

import (
	"regexp"
	"strings"
)

// CodePrefix marks the codes that come back in replies, wherever they stand.
const CodePrefix = "mfa-"

// A code has 160 bits, in a form that survives subjects, Message-IDs and being typed.
var (
	codeForm = regexp.MustCompile(`(?i)` + CodePrefix + `[a-z2-7]{32}`)
	codeLine = regexp.MustCompile(`(?i)^\W*review code\W*:`)
)

// FindCodes returns the codes in a text, at most so many, in lower case.
func FindCodes(s string, most int) []string { return codeForm.FindAllString(strings.ToLower(s), most) }

// IsCode reports whether s is one code, in lower case.
func IsCode(s string) bool { return s != "" && codeForm.FindString(s) == s && s == strings.ToLower(s) }

// MaskCodes hides the codes in words that are quoted to somebody: each is one
// person's alone.
func MaskCodes(s string) string { return codeForm.ReplaceAllString(s, CodePrefix+"…") }

// BeforeCode is what a reviewer wrote, without the review email that some mail
// clients leave below it unmarked.
func BeforeCode(s string) string {
	var kept []string
	for line := range strings.Lines(s) {
		if codeForm.MatchString(line) || codeLine.MatchString(strings.TrimSpace(line)) {
			break
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}

// KeySize is the least length of a key, in bytes.
const KeySize = 32
