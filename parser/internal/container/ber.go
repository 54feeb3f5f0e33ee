package container

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

var errBER = errors.New("not BER")

// Identifier octets of BER (X.690 section 8.1.2).
const tagEnd = 0x00

// ber reads BER from front to back.
type ber struct {
	r   *bufio.Reader
	pos int64
}

func (b *ber) byte() (byte, error) {
	c, err := b.r.ReadByte()
	b.pos++
	return c, err
}

// header reads a tag of one byte and a length, which is -1 when left open.
func (b *ber) header() (tag byte, length int64, err error) {
	if tag, err = b.byte(); err != nil {
		return 0, 0, err
	}
	c, err := b.byte()
	if err != nil {
		return 0, 0, err
	}
	n := int(c & 0x7f)
	switch {
	case tag&0x1f == 0x1f, c > 0x84:
		return 0, 0, errBER
	case c < 0x80:
		return tag, int64(c), nil
	case n == 0:
		return tag, -1, nil
	}
	for range n {
		if c, err = b.byte(); err != nil {
			return 0, 0, err
		}
		length = length<<8 | int64(c)
	}
	return tag, length, nil
}

// enter reads the header of an element that is constructed, to go on with what is in it.
func (b *ber) enter(want byte) error {
	tag, _, err := b.header()
	if err == nil && tag != want {
		err = errBER
	}
	return err
}

func (b *ber) oid() (string, error) {
	tag, length, err := b.header()
	if err != nil || tag != tagOID || length < 0 || length > 32 {
		return "", errors.Join(err, errBER)
	}
	var id bytes.Buffer
	n, err := io.CopyN(&id, b.r, length)
	b.pos += n
	return id.String(), err
}

// skip passes over one element.
func (b *ber) skip(depth int) error {
	_, _, err := b.pass(depth)
	return err
}

func (b *ber) pass(depth int) (tag byte, length int64, err error) {
	tag, length, err = b.header()
	switch {
	case err != nil:
		return tag, length, err
	case length >= 0:
		n, err := io.CopyN(io.Discard, b.r, length)
		b.pos += n
		return tag, length, err
	case tag&tagConstructed == 0 || depth > maxASN1:
		return tag, length, errBER
	}
	for {
		inner, innerLength, err := b.pass(depth + 1)
		if err != nil || inner == tagEnd && innerLength == 0 {
			return tag, length, err
		}
	}
}

// octets reads an OCTET STRING, whole or in pieces within pieces (X.690 section 8.7).
type octets struct {
	ber  *ber
	left int64   // of the piece being read
	ends []int64 // where the open ones end, -1 where an end mark tells
}

// begin reads the header of the string.
func (o *octets) begin() error {
	tag, length, err := o.ber.header()
	switch {
	case err != nil:
		return err
	case tag == tagOctets && length >= 0:
		o.left = length
	case tag == tagOctetPieces && len(o.ends) < maxASN1:
		end := length
		if length >= 0 {
			end += o.ber.pos
		}
		o.ends = append(o.ends, end)
	case tag == tagEnd && length == 0 && len(o.ends) > 0 && o.ends[len(o.ends)-1] < 0:
		o.ends = o.ends[:len(o.ends)-1]
	default:
		return errBER
	}
	return nil
}

// Read implements io.Reader.
func (o *octets) Read(p []byte) (int, error) {
	for o.left == 0 {
		for len(o.ends) > 0 && o.ends[len(o.ends)-1] >= 0 && o.ber.pos >= o.ends[len(o.ends)-1] {
			o.ends = o.ends[:len(o.ends)-1]
		}
		if len(o.ends) == 0 {
			return 0, io.EOF
		}
		if err := o.begin(); err != nil {
			return 0, err
		}
	}
	n, err := o.ber.r.Read(p[:min(int64(len(p)), o.left)])
	o.ber.pos += int64(n)
	o.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
