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
	table, err := intake.ReadTable(name, r, false)
	if err != nil {
		return nil, err
	}
	rows := table.Rows
	column, width := 0, 1
	if len(rows) > 0 && !slices.ContainsFunc(rows[0].Cells, intake.IsAddress) {
		column = slices.IndexFunc(rows[0].Lower(), func(s string) bool { return slices.Contains(leaverColumns, s) })
		if column < 0 {
			return nil, &intake.FileError{File: name, Line: rows[0].Line, Want: oneALine}
		}
		width, rows = len(rows[0].Cells), rows[1:]
	}
	if len(rows) == 0 {
		return nil, &intake.FileError{File: name, Want: "expected the email addresses of people who have left"}
	}
	var out []string
	var problems []error
	for _, row := range rows {
		bad := func(format string, args ...any) {
			problems = append(problems, &intake.FileError{File: name, Line: row.Line, Want: fmt.Sprintf(format, args...)})
		}
		switch {
		case len(row.Cells) != width && width == 1:
			bad(oneALine)
		case len(row.Cells) != width:
			bad("expected %d columns, not %d", width, len(row.Cells))
		case !intake.IsAddress(row.Cells[column]):
			bad("%q is not an email address: expected one such as sam@example.org", row.Cells[column])
		case !slices.Contains(out, intake.Canonical(row.Cells[column])):
			out = append(out, intake.Canonical(row.Cells[column]))
		}
	}
	return out, errors.Join(problems...)
}
