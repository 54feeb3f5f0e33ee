// Package templates has every email that mfabot sends, and its status page (page.go), and fills them with facts.
//
// An email is one small file in en/mail/ that says each sentence once, in a small markup (see markup.go). When
// the set is built, it becomes both a text/template and an html/template, so that text and HTML never differ
// in what they say. Words shared by several emails are in en/shared/, in the same markup; what text and HTML do
// differently (the page, tables, quotations) is in layout.html, parts.html and parts.txt. The emails of another language
// are in a folder of their own, cy/, and the words that stand in no email by itself in its words.toml.
package templates

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Email is a rendered letter. Subject is one line without control characters; lines of Text end in a single
// newline; HTML is a complete document.
type Email struct {
	Subject, Text, HTML string

	Instead error // why the words meant for it could not be filled, where others stand in their place; else nil
}

// Set is all the emails. Each is parsed when it is rendered first, as a command writes few of them. It is safe for
// concurrent use.
type Set struct {
	emails map[Language]map[string]func() (email, error) // which names the file in its error
	words  map[Language]map[string]string                // by the English ones
	open   map[Language][]open
	built  *Set // the built-in ones, in the place of own that fail; nil for none
	paper  sync.Pool
}

// email is one parsed file.
type email struct {
	subject *texttemplate.Template
	text    *texttemplate.Template
	html    *htmltemplate.Template
	from    places
	file    string
}

// New returns the emails, in a look; times are shown in zone, with the zone named. Files in own, which may be nil, take the places
// of those of the same names in Files; an error names each that takes none's place.
func New(zone *time.Location, look Look, own fs.FS) (*Set, error) {
	all, err := replaced(own)
	if err != nil {
		return nil, err
	}
	set, err := parse(all, zone, look)
	if err == nil && own != nil {
		set.built, err = New(zone, look, nil)
	}
	return set, err
}

