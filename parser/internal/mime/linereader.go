package mime

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// line is one line of the message. A line longer than the buffer comes in several pieces, all but the last
// with more set, all but the first with cont set. The text is valid until the next line is read.
type line struct {
	text []byte
	eol  []byte // CR LF, LF or CR; nothing when more is set or the message ended
	cont bool
	more bool
}

// lineReader cuts a stream into lines. A message that has only bare CR line ends is cut at those.
type lineReader struct {
	br        *bufio.Reader
	left      int64
	delim     byte
	inLine    bool
	truncated bool  // the message is longer than maxMessageBytes
	err       error // of the underlying reader, io.EOF excepted
}

func newLineReader(br *bufio.Reader) *lineReader {
	lr := &lineReader{br: br, left: maxMessageBytes, delim: '\n'}
	if mark, _ := lr.br.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, lr.err = lr.br.Discard(3)
	}
	head, _ := lr.br.Peek(4096)
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		lr.delim = '\r'
	}
	return lr
}

// next returns the next line, or false at the end, whatever ended it.
func (lr *lineReader) next() (line, bool) {
	if lr.err != nil {
		return line{}, false
	}
	if lr.left <= 0 {
		lr.truncated = true
		return line{}, false
	}
	b, err := lr.br.ReadSlice(lr.delim)
	lr.left -= int64(len(b))
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		lr.err = err
	}
	if len(b) == 0 {
		return line{}, false
	}
	ln := line{cont: lr.inLine}
	switch end := len(b) - 1; {
	case b[end] == lr.delim:
		if lr.delim == '\n' && end > 0 && b[end-1] == '\r' {
			end--
		}
		ln.text, ln.eol = b[:end], b[end:]
	case errors.Is(err, bufio.ErrBufferFull):
		ln.text, ln.more = b, true
	default:
		ln.text = b
	}
	lr.inLine = ln.more
	return ln, true
}

// buffered returns what next would cut into lines without reading on: nothing in the middle of a line, or
// where lines end with CR.
func (lr *lineReader) buffered() []byte {
	if lr.inLine || lr.delim != '\n' || lr.err != nil {
		return nil
	}
	b, _ := lr.br.Peek(int(min(int64(lr.br.Buffered()), max(lr.left, 0))))
	return b
}

// skip leaves out n of the bytes that are buffered.
func (lr *lineReader) skip(n int) {
	_, _ = lr.br.Discard(n)
	lr.left -= int64(n)
}
