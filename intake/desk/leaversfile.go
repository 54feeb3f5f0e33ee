package desk

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"mfabot/intake"
)

// leaverColumns are the columns that may hold the addresses of leavers.
var leaverColumns = []string{"user", "email", "email address", "address", "userprincipalname"}

// ReadLeavers reads the addresses of people who have left: one a line, or a column of
// a CSV file whose header names it. All wrong lines come back as FileErrors joined
// into one error.
func ReadLeavers(name string, r io.Reader) ([]string, error) {
	rows, err := readRows(name, r)
	if err != nil {
		return nil, err
	}
	column, width := 0, 1
	if len(rows) > 0 && !slices.ContainsFunc(rows[0].cells, intake.IsAddress) {
		column = slices.IndexFunc(rows[0].lower(), func(s string) bool { return slices.Contains(leaverColumns, s) })
		if column < 0 {
			return nil, &intake.FileError{File: name, Line: rows[0].line, Want: "expected one email address a line, or a header with a column called user or email"}
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
			bad("expected one email address a line, or a header with a column called user or email")
		case len(row.cells) != width:
			bad("expected %d columns, not %d", width, len(row.cells))
		case !intake.IsAddress(row.cells[column]):
			bad("%q is no email address: expected one such as sam@example.org", row.cells[column])
		case !slices.Contains(out, intake.Canonical(row.cells[column])):
			out = append(out, intake.Canonical(row.cells[column]))
		}
	}
	return out, errors.Join(problems...)
}
