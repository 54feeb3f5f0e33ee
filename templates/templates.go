// Package templates has every email that mfabot sends, and its status page (page.go), and fills them with facts.
//
// An email is one small file in mail/ that says each sentence once, in a small markup (see markup.go). When
// the set is built, it becomes both a text/template and an html/template, so that text and HTML never differ
// in what they say. Words shared by several emails are in shared/, in the same markup; what text and HTML do
// differently (the page, tables, quotations) is in layout.html, parts.html and parts.txt.
package templates

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"
)

//go:embed mail/*.mail shared/*.mail layout.html parts.html parts.txt
var files embed.FS

// Email is a rendered letter. Subject is one line without control characters; lines of Text end in a single
// newline; HTML is a complete document.
type Email struct {
	Subject, Text, HTML string
}

// Set is all the emails. Each is parsed when it is rendered first, as a command writes few of them. It is safe for
// concurrent use.
type Set struct {
	emails map[string]func() (email, error) // which names the file in its error
}

// email is one parsed file.
type email struct {
	subject *texttemplate.Template
	text    *texttemplate.Template
	html    *htmltemplate.Template
}

// New returns the emails; times are shown in zone, with the zone named.
func New(zone *time.Location) (*Set, error) {
	return parse(files, zone)
}

// parse builds a set from a file system laid out like this package's files.
func parse(source fs.FS, zone *time.Location) (*Set, error) {
	shared, err := parseShared(source, zone)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(source, "mail/*.mail")
	if err != nil {
		return nil, err
	}
	set := &Set{emails: make(map[string]func() (email, error), len(names))}
	for _, file := range names {
		words, err := fs.ReadFile(source, file)
		if err != nil {
			return nil, err
		}
		set.emails[strings.TrimSuffix(path.Base(file), ".mail")] = sync.OnceValues(func() (email, error) {
			parsed, err := shared.email(string(words))
			if err != nil {
				err = fmt.Errorf("templates/%s: %w", file, err)
			}
			return parsed, err
		})
	}
	return set, nil
}

// Check parses every email. If one does not parse, or has no subject or body, the error names its file.
func (s *Set) Check() error {
	for _, name := range s.Names() {
		if _, err := s.emails[name](); err != nil {
			return err
		}
	}
	return nil
}

// sharedParts is what every email is parsed on top of.
type sharedParts struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// parseShared parses the layout, the parts and the shared words, each under the name of its file.
func parseShared(source fs.FS, zone *time.Location) (sharedParts, error) {
	funcs := functions(zone)
	text, err := texttemplate.New("text").Funcs(funcs).Option("missingkey=error").
		ParseFS(source, "parts.txt")
	if err != nil {
		return sharedParts{}, fmt.Errorf("templates: %w", err)
	}
	html := htmltemplate.New("html").Funcs(funcs).Option("missingkey=error")
	for _, file := range []string{"layout.html", "parts.html"} {
		page, err := fs.ReadFile(source, file)
		if err == nil {
			_, err = html.New(file).Parse(styled(string(page)))
		}
		if err != nil {
			return sharedParts{}, fmt.Errorf("templates: %w", err)
		}
	}
	names, err := fs.Glob(source, "shared/*.mail")
	if err != nil {
		return sharedParts{}, err
	}
	shared := sharedParts{text: text, html: html}
	for _, file := range names {
		words, err := fs.ReadFile(source, file)
		if err == nil {
			err = shared.define(strings.TrimSuffix(path.Base(file), ".mail"), string(words))
		}
		if err != nil {
			return sharedParts{}, fmt.Errorf("templates/%s: %w", file, err)
		}
	}
	return shared, nil
}

// define adds shared words under a name, as text and as HTML.
func (s sharedParts) define(name, words string) error {
	text, err := textForm().source(words)
	if err != nil {
		return err
	}
	html, err := htmlForm().source(words)
	if err != nil {
		return err
	}
	if _, err := s.text.New(name).Parse(text); err != nil {
		return err
	}
	_, err = s.html.New(name).Parse(styled(html))
	return err
}

// email parses one file on top of a copy of the shared parts.
func (s sharedParts) email(file string) (email, error) {
	said, err := split(file)
	if err != nil {
		return email{}, err
	}
	var own sharedParts
	if own.text, err = s.text.Clone(); err != nil {
		return email{}, err
	}
	if own.html, err = s.html.Clone(); err != nil {
		return email{}, err
	}
	if err := own.define("body", said.body); err != nil {
		return email{}, err
	}
	if _, err = own.html.New("preview").Parse(said.preview); err != nil {
		return email{}, err
	}
	parsed := email{text: own.text.Lookup("letter"), html: own.html.Lookup("layout.html")}
	if parsed.subject, err = own.text.New("subject").Parse(said.subject); err != nil {
		return email{}, err
	}
	if parsed.text == nil || parsed.html == nil {
		return email{}, errors.New("parts.txt or layout.html has no letter to put the words into")
	}
	return parsed, nil
}

// titled is what the page of a letter is made of.
type titled struct {
	Title  string
	Letter any
}

// Names returns the names of the emails in alphabetical order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.emails))
	for name := range s.emails {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Render fills the named email with data. It returns an error if there is no such email, if it does not parse, if
// data lacks a field that the email uses, or if the subject or the body comes out empty.
func (s *Set) Render(name string, data any) (Email, error) {
	parsed, ok := s.emails[name]
	if !ok {
		return Email{}, fmt.Errorf("templates: no email is called %q", name)
	}
	e, err := parsed()
	if err != nil {
		return Email{}, err
	}
	var subject, text, html strings.Builder
	if err := e.subject.Execute(&subject, data); err != nil {
		return Email{}, fmt.Errorf("templates: subject of %s: %w", name, err)
	}
	if err := e.text.Execute(&text, data); err != nil {
		return Email{}, fmt.Errorf("templates: text of %s: %w", name, err)
	}
	line := Clean(subject.String(), maxSubject)
	if err := e.html.Execute(&html, titled{Clean(line, maxTitle), data}); err != nil {
		return Email{}, fmt.Errorf("templates: html of %s: %w", name, err)
	}
	out := Email{
		Subject: line,
		Text:    fill(text.String()),
		HTML:    keepTogether(tidy(html.String())),
	}
	if out.Subject == "" || out.Text == "" {
		return Email{}, fmt.Errorf("templates: %s says nothing for this data", name)
	}
	return out, nil
}
