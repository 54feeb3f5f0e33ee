package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"path"
	"regexp"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// file takes the decoded content of one attachment as it streams by: hashed, measured and searched, never held.
type file struct {
	part *part
	raw  bool // an attached message, taken as it was sent
	size int64
	hash hash.Hash
	head []byte
	scan scanner
}

func newFile(p *part, raw bool) *file { return &file{part: p, raw: raw, hash: sha256.New()} }

func (f *file) take(b []byte) {
	f.hash.Write(b)
	f.size += int64(len(b))
	if len(f.head) < sniffBytes {
		n := min(len(b), sniffBytes-len(f.head))
		f.head = append(f.head, b[:n]...)
	}
	f.scan.write(b)
}

// Sizes by which a picture that belongs to the text is told from a photograph of a letter.
const (
	tinyImage   = 5 << 10
	logoImage   = 100 << 10 // upper bound for a picture under a name that Outlook gives to pasted ones
	photoAtSize = 150 << 10 // a picture within the text of this size is a photograph
)

// accepted are the types of document that count, by content.
var accepted = map[string]bool{
	"application/pdf": true, "application/msword": true, "text/rtf": true, "application/rtf": true, docx: true,
	"application/vnd.oasis.opendocument.text": true, "application/vnd.ms-outlook": true,
	"message/rfc822": true, "message/global": true, "text/plain": true,
	"image/jpeg": true, "image/png": true, "image/heic": true, "image/heif": true, "image/heic-sequence": true,
	"image/tiff": true, "image/gif": true, "image/webp": true, "image/bmp": true,
}

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// refusal is why a kind of file is no evidence.
type refusal struct {
	why   string
	types []string // media types, as found in the content or declared
	exts  string   // extensions, each between blanks
}

