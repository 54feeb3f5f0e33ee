package container

import (
	"bytes"
	"encoding/binary"
	"path"
	"strings"

	"mfabot/parser/internal/mime"
)

// isTNEF reports whether the part is winmail.dat, in which Outlook wraps attachments when it writes Rich Text
// (MS-OXTNEF).
func isTNEF(p *mime.Part) bool {
	return p.MediaType == typeTNEF || p.MediaType == "application/vnd.ms-tnef" ||
		strings.EqualFold(path.Base(p.Filename()), "winmail.dat")
}

const typeTNEF = "application/ms-tnef"

// Attributes of TNEF that are read, by identifier (MS-OXTNEF section 2.1.3).
const (
	tnefSignature    = 0x223e9f78
	tnefCodePage     = 0x00069007
	tnefMessageProps = 0x00069003
	tnefBody         = 0x0002800c
	tnefRenderData   = 0x00069002 // begins an attachment
	tnefAttachData   = 0x0006800f
	tnefAttachTitle  = 0x00018010
	tnefAttachProps  = 0x00069005
)

// kept are the attributes that are acted on once they are complete.
var kept = map[uint32]bool{
	tnefCodePage: true, tnefMessageProps: true, tnefBody: true, tnefAttachTitle: true, tnefAttachProps: true,
}

// tnefReader takes the content of winmail.dat as it streams by and passes on the attachments in it. It keeps
// no more than one attribute that is not an attachment's content.
type tnefReader struct {
	in      *Opener
	outer   *mime.Part
	inner   *mime.Part // the attachment being read
	to      mime.Sink  // its content
	opened  bool       // its content was begun
	buf     []byte
	id      uint32
	left    uint32 // bytes of the attribute's data still to come
	state   tnefState
	broken  bool
	charset string
	said    tnefText
}

type tnefState uint8

const (
	tnefStart tnefState = iota
	tnefHeader
	tnefData
	tnefChecksum
)

// tnefSizes are the bytes that each state waits for.
var tnefSizes = [...]int{tnefStart: 6, tnefHeader: 9, tnefData: 0, tnefChecksum: 2}

func newTNEF(p *mime.Part, in *Opener) *tnefReader {
	return &tnefReader{outer: p, in: in, charset: charsetOf(0)}
}

func (t *tnefReader) Take(b []byte) {
	for len(b) > 0 && !t.broken {
		if t.state == tnefData {
			b = t.data(b)
			continue
		}
		need := tnefSizes[t.state]
		n := min(need-len(t.buf), len(b))
		t.buf = append(t.buf, b[:n]...)
		b = b[n:]
		if len(t.buf) == need {
			t.step()
		}
	}
}

// step acts on a complete header or checksum.
func (t *tnefReader) step() {
	switch t.state {
	case tnefStart:
		t.broken = binary.LittleEndian.Uint32(t.buf) != tnefSignature
		t.state = tnefHeader
	case tnefHeader:
		t.id, t.left = binary.LittleEndian.Uint32(t.buf[1:]), binary.LittleEndian.Uint32(t.buf[5:])
		t.broken = t.buf[0] != 1 && t.buf[0] != 2
		t.state = tnefData
		t.begin()
		if t.left == 0 && !t.broken {
			t.end()
		}
	case tnefData: // takes its bytes as they come
	case tnefChecksum:
		t.state = tnefHeader
	}
	t.buf = t.buf[:0]
}

// begin prepares for the data of an attribute.
func (t *tnefReader) begin() {
	switch {
	case t.broken:
	case t.id == tnefRenderData && len(t.outer.Children) < mime.MaxFiles:
		t.inner, t.opened = t.outer.Add("application/octet-stream", ""), false
	case t.id == tnefAttachData && t.inner != nil && !t.opened:
		t.to, t.opened = t.in.content(t.inner), true
	}
}

// data takes the attribute's data that b holds and returns the rest.
func (t *tnefReader) data(b []byte) []byte {
	n := min(int(t.left), len(b))
	switch {
	case t.to != nil:
		t.to.Take(b[:n])
	case kept[t.id]:
		if len(t.buf) == 0 && cap(t.buf) < n {
			t.buf = make([]byte, 0, min(int(t.left), maxProperties))
		}
		t.buf = append(t.buf, b[:min(n, maxProperties-len(t.buf))]...)
	}
	t.left -= uint32(n)
	if t.left == 0 {
		t.end()
	}
	return b[n:]
}

