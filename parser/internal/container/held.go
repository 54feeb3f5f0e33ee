package container

import "io"

const heldPiece = 64 << 10

// held keeps the content of a container, in pieces so that it never moves, up to what all containers of a
// message may hold.
type held struct {
	in     *Opener
	pieces [][]byte
	size   int64
	over   bool // there was more than may be held: nothing is
}

func (h *held) Take(b []byte) {
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

// ReadAt implements io.ReaderAt.
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
