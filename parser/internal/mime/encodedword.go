package mime

import "strings"

// encodedWord is one =?charset?encoding?text?= of RFC 2047, decoded to bytes.
type encodedWord struct {
	charset string
	bytes   []byte
}

// DecodeWords decodes the encoded words of an unstructured value or a phrase. Neighbours of one charset are
// joined before their charset is decoded, as some clients cut between the bytes of one character. Control
// characters are dropped afterwards: an encoded word must not smuggle a line end into a value.
func DecodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var run encodedWord
	flush := func() {
		if run.bytes != nil {
			text, _ := Decode(run.bytes, run.charset)
			out.WriteString(text)
		}
		run = encodedWord{}
	}
	for s != "" {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		word, length, ok := readWord(s[start:])
		if !ok {
			flush()
			out.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		if between := s[:start]; run.bytes == nil || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(between)
		}
		if run.bytes != nil && run.charset != word.charset {
			flush()
		}
		run.charset = word.charset
		run.bytes = append(run.bytes, word.bytes...)
		if run.bytes == nil {
			run.bytes = []byte{}
		}
		s = s[start+length:]
	}
	flush()
	out.WriteString(s)
	return strings.TrimSpace(CleanText(out.String()))
}

// readWord reads the encoded word at the start of s and returns its length.
func readWord(s string) (w encodedWord, length int, ok bool) {
	fields := strings.SplitN(s[2:], "?", 4)
	if len(fields) < 4 || len(fields[0]) > 60 || len(fields[1]) != 1 || fields[3] == "" || fields[3][0] != '=' {
		return w, 0, false
	}
	charset, _, _ := strings.Cut(fields[0], "*") // RFC 2231 section 5: a language may follow
	w.charset = strings.ToLower(charset)
	length = 2 + len(fields[0]) + 1 + 1 + 1 + len(fields[2]) + 2
	switch fields[1] {
	case "B", "b":
		d := base64Decoder{w: (*collected)(&w.bytes)}
		d.line([]byte(fields[2]), false)
		d.close()
	case "Q", "q":
		for i := 0; i < len(fields[2]); i++ {
			c := fields[2][i]
			switch {
			case c == '_':
				c = ' '
			case c == '=' && i+2 < len(fields[2]) && Unhex(fields[2][i+1]) >= 0 && Unhex(fields[2][i+2]) >= 0:
				c = byte(Unhex(fields[2][i+1])<<4 | Unhex(fields[2][i+2]))
				i += 2
			}
			w.bytes = append(w.bytes, c)
		}
	default:
		return w, 0, false
	}
	return w, length, true
}
