package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
)

// The marks with which a file says that it is in UTF-8 or UTF-16.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
)

const saveAs = `save it as "CSV UTF-8"`

// decode returns the text of a file in UTF-8, with lines that end with a line feed, and how it was encoded, in words.
func decode(data []byte) (text []byte, encoding string, err error) {
	switch {
	case hasMark(data, markUTF16LE), hasMark(data, markUTF16BE):
		text, err = xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, "", &Error{1, "expected text in UTF-16, as it begins: " + saveAs}
		}
		encoding = "UTF-16"
	case utf8.Valid(data):
		text, encoding = bytes.TrimPrefix(data, []byte(markUTF8)), "UTF-8"
	default:
		text, encoding, err = windows(data)
		if err != nil {
			return nil, "", err
		}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, "", &Error{1 + bytes.Count(text[:i], []byte("\n")), "expected text: " + saveAs}
	}
	if !bytes.Contains(text, []byte("\n")) { // as Excel for Mac saves one of its kinds
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	return text, encoding, nil
}

func hasMark(data []byte, mark string) bool { return bytes.HasPrefix(data, []byte(mark)) }

// windows decodes what Excel saves as plain CSV in Western Europe. What nobody writes so is in another encoding, such as that
// of DOS or of the Mac, and would be shown wrong to everybody: it is refused, as is a file with other lines in UTF-8. The first
// word that tells is shown, for somebody to see whether it is right.
func windows(data []byte) (text []byte, encoding string, err error) {
	refused := func(line int) error { return &Error{line, "expected text in UTF-8: " + saveAs} }
	mixed := hasMark(data, markUTF8)
	for line := range bytes.Lines(data) {
		mixed = mixed || utf8.Valid(line) && !isASCII(line)
	}
	if mixed {
		return nil, "", refused(firstNot(data))
	}
	text, err = charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return nil, "", err
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if !isWriting(line) {
			return nil, "", refused(number)
		}
		if encoding == "" && !isASCII([]byte(line)) {
			encoding = fmt.Sprintf("Windows-1252 (%q on line %d)", telling(line), number)
		}
	}
	return text, encoding, nil
}

// firstNot is the first line that is not UTF-8.
func firstNot(data []byte) (number int) {
	for line := range bytes.Lines(data) {
		if number++; !utf8.Valid(line) {
			break
		}
	}
	return number
}

func isASCII(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

// punctuation is what stands in names besides letters.
const punctuation = "‘’–—…€£°·©®™½¼¾«»\u00a0"

// isWriting reports whether people write so: with the letters of Western Europe, capitals and quotes only where they may stand,
// and the punctuation of names.
func isWriting(text string) bool {
	var before rune
	for _, r := range text {
		switch {
		case before == '”' && unicode.IsLetter(r), r == '“' && unicode.IsLetter(before):
			return false
		case r < utf8.RuneSelf || strings.ContainsRune(punctuation+"“”", r):
		case r < 'À' || r == '×' || r == '÷' || r > 'ÿ':
			return false
		case unicode.IsUpper(r) && unicode.IsLower(before):
			return false
		}
		before = r
	}
	return true
}

// telling is the word with the first letter that is not ASCII.
func telling(line string) string {
	at := strings.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf })
	end := func(r rune) bool { return strings.ContainsRune(" ,;\t\"\r\n", r) }
	from := strings.LastIndexFunc(line[:at], end) + 1
	if to := strings.IndexFunc(line[at:], end); to >= 0 {
		return line[from : at+to]
	}
	return line[from:]
}
