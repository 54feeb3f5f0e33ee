package parser_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestFilenames gives each name to the file of a message of its own, and then all of them to the files of
// one.
func TestFilenames(t *testing.T) {
	cases := []struct{ name, want string }{
		{"Letter for Sam.pdf", "Letter for Sam.pdf"},
		{"../../etc/passwd.pdf", "passwd.pdf"},
		{`C:\Users\jo\Letter.pdf`, "Letter.pdf"},
		{"..", "attachment-1.pdf"},
		{".pdf", "attachment-1.pdf"},
		{"   .pdf", "attachment-1.pdf"},
		{"-rf.pdf", "rf.pdf"},
		{"con.pdf", "con_.pdf"},
		{"CON.letter.pdf", "CON_.letter.pdf"},
		{"lpt1 .pdf", "lpt1 _.pdf"},
		{"con", "con_"},
		{"contract.pdf", "contract.pdf"},
		{"a\x07b\u200bc\u202efdp.exe", "abcfdp.exe"},
		{"letter.pdf. . ", "letter.pdf"},
		{"a:b|c?.pdf", "a_b_c_.pdf"},
		{"Cafe\u0301.pdf", "Café.pdf"},
		{"письмо врача.pdf", "письмо врача.pdf"},
		{strings.Repeat("ж", 200) + ".pdf", strings.Repeat("ж", 58) + ".pdf"},
	}
	file := func(name string) string {
		encoded := strings.ReplaceAll(fmt.Sprintf("%x", name), " ", "")
		var b strings.Builder
		for i := 0; i < len(encoded); i += 2 {
			b.WriteString("%" + encoded[i:i+2])
		}
		return "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''" + b.String() +
			"\r\n\r\n%PDF-1.4\r\n"
	}
	top := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	var together strings.Builder
	for _, c := range cases {
		m := parse(t, top+file(c.name)+"--b--\r\n")
		if got := m.Evidence[0].Filename; got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
		together.WriteString(file(c.name) + file(strings.ToUpper(c.name)))
	}
	seen := map[string]bool{}
	for _, a := range parse(t, top+together.String()+"--b--\r\n").Evidence {
		name := strings.ToLower(a.Filename)
		if seen[name] {
			t.Errorf("%q twice", a.Filename)
		}
		seen[name] = true
	}
}
