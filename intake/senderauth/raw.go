package senderauth

import (
	"bytes"
	"strings"

	"mfabot/parser"
)

// rawField is one field of a header as it was sent, folds and line end included.
type rawField struct {
	name string
	text []byte
}

// splitRaw divides a message into the fields of its header and its body. It accepts only what can be read in
// one way (RFC 5322, section 2.2): header lines that end in CR LF, and field names without blanks; the body
// begins after the empty line. odd says what is wrong with any other message; empty for nothing.
func splitRaw(raw []byte) (fields []rawField, body []byte, odd string) {
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n') + 1
		line := raw[:max(end, 0)]
		if !bytes.HasSuffix(line, []byte("\r\n")) || bytes.IndexByte(line[:end-2], '\r') >= 0 || bytes.IndexByte(line, 0) >= 0 {
			return nil, nil, "a line of its header does not end in CR LF"
		}
		raw = raw[end:]
		switch colon := bytes.IndexByte(line, ':'); {
		case end == 2:
			return fields, raw, ""
		case line[0] == ' ' || line[0] == '\t':
			if len(fields) == 0 {
				return nil, nil, "its header begins with a blank"
			}
			last := &fields[len(fields)-1]
			last.text = last.text[:len(last.text)+len(line)] // the lines follow each other in raw
		case colon <= 0 || strings.ContainsFunc(string(line[:colon]), func(r rune) bool { return r <= ' ' || r >= 0x7f }):
			return nil, nil, "a line of its header is no field"
		default:
			fields = append(fields, rawField{name: string(line[:colon]), text: line})
		}
	}
	return nil, nil, "it ends within its header"
}

// sameHeader reports whether the parser read the same fields. A signature covers bytes: everybody else must
// go by these same bytes.
func sameHeader(fields []rawField, header []parser.Field) bool {
	if len(fields) != len(header) {
		return false
	}
	for i, f := range fields {
		value := f.text[len(f.name)+1:]
		if f.name != header[i].Name || visible(string(value)) != visible(header[i].Value) {
			return false
		}
	}
	return true
}

// visible returns the printable ASCII of a value, which every reader sees the same.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s)
}
