package container

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"regexp"

	"mfabot/parser/internal/mime"
)

// pdfActions takes a PDF as it streams by and looks for what acts or is carried in it: names of scripts, of
// programs to start and of files (ISO 32000-2 sections 12.6.4 and 7.11.4), in the open and in the streams in
// which objects are packed (section 7.5.7).
type pdfActions struct {
	buf    []byte
	packed bool // buf is the content of an object stream
	looked int  // how much of it was searched for its end
	left   int  // how many more bytes of such streams are unpacked
	why    string
}

func newPDFActions() *pdfActions { return &pdfActions{left: maxPDFObjects} }

// pdfRefused are the names of what is refused.
var pdfRefused = map[string]string{
	"JavaScript": whyScript, "Launch": whyScript, "Rendition": whyScript,
	"EmbeddedFile": whyAttached, "EmbeddedFiles": whyAttached, "FileAttachment": whyAttached, "RichMedia": whyAttached,
}

const (
	pdfName = 64      // longest name looked at, with its escapes
	pdfDict = 4 << 10 // between the name of an object stream and its content
)

func (p *pdfActions) Take(b []byte) {
	if p.why == "" {
		p.buf = append(p.buf, b...)
		if len(p.buf) >= pdfBlock {
			p.search(false)
		}
	}
}

func (p *pdfActions) Close() {
	p.search(true)
	p.buf = nil
}

// search looks through what has come, and keeps what more must come for.
func (p *pdfActions) search(last bool) {
	for p.why == "" {
		var used int
		var more bool
		if p.packed {
			used, more = p.unpack(last)
		} else {
			used, more = p.open(last)
		}
		p.buf = p.buf[:copy(p.buf, p.buf[used:])]
		if !more {
			return
		}
	}
}

// open searches what stands in the open, up to the next object stream.
func (p *pdfActions) open(last bool) (used int, more bool) {
	at := p.names(p.buf, true)
	if at < 0 {
		return max(0, len(p.buf)-pdfName), false
	}
	rest := p.buf[at:min(len(p.buf), at+pdfDict)]
	i := bytes.Index(rest, []byte("stream"))
	switch {
	case i < 0 && len(rest) < pdfDict && !last:
		return at, false
	case i < 0:
		return min(len(p.buf), at+len("/ObjStm")), true
	}
	p.names(rest[:i], false)
	p.packed, p.looked = true, 0
	return at + i + len("stream"), true
}

// unpack searches the content of an object stream. Its end may be written in it, too.
func (p *pdfActions) unpack(last bool) (used int, more bool) {
	end := len(p.buf)
	last = last || end >= maxPDFStream
	if i := bytes.Index(p.buf[p.looked:], []byte("endstream")); i >= 0 {
		end = p.looked + i
	} else if !last {
		p.looked = max(0, end-len("endstream"))
		return 0, false
	}
	objects, whole := inflate(p.buf[:end], min(p.left, maxPDFStream))
	if !whole && !last {
		p.looked = min(end+len("endstream"), len(p.buf))
		return 0, p.looked < len(p.buf)
	}
	p.packed = false
	p.names(p.buf[:end], false) // where it is not compressed
	p.names(objects, false)
	if p.left -= len(objects); p.why == "" && (p.left <= 0 || len(objects) == maxPDFStream) {
		p.why = whyUnread
	}
	return end, true
}

// inflate unpacks b. whole is false where it ends early. What is encrypted, or packed otherwise, gives nothing.
func inflate(b []byte, limit int) (out []byte, whole bool) {
	r, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(b, "\r\n")))
	if err != nil {
		return nil, true
	}
	out, err = io.ReadAll(io.LimitReader(r, int64(limit)))
	return out, !errors.Is(err, io.ErrUnexpectedEOF)
}

// names looks at the names in b, with stop only up to that of an object stream, and returns where that is, or -1.
func (p *pdfActions) names(b []byte, stop bool) int {
	for at := 0; p.why == ""; at++ {
		i := bytes.IndexByte(b[at:], '/')
		if i < 0 {
			break
		}
		at += i
		name, end := readPDFName(b[at+1 : min(len(b), at+pdfName)])
		why := pdfRefused[name]
		switch {
		case stop && name == "ObjStm":
			return at
		case why == "", name == "EmbeddedFiles" && noFiles.Match(b[at+1+end:]):
		default:
			p.why = why
		}
	}
	return -1
}

// noFiles is the list of files that a program leaves behind where the last was taken out.
var noFiles = regexp.MustCompile(`^\s*<<\s*/Names\s*\[\s*\]`)

// readPDFName reads a name without its slash, in which any character may be written as # and two digits
// (section 7.3.5).
func readPDFName(b []byte) (name string, end int) {
	var out []byte
	for end < len(b) && bytes.IndexByte([]byte(" \t\r\n\f\x00/<>([{)]}%"), b[end]) < 0 {
		if b[end] == '#' && end+2 < len(b) && mime.Unhex(b[end+1]) >= 0 && mime.Unhex(b[end+2]) >= 0 {
			out = append(out, byte(mime.Unhex(b[end+1])<<4|mime.Unhex(b[end+2])))
			end += 3
			continue
		}
		out = append(out, b[end])
		end++
	}
	return string(out), end
}
