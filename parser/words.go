package parser

import (
	"strings"
)

// encodedWord is one =?charset?encoding?text?= of RFC 2047, decoded to bytes.
type encodedWord struct {
	charset string
	bytes   []byte
}

// decodeWords decodes the encoded words of an unstructured value or a phrase. Neighbours of one charset are joined before their
// charset is decoded, as some clients cut between the bytes of one character. Control characters are dropped afterwards: an
// encoded word is no way to put a line end into a value.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var run encodedWord
	flush := func() {
		if run.bytes != nil {
			text, _ := decodeCharset(run.bytes, run.charset)
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
	return strings.TrimSpace(cleanText(out.String()))
}

// readWord reads the encoded word at the start of s and tells its length.
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
			case c == '=' && i+2 < len(fields[2]) && unhex(fields[2][i+1]) >= 0 && unhex(fields[2][i+2]) >= 0:
				c = byte(unhex(fields[2][i+1])<<4 | unhex(fields[2][i+2]))
				i += 2
			}
			w.bytes = append(w.bytes, c)
		}
	default:
		return w, 0, false
	}
	return w, length, true
}

// parameters are those of a Content-Type or Content-Disposition, by lower-case name, decoded.
type parameters map[string]string

// parseParameterised reads "value; name=value; ..." with RFC 2231 continuations and charsets, and with the faults that clients
// make: blanks without quotes, encoded words in names, a missing semicolon's worth of rubbish.
func parseParameterised(s string) (string, parameters) {
	pieces := splitParameters(s)
	value := strings.ToLower(strings.TrimSpace(stripComments(pieces[0])))
	params := parameters{}
	extended := map[string][]segment{}
	for _, piece := range pieces[1:] {
		name, v, ok := strings.Cut(piece, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			continue
		}
		v = unquote(strings.TrimSpace(v))
		base, section, _ := strings.Cut(name, "*")
		if base == name {
			if _, seen := params[name]; !seen {
				params[name] = decodeWords(v)
			}
			continue
		}
		seg := segment{text: v, encoded: section == "" || strings.HasSuffix(section, "*")}
		for _, c := range strings.TrimSuffix(section, "*") {
			if c < '0' || c > '9' || seg.index > maxParameters {
				seg.index = maxParameters
				break
			}
			seg.index = seg.index*10 + int(c-'0')
		}
		extended[base] = append(extended[base], seg)
	}
	for name, segments := range extended {
		params[name] = joinSegments(segments)
	}
	return value, params
}

// segment is one part of an RFC 2231 parameter, name*INDEX*=text.
type segment struct {
	index   int
	text    string
	encoded bool
}

func joinSegments(segments []segment) string {
	ordered := make([]*segment, maxParameters+1)
	for i := range segments {
		if n := segments[i].index; n <= maxParameters && ordered[n] == nil {
			ordered[n] = &segments[i]
		}
	}
	var raw []byte
	charset := "utf-8"
	for i, seg := range ordered {
		if seg == nil {
			continue
		}
		text := seg.text
		if seg.encoded {
			if parts := strings.SplitN(text, "'", 3); i == 0 && len(parts) == 3 {
				charset, text = parts[0], parts[2]
			}
			raw = append(raw, unpercent(text)...)
		} else {
			raw = append(raw, text...)
		}
	}
	decoded, _ := decodeCharset(raw, charset)
	return cleanText(decodeWords(decoded))
}

func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		}
		out = append(out, c)
	}
	return out
}

// splitParameters splits at the semicolons outside quoted strings.
func splitParameters(s string) []string {
	var pieces []string
	start, quoted := 0, false
	for i := 0; i < len(s) && len(pieces) < maxParameters; i++ {
		switch s[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				pieces = append(pieces, s[start:i])
				start = i + 1
			}
		}
	}
	return append(pieces, s[start:])
}

// unquote returns the content of a quoted string; text that is not quoted is returned as it is.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return strings.Trim(s, `"`)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '"' {
			break
		}
		// A backslash before anything but a quote or itself is a path of old Windows clients, not an escape.
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cleanText drops control characters other than the blank ones that a value may fold over, which become a blank.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return -1
		}
		return r
	}, s)
}
