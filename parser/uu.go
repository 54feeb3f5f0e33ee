package parser

import "bytes"

// uuReader takes plain text as it streams by and cuts out the uuencoded files in it, as old clients and scanners attach them
// (POSIX uuencode): "begin 644 name", lines of data, "end". A begin line that no data follows is text.
type uuReader struct {
	part  *part
	in    *contents
	text  sink
	line  []byte // a line that may belong to a file, as far as it came
	begin []byte // a begin line, until data follows
	inner *part  // the file being read
	to    sink   // its content
	pass  bool   // the rest of the line is text
}

func (u *uuReader) take(b []byte) {
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
			u.text.take(piece)
			u.pass = !whole
			continue
		case len(u.line)+len(piece) > longestUU:
			u.stop()
			u.text.take(u.line)
			u.text.take(piece)
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
	data, ok := uuLine(text)
	switch {
	case u.to != nil && text == "end":
		closeSink(u.to)
		u.to = nil
		return
	case u.to != nil && ok:
		u.to.take(data)
		return
	case u.begin != nil && ok && len(data) > 0 && len(text) >= (len(data)+2)/3*4:
		name, _ := uuBegin(string(bytes.TrimRight(u.begin, "\r\n")))
		u.begin = nil
		u.inner = u.part.inner("application/octet-stream", name)
		if u.to = u.in.open(u.inner); u.to == nil {
			u.to = nowhere{}
		}
		u.to.take(data)
		return
	}
	u.stop()
	if _, begins := uuBegin(text); begins && len(u.part.children) < maxFiles {
		u.begin = bytes.Clone(line)
		return
	}
	u.text.take(line)
}

// stop gives up the file, or the line that seemed to begin one.
func (u *uuReader) stop() {
	if u.to != nil {
		u.in.walker.warn("a uuencoded file in %s is damaged", u.part)
		u.inner.why = whyCut
		closeSink(u.to)
		u.to = nil
	}
	u.text.take(u.begin)
	u.begin = nil
}

func (u *uuReader) close() {
	if len(u.line) > 0 {
		u.complete()
	}
	u.stop()
}
