package notify

import (
	"bytes"
	"mime"
	"strings"
)

// maxColumn is how long a line of a header is at most, where there are blanks to
// fold it at (RFC 5322, section 2.2.3, asks for 78).
const maxColumn = 72

// header is the fields of a message, in their order.
type header struct{ bytes.Buffer }

// add adds a field, folded at blanks. The name stands on the first line with its
// value, since some servers make nothing of an empty one.
func (h *header) add(name, value string) {
	column := len(name) + 1
	h.WriteString(name + ":")
	for i, word := range strings.Split(value, " ") {
		if i > 0 && word != "" && column+1+len(word) > maxColumn {
			h.WriteString("\r\n")
			column = 0
		}
		h.WriteString(" " + word)
		column += 1 + len(word)
	}
	h.WriteString("\r\n")
}

// encoded is text as it may stand in a header (RFC 2047).
func encoded(text string) string { return mime.QEncoding.Encode("UTF-8", text) }
