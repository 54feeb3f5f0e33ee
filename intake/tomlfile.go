package intake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// TOMLFile is a decoded TOML file, for reporting what is wrong with its values.
type TOMLFile struct {
	name     string
	lines    map[string]int  // by key, as "mailbox[0].trust.dkim"
	told     map[string]bool // the keys, without indices, that something else is written for
	mistyped map[int]bool    // the lines of values of the wrong type
	problems []error
}

// DecodeTOML decodes data strictly into dst. An unknown key and a value of the wrong type are noted, and the rest is read;
// a file that cannot be read at all is an error. Both are FileErrors, joined into one.
func DecodeTOML(name string, data []byte, dst any) (*TOMLFile, error) {
	data, unquoted := quoted(data)
	f := &TOMLFile{name: name, lines: keyLines(data), told: make(map[string]bool), mistyped: make(map[int]bool)}
	for _, line := range unquoted {
		f.unquoted(line, dst)
	}
	wrong := mistypedIn(data, dst)
	for _, m := range wrong {
		if m.end > m.begin {
			f.mistyped[m.keyLine] = true
			f.problems = append(f.problems, &FileError{File: name, Line: m.line, Key: strings.Join(m.key, "."), Want: m.want})
		}
	}
	dec := toml.NewDecoder(bytes.NewReader(without(data, wrong))).DisallowUnknownFields()
	err := dec.Decode(dst)
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case err == nil:
		return f, nil
	case errors.As(err, &unknown):
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			f.unknown(e.Key(), line, dst)
		}
		return f, nil
	case errors.As(err, &bad):
		line, _ := bad.Position()
		want := cmp.Or(wrongType(data, dst, bad.Key(), line), strings.TrimPrefix(bad.Error(), "toml: "))
		if strings.Contains(want, "at start of value") {
			want += ": a text stands in quotes"
		}
		f.problems = append(f.problems, &FileError{File: name, Line: line, Key: strings.Join(bad.Key(), "."), Want: want})
	default:
		f.problems = append(f.problems, &FileError{File: name, Want: strings.TrimPrefix(err.Error(), "toml: ")})
	}
	return f, f.Err()
}

// unknown notes a key that there is not, and which may be meant.
func (f *TOMLFile) unknown(key []string, line int, dst any) {
	want, last := "there is no such key here", len(key)-1
	places := placesOf(reflect.TypeOf(dst), key[last], "", false)
	if meant := Meant(key[last], keysOf(fieldType(reflect.TypeOf(dst), key[:last]))); len(places) == 0 && meant != "" {
		want += fmt.Sprintf(": did you mean %s?", meant)
		f.told[strings.Join(append(slices.Clone(key[:last]), meant), ".")] = true
	}
	if len(places) > 0 {
		want += ": it stands " + inAny(places)
	}
	if len(places) == 1 {
		f.told[strings.TrimPrefix(places[0].path+"."+strings.ToLower(key[last]), ".")] = true
	}
	f.problems = append(f.problems, &FileError{File: f.name, Line: line, Key: strings.Join(key, "."), Want: want})
}

// unquoted notes that a text on a line stands without quotes. It does not repeat it: a secret may be in it. What should be of
// another kind, or is of no key that there is, is noted as that.
func (f *TOMLFile) unquoted(at int, dst any) {
	for key, line := range f.lines {
		path := index.ReplaceAllString(key, "")
		field := fieldType(reflect.TypeOf(dst), strings.Split(path, "."))
		if line == at && field != nil && field.Kind() == reflect.String {
			f.problems = append(f.problems, &FileError{File: f.name, Line: line, Key: path,
				Want: fmt.Sprintf("expected a text in quotes: %s = \"...\"", path[strings.LastIndexByte(path, '.')+1:])})
		}
	}
}

// index is where a key is in an array of tables.
var index = regexp.MustCompile(`\[\d+\]`)

// Bad notes that the value of key is wrong, and what was expected. It does not where that was said already of what is
// written in its place.
func (f *TOMLFile) Bad(key, want string, args ...any) {
	line, there := f.lines[key]
	if there && f.mistyped[line] || !there && f.told[index.ReplaceAllString(key, "")] {
		return
	}
	f.problems = append(f.problems, f.Problem(key, want, args...))
}

// Problem returns what Bad would note, for a value that may yet turn out to be wrong.
func (f *TOMLFile) Problem(key, want string, args ...any) *FileError {
	return &FileError{File: f.name, Line: f.line(key), Key: key, Want: fmt.Sprintf(want, args...)}
}

// Err returns everything found wrong, joined into one error, or nil.
func (f *TOMLFile) Err() error { return errors.Join(f.problems...) }

// line returns the line of a key or, if it is missing, of the table that should contain it; 0 for neither.
func (f *TOMLFile) line(key string) int {
	for key != "" {
		if n, ok := f.lines[key]; ok {
			return n
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return 0
}

// keyLines returns the line of each key and table in a document. It stops quietly at a syntax error, which
// the decoder reports.
func keyLines(data []byte) map[string]int {
	lines := make(map[string]int)
	count := make(map[string]int)
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		expr := p.Expression()
		path, at := strings.Join(keyNames(expr), "."), lineOf(expr, &p)
		switch expr.Kind {
		case unstable.Table:
			table = innermost(path, count)
			lines[table] = at
		case unstable.ArrayTable:
			table = innermost(path, count)
			table += "[" + strconv.Itoa(count[table]) + "]"
			count[innermost(path, count)]++
			lines[table] = at
		case unstable.KeyValue:
			lines[strings.TrimPrefix(table+"."+path, ".")] = at
		}
	}
	return lines
}

// keyNames returns the parts of an expression's key.
func keyNames(expr *unstable.Node) (names []string) {
	for it := expr.Key(); it.Next(); {
		names = append(names, string(it.Node().Data))
	}
	return names
}

// lineOf returns the line of an expression's key.
func lineOf(expr *unstable.Node, p *unstable.Parser) int {
	key := expr.Key()
	key.Next()
	return p.Shape(key.Node().Raw).Start.Line
}

// innermost returns a table's path with the index in each array of tables around it: mailbox.trust is
// mailbox[1].trust after the second [[mailbox]].
func innermost(path string, count map[string]int) string {
	names := strings.Split(path, ".")
	out := ""
	for i, name := range names {
		out = strings.TrimPrefix(out+"."+name, ".")
		if n := count[out]; n > 0 && i < len(names)-1 {
			out += "[" + strconv.Itoa(n-1) + "]"
		}
	}
	return out
}
