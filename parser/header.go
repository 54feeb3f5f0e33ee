package parser

import (
	"bytes"
	"strings"
)

// headerReader gathers the fields of one header (RFC 5322 section 2.2) from its lines.
type headerReader struct {
	fields  header
	name    string
	value   []byte
	size    int
	started bool
	cut     bool // fields were left out for their number or size
}

// add takes one line and reports whether it belongs to a header at all. A line that does not is where the body starts.
func (h *headerReader) add(text []byte, cont bool) bool {
	h.size += len(text)
	if cont || len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		h.extend(text)
		return true
	}
	colon := bytes.IndexByte(text, ':')
	if colon <= 0 || !isFieldName(bytes.TrimRight(text[:colon], " \t")) {
		mbox := bytes.HasPrefix(text, []byte("From ")) || bytes.HasPrefix(text, []byte(">From "))
		return mbox && !h.started
	}
	h.finish()
	h.started = true
	h.name = string(bytes.TrimRight(text[:colon], " \t"))
	h.value = h.value[:0]
	h.extend(text[colon+1:])
	return true
}

func (h *headerReader) extend(text []byte) {
	if h.name == "" {
		return
	}
	if h.size > maxHeaderBytes || len(h.value)+len(text) > maxFieldBytes {
		h.cut = true
		return
	}
	h.value = append(h.value, text...)
}

// finish closes the field being gathered.
func (h *headerReader) finish() {
	if h.name == "" {
		return
	}
	if len(h.fields) < maxHeaderFields {
		h.fields = append(h.fields, Field{h.name, cleanValue(h.value)})
	} else {
		h.cut = true
	}
	h.name = ""
}

// cleanValue makes the value one line without control characters, which no field may hold.
func cleanValue(b []byte) string {
	if isPrintable(b) {
		return strings.TrimSpace(string(b))
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\t' || r == '\r' || r == '\n' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, string(toUTF8(b))))
}

// isPrintable tells ASCII without control characters, as nearly all values are.
func isPrintable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

func isFieldName(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return len(b) > 0
}

// header is the fields of a header from the top.
type header []Field

// first returns the value of the topmost field of that name.
func (h header) first(name string) string {
	for _, f := range h {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// all returns the values of every field of that name, from the top.
func (h header) all(name string) []string {
	var values []string
	for _, f := range h {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// stripComments removes the parenthesised comments of RFC 5322 section 3.2.2 outside quoted strings.
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
			continue
		case c == ')' && !quoted && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// keyword returns the first word of a structured value in lower case: what stands before a parameter, a comment or a blank.
func keyword(s string) string {
	s = strings.TrimSpace(stripComments(s))
	if i := strings.IndexAny(s, "; \t,"); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}

// messageIDs returns the identifiers of a Message-ID, In-Reply-To or References value without their brackets. Words without
// brackets count only when they look like an identifier, as some clients leave the brackets out.
func messageIDs(s string) []string {
	var ids []string
	for len(ids) < maxReferences {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		s = s[open+1:]
		end := strings.IndexByte(s, '>')
		if end < 0 {
			break
		}
		if id := strings.Join(strings.Fields(s[:end]), ""); id != "" {
			ids = append(ids, id)
		}
		s = s[end+1:]
	}
	if ids == nil {
		for _, word := range strings.Fields(s) {
			if strings.Contains(word, "@") && !strings.ContainsAny(word, "<>\"'(),;") && len(ids) < maxReferences {
				ids = append(ids, word)
			}
		}
	}
	return ids
}
