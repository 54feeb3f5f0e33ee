package senderauth

import (
	"errors"
	"fmt"
	"strings"
)

// result is one method's result in an Authentication-Results field.
type result struct {
	method, value string
	props         map[string]string // by ptype.property, as header.d
}

// parseResults reads an Authentication-Results field (RFC 8601, section 2.2) strictly. Servers
// write values of the sender's choosing into it, so whatever is not well-formed
// makes the whole field unreadable: a result that a stranger wrote in between
// must not be found by being lenient.
func parseResults(field string) (authservID string, results []result, err error) {
	for i := range len(field) {
		if c := field[i]; c >= 0x7f || (c < ' ' && c != '\t') {
			return "", nil, errors.New("it holds characters that are not printable ASCII")
		}
	}
	parts := strings.Split(plain(field), ";")
	id := blanks(parts[0])
	if len(id) == 0 || len(id) > 2 || (len(id) == 2 && id[1] != "1") {
		return "", nil, errors.New("it names no server, or a version other than 1")
	}
	for _, part := range parts[1:] {
		words := blanks(part)
		if len(words) == 0 || (len(words) == 1 && words[0] == "none") {
			continue
		}
		r, err := parseResult(words)
		if err != nil {
			return id[0], nil, err
		}
		results = append(results, r)
	}
	return id[0], results, nil
}

func parseResult(words []string) (result, error) {
	r := result{props: make(map[string]string)}
	for i, w := range words {
		name, value, ok := strings.Cut(strings.ToLower(w), "=")
		if !ok || name == "" {
			return r, fmt.Errorf("%q is no result and no property", w)
		}
		if i == 0 {
			method, _, _ := strings.Cut(name, "/")
			r.method, r.value = method, value
			continue
		}
		ptype, property, dotted := strings.Cut(name, ".")
		if name != "reason" && (!dotted || ptype == "" || property == "") {
			return r, fmt.Errorf("%q is no property", w)
		}
		if _, twice := r.props[name]; twice {
			return r, fmt.Errorf("the property %s stands twice in one result", name)
		}
		r.props[name] = value
	}
	return r, nil
}

// blanks splits at white space as mail has it; other spaces of Unicode are
// letters to a mail server.
func blanks(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
}

// plain removes the comments of a structured field (RFC 5322, section 3.2.2) and
// makes each quoted string one harmless word, since both may hold a stranger's
// text.
func plain(value string) string {
	var out strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
			out.WriteByte('_')
		case quoted:
			out.WriteByte('_')
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			out.WriteByte(' ')
		case depth == 0:
			out.WriteByte(c)
		}
	}
	return out.String()
}
