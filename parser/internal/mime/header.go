package mime

import (
	"bytes"
	"strings"
)

// Field is one field of a header: unfolded, and otherwise as it came.
type Field struct {
	Name, Value string
}

// Header is the fields of a header from the top.
type Header []Field

// First returns the value of the topmost field of that name.
func (h Header) First(name string) string {
	for _, f := range h {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All returns the values of every field of that name, from the top.
func (h Header) All(name string) []string {
	var values []string
	for _, f := range h {
		if len(f.Name) == len(name) && strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// ReadHeader reads a header kept as text, such as the fields of a returned message.
func ReadHeader(text []byte) Header {
	var h headerReader
	for ln := range bytes.Lines(text) {
		ln = bytes.TrimRight(ln, "\r\n")
		if len(ln) == 0 || !h.add(ln, false) {
			break
		}
	}
	h.finish()
	return h.fields
}

// headerReader gathers the fields of one header (RFC 5322 section 2.2) from its lines.
type headerReader struct {
	fields  Header
	name    string
	value   []byte
	size    int
	started bool
	cut     bool // fields were left out for their number or size
}

// add takes one line and reports whether it belongs to a header at all. A line that does not is where the
// body starts.
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

// isPrintable reports whether b is ASCII without control characters, as nearly all values are.
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

// CleanText drops control characters. Those that a value may be folded with become a blank.
func CleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return -1
		}
		return r
	}, s)
}
