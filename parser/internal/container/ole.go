package container

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/richardlehane/mscfb"

	"mfabot/parser/internal/mime"
)

const oleSignature = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// oleReader takes the content of any file and, where it is a compound file (MS-CFB), reads what is in it: the
// attachments of a message that Outlook saved, and whether a document of Office 97 is encrypted.
type oleReader struct {
	part    *mime.Part
	in      *Opener
	begin   []byte // until it is known whether it is a compound file
	other   bool
	content held
}

func (o *oleReader) Take(b []byte) {
	if o.other {
		return
	}
	if n := len(oleSignature) - len(o.begin); n > 0 {
		n = min(n, len(b))
		o.begin = append(o.begin, b[:n]...)
		b = b[n:]
		o.other = string(o.begin) != oleSignature[:len(o.begin)]
		if o.other || len(o.begin) < len(oleSignature) {
			return
		}
		o.content.Take(o.begin)
	}
	o.content.Take(b)
}

func (o *oleReader) Close() {
	if o.other || len(o.begin) < len(oleSignature) {
		return
	}
	defer o.content.release()
	if o.content.over {
		o.in.walker.Warn("%s is too large to be opened: files in it are not listed", o.part)
		o.part.Why = whyLarge
		return
	}
	in := &boundedReaderAt{r: &o.content, left: maxOLEEntries * oleEntrySize}
	doc, err := mscfb.New(in)
	switch {
	case in.left < 0:
		o.in.walker.Warn("%s has too many pieces to be opened: files in it are not listed", o.part)
		o.part.Why = whyUnread
		return
	case err != nil:
		o.part.Why = whyDamaged
		return
	}
	in.left = 2*o.content.size + heldPiece
	if isEncryptedOffice(doc) {
		o.part.Why = whyPassword
		return
	}
	o.attachments(doc)
	if o.part.Why == "" && hasObjects(doc) {
		o.part.Why = whyEmbedded
	}
}

// hasObjects reports whether a document of Word has objects of other programs in it, each of which is a storage
// in its pool (MS-DOC section 2.1.8).
func hasObjects(doc *mscfb.Reader) bool {
	return slices.ContainsFunc(doc.File, func(f *mscfb.File) bool { return len(f.Path) > 0 && f.Path[0] == "ObjectPool" })
}

const oleEntrySize = 128

var errTooMuch = errors.New("too much to read")

// boundedReaderAt bounds what mscfb makes of a container: how many entries of the directory it holds, and how
// often it reads the same sectors, which streams may share. It reads one number at a time from the allocation
// table, which its own search for loops bounds.
type boundedReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (b *boundedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > 4 {
		if b.left -= int64(len(p)); b.left < 0 {
			return 0, errTooMuch
		}
	}
	n, err := b.r.ReadAt(p, off)
	if errors.Is(err, io.EOF) && n > 0 {
		// The last sector may be cut short.
		clear(p[n:])
		return len(p), nil
	}
	return n, err
}

// isEncryptedOffice reports whether a document is encrypted: of Word by its FibBase (MS-DOC section 2.5.2,
// fEncrypted), of Excel by its FilePass record (MS-XLS section 2.4.117).
func isEncryptedOffice(doc *mscfb.Reader) bool {
	for _, f := range doc.File {
		if len(f.Path) > 0 {
			continue
		}
		switch f.Name {
		case "WordDocument":
			b := readStream(f, 12)
			return len(b) == 12 && binary.LittleEndian.Uint16(b[10:])&0x0100 != 0
		case "Workbook", "Book":
			b := readStream(f, 1024)
			for len(b) >= 4 {
				if binary.LittleEndian.Uint16(b) == 0x002f {
					return true
				}
				b = b[min(len(b), 4+int(binary.LittleEndian.Uint16(b[2:]))):]
			}
		}
	}
	return false
}

// readStream reads the beginning of a stream.
func readStream(f *mscfb.File, limit int64) []byte {
	b := make([]byte, min(f.Size, limit))
	n, _ := io.ReadFull(f, b)
	return b[:n]
}
