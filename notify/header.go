package notify

import (
	"bytes"
	"mime"
	"strings"
)

// maxColumn is the longest a header line gets if it has blanks to fold at (RFC 5322, section 2.2.3, asks for
// 78).
const maxColumn = 72

// header holds the fields of a message, in order.
type header struct{ bytes.Buffer }

// add adds a field, folded at blanks. The value starts on the same line as the name, because some servers
// read a field whose first line is blank as empty.
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

// encoded returns text as it may appear in a header (RFC 2047). What looks like an encoded word in it already is broken
// up: whoever reads the header would read another text than we wrote.
func encoded(text string) string {
	return mime.QEncoding.Encode("UTF-8", strings.ReplaceAll(text, "=?", "= ?"))
}
