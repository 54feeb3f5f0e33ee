package post

import (
	"bytes"
	"encoding/base64"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// maxLine is the length at which headers and base64 are broken.
const maxLine = 76

// header is a list of fields, in the order in which a client writes them.
type header []string

// add appends a field. A value that is already folded is left unchanged.
func (h *header) add(name, value string) {
	if strings.Contains(value, "\r\n") {
		*h = append(*h, name+": "+value)
		return
	}
	var b strings.Builder
	width := len(name) + 1
	b.WriteString(name + ":")
	for i, word := range strings.Split(value, " ") {
		if i > 0 && width+1+len(word) > maxLine {
			b.WriteString("\r\n")
			width = 0
		}
		b.WriteString(" " + word)
		width += 1 + len(word)
	}
	*h = append(*h, strings.TrimRight(b.String(), " "))
}

// node is a MIME entity: text that is already encoded, or parts.
type node struct {
	header   header
	body     string
	preamble string
	boundary string
	parts    []node
}

func (n node) write(b *bytes.Buffer) {
	for _, field := range n.header {
		b.WriteString(field + "\r\n")
	}
	b.WriteString("\r\n")
	if n.boundary == "" {
		b.WriteString(n.body)
		return
	}
	b.WriteString(n.preamble)
	for i, part := range n.parts {
		if i > 0 || n.preamble != "" {
			b.WriteString("\r\n")
		}
		b.WriteString("--" + n.boundary + "\r\n")
		part.write(b)
	}
	b.WriteString("\r\n--" + n.boundary + "--\r\n")
}

// assemble returns the bytes of a message with these fields and this content.
func assemble(h header, content node) []byte {
	content.header = append(h, content.header...)
	var b bytes.Buffer
	content.write(&b)
	return b.Bytes()
}

// leaf returns a part whose fields are given as pairs of name and value.
func leaf(body string, fields ...string) node {
	n := node{body: body}
	for i := 0; i+1 < len(fields); i += 2 {
		n.header.add(fields[i], fields[i+1])
	}
	return n
}

// multipart returns a part made of others.
func multipart(subtype, boundary string, parts ...node) node {
	n := node{boundary: boundary, parts: parts}
	n.header.add("Content-Type", "multipart/"+subtype+";\r\n\tboundary=\""+boundary+"\"")
	return n
}

// crlf gives every line of a text the line ending used in mail.
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func quotedPrintable(text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	// A strings.Builder never fails.
	_, _ = w.Write([]byte(crlf(text)))
	_ = w.Close()
	return b.String()
}

// Base64Lines returns content in base64, in lines as long as mail may have (RFC 2045, section 6.8).
func Base64Lines(content []byte) string {
	encoded := base64.StdEncoding.EncodeToString(content)
	var b strings.Builder
	for len(encoded) > maxLine {
		b.WriteString(encoded[:maxLine] + "\r\n")
		encoded = encoded[maxLine:]
	}
	b.WriteString(encoded + "\r\n")
	return b.String()
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 126 }) < 0
}

// latin1 returns a text in ISO 8859-1, and whether all of it could be converted.
func latin1(text string) (string, bool) {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 255 || r >= 128 && r < 160 {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

// words encodes the non-ASCII parts of a header as in RFC 2047.
func words(s string) string {
	// Clients write a capital B.
	return strings.ReplaceAll(mime.BEncoding.Encode("UTF-8", s), "?b?", "?B?")
}

// formatAddress writes an address, quoting its name only if necessary.
func formatAddress(a mail.Address) string {
	angle := "<" + a.Address + ">"
	switch {
	case a.Name == "":
		return angle
	case !isASCII(a.Name):
		return words(a.Name) + " " + angle
	case strings.ContainsAny(a.Name, `()<>[]:;@\,."`):
		return (&mail.Address{Name: a.Name, Address: a.Address}).String()
	}
	return a.Name + " " + angle
}

func formatAddresses(list []mail.Address) string {
	var all []string
	for _, a := range list {
		all = append(all, formatAddress(a))
	}
	return strings.Join(all, ", ")
}

// wrap breaks the lines of a text at a width, between words.
func wrap(text string, width int) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		for len(line) > width {
			at := strings.LastIndexByte(line[:width+1], ' ')
			if at <= 0 {
				break
			}
			out = append(out, line[:at])
			line = line[at+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
