package demo

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"

	"github.com/emersion/go-message"
)

// folder is where the story leaves every email for people to look at.
type folder struct {
	dir string
	n   int
}

// write writes a message as it is, and its HTML as a page of its own.
func (f *folder) write(title string, raw []byte) error {
	f.n++
	base := filepath.Join(f.dir, fmt.Sprintf("%03d %s", f.n, title))
	if err := os.WriteFile(base+".eml", raw, 0o600); err != nil {
		return err
	}
	return os.WriteFile(base+".html", []byte(pageOf(raw)), 0o600)
}

// pageOf is the HTML of a message, or its text as a page if it has none.
func pageOf(raw []byte) string {
	m, err := message.Read(bytes.NewReader(raw))
	if m == nil {
		return "<pre>" + html.EscapeString(err.Error()) + "</pre>"
	}
	page, text := "", ""
	_ = m.Walk(func(_ []int, e *message.Entity, _ error) error {
		kind, _, _ := e.Header.ContentType()
		switch {
		case kind == "text/html" && page == "":
			b, _ := io.ReadAll(e.Body)
			page = string(b)
		case kind == "text/plain" && text == "":
			b, _ := io.ReadAll(e.Body)
			text = string(b)
		}
		return nil
	})
	if page == "" {
		return "<!doctype html><meta charset=\"utf-8\"><pre style=\"white-space: pre-wrap\">" + html.EscapeString(text) + "</pre>"
	}
	return page
}
