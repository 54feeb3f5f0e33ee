package container

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"strings"
)

// tailKeeper keeps the end of a file, where a ZIP archive has its list of contents and a PDF its trailer.
type tailKeeper struct{ buf []byte }

func (t *tailKeeper) Take(b []byte) {
	if len(b) >= maxArchiveEnd {
		t.buf, b = t.buf[:0], b[len(b)-maxArchiveEnd:]
	}
	if len(t.buf)+len(b) > 2*maxArchiveEnd {
		t.buf = t.buf[:copy(t.buf, t.buf[len(t.buf)-maxArchiveEnd:])]
	}
	t.buf = append(t.buf, b...)
}

// archiveKinds are the archives known by their content, as people call them.
var archiveKinds = map[string]string{
	"application/zip": "ZIP", "application/x-rar-compressed": "RAR", "application/vnd.rar": "RAR",
	"application/x-7z-compressed": "7z", "application/gzip": "gzip",
	"application/x-tar": "tar", "application/x-bzip2": "bzip2", "application/x-xz": "xz", "application/zstd": "zstd",
	"application/vnd.ms-cab-compressed": "cabinet", "application/x-iso9660-image": "disc image",
}

// listing is what the list of contents of a ZIP archive says (APPNOTE section 4.3.12).
type listing struct {
	names  []string // the first few, safe to show
	more   int      // how many others there are
	locked bool
	macros bool
	office bool     // it is a document of Office (ECMA-376 part 2)
	word   bool     // of Word
	worst  *refusal // the kind of file in it that is never accepted
	which  string   // its name
}

// listZIP reads the list of contents from the end of an archive; nothing is unpacked. ok is false for a
// damaged archive.
func listZIP(end []byte) (l listing, ok bool) {
	r, err := zip.NewReader(bytes.NewReader(end), int64(len(end)))
	if err != nil {
		return l, false
	}
	return newListing(r), true
}

func newListing(r *zip.Reader) (l listing) {
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		name := safeName(f.Name)
		l.locked = l.locked || f.Flags&1 != 0
		l.office = l.office || f.Name == "[Content_Types].xml"
		l.word = l.word || f.Name == "word/document.xml"
		l.macros = l.macros || strings.EqualFold(path.Base(f.Name), "vbaProject.bin")
		ext := extension(name)
		if ext == ".zip" {
			ext = ".rar" // which is another archive, too
		}
		if kind := refusalOf(ext, ""); kind != nil && kind.inArchive != "" && l.worst == nil {
			l.worst, l.which = kind, name
		}
		if len(l.names) < maxListed {
			l.names = append(l.names, name)
		} else {
			l.more++
		}
	}
	return l
}

// isRefused reports whether the list of contents alone says that the archive does not count.
func (l *listing) isRefused() bool { return l.locked || l.worst != nil || len(l.names) == 0 }

// why says, in words for the sender, why the archive does not count as evidence.
func (l *listing) why() string {
	switch {
	case l.locked:
		return fmt.Sprintf("It is an archive that is protected by a password (%s): attach the files themselves, without one.", l)
	case l.worst != nil:
		return fmt.Sprintf("It is an archive with %s in it (%s), which is never accepted: attach the documents themselves.",
			l.worst.inArchive, l.which)
	case len(l.names) == 0:
		return "It is an archive with nothing in it: attach the files themselves."
	}
	return fmt.Sprintf("It is an archive that cannot be looked through (%s): attach the files themselves.", l)
}

// String lists the names.
func (l *listing) String() string {
	s := strings.Join(l.names, ", ")
	if l.more > 0 {
		s += fmt.Sprintf(" and %d more", l.more)
	}
	return s
}
