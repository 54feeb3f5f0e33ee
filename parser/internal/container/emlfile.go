package container

import (
	"path"
	"strings"

	"mfabot/parser/internal/mime"
)

// emlReader takes a message that was attached as any file is, and reads the files in it.
type emlReader struct {
	part    *mime.Part
	in      *Opener
	content held
}

func (e *emlReader) Take(b []byte) { e.content.Take(b) }

func (e *emlReader) Close() {
	defer e.content.release()
	if e.content.over {
		e.part.Why = whyLarge
		return
	}
	if err := e.in.walker.WalkInside(e.part, 1, e.content.reader()); err != nil {
		e.part.Why = whyDamaged
	}
}

// isMessageFile reports whether a part says that it is a message, by its type or its name.
func isMessageFile(p *mime.Part) bool {
	return p.IsMessage() || strings.EqualFold(path.Ext(p.Filename()), ".eml")
}
