package parser

import (
	"io"
	"strconv"
)

// closer is a sink that has something to do once all of its content has come.
type closer interface{ close() }

func closeSink(s sink) {
	if c, ok := s.(closer); ok {
		c.close()
	}
}

func (s both) close() {
	closeSink(s.first)
	closeSink(s.second)
}

// contents reads the files that files of a message hold: those in winmail.dat, in opaque S/MIME, in Outlook's .msg and in uuencoded
// text. Parse and Extract share it, so that both give each file the same position.
type contents struct {
	walker *walker // of the message
	held   int     // bytes held by containers that are read out of order
	said   *part   // what winmail.dat says, for a message that says nothing else
}

// open returns where the content of a part goes that was found inside a file.
func (c *contents) open(p *part) sink { return c.walker.content(p) }

// text returns the sink for body text that may hold uuencoded files.
func (c *contents) text(p *part, to sink) sink {
	if p.mediaType != "text/plain" {
		return to
	}
	return &uuReader{part: p, in: c, text: to}
}

// unwrap returns the reader for what p holds, or nil for a part that lies too deep.
func (c *contents) unwrap(p *part) sink {
	switch {
	case p.wraps() > maxWraps:
		c.walker.warn("%s lies too deep within other files to be opened", p)
		return nil
	case p.parent != nil && p.parent.mediaType == "multipart/encrypted":
		if p.nested == 0 {
			c.walker.warn(warnEncrypted)
		}
		return nil
	case isTNEF(p):
		return newTNEF(p, c)
	case p.isSMIME():
		return &smimeReader{part: p, in: c, content: held{in: c}}
	}
	return &oleReader{part: p, in: c, content: held{in: c}}
}

// wraps counts the files that p lies within.
func (p *part) wraps() int {
	n := 0
	for q := p.parent; q != nil; q = q.parent {
		if !q.isMultipart() && !q.isMessage() {
			n++
		}
	}
	return n
}

// inner adds a file found inside p.
func (p *part) inner(mediaType, name string) *part {
	child := &part{parent: p, nested: p.nested, path: p.path + "." + strconv.Itoa(len(p.children)+1),
		mediaType: mediaType, params: parameters{}, disposition: "attachment", dispParams: parameters{}}
	if name != "" {
		child.dispParams["filename"] = name
	}
	p.children = append(p.children, child)
	return child
}

// newContents returns one for the message that w walks through.
func newContents(w *walker) contents { return contents{walker: w} }

const heldPiece = 64 << 10

// held keeps the content of a container, in pieces so that it never moves, up to what all containers of a message may hold.
type held struct {
	in     *contents
	pieces [][]byte
	size   int64
	over   bool // there was more than may be held: nothing is
}

func (h *held) take(b []byte) {
	for len(b) > 0 && !h.over {
		last := len(h.pieces) - 1
		if last < 0 || len(h.pieces[last]) == heldPiece {
			if h.in.held+heldPiece > maxHeldBytes {
				h.release()
				h.over = true
				return
			}
			h.in.held += heldPiece
			// The first piece grows, as most containers are small.
			var piece []byte
			if last >= 0 {
				piece = make([]byte, 0, heldPiece)
			}
			h.pieces = append(h.pieces, piece)
			last++
		}
		n := min(len(b), heldPiece-len(h.pieces[last]))
		h.pieces[last] = append(h.pieces[last], b[:n]...)
		h.size += int64(n)
		b = b[n:]
	}
}

func (h *held) release() {
	h.in.held -= len(h.pieces) * heldPiece
	h.pieces, h.size = nil, 0
}

// ReadAt is that of io.ReaderAt.
func (h *held) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off >= 0 && off < h.size {
		m := copy(p[n:], h.pieces[off/heldPiece][off%heldPiece:])
		n += m
		off += int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *held) reader() io.Reader { return io.NewSectionReader(h, 0, h.size) }
