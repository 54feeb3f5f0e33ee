package intake

import (
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Canonical is the form in which addresses are compared and stored: lower case
// throughout, since no mail service in use tells Sam from sam. That holds for
// ASCII letters only: the lower case of some others, such as the Kelvin sign, is
// somebody else's letter.
func Canonical(addr string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(addr))
}

// isASCII reports whether s is plain: what looks like another's address is not it.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// IsAddress reports whether s is one bare email address (RFC 5321, section
// 4.1.2) in ASCII.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return isASCII(s) && err == nil && a.Name == "" && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "\" \t\r\n<>")
}

// withoutDetail is an address without what follows a plus sign (RFC 5233).
func withoutDetail(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}
