package parser_test

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"mfabot/parser"
)

// benchmarks returns messages of the sizes that arrive.
func benchmarks() map[string]string {
	random := rand.New(rand.NewPCG(1, 2))
	file := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		copy(b, "%PDF-1.4\n")
		text := base64.StdEncoding.EncodeToString(b)
		var lines strings.Builder
		for len(text) > 76 {
			lines.WriteString(text[:76] + "\r\n")
			text = text[76:]
		}
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease see the letter.\r\n--b\r\n" +
			"Content-Type: application/pdf; name=letter.pdf\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + lines.String() + text + "\r\n--b--\r\n"
	}
	sentence := "Our colleague works in the secure unit, where no phones are allowed at any time of the day.\r\n"
	return map[string]string{
		"3KB-text":  head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat(sentence, 32),
		"30KB-HTML": head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>" + strings.Repeat(`<p class="MsoNormal"><span style="font-size:11.0pt;color:#1F497D">`+sentence+"</span></p>\r\n", 170) + "</body></html>",
		"200KB-PDF": head + file(200<<10),
		"10MB-PDF":  head + file(10<<20),
	}
}

func BenchmarkParse(b *testing.B) {
	p := parser.New(vocabulary)
	for name, raw := range benchmarks() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Parse(strings.NewReader(raw)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