// end acts on the complete data of an attribute.
func (t *tnefReader) end() {
	t.finish()
	switch t.id {
	case tnefCodePage:
		if len(t.buf) >= 4 {
			t.charset = charsetOf(binary.LittleEndian.Uint32(t.buf))
		}
	case tnefBody:
		t.said.plain = property{typeString8, bytes.Clone(t.buf[:min(len(t.buf), mime.MaxText)])}
	case tnefMessageProps:
		t.said.read(readProperties(t.buf))
	case tnefAttachTitle:
		if t.inner != nil && t.inner.DispParams["filename"] == "" {
			t.inner.DispParams["filename"] = property{typeString8, t.buf}.text(t.charset)
		}
	case tnefAttachProps:
		if t.inner != nil {
			t.attachment(readProperties(t.buf))
		}
	}
	t.buf = t.buf[:0]
	t.state = tnefChecksum
}

// finish ends the content of an attachment.
func (t *tnefReader) finish() {
	if t.to != nil {
		mime.CloseSink(t.to)
		t.to = nil
	}
}

// attachment acts on the properties of an attachment: its name, and the message where somebody attached one.
func (t *tnefReader) attachment(props map[uint16]property) {
	data := props[propAttachData]
	id := uint16(propLongFilename)
	if data.kind == typeObject {
		id = propDisplayName
	}
	if name, ok := props[id]; ok {
		t.inner.DispParams["filename"] = name.text(t.charset)
	}
	// An object's value begins with the identifier of its interface; a message is written as TNEF in turn
	// (MS-OXTNEF section 2.1.3.4.2).
	if !t.opened && data.kind == typeObject && len(data.value) > 20 &&
		binary.LittleEndian.Uint32(data.value[16:]) == tnefSignature {
		t.inner.MediaType = typeTNEF
		t.to, t.opened = t.in.content(t.inner), true
		if t.to != nil {
			t.to.Take(data.value[16:])
		}
		t.finish()
	}
}

// Close notes what became of winmail.dat.
func (t *tnefReader) Close() {
	if t.to != nil {
		t.inner.Why = whyCut
	}
	t.finish()
	isItem := t.outer.Parent != nil && isTNEF(t.outer.Parent)
	switch {
	case t.broken || t.state == tnefStart || t.state == tnefData:
		t.in.walker.Warn("winmail.dat is damaged: not all of it was read")
		t.outer.Why = whyTNEF
	case isItem:
		t.outer.Why = whyOutlookItem
	case len(t.outer.Children) > 0:
		t.outer.Why = whyUnwrapped
	default:
		t.outer.Why = whyFormatting
	}
	if !isItem && t.outer.Nested == 0 && t.in.Said == nil {
		t.in.Said = t.said.part(t.outer, t.charset)
	}
}

// tnefText is the text of the message in the forms that winmail.dat may have.
type tnefText struct {
	plain, html, rtf property
	charset          string // of the HTML
}

func (s *tnefText) read(props map[uint16]property) {
	keep := func(to *property, id uint16) {
		if v, ok := props[id]; ok && len(v.value) <= mime.MaxText {
			*to = property{v.kind, bytes.Clone(v.value)}
		}
	}
	keep(&s.plain, propBody)
	keep(&s.html, propHTML)
	keep(&s.rtf, propRTF)
	if page := props[propCodePage]; page.kind == typeInteger && len(page.value) == 4 {
		s.charset = charsetOf(binary.LittleEndian.Uint32(page.value))
	}
}

// part is the text as a part to be read: of the forms there are, the one that shows best what is quoted.
func (s *tnefText) part(outer *mime.Part, charset string) *mime.Part {
	p := &mime.Part{Parent: outer, Path: outer.Path, MediaType: "text/plain", Params: mime.Parameters{"charset": "utf-8"}}
	switch {
	case len(s.html.value) > 0:
		p.MediaType = "text/html"
		if s.charset == "" {
			s.charset = charset
		}
		p.Text = []byte(s.html.text(s.charset))
	case len(s.plain.value) > 0:
		p.Text = []byte(s.plain.text(charset))
	case len(s.rtf.value) > 0:
		source, err := inflateRTF(s.rtf.value)
		if err != nil {
			return nil
		}
		said, _ := RTFText(source)
		p.Text = []byte(said)
	default:
		return nil
	}
	return p
}
