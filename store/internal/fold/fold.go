// Package fold takes the base64 out of a message, and puts it back. A file as base64 is a third larger than the file itself, and to
// have compression code its letters instead takes ten times as long.
//
// What is folded is a sequence of segments, each with a number before it (as binary.AppendUvarint has it). An even one is twice
// the number of bytes that follow as they are. Half of an odd one is a number of lines of base64, and what these hold follows: 57
// bytes a line, which is 76 characters and CRLF (RFC 2045, section 6.8). All that is not such a line stays as it is, so that what
// is put back is what was taken out, byte by byte.
package fold

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/segmentio/asm/base64"
)

const (
	letters = 76 // in a line
	holds   = 57 // bytes
	ends    = "\r\n"
	length  = letters + len(ends)
	atOnce  = 64 // lines in a segment, at most
)

// Write folds a message to w.
func Write(w io.Writer, raw []byte) error {
	f := folder{w: w}
	text := 0 // where that begins which is not written yet
	for at := 0; at < len(raw); {
		n := f.take(raw[at:])
		if n == 0 {
			line := bytes.IndexByte(raw[at:], '\n')
			if line < 0 {
				break
			}
			at += line + 1
			continue
		}
		if err := errors.Join(f.text(raw[text:at]), f.put(uint64(n)<<1|1, f.held)); err != nil {
			return err
		}
		at += n * length
		text = at
	}
	return f.text(raw[text:])
}

// folder writes segments.
type folder struct {
	w     io.Writer
	head  []byte
	code  []byte // the letters of lines
	held  []byte // what they hold
	again []byte // the letters of that
}

// take returns how many lines of base64 a text begins with, atOnce at most, and keeps what they hold.
func (f *folder) take(text []byte) (n int) {
	f.code = f.code[:0]
	for ; n < atOnce && len(text) >= length && string(text[letters:length]) == ends; n++ {
		f.code, text = append(f.code, text[:letters]...), text[length:]
		if n == 0 && !f.decode(1) { // as of most lines of a text
			return 0
		}
	}
	for n > 0 && !f.decode(n) {
		n /= 2
	}
	return n
}

// decode reports whether lines are base64, as they would be written again.
func (f *folder) decode(n int) bool {
	code := f.code[:n*letters]
	f.held = slices.Grow(f.held[:0], atOnce*holds)[:atOnce*holds]
	got, err := base64.StdEncoding.Decode(f.held, code)
	f.held = f.held[:got]
	if err != nil || got != n*holds {
		return false
	}
	f.again = encoded(f.again, f.held)
	return bytes.Equal(f.again, code)
}

// encoded is base64 in the memory given, where it fits.
func encoded(into, plain []byte) []byte {
	n := base64.StdEncoding.EncodedLen(len(plain))
	into = slices.Grow(into[:0], n)[:n]
	base64.StdEncoding.Encode(into, plain)
	return into
}

// text writes what stays as it is.
func (f *folder) text(said []byte) error {
	if len(said) == 0 {
		return nil
	}
	return f.put(uint64(len(said))<<1, said)
}

// put writes a segment.
func (f *folder) put(head uint64, content []byte) error {
	f.head = binary.AppendUvarint(f.head[:0], head)
	if _, err := f.w.Write(f.head); err != nil {
		return err
	}
	_, err := f.w.Write(content)
	return err
}

// Reader reads a message that is folded. Reset begins one.
type Reader struct {
	from                *bufio.Reader
	text, lines         uint64 // of the segment: bytes and lines still to be read
	ready               []byte // lines that have been read
	plain, code, around []byte // memory for them
}

// Reset has the next message read from there.
func (r *Reader) Reset(from io.Reader) {
	if r.from == nil {
		r.from = bufio.NewReader(nil)
	}
	r.from.Reset(from)
	r.text, r.lines, r.ready = 0, 0, nil
}

// Read reads the message as it was. Where it breaks off in a segment the error is io.ErrUnexpectedEOF.
func (r *Reader) Read(p []byte) (int, error) {
	for len(p) > 0 {
		switch {
		case len(r.ready) > 0:
			n := copy(p, r.ready)
			r.ready = r.ready[n:]
			return n, nil
		case r.text > 0:
			n, err := r.from.Read(p[:min(uint64(len(p)), r.text)])
			r.text -= uint64(n)
			return n, within(err)
		case r.lines > 0:
			if err := r.unfold(int(min(r.lines, atOnce))); err != nil {
				return 0, within(err)
			}
		default:
			head, err := binary.ReadUvarint(r.from)
			if err != nil {
				return 0, err
			}
			if r.text = head >> 1; head&1 == 1 {
				r.text, r.lines = 0, head>>1
			}
		}
	}
	return 0, nil
}

// unfold reads lines.
func (r *Reader) unfold(n int) error {
	r.plain = slices.Grow(r.plain[:0], n*holds)[:n*holds]
	if _, err := io.ReadFull(r.from, r.plain); err != nil {
		return err
	}
	r.lines -= uint64(n)
	r.code, r.around = encoded(r.code, r.plain), r.around[:0]
	for line := range slices.Chunk(r.code, letters) {
		r.around = append(append(r.around, line...), ends...)
	}
	r.ready = r.around
	return nil
}

// within is an error in a segment, which has not ended.
func within(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
