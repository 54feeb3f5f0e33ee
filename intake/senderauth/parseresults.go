package senderauth

import (
	"errors"
	"fmt"
	"strings"
)

// result is one method's result in an Authentication-Results field.
type result struct {
	method, value string
	props         map[string]string // by ptype.property, as header.d, in lower case
}

// parseResults reads the results of an Authentication-Results field (RFC 8601, section 2.2) strictly. Servers
// copy values of the sender's choosing into it, so anything malformed makes the whole field unreadable: a
// lenient reading might find a result that a stranger wrote.
func parseResults(field string) ([]result, error) {
	parts, err := segments(field)
	if err != nil {
		return nil, err
	}
	id := parts[0]
	if len(id) == 0 || len(id) > 2 || (len(id) == 2 && id[1] != "1") {
		return nil, errors.New("it names no server, or a version other than 1")
	}
	var results []result
	for _, words := range parts[1:] {
		if len(words) == 0 || (len(words) == 1 && words[0] == "none") {
			continue
		}
		r, err := parseResult(words)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// parseExchangeResults reads the form that Exchange Online writes. It names no server and adds properties of
// its own; in older years it put the recipient's domain before each result, as a single word that means
// nothing.
func parseExchangeResults(field string) ([]result, error) {
	parts, err := segments(field)
	if err != nil {
		return nil, err
	}
	var results []result
	for _, words := range parts {
		if len(words) == 0 || (len(words) == 1 && !strings.Contains(words[0], "=")) {
			continue
		}
		r, err := parseResult(words)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// segments returns the words between semicolons, without comments.
func segments(field string) ([][]string, error) {
	for i := range len(field) {
		if c := field[i]; c >= 0x7f || (c < ' ' && c != '\t') {
			return nil, errors.New("it holds characters that are not printable ASCII")
		}
	}
	text, err := plain(field)
	if err != nil {
		return nil, err
	}
	var parts [][]string
	for part := range strings.SplitSeq(text, ";") {
		parts = append(parts, blanks(part))
	}
	return parts, nil
}

// parseResult reads one result. Properties without a ptype, such as reason, Exchange's action and those that
// some filters add, say nothing about the sender.
func parseResult(words []string) (result, error) {
	r := result{props: make(map[string]string)}
	for i, w := range words {
		name, value, ok := strings.Cut(strings.ToLower(w), "=")
		if !ok || name == "" {
			return r, fmt.Errorf("%q is no result and no property", clip(w))
		}
		if i == 0 {
			method, _, _ := strings.Cut(name, "/")
			r.method, r.value = method, value
			continue
		}
		if !isProperty(name) {
			return r, fmt.Errorf("%q is no property", clip(w))
		}
		if _, twice := r.props[name]; twice {
			return r, fmt.Errorf("the property %s stands twice in one result", clip(name))
		}
		r.props[name] = value
	}
	return r, nil
}

func isProperty(name string) bool {
	ptype, property, dotted := strings.Cut(name, ".")
	return ptype != "" && (!dotted || property != "")
}

// servedBy returns the first word of an Authentication-Results field, its authserv-id, in lower case. It does
// so even if the rest is unreadable: the sender's words in a result of our own server must not hide whose it
// is.
func servedBy(field string) string {
	rest := strings.TrimLeft(field, " \t\r\n")
	for strings.HasPrefix(rest, "(") {
		n, err := comment(rest)
		if err != nil {
			return ""
		}
		rest = strings.TrimLeft(rest[n:], " \t\r\n")
	}
	if end := strings.IndexAny(rest, " \t\r\n;("); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest)
}

// blanks splits at white space as defined for mail; to a mail server, other Unicode spaces are letters.
func blanks(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
}

// plain removes the comments of a structured field (RFC 5322, section 3.2.2). A quoted string is kept as a
// value where it could be written without its quotes, and else becomes a harmless word: its letters and digits, and _ for
// all else, so that it is no domain and no result, and a reason can be read. Both may hold
// a stranger's text, so what looks as if one had been ended from inside is an error.
func plain(field string) (string, error) {
	var out strings.Builder
	var last byte
	for i := 0; i < len(field); {
		n, text := 1, field[i:i+1]
		var err error
		switch field[i] {
		case '(':
			n, err = comment(field[i:])
			text = " "
		case '"':
			n, text, err = quoted(field[i:])
			if last != '=' {
				text = "_"
			}
		case ')', '\\':
			err = errors.New("it holds a bracket or a backslash out of place")
		}
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		last = text[len(text)-1]
		i += n
	}
	return out.String(), nil
}

// comment returns the length of the comment that s begins with. No server escapes characters in a comment or
// leaves a quote open; an address that does both may be there to end it.
func comment(s string) (int, error) {
	depth, quotes := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '"':
			quotes++
		case '\\':
			return 0, errors.New("a comment in it holds a backslash")
		}
		if depth == 0 {
			if quotes%2 != 0 {
				return 0, errors.New("a comment in it leaves a quote open")
			}
			return i + 1, nil
		}
	}
	return 0, errors.New("a comment in it does not end")
}

// quoted returns the length of the quoted string that s begins with, and what stands for it.
func quoted(s string) (int, string, error) {
	word := true
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			if i == 1 {
				return i + 1, "_", nil
			}
			if !word {
				return i + 1, "_" + strings.Map(harmlessLetter, s[1:i]), nil
			}
			return i + 1, s[1:i], nil
		case c == '\\':
			word = false
			i++
		case c <= ' ' || strings.IndexByte(`;(),<>[]\`, c) >= 0:
			word = false
		}
	}
	return 0, "", errors.New("a quoted string in it does not end")
}

func harmlessLetter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
