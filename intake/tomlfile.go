package intake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// TOMLFile is a decoded TOML file, for reporting what is wrong with its values.
type TOMLFile struct {
	name     string
	lines    map[string]int // by key, as "mailbox[0].trust.dkim"
	problems []error
}

// DecodeTOML decodes data strictly into dst: an unknown key, a value of the wrong type and bad syntax are
// FileErrors, joined into one error.
func DecodeTOML(name string, data []byte, dst any) (*TOMLFile, error) {
	f := &TOMLFile{name: name, lines: keyLines(data)}
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err := dec.Decode(dst)
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case err == nil:
		return f, nil
	case errors.As(err, &unknown):
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			f.problems = append(f.problems, &FileError{File: name, Line: line, Key: strings.Join(e.Key(), "."),
				Want: "there is no such key here"})
		}
	case errors.As(err, &bad):
		line, _ := bad.Position()
		want := cmp.Or(wrongType(data, dst, bad.Key(), line), strings.TrimPrefix(bad.Error(), "toml: "))
		f.problems = append(f.problems, &FileError{File: name, Line: line, Key: strings.Join(bad.Key(), "."), Want: want})
	default:
		f.problems = append(f.problems, &FileError{File: name, Want: strings.TrimPrefix(err.Error(), "toml: ")})
	}
	return f, f.Err()
}

// Bad notes that the value of key is wrong, and what was expected.
func (f *TOMLFile) Bad(key, want string, args ...any) {
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
