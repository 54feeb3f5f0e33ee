package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// file takes the decoded content of one attachment as it streams by: hashed, measured and searched, never held.
type file struct {
	part    *part
	raw     bool // an attached message, taken as it was sent
	size    int64
	hash    hash.Hash
	head    []byte
	scan    scanner
	looked  bool // the kind of its content is known
	pdf     *pdfReader
	end     *tailKeeper
	listing *listing // of a ZIP archive that is whole
}

func newFile(p *part, raw bool) *file { return &file{part: p, raw: raw, hash: sha256.New()} }

func (f *file) take(b []byte) {
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
		f.pdf.take(b)
	case f.end != nil:
		f.end.take(b)
	}
}

// look chooses what more is read of a file by the bytes that it begins with.
func (f *file) look(before []byte) {
	f.looked = true
	switch string(f.head[:4]) {
	case "%PDF":
		f.pdf = &pdfReader{}
		f.pdf.take(before)
	case "PK\x03\x04", "PK\x05\x06":
		f.end = &tailKeeper{}
		f.end.take(before)
	default:
		// Some scanners write a few bytes before the header, which readers pass over.
		if bytes.Contains(f.head, []byte("%PDF-")) {
			f.pdf = &pdfReader{}
		}
	}
}

// close draws what is needed from the end of the file.
func (f *file) close() {
	switch {
	case f.pdf != nil:
		f.pdf.close()
	case f.end != nil:
		if l, ok := listZIP(f.end.buf); ok {
			l.locked = l.locked || len(f.head) > 8 && f.head[6]&1 == 1 // flags of the first file (APPNOTE section 4.4.4)
			f.listing = &l
		}
		f.end = nil
	}
}

var (
	pastedName = regexp.MustCompile(`(?i)^image\d{3}\.(png|jpe?g|gif|bmp)$|^outlook-.*\.(png|jpe?g|gif)$`)
	// Exchange names what a person wrote below a picture ATT00001.txt, or .htm, as if it were a file.
	pieceName = regexp.MustCompile(`(?i)^att\d{4,6}(\.txt|\.html?)?$`)
)

// attachment is what is known of a file that came with a message.
type attachment struct {
	Part         string // its position, "2" or "1.3"
	Filename     string // safe as a file name and unique within the message
	MediaType    string
	DeclaredType string
	Size         int64
	SHA256       string
	ContentID    string
	Counts       bool   // it counts as evidence
	Why          string // why it does not, in words that a person can act on
}

// describe describes the file. cids tells the pictures that the HTML shows, and whether it shows them among new text.
func (f *file) describe(number int, taken names, cids map[string]bool) attachment {
	kind := mimetype.Detect(f.head)
	media, _, _ := strings.Cut(kind.String(), ";")
	media = f.mediaType(media)
	ext := kind.Extension()
	switch {
	case f.raw:
		media, ext = f.part.mediaType, ".eml"
	case f.size == 0:
		media = f.part.mediaType
	}
	a := attachment{
		Part: f.part.path, DeclaredType: f.part.mediaType, MediaType: media, Size: f.size,
		SHA256: hex.EncodeToString(f.hash.Sum(nil)), ContentID: contentID(f.part),
	}
	a.Filename = taken.take(f.part.filename(), number, ext)
	a.Why = f.refuse(&a, cids)
	a.Counts = a.Why == ""
	return a
}