var refusals = []refusal{
	{"It is a digital signature, not a document.",
		[]string{"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys"},
		" .p7s .asc .sig "},
	{"It is encrypted mail, which cannot be read here: send the message again without encryption.",
		[]string{"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}, " .p7m .gpg .pgp "},
	{"The attachments are wrapped in winmail.dat, which only Outlook can open: send them again in a new message in HTML or plain text format, not Rich Text.",
		[]string{"application/ms-tnef", "application/vnd.ms-tnef"}, ""},
	{"It is a contact card, not a document.", []string{"text/vcard", "text/x-vcard", "text/directory"}, " .vcf "},
	{"It is a calendar entry, not a document.", []string{"text/calendar", "application/ics"}, " .ics "},
	{"It is part of a report by a mail system, not a document.",
		[]string{"message/delivery-status", "message/disposition-notification", "message/feedback-report", "text/rfc822-headers",
			"message/global-delivery-status", "message/global-headers"}, ""},
	{"It only points to a document that is kept somewhere else: attach the document itself.",
		[]string{"message/external-body", "application/x-ms-shortcut"}, " .url .lnk .webloc "},
	{"It is a program or script, which is never accepted: send the document as PDF.",
		[]string{"application/x-msdownload", "application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-executable",
			"application/x-mach-binary", "application/javascript", "text/javascript", "text/x-python", "text/x-shellscript", "application/x-sh",
			"text/x-perl", "text/x-php", "text/x-lua", "text/x-tcl", "application/java-archive", "application/x-ms-installer",
			"application/x-sharedlib", "application/x-object", "application/vnd.android.package-archive"},
		" .exe .com .scr .pif .bat .cmd .ps1 .psm1 .vbs .vbe .js .jse .mjs .wsf .wsh .hta .msi .msp .jar .sh .py .pl .php .rb .app .cpl .dll .reg .apk .chm .iso .img .vhd "},
	{"It is a web page, which is not accepted: send the document as PDF.",
		[]string{"text/html", "application/xhtml+xml", "image/svg+xml", "multipart/related"}, " .htm .html .xhtml .shtml .mht .mhtml .svg "},
	{"It is a document with macros, which is not accepted: send it as PDF.",
		[]string{"application/vnd.ms-word.document.macroenabled.12"}, " .docm .dotm .xlsm .xltm .xlam .pptm .potm .ppsm "},
	{"It is an archive, which is not opened: attach the documents themselves.",
		[]string{"application/zip", "application/x-rar-compressed", "application/x-7z-compressed", "application/gzip", "application/x-tar",
			"application/x-bzip2", "application/x-xz", "application/zstd", "application/vnd.ms-cab-compressed", "application/x-iso9660-image"},
		" .zip .rar .7z .gz .tgz .tar .bz2 .xz .zst .cab .ace .arj .lzh "},
}

const (
	whyEmpty     = "The file is empty: attach it again."
	whyPassword  = "The file is protected by a password: send it without one."
	whyMacros    = "It is a document with macros, which is not accepted: send it as PDF."
	whyInText    = "It is a picture within the text of the message, as a logo is: if it is evidence, attach it as a file."
	whyTiny      = "The picture is too small to be read, as a logo is: if it is evidence, attach a larger copy."
	whyBodyPiece = "It is a piece of the message's own text that a mail system made a file."
	whyUnwrapped = "It is the wrapping that Outlook put around the attachments, which are listed by themselves."
	whyType      = "This type of file is not accepted: send a PDF, a Word document or a photo."
)

var (
	pastedName = regexp.MustCompile(`(?i)^image\d{3}\.(png|jpe?g|gif|bmp)$|^outlook-.*\.(png|jpe?g|gif)$`)
	pieceName  = regexp.MustCompile(`(?i)^att\d{4,6}(\.txt|\.html?)?$`)
)

// attachment describes the file. cids tells the pictures that the HTML shows, and whether it shows them among new text.
func (f *file) attachment(number int, taken names, cids map[string]bool) Attachment {
	kind := mimetype.Detect(f.head)
	media, _, _ := strings.Cut(kind.String(), ";")
	media = f.officeType(media)
	ext := kind.Extension()
	switch {
	case f.raw:
		media, ext = f.part.mediaType, ".eml"
	case f.size == 0:
		media = f.part.mediaType
	}
	a := Attachment{
		Part: f.part.path, DeclaredType: f.part.mediaType, MediaType: media, Size: f.size,
		SHA256: hex.EncodeToString(f.hash.Sum(nil)), ContentID: contentID(f.part),
	}
	a.Filename = taken.take(f.part.filename(), number, ext)
	a.Why = f.refuse(&a, cids)
	a.Counts = a.Why == ""
	return a
}

// refuse returns why the file is no evidence, or nothing.
func (f *file) refuse(a *Attachment, cids map[string]bool) string {
	declared := a.DeclaredType
	if f.size == 0 {
		return whyEmpty
	}
	ext := strings.ToLower(path.Ext(a.Filename))
	found := f.scan.found
	switch {
	case found[needleEncryptedPDF], found[needleEncryptedOffice], isEncryptedZip(f.head):
		return whyPassword
	case found[needleMacrosZip], found[needleMacrosOLE]:
		return whyMacros
	case pieceName.MatchString(a.Filename):
		return whyBodyPiece
	case strings.EqualFold(a.Filename, "winmail.dat"):
		declared = "application/ms-tnef"
	}
	if isTNEF(f.part) && hasFiles(f.part) {
		return whyUnwrapped
	}
	for _, r := range refusals {
		if strings.Contains(r.exts, " "+ext+" ") && ext != "" || contains(r.types, a.MediaType) || contains(r.types, declared) && a.MediaType != "application/pdf" {
			return r.why
		}
	}
	if strings.HasPrefix(a.MediaType, "image/") {
		if why := f.refusePicture(a, cids); why != "" {
			return why
		}
	}
	if accepted[a.MediaType] || strings.HasPrefix(a.MediaType, "text/") && (ext == ".txt" || ext == ".text") {
		return ""
	}
	return whyType
}

func (f *file) refusePicture(a *Attachment, cids map[string]bool) string {
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

// officeType tells a Word document whose head is too short for the usual sniffing.
func (f *file) officeType(media string) string {
	switch {
	case media == "application/zip" && f.scan.found[needleWord]:
		return docx
	case media == "application/x-ole-storage" && f.scan.found[needleMsg]:
		return "application/vnd.ms-outlook"
	case media == "application/x-ole-storage" && f.scan.found[needleDoc]:
		return "application/msword"
	}
	return media
}

// isEncryptedZip looks at the flags of the first local file header.
func isEncryptedZip(head []byte) bool {
	return len(head) > 8 && bytes.HasPrefix(head, []byte("PK\x03\x04")) && head[6]&1 == 1
}

func contentID(p *part) string {
	return strings.Trim(strings.TrimSpace(first(p.header, "Content-ID")), "<>")
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
