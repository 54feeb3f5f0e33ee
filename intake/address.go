package intake

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
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

// Folded returns a text as it is looked for: in lower case and without accents.
func Folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == '’':
			return '\''
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// IsAddress reports whether s is one bare email address (RFC 5321, section 4.1.2) in ASCII, at most 254 bytes
// long.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return isASCII(s) && err == nil && a.Name == "" && a.Address == s && len(s) <= 254 &&
		!strings.ContainsAny(s, "\" \t\r\n<>")
}

// Typed returns an address as one argument of a command that an operator copies into a shell. It is empty where
// the address has characters of which a shell might make commands, however it is quoted: nobody should type those.
func Typed(addr string) string {
	strange := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("@._+-", r))
	}
	switch {
	case !isASCII(addr), strings.HasPrefix(addr, "-"), strings.ContainsAny(addr, "`$|&;!\"\\<> \r\n\t"):
		return ""
	case !strings.ContainsFunc(addr, strange):
		return addr
	}
	return "'" + strings.ReplaceAll(addr, "'", `'\''`) + "'"
}

// UserKey returns what tells one user from another: their address as it is compared, without its detail. Mail
// for sam+anything goes to sam.
func UserKey(addr string) string { return withoutDetail(Canonical(addr)) }

// DomainOf returns the domain of an address, as it is compared.
func DomainOf(addr string) string {
	_, domain, _ := strings.Cut(Canonical(addr), "@")
	return domain
}

// NotAUser says why nobody can have an exception by an address: it is no person's, or one that the policy
// protects. It is empty if somebody can, as far as can be told without the directory.
func (s *Service) NotAUser(addr string) Why {
	key := UserKey(addr)
	_, shared := s.Sites.Now().ByMailbox(addr)
	_, detailed := s.Sites.Now().ByMailbox(key)
	switch {
	case s.IsOurs(key), key == UserKey(s.Operator):
		return WhyServiceAddress
	case shared, detailed:
		return WhySharedMailbox
	case s.Policy.Protected.Has(key):
		return WhyProtected
	}
	return ""
}

// NotAUserBy is NotAUser for an account by all its names and addresses: by is the first that nobody can have an
// exception by. A name without an @ is held against the patterns for what stands before it.
func (s *Service) NotAUserBy(names []string) (by string, why Why) {
	for _, name := range names {
		if why := s.NotAUser(name); why != "" {
			return name, why
		}
	}
	return "", ""
}

// ForeignTo reports whether a user's address is of a domain that neither the policy names, nor any of a site's users
// so far had, and that is not the one of the site's own addresses, or above or below it. A domain under which anybody
// can have a name is above nobody.
func (s *Service) ForeignTo(user string, own, users []string) bool {
	domain := DomainOf(user)
	return !slices.Contains(s.Policy.Domains, domain) &&
		!slices.ContainsFunc(users, func(addr string) bool { return DomainOf(addr) == domain }) &&
		!slices.ContainsFunc(own, func(addr string) bool {
			d := DomainOf(addr)
			return domain == d || isBelow(domain, d) || isBelow(d, domain)
		})
}

// isBelow reports whether a domain is a subdomain of another, which has one owner.
func isBelow(domain, of string) bool {
	suffix, _ := publicsuffix.PublicSuffix(of)
	return suffix != of && strings.HasSuffix(domain, "."+of)
}

// withoutDetail returns an address without its detail, the part after a plus sign (RFC 5233).
func withoutDetail(addr string) string {
	local, domain, _ := strings.Cut(addr, "@")
	if plain, _, _ := strings.Cut(local, "+"); plain != "" {
		local = plain
	}
	return local + "@" + domain
}
