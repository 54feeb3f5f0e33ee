package parser

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
)

// isSMIME tells a CMS object that holds mail (RFC 8551 section 3.2), also under the type that gateways give it.
func (p *part) isSMIME() bool {
	switch p.mediaType {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	case "application/octet-stream":
		return strings.EqualFold(path.Ext(p.filename()), ".p7m")
	}
	return false
}

// isBodySMIME tells the S/MIME that is the message, rather than a file attached to it.
func (p *part) isBodySMIME() bool {
	return p.isSMIME() && (p.parent == nil || p.parent.isMessage() || p.parent.isBodySMIME())
}

// Object identifiers of CMS content types (RFC 5652 section 4, RFC 5083, RFC 3274), in their encoding.
const (
	oidData          = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	oidSigned        = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	oidEnveloped     = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
	oidAuthEnveloped = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
)

// smimeReader reads the content of a signed message as the MIME entity that it is. It verifies nothing.
type smimeReader struct {
	part    *part
	in      *contents
	content held
}

func (s *smimeReader) take(b []byte) { s.content.take(b) }

func (s *smimeReader) close() {
	defer s.content.release()
	if s.content.over {
		s.in.walker.warn("%s is signed or encrypted mail that is too large to be opened", s.part)
		s.part.why = whyOpaqueLarge
		return
	}
	kind, content, err := readCMS(s.content.reader())
	switch {
	case kind == oidEnveloped, kind == oidAuthEnveloped, err != nil && strings.EqualFold(s.part.params["smime-type"], "enveloped-data"):
		s.part.why = whyEncryptedMail
		if s.part.isBodySMIME() {
			s.in.walker.warn(warnEncrypted)
		}
	case errors.Is(err, errNoContent):
		s.part.why = whySignature
	case err != nil:
		s.in.walker.warn("%s is S/MIME that cannot be read", s.part)
		s.part.why = whyOpaqueDamaged
	default:
		s.part.why = whySignedWrapping
		s.in.walker.warn("the message's S/MIME signature was not checked")
		if err := s.in.walker.walkInside(s.part, content); err != nil {
			s.in.walker.warn("%s is damaged: its content ends early", s.part)
		}
	}
}

var (
	errBER       = errors.New("not BER")
	errNoContent = errors.New("no content")
)

// readCMS tells the type of a ContentInfo and, where it is SignedData, returns its content (RFC 5652 sections 3 and 5). Mail is
// written in BER with lengths left open, which encoding/asn1 does not read.
func readCMS(r io.Reader) (kind string, content io.Reader, err error) {
	b := &ber{r: bufio.NewReader(r)}
	if err := b.enter(tagSequence); err != nil {
		return "", nil, err
	}
	kind, err = b.oid()
	if err != nil || kind != oidSigned {
		return kind, nil, errors.Join(err, errBER)
	}
	err = errors.Join(b.enter(tagExplicit), b.enter(tagSequence), b.skip(0), b.skip(0))
	if err != nil {
		return kind, nil, err
	}
	tag, length, err := b.header()
	start := b.pos
	if err != nil || tag != tagSequence {
		return kind, nil, errors.Join(err, errBER)
	}
	inner, err := b.oid()
	if err != nil || inner != oidData {
		return kind, nil, errors.Join(err, errBER)
	}
	if length >= 0 && b.pos >= start+length {
		return kind, nil, errNoContent
	}
	if tag, _, err = b.header(); err != nil || tag != tagExplicit {
		return kind, nil, errNoContent
	}
	o := &octets{ber: b}
	return kind, o, o.begin()
}

// Identifier octets of BER (X.690 section 8.1.2).
const (
	tagEnd         = 0x00
	tagOctets      = 0x04
	tagOID         = 0x06
	tagOctetPieces = 0x24
	tagSequence    = 0x30
	tagExplicit    = 0xa0
	tagConstructed = 0x20
)

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

// header reads a tag of one byte and a length, which is -1 where it is left open.
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

// Read is that of io.Reader.
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
