package parser_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/parser"
)

// attached returns a message with one file.
func attached(mediaType, name string, data []byte) string {
	return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease see the letter.\r\n--b\r\n" +
		"Content-Type: " + mediaType + "; name=\"" + name + "\"\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(data) + "\r\n--b--\r\n"
}

// fromGolden takes a file out of a message of the corpus.
func fromGolden(tb testing.TB, name, part string) []byte {
	tb.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".eml")
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := new(parser.Extractor).Extract(bytes.NewReader(raw), part, &b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// checkFiles reads the message and extracts every file that it lists, in the size listed.
func checkFiles(t *testing.T, p *parser.Parser, raw string) *parser.Message {
	t.Helper()
	m, err := p.Parse(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range m.Evidence {
		if a.Counts == (a.Why != "") || seen[a.Part] {
			t.Fatalf("%+v", a)
		}
		seen[a.Part] = true
		var size counter
		if err := new(parser.Extractor).Extract(strings.NewReader(raw), a.Part, &size); err != nil || int64(size) != a.Size {
			t.Fatalf("part %s: %d bytes of %d: %v", a.Part, size, a.Size, err)
		}
	}
	return m
}

// TestExtractAll extracts every file of every message of the corpus.
func TestExtractAll(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	p := parser.New(vocabulary)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkFiles(t, p, string(raw))
	}
}

// fuzzFile reads any file of one kind, both as an attachment and as the message itself.
func fuzzFile(f *testing.F, mediaType, name string, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, data []byte) {
		checkFiles(t, p, attached(mediaType, name, data))
		checkFiles(t, p, head+"Content-Type: "+mediaType+"; name=\""+name+"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
			base64.StdEncoding.EncodeToString(data))
	})
}

func FuzzSMIME(f *testing.F) {
	fuzzFile(f, "application/pkcs7-mime", "smime.p7m",
		fromGolden(f, "mime/smime-opaque-outlook", "1"), fromGolden(f, "mime/smime-opaque-open-lengths", "1"),
		fromGolden(f, "evidence/smime-opaque-with-letter", "1"), fromGolden(f, "evidence/smime-encrypted", "1"),
		fromGolden(f, "evidence/smime-certificates-only", "1"))
}

func FuzzMSG(f *testing.F) {
	fuzzFile(f, "application/vnd.ms-outlook", "a.msg",
		fromGolden(f, "evidence/outlook-msg-in-winmail", "2.1"), fromGolden(f, "evidence/outlook-msg-damaged", "2"),
		fromGolden(f, "evidence/office", "3"), fromGolden(f, "evidence/office", "6"))
}

func FuzzZIP(f *testing.F) {
	fuzzFile(f, "application/zip", "a.zip",
		fromGolden(f, "evidence/archives", "2"), fromGolden(f, "evidence/archives", "5"),
		fromGolden(f, "evidence/archives", "8"), fromGolden(f, "evidence/office", "9"))
}

func FuzzPDF(f *testing.F) {
	fuzzFile(f, "application/pdf", "a.pdf",
		fromGolden(f, "evidence/pdfs", "2"), fromGolden(f, "evidence/pdfs", "4"),
		fromGolden(f, "evidence/pdfs", "7"), fromGolden(f, "evidence/pdfs", "14"))
}

// richText returns a winmail.dat whose text is compressed RTF.
func richText(compressed []byte) []byte {
	props := []byte{1, 0, 0, 0, 0x02, 0x01, 0x09, 0x10, 1, 0, 0, 0}
	props = binary.LittleEndian.AppendUint32(props, uint32(len(compressed)))
	props = append(props, compressed...)
	props = append(props, make([]byte, -len(compressed)&3)...)
	out := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0, 1, 0x03, 0x90, 0x06, 0}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(props)))
	return append(append(out, props...), 0, 0)
}

// storedRTF returns RTF with a compressed RTF header that says it is not compressed (MS-OXRTFCP section
// 2.1.3.1.4).
func storedRTF(text string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	return append(append(append(b, "MELA"...), 0, 0, 0, 0), text...)
}

func winmailOnly(data []byte) string {
	return head + "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(data)
}

// TestRTF reads the example of MS-OXRTFCP section 4.1, and text as Outlook writes it.
func TestRTF(t *testing.T) {
	example := []byte("\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125B2\x0a\xf3" +
		" hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0")
	for _, c := range []struct {
		rtf  []byte
		want string
	}{
		{example, "hello world"},
		{storedRTF(`{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2\par \u8364?5}`), "Привет\n€5"},
		{storedRTF(`{\rtf1 {\fonttbl{\f0 Arial;}}a\{b\}\~c\tab d\line{\v APPROVE }e{\v0 f}}`), "a{b}\u00a0c\td\nef"},
		{storedRTF(`{\rtf1\uc2 \u-10179??\u-8704??x\u233\'e9\'e9!}`), "😀xé!"},
		{storedRTF(`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hello\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}\par Sam}`), "Hello\nSam"},
		{storedRTF(`{\rtf1 {\field{\*\fldinst HYPERLINK "http://x.test"}{\fldrslt the letter}} {\pict\bin3 }}}}here}`), "the letter here"},
		{[]byte("LZFu"), ""},
	} {
		if m := parse(t, winmailOnly(richText(c.rtf))); m.Text != c.want {
			t.Errorf("%q: %q, want %q", c.rtf, m.Text, c.want)
		}
	}
}

func FuzzRTF(f *testing.F) {
	for _, s := range []string{`{\rtf1\ansi\ansicpg1252 Hello\par}`, `{\rtf1{\*\x{\v a}}\u8364?\'e9\bin2 }`} {
		f.Add(storedRTF(s))
	}
	f.Add([]byte("\x2d\x00\x00\x00\x2b\x00\x00\x00LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125B2\x0a\xf3" +
		" hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0"))
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, data []byte) {
		checkFiles(t, p, winmailOnly(richText(data)))
	})
}

// TestAttachedSMIME: nothing attached decides. A signed message attached as a file is not part of the text.
func TestAttachedSMIME(t *testing.T) {
	data := fromGolden(t, "mime/smime-opaque-outlook", "1")
	if m := parse(t, head+"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
		base64.StdEncoding.EncodeToString(data)); m.Decision == nil {
		t.Error("the message itself does not decide")
	}
	if m := parse(t, attached("application/pkcs7-mime", "letter.p7m", data)); m.Decision != nil || strings.Contains(m.Text, "APPROVE") {
		t.Errorf("a file decides: %q", m.Text)
	}
}
