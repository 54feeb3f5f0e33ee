package container

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"mfabot/parser/internal/mime"
)

// Object identifiers of CMS content types (RFC 5652 section 4, RFC 5083, RFC 3274), in their encoding.
const (
	oidData          = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	oidSigned        = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	oidEnveloped     = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
	oidAuthEnveloped = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
)

// smimeReader reads the content of a signed message as the MIME entity it is. It verifies nothing.
type smimeReader struct {
	part    *mime.Part
	in      *Opener
	content held
}

func (s *smimeReader) Take(b []byte) { s.content.Take(b) }

func (s *smimeReader) Close() {
	defer s.content.release()
	if s.content.over {
		s.in.walker.Warn("%s is signed or encrypted mail that is too large to be opened", s.part)
		s.part.Why = whyOpaqueLarge
		return
	}
	kind, content, err := readCMS(s.content.reader())
	switch {
	case kind == oidEnveloped, kind == oidAuthEnveloped,
		err != nil && strings.EqualFold(s.part.Params["smime-type"], "enveloped-data"):
		s.part.Why = WhyEncryptedMail
		if s.part.IsBodySMIME() {
			s.in.walker.Warn(WarnEncrypted)
		}
	case errors.Is(err, errNoContent):
		s.part.Why = whySignature
	case err != nil:
		s.in.walker.Warn("%s is S/MIME that cannot be read", s.part)
		s.part.Why = whyOpaqueDamaged
	default:
		s.part.Why = whySignedWrapping
		s.in.walker.Warn("the message's S/MIME signature was not checked")
		if err := s.in.walker.WalkInside(s.part, 0, content); err != nil {
			s.in.walker.Warn("%s is damaged: its content ends early", s.part)
		}
	}
}

var errNoContent = errors.New("no content")

// readCMS returns the type of a ContentInfo and, for SignedData, its content (RFC 5652 sections 3 and 5).
// Mail is written in BER with indefinite lengths, which encoding/asn1 does not read.
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

const (
	tagOctets      = 0x04
	tagOID         = 0x06
	tagOctetPieces = 0x24
	tagSequence    = 0x30
	tagExplicit    = 0xa0
	tagConstructed = 0x20
)
