package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Decode turns b into UTF-8. It believes a byte order mark first, then valid multi-byte UTF-8 (single-byte
// text is hardly ever that by chance), then the declared charset; ok is false when the declared charset is
// unknown.
func Decode(b []byte, charset string) (text string, ok bool) {
	charset = strings.ToLower(strings.Trim(strings.TrimSpace(charset), `"'`))
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(toUTF8(b[3:])), true
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), b), true
	}
	switch charset {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "ansi_x3.4-1968", "unicode-1-1-utf-8":
		return string(toUTF8(b)), true
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return decodeUTF7(string(toUTF8(b))), true
	}
	enc := findEncoding(charset)
	if enc == nil {
		return string(toUTF8(b)), false
	}
	if isSingleByte(enc) && hasMultibyteUTF8(b) {
		return string(b), true
	}
	return decodeWith(enc, b), true
}

// findEncoding returns nil for an unknown charset.
func findEncoding(charset string) encoding.Encoding {
	switch charset {
	case "hz-gb-2312", "hz":
		return simplifiedchinese.HZGB2312
	case "gb2312", "gbk", "cp936", "x-gbk":
		return simplifiedchinese.GB18030
	case "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	if rest, cut := strings.CutPrefix(charset, "cp"); cut {
		charset = "windows-" + rest
		if enc, err := ianaindex.MIME.Encoding("ibm" + rest); err == nil && enc != nil {
			return enc
		}
	}
	if enc, err := htmlindex.Get(charset); err == nil && enc != encoding.Replacement {
		return enc
	}
	if enc, err := ianaindex.MIME.Encoding(charset); err == nil && enc != encoding.Replacement {
		return enc
	}
	return nil
}

func isSingleByte(enc encoding.Encoding) bool {
	_, ok := enc.(*charmap.Charmap)
	return ok
}

func hasMultibyteUTF8(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return utf8.Valid(b)
		}
	}
	return false
}

func decodeWith(enc encoding.Encoding, b []byte) string {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(toUTF8(b))
	}
	return string(out)
}

// toUTF8 returns b itself when it is valid UTF-8; in any other case each invalid byte is read as
// Windows-1252, which is what undeclared 8-bit text nearly always is.
func toUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out
}

// decodeUTF7 decodes RFC 2152. A sequence that is broken is kept as it is.
func decodeUTF7(s string) string {
	var out strings.Builder
	for {
		plus := strings.IndexByte(s, '+')
		if plus < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:plus])
		s = s[plus+1:]
		end := 0
		for end < len(s) && inBase64(s[end]) {
			end++
		}
		raw, err := base64.RawStdEncoding.DecodeString(s[:end])
		switch {
		case end == 0, err != nil && len(raw) == 0:
			out.WriteByte('+')
			out.WriteString(s[:end])
			if end == 0 && strings.HasPrefix(s, "-") {
				end = 1
			}
		default:
			units := make([]uint16, len(raw)/2)
			for i := range units {
				units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
			}
			out.WriteString(string(utf16.Decode(units)))
			if strings.HasPrefix(s[end:], "-") {
				end++
			}
		}
		s = s[end:]
	}
}
