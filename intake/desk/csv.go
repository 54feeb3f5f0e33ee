package desk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"mfabot/intake"
)

// row is one row of a CSV file, with its cells trimmed.
type row struct {
	line  int
	cells []string
}

// lower returns the cells in lower case, to compare a header.
func (r row) lower() []string {
	out := slices.Clone(r.cells)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// readRows reads a CSV file (RFC 4180) in UTF-8 as spreadsheets save it: with or without a byte order mark,
// and with semicolons if its first line has no comma. Empty rows are left out.
func readRows(name string, r io.Reader) ([]row, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if err := intake.InUTF8(name, data); err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	first, _, _ := bytes.Cut(data, []byte("\n"))
	if !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		in.Comma = ';'
	}
	var out []row
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, &intake.FileError{File: name, Line: bad.Line, Want: bad.Err.Error()}
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if slices.ContainsFunc(cells, func(s string) bool { return s != "" }) {
			out = append(out, row{line, cells})
		}
	}
}
