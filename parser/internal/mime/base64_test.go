package mime

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"testing"
)

// decoded64 decodes lines of base64, with or without the short way for lines that are whole.
func decoded64(raw []byte, short bool) (content []byte, damaged bool) {
	var out collected
	d := &base64Decoder{w: &out}
	lines := newLineReader(bufio.NewReaderSize(bytes.NewReader(raw), 4096))
	for {
		if short {
			lines.skip(d.whole(lines.buffered()))
		}
		ln, ok := lines.next()
		if !ok {
			damaged = d.close()
			return out, damaged
		}
		d.line(ln.text, ln.more)
	}
}

// FuzzBase64 gives the decoder anything, repeated so that it goes over several of its pieces: however the
// lines come to it, what it makes of them is the same, and what the standard library reads it reads alike.
func FuzzBase64(f *testing.F) {
	for _, s := range []string{
		"JVBERi0x\r\nLjQK\r\n",
		"JVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBE\n",
		"QQ==\r\nQUI=\r\n", "QQ==QUI=\n", "Q\rQ=\n=", " QUJD \r\n", "QU\tJD\n",
		"-QUI\n", "--QUI\n", "QUJD", "\n\n", "Q!U*J(D\n", "====\n", "\xffQUJD\xff\n", "_-_-\n",
	} {
		f.Add([]byte(s), 1)
		f.Add([]byte(s), 3000)
	}
	f.Fuzz(func(t *testing.T, raw []byte, times int) {
		if times < 1 || len(raw)*times > 200<<10 {
			return
		}
		raw = bytes.Repeat(raw, times)
		want, wantDamaged := decoded64(raw, false)
		got, gotDamaged := decoded64(raw, true)
		if !bytes.Equal(got, want) || gotDamaged != wantDamaged {
			t.Fatalf("%q\ndamaged %v, not %v\n%q\n%q", raw, gotDamaged, wantDamaged, got, want)
		}
		if std, err := base64.StdEncoding.DecodeString(string(raw)); err == nil && !bytes.ContainsRune(raw, '=') && !bytes.Equal(std, got) {
			t.Fatalf("%q\n%q\n%q", raw, got, std)
		}
	})
}
