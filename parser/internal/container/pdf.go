package container

import (
	"bytes"
	"regexp"
	"strconv"

	"mfabot/parser/internal/mime"
)

// pdfReader takes a PDF as it streams by and keeps what stands around /Encrypt, in a trailer or its stream,
// and around the security handler's dictionary (ISO 32000-2 sections 7.5.5 and 7.6.2), neither of which is
// ever compressed or encrypted.
type pdfReader struct {
	lines     []byte // content that came in small pieces
	buf       []byte
	size      int64
	done      int // how much of buf was searched
	windows   [][]byte
	encrypted bool // a trailer names a security handler
	// whole means that the end is there, with some room for what mail systems put after it. A file smaller
	// than a disk block is let pass: a transfer that breaks off leaves more.
	whole bool
}

func (r *pdfReader) Take(b []byte) {
	r.size += int64(len(b))
	if len(r.lines) > 0 || len(b) < pdfBefore {
		r.lines = append(r.lines, b...)
		if len(r.lines) < pdfBlock {
			return
		}
		b = r.lines
		r.lines = r.lines[:0]
	}
	for len(b) > 0 {
		n := min(len(b), pdfBlock)
		r.block(b[:n])
		b = b[n:]
	}
}

// block takes some of the content. Most of it has no mark, and only its end is copied.
func (r *pdfReader) block(b []byte) {
	cold := r.done == len(r.buf)
	if cold {
		r.done = max(0, len(r.buf)-longestMark) // where a mark may have begun
	}
	if cold && len(b) >= pdfBefore && !hasMark(b) && !hasMark(r.joint(b)) {
		r.buf = append(r.buf[:0], b[len(b)-pdfBefore:]...)
		r.done = len(r.buf)
		return
	}
	r.buf = append(r.buf, b...)
	r.search(len(r.buf) - pdfAfter)
	if !hasMark(r.buf[r.done:]) {
		r.done = len(r.buf)
	}
	from := max(0, r.done-pdfBefore)
	r.buf = r.buf[:copy(r.buf, r.buf[from:])]
	r.done -= from
}

// joint is where a mark may stand between what came before and b.
func (r *pdfReader) joint(b []byte) []byte {
	seam := append(make([]byte, 0, 2*longestMark), r.buf[r.done:]...)
	return append(seam, b[:min(len(b), longestMark)]...)
}

func (r *pdfReader) Close() {
	r.block(r.lines)
	r.lines = nil
	r.whole = r.size < 1<<10 || bytes.Contains(r.buf, []byte("%%EOF")) || bytes.Contains(r.buf, []byte("startxref"))
	r.search(len(r.buf))
	r.buf = nil
}

// pdfMarks are what is looked for.
var pdfMarks = [][]byte{[]byte("/Encrypt"), []byte("/Standard")}

const longestMark = 16

func hasMark(b []byte) bool {
	for _, mark := range pdfMarks {
		if bytes.Contains(b, mark) {
			return true
		}
	}
	return false
}

// search looks for marks that begin before end.
func (r *pdfReader) search(end int) {
	for _, mark := range pdfMarks {
		for at := r.done; ; {
			i := bytes.Index(r.buf[at:], mark)
			if i < 0 || at+i >= end {
				break
			}
			at += i
			r.encrypted = r.encrypted || isPDFName(r.buf[at:], "/Encrypt")
			if len(r.windows) < pdfWindows {
				r.windows = append(r.windows, bytes.Clone(r.buf[max(0, at-pdfBefore):min(len(r.buf), at+pdfAfter)]))
			}
			at += len(mark)
		}
	}
	r.done = max(r.done, end)
}

// isPDFName reports whether b begins with the name, and not with a longer one.
func isPDFName(b []byte, name string) bool {
	if !bytes.HasPrefix(b, []byte(name)) {
		return false
	}
	return len(b) == len(name) || bytes.IndexByte([]byte(" \t\r\n\f\x00/<([0123456789-"), b[len(name)]) >= 0
}

// needsPassword reports whether the PDF cannot be opened without a password.
func (r *pdfReader) needsPassword() bool {
	if !r.encrypted {
		return false
	}
	var id []byte
	tries := 0
	for _, w := range r.windows {
		if i := pdfID.FindIndex(w); i != nil && id == nil {
			id = pdfString(w[i[1]-1:])
		}
	}
	for _, w := range r.windows {
		for at := 0; tries < pdfTries; tries++ {
			i := bytes.Index(w[at:], []byte("/Standard"))
			if i < 0 {
				break
			}
			at += i + len("/Standard")
			if h := readSecurity(pdfObject(w, at), id); h.opens() {
				return false
			}
		}
	}
	return true
}

var (
	pdfID      = regexp.MustCompile(`/ID\s*\[\s*[(<]`)
	pdfInteger = regexp.MustCompile(`^\s*(-?\d{1,10})`)
)

// pdfObject is the part of a window that may belong to the object around a place.
func pdfObject(w []byte, at int) []byte {
	from := bytes.LastIndex(w[:at], []byte("obj"))
	end := bytes.Index(w[at:], []byte("endobj"))
	if end < 0 {
		end = len(w) - at
	}
	return w[max(from, 0) : at+end]
}

// readSecurity reads the dictionary of the standard security handler (ISO 32000-2 section 7.6.4.2).
func readSecurity(b, id []byte) pdfSecurity {
	number := func(name string, unset int) int {
		v := pdfValue(b, name)
		if m := pdfInteger.FindSubmatch(v); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			return n
		}
		return unset
	}
	text := func(name string) []byte {
		v := pdfValue(b, name)
		return pdfString(bytes.TrimLeft(v, " \t\r\n\f\x00"))
	}
	meta := pdfValue(b, "/EncryptMetadata")
	return pdfSecurity{
		revision: number("/R", 0), keyBytes: number("/Length", 40) / 8, permissions: uint32(int64(number("/P", 0))), id: id,
		owner: text("/O"), user: text("/U"), plainMetadata: bytes.HasPrefix(bytes.TrimSpace(meta), []byte("false")),
	}
}

// pdfValue returns what follows a name, or nothing.
func pdfValue(b []byte, name string) []byte {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(name))
		if i < 0 {
			return nil
		}
		at += i
		if isPDFName(b[at:], name) {
			return b[at+len(name):]
		}
		at += len(name)
	}
}

// pdfString reads a literal or hexadecimal string (ISO 32000-2 section 7.3.4).
func pdfString(b []byte) []byte {
	var out []byte
	if len(b) > 0 && b[0] == '<' {
		high := -1
		for _, c := range b[1:] {
			switch n := mime.Unhex(c); {
			case c == '>':
				return out
			case n < 0:
			case high < 0:
				high = n
			default:
				out = append(out, byte(high<<4|n))
				high = -1
			}
		}
	}
	if len(b) == 0 || b[0] != '(' {
		return nil
	}
	depth := 1
	for i := 1; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && i+1 < len(b):
			i++
			c = b[i]
			if c >= '0' && c <= '7' {
				n := 0
				for j := 0; j < 3 && i < len(b) && b[i] >= '0' && b[i] <= '7'; j++ {
					n = n<<3 | int(b[i]-'0')
					i++
				}
				i--
				c = byte(n)
			} else if k := bytes.IndexByte([]byte("nrtbf"), c); k >= 0 {
				c = "\n\r\t\b\f"[k]
			} else if c == '\r' || c == '\n' {
				continue
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return out
			}
		}
		out = append(out, c)
	}
	return out
}
