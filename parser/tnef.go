package parser

import (
	"bytes"
	"encoding/binary"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"
)

// isTNEF tells winmail.dat, in which Outlook wraps attachments when it writes Rich Text (MS-OXTNEF).
func isTNEF(p *part) bool {
	return p.mediaType == "application/ms-tnef" || p.mediaType == "application/vnd.ms-tnef" || strings.EqualFold(path.Base(p.filename()), "winmail.dat")
}

// Attributes of TNEF that are read, by identifier, and the property that holds a long file name.
const (
	tnefSignature    = 0x223e9f78
	tnefRenderData   = 0x00069002 // begins an attachment
	tnefAttachData   = 0x0006800f
	tnefAttachTitle  = 0x00018010
	tnefAttachProps  = 0x00069005
	propLongFilename = 0x3707
	propString8      = 0x001e
	propUnicode      = 0x001f
)

// tnefReader takes the content of winmail.dat as it streams by and passes on the attachments in it. It keeps no more than one name
// or list of properties.
type tnefReader struct {
	open   func(p *part) sink // where the content of an attachment goes; nil discards it
	outer  *part
	inner  *part // the attachment being read
	to     sink  // its content
	buf    []byte
	id     uint32
	left   uint32 // bytes of the attribute's data still to come
	state  tnefState
	broken bool
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

func newTNEF(p *part, open func(p *part) sink) *tnefReader { return &tnefReader{outer: p, open: open} }

func (t *tnefReader) take(b []byte) {
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
		if t.left == 0 {
			t.end()
		}
	case tnefChecksum:
		t.state = tnefHeader
	}
	t.buf = t.buf[:0]
}

// hasFiles tells whether an attachment was found in winmail.dat.
func hasFiles(p *part) bool {
	for _, child := range p.children {
		if child.file != nil {
			return true
		}
	}
	return false
}

// begin prepares for the data of an attribute.
func (t *tnefReader) begin() {
	t.to = nil
	switch {
	case t.id == tnefRenderData && len(t.outer.children) < maxFiles:
		t.inner = &part{parent: t.outer, nested: t.outer.nested, path: t.outer.path + "." + strconv.Itoa(len(t.outer.children)+1),
			mediaType: "application/octet-stream", params: parameters{}, disposition: "attachment", dispParams: parameters{}}
		t.outer.children = append(t.outer.children, t.inner)
	case t.id == tnefAttachData && t.inner != nil && t.inner.file == nil:
		t.to = t.open(t.inner)
	}
}

// data takes the attribute's data that b holds and returns the rest.
func (t *tnefReader) data(b []byte) []byte {
	n := min(int(t.left), len(b))
	switch {
	case t.to != nil:
		t.to.take(b[:n])
	case t.id == tnefAttachTitle || t.id == tnefAttachProps:
		t.buf = append(t.buf, b[:min(n, maxReportBytes-len(t.buf))]...)
	}
	t.left -= uint32(n)
	if t.left == 0 {
		t.end()
	}
	return b[n:]
}

// end acts on the complete data of an attribute.
func (t *tnefReader) end() {
	if t.inner != nil {
		switch t.id {
		case tnefAttachTitle:
			if t.inner.dispParams["filename"] == "" {
				name, _ := decodeCharset(bytes.TrimRight(t.buf, "\x00"), "windows-1252")
				t.inner.dispParams["filename"] = name
			}
		case tnefAttachProps:
			if name := longFilename(t.buf); name != "" {
				t.inner.dispParams["filename"] = name
			}
		}
	}
	t.buf = t.buf[:0]
	t.state = tnefChecksum
}

// longFilename finds the property in a list of MAPI properties (MS-OXTNEF section 2.1.3.4). It stops at a property whose size it does
// not know.
func longFilename(b []byte) string {
	if len(b) < 4 {
		return ""
	}
	b = b[4:]
	for len(b) >= 4 {
		kind, id := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		b = b[4:]
		if id >= 0x8000 {
			return ""
		}
		size, known := fixedSizes[kind]
		if known {
			if len(b) < size {
				return ""
			}
			b = b[size:]
			continue
		}
		if len(b) < 8 {
			return ""
		}
		count, length := binary.LittleEndian.Uint32(b), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		padded := (length + 3) &^ 3
		if count != 1 || length < 0 || padded < length || padded > len(b) {
			return ""
		}
		if id == propLongFilename {
			return propertyText(kind, b[:length])
		}
		b = b[padded:]
	}
	return ""
}

// fixedSizes are the padded sizes of the property types that have one.
var fixedSizes = map[uint16]int{0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16}

func propertyText(kind uint16, b []byte) string {
	switch kind {
	case propString8:
		text, _ := decodeCharset(bytes.TrimRight(b, "\x00"), "windows-1252")
		return text
	case propUnicode:
		units := make([]uint16, 0, len(b)/2)
		for ; len(b) >= 2; b = b[2:] {
			if u := binary.LittleEndian.Uint16(b); u != 0 {
				units = append(units, u)
			}
		}
		return string(utf16.Decode(units))
	}
	return ""
}
