package container

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf16"

	"mfabot/parser/internal/mime"
)

// Properties that are read (MS-OXPROPS), by identifier.
const (
	propBody          = 0x1000
	propRTF           = 0x1009
	propHTML          = 0x1013
	propDisplayName   = 0x3001
	propAttachData    = 0x3701
	propShortFilename = 0x3704
	propLongFilename  = 0x3707
	propAttachMIME    = 0x370e
	propContentID     = 0x3712
	propCodePage      = 0x3fde
)

// Types of properties (MS-OXCDATA section 2.11.1).
const (
	typeInteger  = 0x0003
	typeObject   = 0x000d
	typeString8  = 0x001e
	typeUnicode  = 0x001f
	typeBinary   = 0x0102
	typeMultiple = 0x1000 // flag: several values
)

// fixedSizes are the padded sizes of the property types that have one.
var fixedSizes = map[uint16]int{
	0x02: 4, typeInteger: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16,
}

// property is one value of a list.
type property struct {
	kind  uint16
	value []byte
}

// text decodes a string, which is in charset where it is not in Unicode.
func (v property) text(charset string) string {
	if v.kind == typeUnicode {
		return utf16Text(v.value)
	}
	text, _ := mime.Decode(bytes.TrimRight(v.value, "\x00"), charset)
	return text
}

func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		if u := binary.LittleEndian.Uint16(b); u != 0 {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units))
}

// charsetOf names a code page of Windows.
func charsetOf(page uint32) string {
	switch page {
	case 0:
		return "windows-1252"
	case 65001, 20127:
		return "utf-8"
	case 28591:
		return "iso-8859-1"
	case 50220, 50221, 50222:
		return "iso-2022-jp"
	}
	return "cp" + strconv.Itoa(int(page))
}

// readProperties reads a list of properties as winmail.dat has them (MS-OXTNEF section 2.1.3.4), as far as it
// is sound: of each the first value, by identifier. Named properties are passed over.
func readProperties(b []byte) map[uint16]property {
	found := map[uint16]property{}
	r := propertyReader{rest: b}
	for n := r.number(); n > 0 && !r.failed; n-- {
		kind, id := r.tag()
		if id >= 0x8000 {
			r.skipName()
		}
		value := r.value(kind)
		if _, seen := found[id]; !seen && !r.failed && id < 0x8000 {
			found[id] = property{kind &^ typeMultiple, value}
		}
	}
	return found
}

type propertyReader struct {
	rest   []byte
	failed bool
}

func (r *propertyReader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.failed = true
		r.rest = nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *propertyReader) number() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *propertyReader) tag() (kind, id uint16) {
	n := r.number()
	return uint16(n), uint16(n >> 16)
}

// padded reads a value whose length stands before it and that is filled up to four bytes.
func (r *propertyReader) padded() []byte {
	n := int64(r.number())
	b := r.bytes(int(min(n, 1<<31-1)))
	r.bytes(min(int(-n&3), len(r.rest)))
	return b
}

// skipName passes over what names a property: a GUID, and a number or a string.
func (r *propertyReader) skipName() {
	r.bytes(16)
	if r.number() == 0 {
		r.number()
		return
	}
	r.padded()
}

// value reads the values of one property and returns the first.
func (r *propertyReader) value(kind uint16) []byte {
	size, fixed := fixedSizes[kind&^typeMultiple]
	count := uint32(1)
	if !fixed || kind&typeMultiple != 0 {
		count = r.number()
	}
	var first []byte
	for i := uint32(0); i < count && !r.failed; i++ {
		var b []byte
		if fixed {
			b = r.bytes(size)
		} else {
			b = r.padded()
		}
		if i == 0 {
			first = b
		}
	}
	return first
}
