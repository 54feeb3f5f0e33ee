package desk

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"mfabot/intake"
)

// leaverColumns are the headers of a column of leavers' addresses.
var leaverColumns = []string{"user", "email", "email address", "address", "userprincipalname"}

const oneALine = "expected one email address on each line, or a header with a column called user or email"

// ReadLeavers reads the addresses of people who have left: one on each line, or a column of a CSV file whose
// header names it. Every mistake is reported, as FileErrors joined into one error.
func ReadLeavers(name string, r io.Reader) ([]string, error) {
	rows, err := readRows(name, r)
	if err != nil {
		return nil, err
	}
	column, width := 0, 1
	if len(rows) > 0 && !slices.ContainsFunc(rows[0].cells, intake.IsAddress) {
		column = slices.IndexFunc(rows[0].lower(), func(s string) bool { return slices.Contains(leaverColumns, s) })
		if column < 0 {
			return nil, &intake.FileError{File: name, Line: rows[0].line, Want: oneALine}
		}
		width, rows = len(rows[0].cells), rows[1:]
	}
	if len(rows) == 0 {
		return nil, &intake.FileError{File: name, Want: "expected the email addresses of people who have left"}
	}
	var out []string
	var problems []error
	for _, row := range rows {
		bad := func(format string, args ...any) {
			problems = append(problems, &intake.FileError{File: name, Line: row.line, Want: fmt.Sprintf(format, args...)})
		}
		switch {
		case len(row.cells) != width && width == 1:
			bad(oneALine)
		case len(row.cells) != width:
			bad("expected %d columns, not %d", width, len(row.cells))
		case !intake.IsAddress(row.cells[column]):
			bad("%q is not an email address: expected one such as sam@example.org", row.cells[column])
		case !slices.Contains(out, intake.Canonical(row.cells[column])):
			out = append(out, intake.Canonical(row.cells[column]))
		}
	}
	return out, errors.Join(problems...)
}
