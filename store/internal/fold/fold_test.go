package fold

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// file is a file of a size as base64, in lines of a length.
func file(size, line int, end string) string {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	code := base64.StdEncoding.EncodeToString(content)
	var out strings.Builder
	for len(code) > line {
		out.WriteString(code[:line] + end)
		code = code[line:]
	}
	return out.String() + code + end
}

// folded is a message when it is folded.
func folded(t *testing.T, raw string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, []byte(raw)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestFold: what is folded is smaller, and comes back as it was.
func TestFold(t *testing.T) {
	a, first := file(100<<10, 76, "\r\n"), file(57, 76, "\r\n")
	for _, tt := range []struct {
		name, raw string
		folds     bool
	}{
		{"nothing", "", false},
		{"a text", strings.Repeat("Our colleague works in the secure unit.\r\n", 99), false},
		{"a file", a, true},
		{"files in a message", "To: x\r\n\r\n--b\r\n\r\n" + a + "--b\r\n\r\n" + a + "--b--\r\n", true},
		{"one line", first, true},
		{"no end", strings.TrimSuffix(first, "\r\n"), false},
		{"ends of one byte", file(1000, 76, "\n"), false},
		{"longer lines", file(1000, 80, "\r\n"), false},
		{"something else in the second line", first + strings.Repeat("~", 76) + "\r\n" + first, true},
		{"lines that are quoted", strings.Repeat(strings.Repeat("a", 75)+"=\r\n", 200), false},
		{"an end in the line", strings.Repeat("a", 70) + "\r\n" + strings.Repeat("a", 4) + "\r\n", false},
		{"padding in the line", strings.Repeat("a", 38) + "==" + strings.Repeat("a", 36) + "\r\n", false},
		{"letters of 16 bits", strings.Repeat("é", 38) + "\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := folded(t, tt.raw)
			if smaller := len(f) < len(tt.raw); smaller != tt.folds {
				t.Errorf("%d bytes became %d", len(tt.raw), len(f))
			}
			r := new(Reader)
			for _, from := range []io.Reader{bytes.NewReader(f), iotest.OneByteReader(bytes.NewReader(f))} {
				r.Reset(from)
				if got, err := io.ReadAll(r); err != nil || string(got) != tt.raw {
					t.Errorf("%v; it came back as %.90q..., and was %.90q...", err, got, tt.raw)
				}
			}
		})
	}
}

// TestBrokenOff: what ends in a segment is no shorter message.
func TestBrokenOff(t *testing.T) {
	raw := "To: x\r\n\r\n" + file(200, 76, "\r\n")
	f := folded(t, raw)
	whole := map[int]bool{0: true, 10: true, 10 + 1 + 3*holds: true} // after the head, and the three lines
	r := new(Reader)
	for n := range f {
		r.Reset(bytes.NewReader(f[:n]))
		if _, err := io.ReadAll(r); (err == nil) != whole[n] || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes of %d: %v", n, len(f), err)
		}
	}
}

// FuzzFold: any message comes back as it was, and any bytes are read without end or panic.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a\r\n", file(57*3, 76, "\r\n"), file(100, 76, "\r\n") + "=\r\n", "\x05", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var out bytes.Buffer
		if err := Write(&out, raw); err != nil {
			t.Fatal(err)
		}
		r := new(Reader)
		r.Reset(&out)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%v; %q came back as %q", err, raw, got)
		}
		r.Reset(bytes.NewReader(raw))
		_, _ = io.Copy(io.Discard, r)
	})
}
