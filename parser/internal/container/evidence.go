package container

import (
	"bytes"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"

	"mfabot/parser/internal/mime"
)

// Attachment is what is known of a file that came with a message.
type Attachment struct {
	Part         string // its position, "2" or "1.3"
	Filename     string // safe as a file name and unique within the message
	MediaType    string
	DeclaredType string
	Size         int64
	SHA256       string
	ContentID    string
	Author       string // of an attached message, by its From
	Counts       bool   // it counts as evidence
	Why          string // why it does not, in words that a person can act on
}

// Describe says what the file is. number is its place among the files of the message. cids are the pictures
// that the HTML shows, each with whether it is among new text.
func (f *File) Describe(number int, taken Names, cids map[string]bool) Attachment {
	kind := mimetype.Detect(f.head)
	media, _, _ := strings.Cut(kind.String(), ";")
	media = f.mediaType(media)
	ext := kind.Extension()
	switch {
	case f.raw:
		media, ext = f.Part.MediaType, ".eml"
	case f.size == 0:
		media = f.Part.MediaType
	}
	a := Attachment{
		Part: f.Part.Path, DeclaredType: f.Part.MediaType, MediaType: media, Size: f.size,
		SHA256: hex.EncodeToString(f.hash.Sum(nil)), ContentID: contentID(f.Part),
	}
	if inner := f.Message(); inner != nil {
		a.Author, _ = mime.Address(inner.Header.First("From"))
	}
	a.Filename = taken.Take(f.name(), number, ext)
	a.Why = f.refuse(&a, cids)
	a.Counts = a.Why == ""
	return a
}

// name is what the sender called the file. A message is often called by its subject alone, whatever that ends in.
func (f *File) name() string {
	name := f.Part.Filename()
	if f.raw && name != "" && !strings.HasSuffix(strings.ToLower(name), ".eml") {
		return name + ".eml"
	}
	return name
}

// refuse returns why the file does not count as evidence, or nothing.
func (f *File) refuse(a *Attachment, cids map[string]bool) string {
	switch {
	case f.size == 0:
		return whyEmpty
	case f.scan.found[needleEncryptedOffice] && !f.scan.found[needleMsg]: // a message may have such a file within
		return whyPassword
	case f.Part.Why != "":
		return f.Part.Why
	case f.Part.AnyUnread():
		return whyUnread
	case pieceName.MatchString(a.Filename):
		return whyBodyPiece
	case f.Part.Parent != nil && f.Part.Parent.MediaType == "multipart/encrypted":
		return WhyEncryptedMail
	}
	if why := f.refuseContent(a.MediaType); why != "" {
		return why
	}
	ext := extension(a.Filename)
	declared := a.DeclaredType
	if a.MediaType == "application/pdf" || zipDocuments[a.MediaType] {
		declared = "" // the content is beyond doubt
	}
	for _, media := range []string{a.MediaType, declared} {
		if r := refusalOf(ext, media); r != nil {
			return r.why
		}
	}
	if isProgramBefore(a.Filename) {
		return whyProgram
	}
	if strings.HasPrefix(a.MediaType, "image/") {
		if why := f.refusePicture(a, cids); why != "" {
			return why
		}
	}
	names := accepted[a.MediaType]
	switch {
	case names != "" && (ext == "" || strings.Contains(names, " "+ext+" ")),
		names == "" && strings.HasPrefix(a.MediaType, "text/") && ext == ".txt":
		return ""
	case names != "":
		return whyName
	case ext == ".pdf":
		return whyNoPDF
	}
	return whyType
}

// extension is what a name ends in that says to programs what the file is, in lower case; nothing where it is of
// words or figures, as in "letter from Dr. Smith" and "letter of 12.11.2026".
func extension(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if strings.Contains(ext, " ") || strings.Trim(ext, ".0123456789()-_") == "" {
		return ""
	}
	return ext
}

// shownBefore are the extensions of programs that hide before another one. Others are initials and domains too.
const shownBefore = " .exe .scr .pif .bat .cmd .vbs .vbe .jse .wsf .hta .msi .jar .ps1 .lnk "

// isProgramBefore reports whether another extension stands before the last, as in "letter.exe.pdf". With blanks
// between them, which push the last out of sight, it may be that of any program.
func isProgramBefore(name string) bool {
	words := strings.Split(strings.ToLower(name), ".")
	for i := 1; i < len(words)-1; i++ {
		ext := "." + strings.TrimSpace(words[i])
		if strings.Contains(shownBefore, " "+ext+" ") {
			return true
		}
		if r := refusalOf(ext, ""); r != nil && r.inArchive == program && strings.HasSuffix(words[i], " ") {
			return true
		}
	}
	return false
}

