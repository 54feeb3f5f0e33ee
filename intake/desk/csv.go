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

// row is one of a CSV file, with its line and the spaces around each cell gone.
type row struct {
	line  int
	cells []string
}

// lower is the cells in lower case, as a header is compared.
func (r row) lower() []string {
	out := slices.Clone(r.cells)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// readRows reads a CSV file (RFC 4180) in UTF-8 as spreadsheets save it: with or
// without a byte order mark, and with semicolons where its first line has no comma.
// Rows with nothing in them are left out.
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
	if first, _, _ := bytes.Cut(data, []byte("\n")); !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
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
