package container

import "bytes"

// What is looked for in a document's bytes: marks that are never compressed.
const (
	needleEncryptedOffice = iota
	needleMacrosZip
	needleMacrosOLE
	needleWord
	needleDoc
	needleMsg
	needleObject
	needleUpdate
	needleTemplate
	needleTemplateQuoted
	needleTemplateShare
	needleTemplateHidden
	needleTemplateHex
	needleDDE
	needleCount
)

// needles are the marks, each with the first bytes of the container that it belongs to.
var needles = [needleCount]struct {
	container string
	mark      []byte
}{
	needleEncryptedOffice: {"\xd0\xcf\x11\xe0", utf16le("EncryptedPackage")},
	needleMacrosZip:       {"PK\x03\x04", []byte("/vbaProject.bin")},
	needleMacrosOLE:       {"\xd0\xcf\x11\xe0", utf16le("_VBA_PROJECT")},
	needleWord:            {"PK\x03\x04", []byte("word/document.xml")},
	needleDoc:             {"\xd0\xcf\x11\xe0", utf16le("WordDocument")},
	needleMsg:             {"\xd0\xcf\x11\xe0", utf16le("__properties_version1.0")},
	needleObject:          {"{\\rt", []byte(`\objdata`)},
	needleUpdate:          {"{\\rt", []byte(`\objupdate`)},
	needleTemplate:        {"{\\rt", []byte(`\template http`)},
	needleTemplateQuoted:  {"{\\rt", []byte(`\template "http`)},
	needleTemplateShare:   {"{\\rt", []byte(`\template \\\\`)},
	needleTemplateHidden:  {"{\\rt", []byte(`\template \u`)},
	needleTemplateHex:     {"{\\rt", []byte(`\template \'`)},
	needleDDE:             {"{\\rt", []byte("DDEAUTO")},
}

const longestNeedle = 48

func utf16le(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// scanner searches a stream for the needles of its container.
type scanner struct {
	found [needleCount]bool
	begin []byte // until the container is known
	tail  []byte // the end of what was searched, where a needle may have begun
	look  []int
	known bool
}

func (s *scanner) write(b []byte) {
	if !s.known {
		if len(s.begin) < 4 {
			s.begin = append(s.begin, b[:min(len(b), 4)]...)
		}
		if len(s.begin) < 4 {
			return
		}
		s.known = true
		for i, n := range needles {
			if bytes.HasPrefix(s.begin, []byte(n.container)) {
				s.look = append(s.look, i)
			}
		}
	}
	if len(s.look) == 0 {
		return
	}
	s.tail = append(s.tail, b[:min(len(b), longestNeedle)]...)
	for _, i := range s.look {
		if !s.found[i] {
			s.found[i] = bytes.Contains(b, needles[i].mark) || bytes.Contains(s.tail, needles[i].mark)
		}
	}
	if len(b) < longestNeedle {
		b = s.tail
	}
	s.tail = append(s.tail[:0], b[max(0, len(b)-longestNeedle):]...)
}
