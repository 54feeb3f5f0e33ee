package mime

import "bytes"

// decoder undoes a content transfer encoding (RFC 2045 section 6) line by line and passes the content on to
// its sink. It keeps what is readable of broken input.
type decoder interface {
	line(text []byte, more bool) // more: the line goes on in the next call
	eol(end []byte)              // the end of the line before, once another one follows
	close() (damaged bool)
}

// newDecoder returns the decoder for a Content-Transfer-Encoding, and false for one it does not know, which
// is read as plain.
func newDecoder(encoding string, w Sink) (decoder, bool) {
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

type plainDecoder struct{ w Sink }

func (d *plainDecoder) line(text []byte, _ bool) { d.w.Take(text) }
func (d *plainDecoder) eol(end []byte)           { d.w.Take(end) }
func (d *plainDecoder) close() bool              { return false }

// quotedDecoder decodes quoted-printable; an equals sign that starts nothing is kept as it is.
type quotedDecoder struct {
	w       Sink
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
			if i+2 < len(text) && Unhex(text[i+1]) >= 0 && Unhex(text[i+2]) >= 0 {
				c = byte(Unhex(text[i+1])<<4 | Unhex(text[i+2]))
				i += 2
			} else {
				d.damaged = true
			}
		}
		d.out = append(d.out, c)
	}
	d.w.Take(d.out)
}

func (d *quotedDecoder) eol(end []byte) {
	if !d.soft {
		d.w.Take(end)
	}
	d.soft = false
}

func (d *quotedDecoder) close() bool {
	d.w.Take(d.carry)
	return d.damaged
}

// Unhex returns the value of a hexadecimal digit, or -1.
func Unhex(c byte) int {
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
