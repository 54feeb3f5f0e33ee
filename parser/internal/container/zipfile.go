package container

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strings"

	"mfabot/parser/internal/mime"
)

// zipReader takes the content of any file and, where it is a ZIP archive, reads what is in it: of a document
// whether it holds anything that acts, of any other archive the files.
type zipReader struct {
	part    *mime.Part
	in      *Opener
	begin   []byte // until it is known whether it is an archive
	other   bool
	locked  bool // its first file is (APPNOTE section 4.4.4)
	content held
}

func (z *zipReader) Take(b []byte) {
	if z.other {
		return
	}
	if n := min(zipHead-len(z.begin), len(b)); n > 0 {
		z.begin = append(z.begin, b[:n]...)
		b = b[n:]
		if len(z.begin) < zipHead {
			return
		}
		if z.other = string(z.begin[:4]) != "PK\x03\x04"; z.other {
			return
		}
		z.locked = z.begin[6]&1 == 1
		z.content.Take(z.begin)
	}
	z.content.Take(b)
}

func (z *zipReader) Close() {
	if z.other || len(z.begin) < zipHead {
		return
	}
	defer z.content.release()
	if z.content.over {
		z.part.Why = whyLarge
		return
	}
	in := &boundedReaderAt{r: &z.content, left: maxArchiveEnd}
	r, err := zip.NewReader(in, z.content.size)
	switch {
	case in.left < 0:
		z.part.Why = whyUnread
		return
	case err != nil:
		return // its listing says so
	}
	in.left = 4*z.content.size + heldPiece
	if isDocument(r) {
		z.part.Why = refuseDocument(r, 0)
		return
	}
	if l := newListing(r); !l.isRefused() && !z.locked {
		z.files(r)
	}
}

// zipHead is how many of the first bytes of an archive are looked at.
const zipHead = 8

// isDocument reports whether the archive is a document of Office or OpenDocument, and not files packed together.
func isDocument(r *zip.Reader) bool {
	for _, f := range r.File {
		switch strings.ToLower(f.Name) {
		case "[content_types].xml", "mimetype", "meta-inf/manifest.xml":
			return true
		}
	}
	return false
}

// files passes on the files of an archive, unless it has any that cannot be read.
func (z *zipReader) files(r *zip.Reader) {
	names := map[string]bool{}
	for _, f := range r.File {
		names[f.Name] = true
	}
	for _, f := range r.File {
		switch {
		case strings.HasSuffix(f.Name, "/"), isLeftover(f.Name, names):
		case len(z.part.Children) == maxZipped:
			z.part.Why = whyUnread
			return
		default:
			z.pass(f)
		}
	}
}

// isLeftover reports whether macOS put the entry there for itself: it describes another one of its name.
func isLeftover(name string, names map[string]bool) bool {
	of, beside := strings.CutPrefix(name, "__MACOSX/")
	dir, base := path.Split(of)
	base, isNote := strings.CutPrefix(base, "._")
	return beside && isNote && names[dir+base] || path.Base(name) == ".DS_Store"
}

// pass gives the content of a file in the archive to the sink of its part.
func (z *zipReader) pass(f *zip.File) {
	child := z.part.Add("application/octet-stream", f.Name)
	to := z.in.content(child)
	if to == nil {
		return
	}
	defer mime.CloseSink(to)
	content, err := f.Open()
	if err != nil {
		z.part.Why, child.Why = whyDamaged, whyDamaged
		return
	}
	defer func() { _ = content.Close() }() // read only
	buf := make([]byte, heldPiece)
	for {
		n, err := content.Read(buf)
		if z.in.unzipped += n; z.in.unzipped > maxUnzipped {
			z.part.Why, child.Why = whyUnread, whyUnread
			return
		}
		to.Take(buf[:n])
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			z.part.Why, child.Why = whyDamaged, whyDamaged
			return
		}
	}
}
