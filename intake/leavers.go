package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// leftReason is why an exception of a leaver is ended, as its user and site are told.
const leftReason = "left the organisation"

// Leaver is somebody who has left, and what was done about it.
type Leaver struct {
	Email     string
	Revoked   []string // references of exceptions that were active
	TakenBack []string // references of requests that were open
}

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
	if len(rows) > 0 && !slices.ContainsFunc(rows[0].cells, IsAddress) {
		column = slices.IndexFunc(rows[0].lower(), func(s string) bool { return slices.Contains(leaverColumns, s) })
		if column < 0 {
			return nil, &FileError{File: name, Line: rows[0].line, Want: "expected one email address a line, or a header with a column called user or email"}
		}
		width, rows = len(rows[0].cells), rows[1:]
	}
	if len(rows) == 0 {
		return nil, &FileError{File: name, Want: "expected the email addresses of people who have left"}
	}
	var out []string
	var problems []error
	for _, row := range rows {
		bad := func(format string, args ...any) {
			problems = append(problems, &FileError{File: name, Line: row.line, Want: fmt.Sprintf(format, args...)})
		}
		switch {
		case len(row.cells) != width && width == 1:
			bad("expected one email address a line, or a header with a column called user or email")
		case len(row.cells) != width:
			bad("expected %d columns, not %d", width, len(row.cells))
		case !IsAddress(row.cells[column]):
			bad("%q is no email address: expected one such as sam@example.org", row.cells[column])
		case !slices.Contains(out, Canonical(row.cells[column])):
			out = append(out, Canonical(row.cells[column]))
		}
	}
	return out, errors.Join(problems...)
}

// Leave ends the active exceptions of people who have left, and takes back the open
// requests for them, all at once or not at all. It returns what was done about each.
func (d *Desk) Leave(ctx context.Context, emails []string, as string) ([]Leaver, error) {
	var out []Leaver
	err := d.update(ctx, func(tx DeskTx) error {

		out = out[:0]
		for _, email := range emails {
			l, err := d.leave(ctx, tx, email, as)
			if err != nil {
				return fmt.Errorf("%s: %w", email, err)
			}
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d *Desk) leave(ctx context.Context, tx DeskTx, email, as string) (Leaver, error) {
	l := Leaver{Email: email}
	open, err := tx.OpenRequestsFor(ctx, email)
	if err != nil {
		return l, err
	}
	for _, ref := range open {
		req, err := tx.Request(ctx, ref)
		if err != nil {
			return l, err
		}
		if err := d.panel.takeBack(ctx, tx.ReviewTx, req, as, WhyLeft, ""); err != nil {
			return l, err
		}
		l.TakenBack = append(l.TakenBack, ref)
	}
	unclosed, err := tx.Unclosed(ctx, email)
	if err != nil {
		return l, err
	}
	for _, e := range unclosed {
		if e.StateAt(tx.Now) != Active {
			continue
		}
		if err := d.panel.revoke(ctx, tx.ReviewTx, &e, WhyLeft, leftReason, as); err != nil {
			return l, err
		}
		l.Revoked = append(l.Revoked, e.Ref)
	}
	return l, nil
}
