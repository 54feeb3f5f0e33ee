package container

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/richardlehane/mscfb"

	"mfabot/parser/internal/mime"
)

// msgAttachment is one attachment in a .msg (MS-OXMSG section 2.2.2): a storage with a stream for each
// property.
type msgAttachment struct {
	data                                *mscfb.File
	long, short, shown, mime, contentID string
}

// attachments passes on the attachments of a message, those of messages attached to it too.
func (o *oleReader) attachments(doc *mscfb.Reader) {
	byPath := map[string]*msgAttachment{}
	var order []*msgAttachment
	for _, f := range doc.File {
		depth := len(f.Path)
		if depth == 0 || !strings.HasPrefix(f.Path[depth-1], "__attach_version1.0_") {
			continue
		}
		if depth > 2*maxWraps {
			o.part.Unread = true
			continue
		}
		place := strings.Join(f.Path, "/")
		a := byPath[place]
		if a == nil {
			a = &msgAttachment{}
			byPath[place] = a
			order = append(order, a)
		}
		a.property(f)
	}
	for _, a := range order {
		switch {
		case a.data == nil:
		case len(o.part.Children) == mime.MaxFiles:
			o.part.Unread = true
		default:
			o.pass(a)
		}
	}
}

// property reads a stream that is named after its property and type.
func (a *msgAttachment) property(f *mscfb.File) {
	var id, kind uint16
	if n, _ := fmt.Sscanf(f.Name, "__substg1.0_%04X%04X", &id, &kind); n != 2 || f.FileInfo().IsDir() {
		return
	}
	if id == propAttachData && kind == typeBinary {
		a.data = f
		return
	}
	to := map[uint16]*string{propLongFilename: &a.long, propShortFilename: &a.short, propDisplayName: &a.shown,
		propAttachMIME: &a.mime, propContentID: &a.contentID}[id]
	if to != nil && (kind == typeUnicode || kind == typeString8) {
		*to = property{kind, readStream(f, mime.MaxSubject)}.text(charsetOf(0))
	}
}

// pass gives the content of an attachment to the sink of its part.
func (o *oleReader) pass(a *msgAttachment) {
	name := a.long
	if name == "" {
		name = a.short
	}
	if name == "" {
		name = a.shown
	}
	child := o.part.Add("application/octet-stream", name)
	if strings.Count(a.mime, "/") == 1 && !strings.HasPrefix(a.mime, "message/") && !strings.HasPrefix(a.mime, "multipart/") {
		child.MediaType = strings.ToLower(mime.CleanText(strings.TrimSpace(a.mime)))
	}
	if a.contentID != "" {
		child.Disposition = "inline"
		child.Header = []mime.Field{{Name: "Content-ID", Value: mime.CleanText(a.contentID)}}
	}
	to := o.in.content(child)
	if to == nil {
		return
	}
	buf := make([]byte, heldPiece)
	for {
		n, err := a.data.Read(buf)
		to.Take(buf[:n])
		if err != nil {
			if !errors.Is(err, io.EOF) {
				o.in.walker.Warn("%s in %s is damaged", child, o.part)
			}
			break
		}
	}
	mime.CloseSink(to)
}
