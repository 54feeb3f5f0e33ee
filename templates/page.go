package templates

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"time"
)

//go:embed page/status.html page/status.css
var pageFiles embed.FS

// maxCell bounds a text of others in a page, in runes.
const maxCell = 200

// Page is the status page. It is safe for concurrent use.
type Page struct {
	page  *htmltemplate.Template
	style string
}

// NewPage returns the status page, in a look; times are shown in zone, with the zone named.
func NewPage(zone *time.Location, look Look) (*Page, error) {
	sheet, err := pageFiles.ReadFile("page/status.css")
	if err != nil {
		return nil, err
	}
	style := look.painted(string(sheet))
	funcs := functions(zone, speeches[English], func(words string) string { return words })
	maps.Copy(funcs, map[string]any{
		"line":    func(s string) string { return Clean(s, maxCell) },
		"counted": Counted[int64],
		"style":   func() htmltemplate.CSS { return htmltemplate.CSS(style) },
	})
	page, err := htmltemplate.New("status.html").Funcs(funcs).Option("missingkey=error").ParseFS(pageFiles, "page/status.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return &Page{page, style}, nil
}

// Render fills the page. Text of others is shown as text.
func (p *Page) Render(data any) (string, error) {
	var out bytes.Buffer
	if err := p.page.Execute(&out, data); err != nil {
		return "", fmt.Errorf("templates: status page: %w", err)
	}
	return string(tidy(out.Bytes())), nil
}

// StyleSource is the one style that a browser may apply to the page, as Content-Security-Policy names it (CSP3, section
// 2.3.1).
func (p *Page) StyleSource() string {
	sum := sha256.Sum256([]byte(p.style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
