package mime

import (
	"bytes"
	"encoding/base64"

	fastbase64 "github.com/segmentio/asm/base64"
)

// base64Piece is how much is gathered before it is decoded.
const base64Piece = 32 << 10

// base64Decoder gathers lines without their ends and decodes them in large pieces.
type base64Decoder struct {
	w       Sink
	buf     []byte // what is gathered
	out     []byte // what is decoded of it
	ended   bool   // padding was seen: only whole lines of base64 go on after it
	damaged bool
}

func (d *base64Decoder) line(text []byte, more bool) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return
	}
	if d.ended {
		if !isBase64(text) {
			d.damaged = true
			return
		}
		d.ended = false
	}
	d.buf = append(d.buf, text...)
	switch {
	case text[len(text)-1] == '=' && !more:
		d.flush(true)
		d.ended = true
	case len(d.buf) >= base64Piece:
		d.flush(false)
	}
}

// whole takes the lines at the front of b that are whole and begin and end with a character of the alphabet,
// as nearly all of an attachment's do, and returns how many bytes of b they are. No such line can be a
// boundary.
func (d *base64Decoder) whole(b []byte) int {
	n := 0
	for !d.ended {
		end := bytes.IndexByte(b[n:], '\n')
		if end < 2 {
			break
		}
		text := b[n : n+end]
		if text[end-1] == '\r' {
			text = text[:end-1]
		}
		if !inBase64(text[0]) || !inBase64(text[len(text)-1]) {
			break
		}
		d.buf = append(d.buf, text...)
		n += end + 1
		if len(d.buf) >= base64Piece {
			d.flush(false)
		}
	}
	return n
}

func (d *base64Decoder) eol([]byte) {}

func (d *base64Decoder) close() bool {
	d.flush(true)
	return d.damaged
}

// flush decodes the whole groups of four; at the end also what is left over.
func (d *base64Decoder) flush(end bool) {
	n := len(d.buf) &^ 3
	if need := base64.StdEncoding.DecodedLen(len(d.buf)) + 3; cap(d.out) < need {
		d.out = make([]byte, need)
	}
	out := d.out[:cap(d.out)]
	if m, err := fastbase64.StdEncoding.Decode(out, d.buf[:n]); err == nil {
		d.w.Take(out[:m])
		d.buf = d.buf[:copy(d.buf, d.buf[n:])]
	} else {
		d.damaged = true
		d.mend()
	}
	if end && len(d.buf) > 0 {
		d.damaged = true
		m, _ := base64.RawStdEncoding.Decode(out, d.buf)
		d.w.Take(out[:m])
		d.buf = d.buf[:0]
	}
}

// mend decodes a damaged buffer, skipping what is not of the alphabet and starting afresh after padding.
func (d *base64Decoder) mend() {
	clean := make([]byte, 0, len(d.buf))
	put := func() {
		m, _ := base64.RawStdEncoding.Decode(d.out[:cap(d.out)], clean)
		d.w.Take(d.out[:m])
		clean = clean[:0]
	}
	for _, c := range d.buf {
		switch {
		case inBase64(c):
			clean = append(clean, c)
		case c == '=' && len(clean) > 0:
			put()
		}
	}
	rest := len(clean) & 3
	tail := append([]byte(nil), clean[len(clean)-rest:]...)
	clean = clean[:len(clean)-rest]
	put()
	d.buf = append(d.buf[:0], tail...)
}

func inBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func isBase64(text []byte) bool {
	body := bytes.TrimRight(text, "=")
	for _, c := range body {
		if !inBase64(c) {
			return false
		}
	}
	return len(text)%4 == 0
}
