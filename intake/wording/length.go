package wording

import "regexp"

// SaysLong reports whether a text says that an exception is for the long term.
func SaysLong(text string) bool {
	s := simple(text)
	return long.MatchString(s) && !notLong.MatchString(s)
}

// forLong are the words for the long term.
const forLong = `(?:long(?:er)?[- ]?term|180 days|(?:six|6) months|permanent(?:ly)?|indefinite(?:ly)?|ongoing|for good` +
	`|full period|tymor hir)\b`

var (
	long    = regexp.MustCompile(`\b` + forLong)
	notLong = regexp.MustCompile(`\b(?:not|no|isn't|don't|doesn't|never|without)(?: \w+){0,3} ` + forLong)
)
