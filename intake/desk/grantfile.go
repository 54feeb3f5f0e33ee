package desk

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"mfabot/intake"
)

// grantColumns are the columns of a file of grants. The first two are mandatory.
var grantColumns = []string{"user", "reason", "site", "note"}

// ReadGrants reads a file of grants: CSV with a header that names the columns, in any order. A malformed row
// is returned as a Grant that says what is Wrong; an error is about the file as a whole.
func ReadGrants(name string, r io.Reader) ([]Grant, error) {
	table, err := intake.ReadTable(name, r, false)
	if err != nil {
		return nil, err
	}
	rows := table.Rows
	if len(rows) < 2 {
		return nil, &intake.FileError{File: name, Want: fmt.Sprintf("expected the header %s and a row for each user",
			strings.Join(grantColumns, ","))}
	}
	header := rows[0].Lower()
	for i, column := range header {
		if !slices.Contains(grantColumns, column) || slices.Contains(header[:i], column) {
			return nil, &intake.FileError{File: name, Line: rows[0].Line,
				Want: fmt.Sprintf("expected the columns %s, each once, not %q", strings.Join(grantColumns, ", "), column)}
		}
	}
	if !slices.Contains(header, "user") || !slices.Contains(header, "reason") {
		return nil, &intake.FileError{File: name, Line: rows[0].Line,
			Want: "expected the columns user and reason in the header"}
	}
	var out []Grant
	for _, row := range rows[1:] {
		g := Grant{Line: row.Line}
		if len(row.Cells) != len(header) {
			g.Wrong = fmt.Sprintf("expected %d columns, not %d", len(header), len(row.Cells))
			out = append(out, g)
			continue
		}
		fields := map[string]*string{"user": &g.User, "reason": &g.Reason, "site": &g.Site, "note": &g.Note}
		for i, cell := range row.Cells {
			*fields[header[i]] = cell
		}
		out = append(out, g)
	}
	return out, nil
}
