package mime

import "strings"

// Parameters are those of a Content-Type or Content-Disposition, by lower-case name, decoded.
type Parameters map[string]string

// parseParameterised reads "value; name=value; ..." with RFC 2231 continuations and charsets, and with the
// faults that clients make: blanks without quotes, encoded words in names, rubbish where a semicolon is
// missing.
func parseParameterised(s string) (string, Parameters) {
	pieces := splitParameters(s)
	value := strings.ToLower(strings.TrimSpace(StripComments(pieces[0])))
	params := Parameters{}
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
				params[name] = DecodeWords(v)
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
	decoded, _ := Decode(raw, charset)
	return CleanText(DecodeWords(decoded))
}

func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && Unhex(s[i+1]) >= 0 && Unhex(s[i+2]) >= 0 {
			c = byte(Unhex(s[i+1])<<4 | Unhex(s[i+2]))
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