// parse builds a set from files laid out like this package's.
func parse(all source, zone *time.Location, look Look) (*Set, error) {
	set := &Set{emails: make(map[Language]map[string]func() (email, error)), words: make(map[Language]map[string]string),
		open: make(map[Language][]open)}
	for _, language := range languages {
		if err := set.add(language, all, zone, look); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// add adds the emails of a language.
func (s *Set) add(l Language, all source, zone *time.Location, look Look) error {
	dictionary := path.Join(string(l), "words.toml")
	words := make(map[string]string)
	if err := toml.Unmarshal([]byte(all[dictionary]), &words); err != nil {
		return fmt.Errorf("%s: %w", dictionary, err)
	}
	s.open[l] = openWords(words)
	s.words[l], s.emails[l] = words, make(map[string]func() (email, error))
	shared := sync.OnceValues(func() (sharedParts, error) {
		return parseShared(all, look, l, functions(zone, speeches[l], func(words string) string { return s.Say(l, words) }))
	})
	for _, file := range all.names(path.Join(string(l), "mail/*.mail")) {
		s.emails[l][strings.TrimSuffix(path.Base(file), ".mail")] = sync.OnceValues(func() (email, error) {
			parts, err := shared()
			if err != nil {
				return email{}, err
			}
			return parts.email(file, all[file])
		})
	}
	return nil
}

// Check parses every email. If one does not parse, or has no subject or body, the error names its file.
func (s *Set) Check() error {
	for _, l := range languages {
		for _, name := range s.Names(l) {
			if _, err := s.emails[l][name](); err != nil {
				return err
			}
		}
	}
	return nil
}

// Say returns words that are not in a template in a language: in English where it has none for them. Those with %s in them have
// any words there, which stay as they are.
func (s *Set) Say(l Language, words string) string {
	if said, ok := s.words[l][words]; ok {
		return said
	}
	for _, o := range s.open[l] {
		if said, ok := o.say(words); ok {
			return said
		}
	}
	return words
}

// sharedParts is what every email is parsed on top of.
type sharedParts struct {
	text *texttemplate.Template
	html *htmltemplate.Template
	look Look
	from places
}

// parseShared parses the layout, the parts and the shared words, each under the name of its file.
func parseShared(all source, look Look, l Language, funcs map[string]any) (sharedParts, error) {
	shared := sharedParts{
		text: texttemplate.New("text").Funcs(funcs).Option("missingkey=error"),
		html: htmltemplate.New("html").Funcs(funcs).Option("missingkey=error"),
		look: look,
		from: make(places),
	}
	for _, file := range []string{"parts.txt", "layout.html", "parts.html"} {
		shared.from[file] = whole(file, all[file])
		var err error
		if file == "parts.txt" {
			_, err = shared.text.New(file).Parse(all[file])
		} else {
			_, err = shared.html.New(file).Parse(look.painted(styled(dialled(all[file]))))
		}
		if err != nil {
			return sharedParts{}, shared.from.in(file, err)
		}
	}
	for _, file := range all.names(path.Join(string(l), "shared/*.mail")) {
		if err := shared.define(strings.TrimSuffix(path.Base(file), ".mail"), file, all[file]); err != nil {
			return sharedParts{}, err
		}
	}
	return shared, nil
}

// define adds words of a file under a name, as HTML and as text.
func (s sharedParts) define(name, file, words string) error {
	html, from, err := htmlForm().source(words)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	s.from[name] = place{file, from}
	if _, err := s.html.New(name).Parse(s.look.painted(styled(dialled(html)))); err != nil {
		return s.from.in(file, err)
	}
	text, _, err := textForm().source(words)
	if err == nil {
		_, err = s.text.New(name).Parse(text)
	}
	return s.from.in(file, err)
}

// email parses one file on top of a copy of the shared parts.
func (s sharedParts) email(file, whole string) (email, error) {
	said, err := split(whole)
	if err != nil {
		return email{}, fmt.Errorf("%s: %w", file, err)
	}
	own := sharedParts{look: s.look, from: maps.Clone(s.from)}
	if own.text, err = s.text.Clone(); err != nil {
		return email{}, err
	}
	if own.html, err = s.html.Clone(); err != nil {
		return email{}, err
	}
	own.from["subject"], own.from["preview"] = place{file, []int{1}}, place{file, []int{2}}
	if _, err = own.html.New("preview").Parse(said.preview); err != nil {
		return email{}, own.from.in(file, err)
	}
	parsed := email{text: own.text.Lookup("letter"), html: own.html.Lookup("layout.html"), from: own.from, file: file}
	if parsed.subject, err = own.text.New("subject").Parse(said.subject); err != nil {
		return email{}, own.from.in(file, err)
	}
	if err := own.define("body", file, said.body); err != nil {
		return email{}, err
	}
	if parsed.text == nil || parsed.html == nil {
		return email{}, errors.New("parts.txt or layout.html has no letter to put the words into")
	}
	return parsed, nil
}

// Names returns the names of the emails of a language in alphabetical order.
func (s *Set) Names(l Language) []string { return slices.Sorted(maps.Keys(s.emails[l])) }

// titled is what the page of a letter is made of.
type titled struct {
	Title  string
	Letter any
}

// Has reports whether a language has the named email.
func (s *Set) Has(l Language, name string) bool { return s.emails[l][name] != nil }

// Render fills the named email with data, in English where the language has none of that name. Where an operator's own words
// cannot be filled with it, the built-in ones are taken, and where those of a language cannot, the English: somebody waits for
// the letter. It returns an error if there is no such email, or if neither can be filled: data lacks a field that the email
// uses, or the subject or the body comes out empty.
func (s *Set) Render(l Language, name string, data any) (Email, error) {
	out, err := s.Try(l, name, data)
	for _, other := range []struct {
		set *Set
		in  Language
	}{{s.built, l}, {s, English}, {s.built, English}} {
		if err == nil || other.set == nil || other.set == s && other.in == l {
			continue
		}
		if instead, wrong := other.set.Try(other.in, name, data); wrong == nil {
			instead.Instead = err
			return instead, nil
		}
	}
	return out, err
}

// Try is Render without other words in the place of those that cannot be filled.
func (s *Set) Try(l Language, name string, data any) (Email, error) {
	parsed, ok := s.emails[l][name]
	if !ok {
		parsed, ok = s.emails[English][name]
	}
	if !ok {
		return Email{}, fmt.Errorf("templates: no email is called %q", name)
	}
	e, err := parsed()
	if err != nil {
		return Email{}, err
	}
	on, kept := s.paper.Get().(*paper)
	if !kept {
		on = new(paper)
	}
	defer s.paper.Put(on)
	return e.fill(on, data)
}

// paper is what an email is written on. It is used again for the next one.
type paper struct{ subject, text, html, page bytes.Buffer }

// fill fills an email with data.
func (e email) fill(on *paper, data any) (Email, error) {
	for _, b := range []*bytes.Buffer{&on.subject, &on.text, &on.html, &on.page} {
		b.Reset()
	}
	if err := e.subject.Execute(&on.subject, data); err != nil {
		return Email{}, e.from.in(e.file, err)
	}
	out := Email{Subject: Clean(on.subject.String(), maxSubject)}
	if heedful, heeds := data.(Heedful); heeds {
		data = heedful.ForText(&on.text)
	}
	wrong := e.text.Execute(&on.text, data)
	out.Text = fill(strings.ReplaceAll(on.text.String(), Heard, ""))
	if heedful, heeds := data.(Heedful); heeds {
		data = heedful.ForPage(on.text.Bytes())
	}
	// What is wrong with both is said of the page, of which the lines of the file are known.
	if err := cmp.Or(e.html.Execute(&on.html, titled{Clean(out.Subject, maxTitle), data}), wrong); err != nil {
		return Email{}, e.from.in(e.file, err)
	}
	keepTogether(&on.page, tidy(on.html.Bytes()))
	out.HTML = on.page.String()
	if out.Subject == "" || out.Text == "" {
		return Email{}, fmt.Errorf("%s says nothing for this data", e.file)
	}
	return out, nil
}

// Heedful is data of which a letter's end says only what the letter has not said yet.
type Heedful interface {
	// ForText is the data that the text is made of. What is heard of has Heard before it, which the email has not.
	ForText(text *bytes.Buffer) any
	// ForPage is the data that the page is made of then, which says the same as the text.
	ForPage(text []byte) any
}

// Heard stands before words in a text by which they are known again. Nothing that came from outside has it.
const Heard = "\uE000"
