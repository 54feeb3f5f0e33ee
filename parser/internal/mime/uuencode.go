package mime

import "strings"

// uuDecoder decodes the lines between "begin" and "end".
type uuDecoder struct {
	w       Sink
	inside  bool
	done    bool
	damaged bool
}

func (d *uuDecoder) line(text []byte, _ bool) {
	switch s := string(text); {
	case d.done:
	case !d.inside:
		_, d.inside = UUBegin(s)
	case s == "end":
		d.done = true
	default:
		b, ok := UULine(s)
		d.damaged = d.damaged || !ok
		d.w.Take(b)
	}
}

func (d *uuDecoder) eol([]byte)  {}
func (d *uuDecoder) close() bool { return d.damaged || !d.done }

// UUBegin reads the line that begins a uuencoded file: "begin 644 name".
func UUBegin(s string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(s, "begin ")
	if !ok {
		return "", false
	}
	mode, name, ok := strings.Cut(rest, " ")
	if !ok || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	return strings.TrimSpace(name), strings.TrimSpace(name) != ""
}

// UULine decodes one line of uuencoded data, and reports whether it was sound.
func UULine(s string) ([]byte, bool) {
	if s == "" {
		return nil, true
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x60 {
			return nil, false
		}
	}
	n := int(s[0]-0x20) & 63
	out := make([]byte, 0, n+3)
	at := func(i int) byte {
		if i >= len(s) {
			return 0
		}
		return (s[i] - 0x20) & 63
	}
	for i := 1; len(out) < n; i += 4 {
		a, b, c, e := at(i), at(i+1), at(i+2), at(i+3)
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|e)
	}
	return out[:n], len(s)-1 >= (n+2)/3*4-2
}
