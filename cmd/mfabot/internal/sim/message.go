package sim

import (
	"mime"
	"strings"
)

// Field returns the value of a message's header field, unfolded; empty if there is none.
func Field(raw, name string) string {
	header, _, _ := strings.Cut(raw, "\r\n\r\n")
	value, found := "", false
	for line := range strings.SplitSeq(header, "\r\n") {
		if found && strings.HasPrefix(line, " ") || found && strings.HasPrefix(line, "\t") {
			value += line
			continue
		}
		if found {
			break
		}
		if key, rest, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			value, found = rest, true
		}
	}
	return strings.TrimSpace(value)
}

// Decoded returns a header field as it is shown.
func Decoded(value string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value
	}
	return s
}
