// Package sheet reads tables as spreadsheets save them: CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or
// Windows-1252.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Row is a row of a table. Its cells have no space around them.
type Row struct {
	Line  int // of the file, from 1
	Cells []string
	Wide  int // how many cells it has in the file, with those that are left out
}

// Lower returns the cells in lower case, to compare a header.
func (r Row) Lower() []string {
	out := slices.Clone(r.Cells)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// Table is what a file holds.
type Table struct {
	Rows []Row  // without empty ones
	Form string // in words: what stands between the columns, and the encoding

	Semicolons bool // stand between the columns
}

// Error says what is wrong with a file, and on which line.
type Error struct {
	Line int
	Want string
}

// Error returns that for people.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Want) }

// separators are what may stand between columns. The first one is taken where there is nothing to tell by.
var separators = []struct {
	is   rune
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}}

// named finds the line with which a file tells Excel its separator.
var named = regexp.MustCompile(`^(?i:"?sep=)([,;\t])"?[\r]?\n`)

// Read reads a table, and finds out how it is written: what divides its first row into most cells stands between the columns,
// unless the file says so itself. Empty columns at the end of the first row, and cells below them, are left out. With
// comments, lines that begin with # are passed over. What cannot be read is an *Error.
func Read(data []byte, comments bool) (*Table, error) {
	text, encoding, err := decode(data)
	if err != nil {
		return nil, err
	}
	comma, between := separators[0].is, separators[0].name
	said := named.FindSubmatch(text)
	if said != nil {
		text = text[len(said[0])-1:] // its end stays, so that lines have their numbers
	}
	most := 0
	for _, s := range separators {
		width := 1
		if first, err := reader(text, s.is, comments).next(); err == nil {
			width = len(first.Cells)
		}
		if said == nil && width > most || said != nil && string(said[1]) == string(s.is) {
			comma, between, most = s.is, s.name, width
		}
	}
	if at, cell := failedRow(text, comma); comments && at > 0 {
		return nil, &Error{at, fmt.Sprintf("expected a code, not %q, which a formula shows that found nothing", cell)}
	}
	t := &Table{Form: between + " between the columns, " + encoding, Semicolons: comma == ';'}
	for in := reader(text, comma, comments); ; {
		row, err := in.next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, &Error{bad.Line, bad.Err.Error()}
		}
		if err != nil {
			return nil, err
		}
		if len(t.Rows) == 0 {
			in.width = len(row.Cells)
		}
		t.Rows = append(t.Rows, row)
	}
}

// rows reads one row after the other.
type rows struct {
	in       *csv.Reader
	comments bool
	width    int // of the first row, once it is read
}

func reader(text []byte, comma rune, comments bool) *rows {
	in := csv.NewReader(bytes.NewReader(text))
	in.Comma = comma
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = comma != '\t' // a tab is no space there
	if comments {
		in.Comment = '#'
	}
	return &rows{in: in, comments: comments}
}

// next returns the next row that is not empty.
func (r *rows) next() (Row, error) {
	for {
		cells, err := r.in.Read()
		if err != nil {
			return Row{}, err
		}
		line, _ := r.in.FieldPos(0)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		wide, full := len(cells), len(cells)
		for full > r.width && cells[full-1] == "" {
			full--
		}
		cells = cells[:full]
		empty := !slices.ContainsFunc(cells, func(s string) bool { return s != "" })
		// A spreadsheet puts quotes around a comment with a comma in it.
		if empty || r.comments && strings.HasPrefix(cells[0], "#") {
			continue
		}
		return Row{line, cells, wide}, nil
	}
}
