package intake

import (
	"regexp"
	"strings"
)

// CodePrefix begins every code, so that it is recognised wherever it appears in a reply.
const CodePrefix = "mfa-"

// A code has 160 bits, in base32: that survives subjects, Message-IDs and typing.
var (
	codeForm = regexp.MustCompile(`(?i)` + CodePrefix + `[a-z2-7]{32}`)
	maskForm = regexp.MustCompile(`(?i)(?:m|%6d)` + CodePrefix[1:] + `[a-z2-7]{32}`) // in a link, too
	codeLine = regexp.MustCompile(`(?i)^\W*review code\W*:`)
)

// FindCodes returns the codes in s, at most that many, in lower case.
func FindCodes(s string, most int) []string { return codeForm.FindAllString(strings.ToLower(s), most) }

// IsCode reports whether s is exactly one code, in lower case.
func IsCode(s string) bool { return s != "" && codeForm.FindString(s) == s && s == strings.ToLower(s) }

// MaskCodes hides the codes in a text that is quoted to somebody: each code is for one person only.
func MaskCodes(s string) string { return maskForm.ReplaceAllString(s, CodePrefix+"…") }

// BeforeCode returns what a reviewer wrote, without the review email that some mail clients leave unmarked
// below it.
func BeforeCode(s string) string {
	var kept []string
	for line := range strings.Lines(s) {
		if maskForm.MatchString(line) || codeLine.MatchString(strings.TrimSpace(line)) {
			break
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}

// KeySize is the minimum length of a key, in bytes.
const KeySize = 32
