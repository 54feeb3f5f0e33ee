package parser_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// bombs returns files that cost a careless reader its time or memory, each in a message.
func bombs() map[string]string {
	many := strings.Repeat
	smime := func(data string) string {
		return head + "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString([]byte(data))
	}
	signedHead := "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01"
	content := "\x31\x00\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80"
	rtf := func(s string) string { return winmailOnly(richText(storedRTF(s))) }
	tnefAttribute := "\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00"
	return map[string]string{
		"ASN.1 levels":         smime(signedHead + many("\x31\x80", 1<<20)),
		"ASN.1 octet levels":   smime(signedHead + content + many("\x24\x80", 1<<20)),
		"ASN.1 octet pieces":   smime(signedHead + content + many("\x04\x01y", 1<<21)),
		"ASN.1 empty pieces":   smime(signedHead + content + many("\x04\x00", 1<<22)),
		"ASN.1 length":         smime("\x30\x84\xff\xff\xff\xff\x06\x84\xff\xff\xff\xff"),
		"signed 40 MB":         smime(signedHead + content + "\x04\x84\x04\x00\x00\x00Content-Type: application/pdf\r\n\r\n%PDF" + many("y", 40<<20)),
		"signed parts":         smime(signedHead + content + "\x04\x84\x04\x00\x00\x00Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many("--b\r\n\r\nx\r\n", 100000)),
		"signed files":         head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many("--b\r\nContent-Type: application/pkcs7-mime\r\n\r\n"+signedHead+content+"\x04\x05\r\n\r\nx\x00\x00\r\n", 1000) + "--b--\r\n",
		"signed within signed": signedWithin(40),
		"RTF groups":           rtf(`{\rtf1 ` + many("{", 1<<19)),
		"RTF words":            rtf(`{\rtf1 ` + many(`\par\u8364?`, 80000)),
		"RTF binary":           rtf(`{\rtf1 ` + many(`\bin9`, 80000)),
		"RTF compressed":       winmailOnly(richText(repeatingRTF(1000000))),
		"TNEF attachments":     winmailOnly([]byte("\x78\x9f\x3e\x22\x01\x00" + many(tnefAttribute, 400000))),
		"TNEF lengths":         winmailOnly([]byte("\x78\x9f\x3e\x22\x01\x00" + many("\x01\x03\x90\x06\x00\x04\x00\x00\x00\xff\xff\xff\xff\x00\x00", 100000))),
		"TNEF property counts": winmailOnly([]byte("\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\x00\x00\x80\x00\xff\xff\xff\xff" + many("\x03\x10\x01\x00\xff\xff\xff\xff", 1<<20))),
		"ZIP bomb":             attached("application/zip", "a.zip", zipBomb()),
		"ZIP names":            attached("application/zip", "a.zip", manyNames(60000)),
		"OLE directory":        attached("application/vnd.ms-outlook", "a.msg", oleChain(60000, 0)),
		"OLE nested storages":  attached("application/vnd.ms-outlook", "a.msg", oleChain(600, 76)),
		"OLE 40 MB":            attached("application/vnd.ms-outlook", "a.msg", append(oleChain(10, 0), make([]byte, 40<<20)...)),
		"PDF marks":            attached("application/pdf", "a.pdf", []byte("%PDF-1.4\n"+many("/Encrypt /Standard ", 1<<20))),
		"PDF identifiers":      attached("application/pdf", "a.pdf", []byte("%PDF-1.4\n/Encrypt 1 0 R"+many("/ID[(", 1<<20)+many("/Standard/R 6/U(((((", 1<<18))),
		"uuencoded files":      head + "Content-Type: text/plain\r\n\r\n" + many("begin 644 a\r\n#86)C\r\nend\r\n", 100000),
		"uuencoded lines":      head + "Content-Type: text/plain\r\n\r\nbegin 644 a\r\n" + many("#86)C\r\n", 500000),
	}
}

// signedWithin nests signed messages inside each other.
func signedWithin(levels int) string {
	entity := []byte("Content-Type: text/plain\r\n\r\nAPPROVE\r\n")
	wrap := func(tag byte, b []byte) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{tag, 0x84}, uint32(len(b))), b...)
	}
	for range levels {
		oid := func(last byte) []byte { return []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last} }
		inner := wrap(0x30, append(oid(1), wrap(0xa0, wrap(4, entity))...))
		signed := wrap(0x30, append(oid(2), wrap(0xa0, wrap(0x30, append([]byte{2, 1, 1, 0x31, 0}, inner...)))...))
		entity = append([]byte("Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"), signed...)
	}
	return head + string(entity)
}

// repeatingRTF returns compressed RTF made of n references to the text before them.
func repeatingRTF(n int) []byte {
	b := append([]byte{0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff}, "LZFu\x00\x00\x00\x00"...)
	for range n / 17 {
		b = append(b, 0xff)
		b = append(b, bytes.Repeat([]byte{0x00, 0x1f}, 8)...)
	}
	return b
}

// zipBomb returns an archive of one 1 GB file of zeros, without its content.
func zipBomb() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, _ := w.CreateRaw(&zip.FileHeader{Name: "letter.pdf", Method: zip.Deflate, CompressedSize64: 10, UncompressedSize64: 1 << 30})
	f.Write(make([]byte, 10))
	w.Close()
	return b.Bytes()
}

func manyNames(n int) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for range n {
		w.Create(strings.Repeat("n", 200))
	}
	w.Close()
	return b.Bytes()
}

// oleChain returns a compound file whose directory is a chain of sectors; with a child, each entry is the
// storage of the next.
func oleChain(sectors, childOffset int) []byte {
	const size, end, free = 512, 0xfffffffe, 0xffffffff
	le := binary.LittleEndian
	fats := sectors/127 + 1
	b := make([]byte, size*(1+sectors+fats))
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for _, v := range []struct{ at, value int }{{24, 0x3e}, {26, 3}, {28, 0xfffe}, {30, 9}, {32, 6}} {
		le.PutUint16(b[v.at:], uint16(v.value))
	}
	for _, v := range []struct {
		at    int
		value uint32
	}{{44, uint32(min(fats, 109))}, {48, 0}, {56, 4096}, {60, end}, {68, end}} {
		le.PutUint32(b[v.at:], v.value)
	}
	for i := range 109 {
		le.PutUint32(b[76+4*i:], uint32(min(sectors+i, sectors+fats-1)))
	}
	for i := range sectors * 4 {
		e := b[size+i*128:]
		copy(e, "a\x00b\x00c\x00d")
		le.PutUint16(e[64:], 10)
		e[66] = 1
		for _, at := range []int{68, 72, 76, 116} {
			le.PutUint32(e[at:], free)
		}
		if childOffset > 0 && i+1 < sectors*4 {
			le.PutUint32(e[childOffset:], uint32(i+1))
		}
	}
	table := b[size*(1+sectors):]
	for i := range len(table) / 4 {
		next := uint32(i + 1)
		if i >= sectors-1 {
			next = end
		}
		le.PutUint32(table[4*i:], next)
	}
	return b
}
