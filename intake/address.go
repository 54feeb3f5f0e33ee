package intake

import (
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Canonical returns an address as it is compared and stored: trimmed and in lower case, since no mail service
// in use tells Sam from sam. Only ASCII letters are changed: the lower case of some others, such as the
// Kelvin sign, is an ASCII letter, and would make it somebody else's address.
func Canonical(addr string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(addr))
}

// isASCII reports whether s is plain ASCII, so that it cannot merely look like another address.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// IsAddress reports whether s is one bare email address (RFC 5321, section 4.1.2) in ASCII, at most 254 bytes
// long.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return isASCII(s) && err == nil && a.Name == "" && a.Address == s && len(s) <= 254 &&
		!strings.ContainsAny(s, "\" \t\r\n<>")
}

// UserKey returns what tells one user from another: their address as it is compared, without its detail. Mail
// for sam+anything goes to sam.
func UserKey(addr string) string { return withoutDetail(Canonical(addr)) }

// withoutDetail returns an address without its detail, the part after a plus sign (RFC 5233).
func withoutDetail(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}
