package container

import (
	"bytes"

	"mfabot/parser/internal/mime"
)

// uuReader takes plain text as it streams by and cuts out the uuencoded files in it, as old clients and
// scanners attach them (POSIX uuencode): "begin 644 name", lines of data, "end". A begin line that no data
// follows is text.
type uuReader struct {
	part  *mime.Part
	in    *Opener
	text  mime.Sink
	line  []byte     // a line that may belong to a file, as far as it came
	begin []byte     // a begin line, until data follows
	inner *mime.Part // the file being read
	to    mime.Sink  // its content
	pass  bool       // the rest of the line is text
}

func (u *uuReader) Take(b []byte) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n') + 1
		whole := end > 0
		if !whole {
			end = len(b)
		}
		piece := b[:end]
		b = b[end:]
		switch {
		case u.pass, len(u.line) == 0 && u.begin == nil && u.to == nil && !mayBegin(piece):
			u.text.Take(piece)
			u.pass = !whole
			continue
		case len(u.line)+len(piece) > longestUU:
			u.stop()
			u.text.Take(u.line)
			u.text.Take(piece)
			u.line, u.pass = u.line[:0], !whole
			continue
		}
		u.line = append(u.line, piece...)
		if whole {
			u.complete()
		}
	}
}

func mayBegin(piece []byte) bool {
	const mark = "begin "
	n := min(len(piece), len(mark))
	return string(piece[:n]) == mark[:n]
}

// complete acts on a whole line.
func (u *uuReader) complete() {
	line := u.line
	u.line = u.line[:0]
	text := string(bytes.TrimRight(line, "\r\n"))
	data, ok := mime.UULine(text)
	switch {
	case u.to != nil && text == "end":
		mime.CloseSink(u.to)
		u.to = nil
		return
	case u.to != nil && ok:
		u.to.Take(data)
		return
	case u.begin != nil && ok && len(data) > 0 && len(text) >= (len(data)+2)/3*4:
		name, _ := mime.UUBegin(string(bytes.TrimRight(u.begin, "\r\n")))
		u.begin = nil
		u.inner = u.part.Add("application/octet-stream", name)
		if u.to = u.in.content(u.inner); u.to == nil {
			u.to = mime.Nowhere{}
		}
		u.to.Take(data)
		return
	}
	u.stop()
	if _, begins := mime.UUBegin(text); begins && len(u.part.Children) < mime.MaxFiles {
		u.begin = bytes.Clone(line)
		return
	}
	u.text.Take(line)
}

// stop gives up the file, or the line that seemed to begin one.
func (u *uuReader) stop() {
	if u.to != nil {
		u.in.walker.Warn("a uuencoded file in %s is damaged", u.part)
		u.inner.Why = whyCut
		mime.CloseSink(u.to)
		u.to = nil
	}
	u.text.Take(u.begin)
	u.begin = nil
}

func (u *uuReader) Close() {
	if len(u.line) > 0 {
		u.complete()
	}
	u.stop()
}
