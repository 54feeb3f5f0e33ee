package container

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
)

// dataReader takes HTML as it streams by and cuts out the pictures and documents whose content stands in an attribute
// (RFC 2397), as phones and web mailers send photos. In the HTML that goes on each is shown by a Content-ID of its
// own, as a picture that came as a part is.
type dataReader struct {
	part  *mime.Part
	in    *Opener
	text  mime.Sink
	held  []byte     // what may begin a file, as far as it came
	tail  []byte     // the last of what went on before
	inner *mime.Part // the file being read
	to    mime.Sink  // its content; nil for none
	buf   []byte     // what is not yet decoded of it
}

// dataID begins the Content-ID that such a picture gets.
const dataID = "data."

// longestDataHead bounds what stands before the content of a file in a URI.
const longestDataHead = 300

// dataHead is what stands before the content of a file in a URI, and dataPlace what stands before that in HTML.
var (
	dataHead  = regexp.MustCompile(`(?i)^data:((?:image|application)/[a-z0-9.+-]{1,80})((?:;[^,;"'<>\s]{1,100}){0,3});base64,`)
	dataPlace = regexp.MustCompile(`(?i)(?:src|href|data)\s*=\s*["']?\s*$`)
)

func (d *dataReader) Take(b []byte) {
	if d.to != nil {
		b = d.data(b)
	}
	if len(b) == 0 {
		return
	}
	d.held = append(d.held, b...)
	for len(d.held) > 0 && d.to == nil {
		at := dataMark(d.held)
		if at < 0 {
			d.pass(max(0, len(d.held)-len("data")))
			return
		}
		d.pass(at)
		head := d.held[:min(len(d.held), longestDataHead)]
		switch m := dataHead.FindSubmatch(head); {
		case m != nil && d.begin(string(m[1]), string(m[2])):
			rest := bytes.Clone(d.held[len(m[0]):])
			d.held = append(d.held[:0], d.data(rest)...)
		case m == nil && len(head) < longestDataHead && !bytes.ContainsAny(head, ",\"'<>"):
			return // it has not all come
		default:
			d.pass(len("data:"))
		}
	}
}

// dataMark returns where a URI may begin; -1 for nowhere.
func dataMark(b []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], ':')
		if i < 0 {
			return -1
		}
		i += from
		if i >= 4 && bytes.EqualFold(b[i-4:i], []byte("data")) {
			return i - 4
		}
		from = i + 1
	}
}

// pass lets the first n bytes that are held go on as text.
func (d *dataReader) pass(n int) {
	d.text.Take(d.held[:n])
	d.tail = append(d.tail, d.held[max(0, n-32):n]...)
	d.tail = d.tail[max(0, len(d.tail)-32):]
	d.held = d.held[n:]
}

// begin begins a file, and reports whether it is one.
func (d *dataReader) begin(mediaType, params string) bool {
	mediaType = strings.ToLower(mediaType)
	if !dataPlace.Match(d.tail) || mediaType == "image/svg+xml" || strings.Contains(mediaType, "font") ||
		len(d.part.Children) >= mime.MaxFiles {
		return false
	}
	name := ""
	for p := range strings.SplitSeq(params, ";") {
		if key, value, _ := strings.Cut(p, "="); strings.EqualFold(key, "name") || strings.EqualFold(key, "filename") {
			name, _ = url.PathUnescape(value)
		}
	}
	d.inner = d.part.Add(mediaType, name)
	d.inner.Disposition = "inline"
	id := dataID + d.inner.Path
	d.inner.Header = mime.Header{{Name: "Content-ID", Value: "<" + id + ">"}}
	if d.to = d.in.content(d.inner); d.to == nil {
		d.to = mime.Nowhere{}
	}
	d.text.Take([]byte("cid:" + id))
	d.tail = d.tail[:0]
	return true
}

// data takes the content of a file, and returns what stands behind it.
func (d *dataReader) data(b []byte) []byte {
	for i, c := range b {
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=':
			if d.buf = append(d.buf, c); len(d.buf) == dataPiece {
				d.decode(d.buf)
			}
		default:
			d.end()
			return b[i:]
		}
	}
	return nil
}

const dataPiece = 32 << 10 // a multiple of four

// decode passes on what some base64 stands for.
func (d *dataReader) decode(b []byte) {
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(b), "="))
	if err != nil {
		d.inner.Why = whyDamaged
	}
	d.to.Take(out)
	d.buf = d.buf[:0]
}

// end ends the file.
func (d *dataReader) end() {
	d.decode(d.buf)
	mime.CloseSink(d.to)
	d.to = nil
}

func (d *dataReader) Close() {
	if d.to != nil {
		d.inner.Why = whyCut
		d.end()
	}
	d.pass(len(d.held))
}
