package parser_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"mfabot/parser"
)

// tnef writes a winmail.dat as Outlook does: each attachment's data, its short name, then its properties with
// the long one.
func tnef(files map[string]string) []byte {
	var b bytes.Buffer
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) }
	attribute := func(level byte, id uint32, data []byte) {
		var sum uint16
		for _, c := range data {
			sum += uint16(c)
		}
		put(level)
		put(id)
		put(uint32(len(data)))
		b.Write(data)
		put(sum)
	}
	put(uint32(0x223e9f78))
	put(uint16(1))
	attribute(1, 0x00089006, []byte{0, 0, 1, 0})
	for name, content := range files {
		var props bytes.Buffer
		units := utf16.Encode([]rune(name + "\x00"))
		for _, v := range []any{uint32(2), uint16(3), uint16(0x3705), uint32(1), uint16(0x1f), uint16(0x3707), uint32(1),
			uint32(2 * len(units)), units} {
			binary.Write(&props, binary.LittleEndian, v)
		}
		for props.Len()%4 != 0 {
			props.WriteByte(0)
		}
		attribute(2, 0x00069002, make([]byte, 14))
		attribute(2, 0x0006800f, []byte(content))
		attribute(2, 0x00018010, []byte("LETTER~1.PDF\x00"))
		attribute(2, 0x00069005, props.Bytes())
	}
	return b.Bytes()
}

func winmail(data []byte) string {
	return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease see the letter.\r\n--b\r\n" +
		"Content-Type: application/ms-tnef; name=winmail.dat\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(data) + "\r\n--b--\r\n"
}

func TestTNEF(t *testing.T) {
	content := "%PDF-1.4\n" + strings.Repeat("x", 100000) + "%%EOF"
	raw := winmail(tnef(map[string]string{"Letter für Sam.pdf": content}))
	m := parse(t, raw)
	if len(m.Evidence) != 2 || m.Evidence[0].Counts || !strings.Contains(m.Evidence[0].Why, "wrapping") {
		t.Fatalf("evidence: %+v", m.Evidence)
	}
	a := m.Evidence[1]
	if a.Filename != "Letter für Sam.pdf" || a.Part != "2.1" || a.Size != int64(len(content)) ||
		a.MediaType != "application/pdf" || !a.Counts {
		t.Errorf("inner: %+v", a)
	}
	for _, a := range m.Evidence {
		var got bytes.Buffer
		if err := new(parser.Extractor).Extract(strings.NewReader(raw), a.Part, &got); err != nil || int64(got.Len()) != a.Size {
			t.Errorf("part %s: %d bytes of %d: %v", a.Part, got.Len(), a.Size, err)
		}
	}
	broken := parse(t, winmail([]byte("no TNEF at all")))
	if len(broken.Evidence) != 1 || !strings.Contains(broken.Evidence[0].Why, "winmail.dat") {
		t.Errorf("broken: %+v", broken.Evidence)
	}
}

// FuzzTNEF reads any winmail.dat; every file listed can be extracted at the listed size.
func FuzzTNEF(f *testing.F) {
	f.Add(tnef(map[string]string{"a.pdf": "%PDF-1.4", "b.txt": "text"}))
	f.Add(tnef(nil))
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, data []byte) {
		raw := winmail(data)
		m, err := p.Parse(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range m.Evidence {
			var size counter
			if err := new(parser.Extractor).Extract(strings.NewReader(raw), a.Part, &size); err != nil || int64(size) != a.Size {
				t.Fatalf("part %s: %d bytes of %d: %v", a.Part, size, a.Size, err)
			}
		}
	})
}
