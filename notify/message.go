package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"slices"

	"github.com/segmentio/asm/base64"

	"mfabot/intake"
)

// Message is a letter ready to send. It holds the text; evidence is read while it is sent, and only small
// evidence is kept in memory.
type Message struct {
	sender, recipient string // envelope addresses, in angle brackets
	header            []byte // all fields except Content-Type
	words             entity
	attach            []attachment
	parts             Parts
	instead           error // as of its email
	as                intake.SentAs
}

// entity is the content of a message or of one of its parts, with its type.
type entity struct {
	contentType string
	content     []byte
}

// Stream writes the message to w. After an error, only part of the message has been written, and it must not
// go out. The error is from w or from Parts.
func (m *Message) Stream(ctx context.Context, w io.Writer) error {
	if _, err := w.Write(m.header); err != nil {
		return err
	}
	if len(m.attach) == 0 {
		_, err := fmt.Fprintf(w, "Content-Type: %s\r\n\r\n%s", m.words.contentType, m.words.content)
		return err
	}
	mixed := multipart.NewWriter(w)
	if _, err := fmt.Fprintf(w, "Content-Type: %s\r\n\r\n", contentType("mixed", mixed)); err != nil {
		return err
	}
	words, err := mixed.CreatePart(textproto.MIMEHeader{"Content-Type": {m.words.contentType}})
	if err != nil {
		return err
	}
	if _, err := words.Write(m.words.content); err != nil {
		return err
	}
	for i := range m.attach {
		if err := m.attachTo(ctx, mixed, &m.attach[i]); err != nil {
			return err
		}
	}
	return mixed.Close()
}

// attachment is a piece of evidence that a message attaches, or a file that was made for it.
type attachment struct {
	intake.Attachment
	made  bool // all of it is at the start
	start keeper
}

// made returns a file that was made for a message.
func made(filename, mediaType, content string) attachment {
	return attachment{intake.Attachment{Filename: filename, MediaType: mediaType}, true, keeper{pieces: [][]byte{[]byte(content)}}}
}

// maxKept is the largest piece of evidence, in bytes, kept in memory between being checked and being sent.
const maxKept = 256 << 10

// errLarge says that a piece of evidence is larger than maxKept.
var errLarge = errors.New("large evidence")

// keeper keeps what is written to it, up to maxKept, in pieces as they come: it is not known how much will.
type keeper struct {
	pieces [][]byte
	size   int
	large  bool // there is more
}

func (k *keeper) Write(p []byte) (int, error) {
	if k.large = k.large || k.size+len(p) > maxKept; k.large {
		k.pieces = nil
		return 0, errLarge
	}
	k.pieces, k.size = append(k.pieces, bytes.Clone(p)), k.size+len(p)
	return len(p), nil
}

// check reads the evidence without sending it, or only the beginning if it is large: almost all unreadable
// evidence is found before the server is contacted.
func (m *Message) check(ctx context.Context) error {
	for i := range m.attach {
		a := &m.attach[i]
		if a.made {
			continue
		}
		if err := m.evidence(ctx, a, &a.start); err != nil && !a.start.large {
			return err
		}
	}
	return nil
}

func (m *Message) evidence(ctx context.Context, a *attachment, w io.Writer) error {
	if err := m.parts.Evidence(ctx, a.InboundID, a.Part, w); err != nil {
		return fmt.Errorf("evidence, part %s of inbound message %d: %w", a.Part, a.InboundID, err)
	}
	return nil
}

// attachTo adds a file. Its name is written as in RFC 2231, and also in Content-Type for old
// readers that look there.
func (m *Message) attachTo(ctx context.Context, mixed *multipart.Writer, a *attachment) error {
	name, charset := filename(a.Filename), ""
	if a.made {
		charset = "charset=utf-8; "
	}
	part, err := mixed.CreatePart(textproto.MIMEHeader{
		"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": name})},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Type":              {fmt.Sprintf(`%s; %sname="%s"`, mediaType(a.MediaType), charset, encoded(name))},
	})
	if err != nil {
		return err
	}
	lines := &base64Lines{w: part}
	if a.start.large {
		err = m.evidence(ctx, a, lines)
	}
	for _, piece := range a.start.pieces {
		if err == nil {
			_, err = lines.Write(piece)
		}
	}
	if err != nil {
		return err
	}
	return lines.Close()
}

