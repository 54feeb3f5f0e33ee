package mime

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Address reads a value that holds one mailbox (RFC 5322 section 3.4) and nothing else. A group does not
// count as one. Both results are empty when it fails.
func Address(value string) (address, name string) {
	if len(value) > maxFromBytes || isGroup(value) {
		return "", ""
	}
	list, err := mail.ParseAddressList(quoteWords(value))
	if err != nil {
		list, err = mail.ParseAddressList(withoutRepetition(value))
	}
	if err != nil || len(list) != 1 {
		return "", ""
	}
	address = BareAddress(list[0].Address)
	if address == "" {
		return "", ""
	}
	name = DecodeWords(list[0].Name)
	return address, Shorten(Showable(name), MaxName)
}

// withoutRepetition leaves out of a value the name of a mailbox that is nothing but its address, in no quotes, as some
// programs write it: RFC 5322 has no @ there.
func withoutRepetition(value string) string {
	name, rest, ok := strings.Cut(value, "<")
	address, end, closed := strings.Cut(rest, ">")
	if !ok || !closed || strings.TrimSpace(end) != "" || !strings.EqualFold(strings.Trim(name, " \t'"), address) {
		return value
	}
	return "<" + address + ">"
}

// Domain returns the domain of a bare address, in lower case.
func Domain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// quoteWords puts the encoded words outside quoted strings into quotes, so that the standard parser, which
// does not know every charset, leaves them to be decoded afterwards.
func quoteWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted && i+1 < len(s):
			b.WriteByte(s[i])
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '=' && !quoted:
			if word := encodedWordRE.FindString(s[i:]); word != "" {
				b.WriteString(` "` + word + `" `)
				i += len(word) - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var encodedWordRE = regexp.MustCompile(`^=\?[^?\s"<>]{1,60}\?[bBqQ]\?[^?\s"\\]*\?=`)

// isGroup reports whether s has a colon outside quotes, comments and angle brackets: the mark of a group.
func isGroup(s string) bool {
	s = StripComments(s)
	quoted, angle := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ':' && !angle, c == ';' && !angle:
			return true
		}
	}
	return false
}

// BareAddress checks an address and puts its domain into lower case; it returns nothing for what no mail
// system would accept or what could be mistaken for another address.
func BareAddress(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 {
		return ""
	}
	local, domain := s[:at], strings.ToLower(strings.TrimSuffix(s[at+1:], "."))
	for _, r := range local {
		if r <= ' ' || r == 0x7f || !unicode.IsPrint(r) || strings.ContainsRune(`<>"(),:;[]\@`, r) {
			return ""
		}
	}
	for _, r := range domain {
		if r >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(domain)
			if err != nil {
				return ""
			}
			domain = ascii
			break
		}
	}
	if !domainRE.MatchString(domain) {
		return ""
	}
	return local + "@" + domain
}

var domainRE = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$`)

// Showable drops the characters of a display name that could make it read as something else.
func Showable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) {
			return -1
		}
		return r
	}, s))
}

// SplitAddresses cuts at the commas and semicolons outside quotes, comments and angle brackets, and drops the
// names of groups.
func SplitAddresses(value string) []string {
	value = StripComments(value)
	var out []string
	start, quoted, angle := 0, false, false
	take := func(end int) {
		if s := strings.TrimSpace(value[start:end]); s != "" && len(out) <= MaxAddresses {
			out = append(out, s)
		}
		start = end + 1
	}
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case angle:
		case c == ',' || c == ';':
			take(i)
		case c == ':':
			start = i + 1
		}
	}
	if start < len(value) {
		take(len(value))
	}
	return out
}

// FindAddresses returns the start and end of each email address in a text, of at most MaxAddresses.
func FindAddresses(text string) [][2]int {
	var found [][2]int
	from := 0
	for len(found) < MaxAddresses {
		i := strings.IndexByte(text[from:], '@')
		if i < 0 {
			break
		}
		at := from + i
		start, end := at, at+1
		for start > from && at-start < 64 && isLocal(text[start-1]) {
			start--
		}
		for end < len(text) && end-at < 254 && isDomain(text[end]) {
			end++
		}
		from = end
		for start < at && strings.IndexByte("'.-&", text[start]) >= 0 {
			start++
		}
		for end > at && strings.IndexByte(".-", text[end-1]) >= 0 {
			end--
		}
		if start < at && strings.IndexByte(text[at:end], '.') > 0 {
			found = append(found, [2]int{start, end})
		}
	}
	return found
}

func isLocal(c byte) bool {
	return isDomain(c) || strings.IndexByte("_%+'&", c) >= 0
}

func isDomain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c >= 0x80
}