// refuseContent refuses the documents that cannot or must not be opened.
func (f *File) refuseContent(media string) string {
	found := f.scan.found
	switch {
	case media == "application/pdf" && f.pdf != nil && f.pdf.needsPassword():
		return whyPassword
	case media == "application/pdf" && f.pdf != nil && !f.pdf.whole:
		return whyCut
	case found[needleMacrosOLE] && !found[needleMsg],
		f.listing == nil && found[needleMacrosZip],
		f.listing != nil && f.listing.macros:
		return whyMacros
	case found[needleObject], found[needleUpdate]:
		return whyEmbedded
	case found[needleTemplate], found[needleTemplateQuoted], found[needleTemplateShare], found[needleTemplateHidden],
		found[needleTemplateHex], found[needleDDE]:
		return whyRemote
	case f.actions != nil && f.actions.why != "":
		return f.actions.why
	case zipDocuments[media] && (f.listing == nil || f.listing.locked), media == "application/zip" && f.listing == nil:
		return whyDamaged
	case media == "application/zip" && (f.listing.isRefused() || len(f.Part.Children) == 0):
		return f.listing.why()
	case media != "application/zip" && archiveKinds[media] != "":
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

// harmless are the reasons for which a file is no evidence and still may be within another one.
var harmless = map[string]bool{
	whyEmpty: true, whyTiny: true, whyInText: true, whyLogo: true, whyBodyPiece: true, whySignature: true, whySignedWrapping: true,
	whyUnwrapped: true, whyFormatting: true, whyContact: true, whyCalendar: true, whyReport: true,
}

// IsHarmless reports whether a file is no evidence for a reason that says nothing against it.
func IsHarmless(why string) bool { return harmless[why] && why != whyEmpty }

// RefuseWhole refuses what has a file within that is refused, as who opens the one has the other, and all that is
// in an archive that is refused.
func RefuseWhole(all []Attachment) {
	for _, inner := range all {
		if inner.Counts || harmless[inner.Why] {
			continue
		}
		for i := range all {
			if outer := &all[i]; outer.Counts && strings.HasPrefix(inner.Part, outer.Part+".") {
				outer.Counts = false
				outer.Why = "A file in it is not accepted (" + inner.Filename + "): attach the documents themselves."
			}
		}
	}
	for _, outer := range all {
		if outer.Counts || outer.MediaType != "application/zip" {
			continue
		}
		for i := range all {
			if inner := &all[i]; inner.Counts && strings.HasPrefix(inner.Part, outer.Part+".") {
				inner.Counts, inner.Why = false, whyInArchive
			}
		}
	}
}

func (f *File) refusePicture(a *Attachment, cids map[string]bool) string {
	isNew, shown := cids[a.ContentID]
	switch {
	case f.size < tinyImage:
		return whyTiny
	case a.ContentID != "" && shown && (!isNew || f.size < photoAtSize && !(f.isPastedPhoto(a.MediaType) && f.size >= pastedPhoto)):
		return whyInText
	case pastedName.MatchString(a.Filename) && f.size < logoImage && f.Part.Disposition != "attachment":
		return whyInText
	case f.size < logoImage && isLogoName(a.Filename):
		return whyLogo
	}
	return ""
}

// isPastedPhoto reports whether the picture's content stood in the HTML, as phones and web mailers put photos. The
// logos of those are drawings.
func (f *File) isPastedPhoto(mediaType string) bool {
	return strings.HasPrefix(contentID(f.Part), dataID) && mediaType != "image/png" && mediaType != "image/gif"
}

// isLogoName reports whether a name says that the picture is an ornament of the sender's mail, as in "Oak Street
// logo.png" and "companyLogo2.jpg", and does not call it a document as well.
func isLogoName(name string) bool {
	logo := false
	for w := range strings.FieldsFuncSeq(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) }) {
		w = strings.TrimSuffix(w, "s")
		if documentWords[w] {
			return false
		}
		logo = logo || ornaments[w] || strings.HasSuffix(w, "logo") || strings.HasPrefix(w, "logo") && !strings.HasPrefix(w, "logop")
	}
	return logo
}

// What pictures are called that belong to the sender's mail, and what documents are, without a plural's s.
var (
	ornaments = words("icon favicon banner crest emblem footer header watermark spacer facebook twitter linkedin instagram " +
		"youtube signature sig emailsignature")
	documentWords = words("letter letterhead report form certificate scan page statement evidence proof assessment referral " +
		"note plan card doctor dr llythyr ffurflen")
)

// words returns the set of the words in s.
func words(s string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

var pastedName = regexp.MustCompile(`(?i)^image\d{3}\.(png|jpe?g|gif|bmp)$|^outlook-.*\.(png|jpe?g|gif)$`)

// signatures are those of containers whose first bytes sniffing takes for the file inside.
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

// mediaType corrects what sniffing says, which sees only the head of the file.
func (f *File) mediaType(media string) string {
	for _, s := range signatures {
		unsure := media == "application/pdf" || media == "application/octet-stream"
		if unsure && len(f.head) > s.at && bytes.HasPrefix(f.head[s.at:], []byte(s.mark)) {
			media = s.media
		}
	}
	found := f.scan.found
	switch {
	case isMessageFile(f.Part) && len(f.Part.Children) == 1 && f.Part.Children[0].Header.First("From") != "":
		return "message/rfc822"
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

func contentID(p *mime.Part) string {
	return strings.Trim(strings.TrimSpace(p.Header.First("Content-ID")), "<>")
}
