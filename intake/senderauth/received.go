package senderauth

import (
	"strings"

	"mfabot/parser"
)

// hop is what the receiving side says of itself in a Received field (RFC 5321, section 4.4).
type hop struct {
	from     string // the name that the other side gave itself, empty without a from clause
	by, with string // in lower case
}

// parseHop reads a Received field. The name after "from" is the other side's choice, and servers put more of
// its words in comments, such as the sender's address. So the field counts only if it can be read in one way:
// nothing quoted, no comment within a comment, and each clause once.
func parseHop(received string) (hop, bool) {
	var text strings.Builder
	inside := false
	for i := range len(received) {
		switch c := received[i]; {
		case c == '"' || c == '\\' || (c == '(' && inside) || (c == ')' && !inside):
			return hop{}, false
		case c == '(' || c == ')':
			inside = c == '('
			text.WriteByte(' ')
		case c == ';' && !inside:
			text.WriteByte(' ')
		case !inside:
			text.WriteByte(c)
		}
	}
	if inside {
		return hop{}, false
	}
	words := blanks(strings.ToLower(text.String()))
	clauses := map[string]string{}
	for i, w := range words {
		if w != "from" && w != "by" && w != "with" {
			continue
		}
		if _, twice := clauses[w]; twice || i+1 == len(words) || (w == "from" && i > 0) {
			return hop{}, false
		}
		clauses[w] = words[i+1]
	}
	h := hop{from: clauses["from"], by: clauses["by"], with: clauses["with"]}
	return h, h.by != ""
}

// handedOver reports whether a Received field tells of a message that one's own server had already: local
// delivery (RFC 2033), or a hand-over inside it, which has no from clause and at most names plain SMTP, as
// Google's and Postfix' do. A message that was born there may have no from clause either, but a comment that
// says from which program, or a protocol that clients submit by.
func handedOver(received string) bool {
	h, ok := parseHop(received)
	switch {
	case !ok:
		return false
	case h.from != "":
		return strings.HasPrefix(h.with, "lmtp") || strings.HasPrefix(h.with, "utf8lmtp")
	case h.with != "" && h.with != "smtp":
		return false
	}
	letters := func(r rune) bool { return r < 'a' || r > 'z' }
	for _, w := range strings.FieldsFunc(strings.ToLower(received), letters) {
		if w == "from" || w == "uid" {
			return false
		}
	}
	return true
}

// border returns the index of the topmost Received field that is not ours by the given rule: the hop by which
// the message came in from outside. Our own servers wrote what is above it; the sender may have written what
// is below.
func border(header []parser.Field, ours func(received string) bool) int {
	for i, f := range header {
		if strings.EqualFold(f.Name, "Received") && !ours(f.Value) {
			return i
		}
	}
	return len(header)
}