// refuse returns why the file is no evidence, or nothing.
func (f *file) refuse(a *attachment, cids map[string]bool) string {
	switch {
	case f.size == 0:
		return whyEmpty
	case f.scan.found[needleEncryptedOffice] && !f.scan.found[needleMsg]: // a message may have such a file within
		return whyPassword
	case f.part.why != "":
		return f.part.why
	case pieceName.MatchString(a.Filename):
		return whyBodyPiece
	case f.part.parent != nil && f.part.parent.mediaType == "multipart/encrypted":
		return whyEncryptedMail
	}
	if why := f.refuseContent(a.MediaType); why != "" {
		return why
	}
	ext := strings.ToLower(path.Ext(a.Filename))
	declared := a.DeclaredType
	if a.MediaType == "application/pdf" || zipDocuments[a.MediaType] {
		declared = "" // the content is beyond doubt
	}
	for _, media := range []string{a.MediaType, declared} {
		if r := refusalOf(ext, media); r != nil {
			return r.why
		}
	}
	if strings.HasPrefix(a.MediaType, "image/") {
		if why := f.refusePicture(a, cids); why != "" {
			return why
		}
	}
	switch {
	case accepted[a.MediaType] && (a.MediaType != "text/plain" || ext != ".pdf"), strings.HasPrefix(a.MediaType, "text/") && (ext == ".txt" || ext == ".text"):
		return ""
	case ext == ".pdf":
		return whyNoPDF
	}
	return whyType
}

// refuseContent tells the documents that cannot be opened or must not be.
func (f *file) refuseContent(media string) string {
	found := f.scan.found
	switch {
	case media == "application/pdf" && f.pdf != nil && f.pdf.needsPassword():
		return whyPassword
	case media == "application/pdf" && f.pdf != nil && !f.pdf.whole:
		return whyCut
	case found[needleMacrosOLE] && !found[needleMsg], f.listing == nil && found[needleMacrosZip], f.listing != nil && f.listing.macros:
		return whyMacros
	case zipDocuments[media] && (f.listing == nil || f.listing.locked), media == "application/zip" && f.listing == nil:
		return whyDamaged
	case media == "application/zip":
		return f.listing.why()
	case archiveKinds[media] != "":
		return "It is an archive (" + archiveKinds[media] + "), which is not opened: attach the files themselves."
	}
	return ""
}

// refusalOf finds the refusal for an extension or a media type.
func refusalOf(ext, media string) *refusal {
	for i := range refusals {
		r := &refusals[i]
		if ext != "" && strings.Contains(r.exts, " "+ext+" ") || slices.Contains(r.types, media) {
			return r
		}
	}
	return nil
}

func (f *file) refusePicture(a *attachment, cids map[string]bool) string {
	isNew, shown := cids[a.ContentID]
	switch {
	case f.size < tinyImage:
		return whyTiny
	case a.ContentID != "" && shown && (!isNew || f.size < photoAtSize):
		return whyInText
	case pastedName.MatchString(a.Filename) && f.size < logoImage && f.part.disposition != "attachment":
		return whyInText
	}
	return ""
}

// signatures tell the containers in whose first bytes the usual sniffing finds the file within.
var signatures = []struct {
	at    int
	mark  string
	media string
}{
	{0, oleSignature, "application/x-ole-storage"},
	{0, "\x78\x9f\x3e\x22", typeTNEF},
	{0, "PK\x03\x04", "application/zip"},
	{257, "ustar", "application/x-tar"},
}

// mediaType corrects what the usual sniffing says, which sees only the head of the file.
func (f *file) mediaType(media string) string {
	for _, s := range signatures {
		if len(f.head) > s.at && bytes.HasPrefix(f.head[s.at:], []byte(s.mark)) && (media == "application/pdf" || media == "application/octet-stream") {
			media = s.media
		}
	}
	found := f.scan.found
	switch {
	case f.listing != nil && f.listing.word, media == "application/zip" && f.listing == nil && found[needleWord]:
		return docx
	case f.listing != nil && !f.listing.office && (media == docx || media == xlsx || media == pptx):
		return "application/zip"
	case media == "application/x-ole-storage" && found[needleMsg]:
		return "application/vnd.ms-outlook"
	case media == "application/x-ole-storage" && found[needleDoc]:
		return "application/msword"
	}
	return media
}

func contentID(p *part) string {
	return strings.Trim(strings.TrimSpace(p.header.first("Content-ID")), "<>")
}
