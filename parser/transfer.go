package parser

import (
	"bytes"
	"strings"
)

// sink takes content. One that can fail remembers its own error.
type sink interface{ take(b []byte) }

// both passes content on to two sinks.
type both struct{ first, second sink }

func (s both) take(b []byte) {
	s.first.take(b)
	s.second.take(b)
}

// nowhere is where content goes that nobody wants.
type nowhere struct{}

func (nowhere) take([]byte) {}

// collected keeps content.
type collected []byte

func (c *collected) take(b []byte) { *c = append(*c, b...) }

// decoder undoes a content transfer encoding (RFC 2045 section 6) line by line and passes the content on to its sink. It keeps
// what is readable of broken input.
type decoder interface {
	line(text []byte, more bool) // more: the line goes on in the next call
	eol(end []byte)              // the end of the line before, once another one follows
	close() (damaged bool)
}

// newDecoder returns the decoder for a Content-Transfer-Encoding, and false for an encoding that nobody knows.
func newDecoder(encoding string, w sink) (decoder, bool) {
	switch encoding {
	case "base64":
		return &base64Decoder{w: w}, true
	case "quoted-printable":
		return &quotedDecoder{w: w}, true
	case "x-uuencode", "uuencode", "x-uue", "x-uu":
		return &uuDecoder{w: w}, true
	case "", "7bit", "8bit", "binary":
		return &plainDecoder{w: w}, true
	}
	return &plainDecoder{w: w}, false
}

type plainDecoder struct{ w sink }

func (d *plainDecoder) line(text []byte, _ bool) { d.w.take(text) }
func (d *plainDecoder) eol(end []byte)           { d.w.take(end) }
func (d *plainDecoder) close() bool              { return false }

// quotedDecoder decodes quoted-printable; an equals sign that starts nothing is kept as it is.
type quotedDecoder struct {
	w       sink
	carry   []byte // an escape that was cut by the end of a piece
	out     []byte
	soft    bool
	damaged bool
}

func (d *quotedDecoder) line(text []byte, more bool) {
	if len(d.carry) > 0 {
		text = append(d.carry, text...)
		d.carry = nil
	}
	if more {
		if i := bytes.LastIndexByte(text, '='); i >= 0 && i > len(text)-3 {
			d.carry = append([]byte(nil), text[i:]...)
			text = text[:i]
		}
	} else {
		text = bytes.TrimRight(text, " \t")
		if bytes.HasSuffix(text, []byte("=")) {
			text, d.soft = text[:len(text)-1], true
		}
	}
	d.out = d.out[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '=' {
			if i+2 < len(text) && unhex(text[i+1]) >= 0 && unhex(text[i+2]) >= 0 {
				c = byte(unhex(text[i+1])<<4 | unhex(text[i+2]))
				i += 2
			} else {
				d.damaged = true
			}
		}
		d.out = append(d.out, c)
	}
	d.w.take(d.out)
}

func (d *quotedDecoder) eol(end []byte) {
	if !d.soft {
		d.w.take(end)
	}
	d.soft = false
}

func (d *quotedDecoder) close() bool {
	d.w.take(d.carry)
	return d.damaged
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// uuDecoder decodes the lines between "begin" and "end".
type uuDecoder struct {
	w       sink
	inside  bool
	done    bool
	damaged bool
}

func (d *uuDecoder) line(text []byte, _ bool) {
	switch s := string(text); {
	case d.done:
	case !d.inside:
		_, d.inside = uuBegin(s)
	case s == "end":
		d.done = true
	default:
		b, ok := uuLine(s)
		d.damaged = d.damaged || !ok
		d.w.take(b)
	}
}

func (d *uuDecoder) eol([]byte)  {}
func (d *uuDecoder) close() bool { return d.damaged || !d.done }

// uuBegin reads "begin 644 name".
func uuBegin(s string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(s, "begin ")
	if !ok {
		return "", false
	}
	mode, name, ok := strings.Cut(rest, " ")
	if !ok || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	return strings.TrimSpace(name), strings.TrimSpace(name) != ""
}

// uuLine decodes one line of uuencoded text.
func uuLine(s string) ([]byte, bool) {
	if s == "" {
		return nil, true
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x60 {
			return nil, false
		}
	}
	n := int(s[0]-0x20) & 63
	out := make([]byte, 0, n+3)
	at := func(i int) byte {
		if i >= len(s) {
			return 0
		}
		return (s[i] - 0x20) & 63
	}
	for i := 1; len(out) < n; i += 4 {
		a, b, c, e := at(i), at(i+1), at(i+2), at(i+3)
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|e)
	}
	return out[:n], len(s)-1 >= (n+2)/3*4-2
}
