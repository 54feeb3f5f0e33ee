package container

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
)

// File takes the decoded content of one attachment as it streams by: hashed, measured and searched, never
// held.
type File struct {
	Part    *mime.Part
	raw     bool // an attached message, taken as it was sent
	size    int64
	hash    hash.Hash
	head    []byte
	scan    scanner
	looked  bool // the kind of its content is known
	pdf     *pdfReader
	actions *pdfActions
	end     *tailKeeper
	listing *listing // of a ZIP archive that is whole
}

// NewFile returns a File for the content of p, or with raw set for the message attached in p as it was sent.
func NewFile(p *mime.Part, raw bool) *File { return &File{Part: p, raw: raw, hash: sha256.New()} }

// Take takes some of the content.
func (f *File) Take(b []byte) {
	f.hash.Write(b)
	f.size += int64(len(b))
	before := f.head
	if len(f.head) < sniffBytes {
		n := min(len(b), sniffBytes-len(f.head))
		f.head = append(f.head, b[:n]...)
	}
	f.scan.write(b)
	if !f.raw && !f.looked && len(f.head) >= 4 {
		f.look(before)
	}
	switch {
	case f.pdf != nil:
		f.pdf.Take(b)
		f.actions.Take(b)
	case f.end != nil:
		f.end.Take(b)
	}
}

// look decides by the first bytes of a file what else is read of it.
func (f *File) look(before []byte) {
	f.looked = true
	switch string(f.head[:4]) {
	case "%PDF":
		f.pdf, f.actions = &pdfReader{}, newPDFActions()
		f.pdf.Take(before)
		f.actions.Take(before)
	case "PK\x03\x04", "PK\x05\x06":
		f.end = &tailKeeper{}
		f.end.Take(before)
	default:
		// Some scanners write a few bytes before the header, which readers pass over.
		if bytes.Contains(f.head, []byte("%PDF-")) {
			f.pdf, f.actions = &pdfReader{}, newPDFActions()
		}
	}
}

// Close reads what stands at the end of the file.
func (f *File) Close() {
	switch {
	case f.pdf != nil:
		f.pdf.Close()
		f.actions.Close()
	case f.end != nil:
		if l, ok := listZIP(f.end.buf); ok {
			l.locked = l.locked || len(f.head) > 8 && f.head[6]&1 == 1 // flags of the first file (APPNOTE section 4.4.4)
			f.listing = &l
		}
		f.end = nil
	}
}

// Message returns the message that the file is; nil if it is none.
func (f *File) Message() *mime.Part {
	if isMessageFile(f.Part) && len(f.Part.Children) == 1 {
		return f.Part.Children[0]
	}
	return nil
}

// IsShown reports whether the file is a picture that the HTML of a message can show, such as a logo.
func (f *File) IsShown() bool {
	return strings.HasPrefix(f.Part.MediaType, "image/") && f.Part.Header.First("Content-ID") != ""
}

// Exchange names what a person wrote below a picture ATT00001.txt, or .htm, as if it were a file.
var pieceName = regexp.MustCompile(`(?i)^att\d{4,6}(\.txt|\.html?)?$`)

// IsPiece reports whether the file is a piece of the message's own text, which mail clients show with it.
func (f *File) IsPiece() bool {
	p := f.Part
	if p.Nested > 0 || (p.MediaType != "text/plain" && p.MediaType != "text/html") {
		return false
	}
	if p.Parent != nil && (p.Parent.MediaType == "multipart/alternative" || p.Parent.MediaType == "multipart/related") {
		return true
	}
	return p.Disposition == "inline" || pieceName.MatchString(p.Filename())
}

// IsAlternative reports whether the file is another rendition of the message's own text, which some mail clients
// show in place of the others (RFC 2046 section 5.1.4).
func (f *File) IsAlternative() bool {
	p := f.Part
	return p.Nested == 0 && p.Parent != nil && p.Parent.MediaType == "multipart/alternative" && !f.IsPiece() &&
		(strings.HasPrefix(p.MediaType, "text/") || p.MediaType == "application/rtf")
}

// Beginning returns the first bytes of the file, and whether they are the whole of it.
func (f *File) Beginning() (head []byte, whole bool) { return f.head, f.size <= int64(len(f.head)) }

// Size returns the size of the file in bytes.
func (f *File) Size() int64 { return f.size }