// inline is a picture that a page shows (RFC 2392).
type inline struct {
	cid, mediaType, filename string
	content                  []byte
}

// alternatives returns the body of a letter as text and HTML, which shows a picture unless that is nil.
func alternatives(text, html string, picture *inline) (entity, error) {
	var b bytes.Buffer
	b.Grow(len(text) + len(html)*9/8 + 1<<10) // with what is quoted, the heads and the boundaries
	w := multipart.NewWriter(&b)
	if err := addWords(w, entity{"text/plain; charset=UTF-8", []byte(text)}); err != nil {
		return entity{}, err
	}
	page := entity{"text/html; charset=UTF-8", []byte(html)}
	var err error
	if picture == nil {
		err = addWords(w, page)
	} else {
		err = addRelated(w, page, picture)
	}
	if err != nil {
		return entity{}, err
	}
	err = w.Close()
	return entity{contentType("alternative", w), b.Bytes()}, err
}

// addWords adds a text.
func addWords(w *multipart.Writer, words entity) error {
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Transfer-Encoding": {"quoted-printable"}, "Content-Type": {words.contentType},
	})
	if err != nil {
		return err
	}
	quoted := quotedprintable.NewWriter(part)
	if _, err := quoted.Write(words.content); err != nil {
		return err
	}
	return quoted.Close()
}

// addRelated adds a page together with its picture (RFC 2387).
func addRelated(w *multipart.Writer, page entity, picture *inline) error {
	var b bytes.Buffer
	related := multipart.NewWriter(&b)
	if err := addWords(related, page); err != nil {
		return err
	}
	part, err := related.CreatePart(textproto.MIMEHeader{
		"Content-Disposition":       {mime.FormatMediaType("inline", map[string]string{"filename": picture.filename})},
		"Content-Id":                {"<" + picture.cid + ">"},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Type":              {picture.mediaType},
	})
	if err != nil {
		return err
	}
	lines := &base64Lines{w: part}
	if _, err := lines.Write(picture.content); err != nil {
		return err
	}
	if err := errors.Join(lines.Close(), related.Close()); err != nil {
		return err
	}
	part, err = w.CreatePart(textproto.MIMEHeader{"Content-Type": {contentType("related", related) + ";\r\n type=\"text/html\""}})
	if err != nil {
		return err
	}
	_, err = part.Write(b.Bytes())
	return err
}

func contentType(kind string, w *multipart.Writer) string {
	return "multipart/" + kind + ";\r\n boundary=" + w.Boundary()
}

// Base64 output (RFC 2045, section 6.8): how many bytes fill a line of 76 characters, and how many lines are
// written at once.
const (
	lineBytes   = 57
	lineChars   = 76
	linesAtOnce = 64
)

// base64Lines encodes what is written to it. Close writes the last line.
type base64Lines struct {
	w     io.Writer
	plain []byte // not encoded yet
	code  []byte // of it, in one line
	lines []byte
}

func (b *base64Lines) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		n := min(len(p), lineBytes*linesAtOnce-len(b.plain))
		b.plain = append(b.plain, p[:n]...)
		if len(b.plain) == lineBytes*linesAtOnce {
			if err := b.Close(); err != nil {
				return written, err
			}
		}
		written += n
		p = p[n:]
	}
	return written, nil
}

// Close writes what remains.
func (b *base64Lines) Close() error {
	b.code = slices.Grow(b.code[:0], base64.StdEncoding.EncodedLen(len(b.plain)))[:base64.StdEncoding.EncodedLen(len(b.plain))]
	base64.StdEncoding.Encode(b.code, b.plain)
	b.lines = b.lines[:0]
	for line := range slices.Chunk(b.code, lineChars) {
		b.lines = append(append(b.lines, line...), "\r\n"...)
	}
	b.plain = b.plain[:0]
	_, err := b.w.Write(b.lines)
	return err
}
