package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mfabot/intake"
)

// How sealed rows are read, added and changed: what a seal is stands in seal.go.

// ErrUnsealed is returned for a single row whose seal does not fit. It is an intake.ErrNotFound, as it is as if there
// were none.
var ErrUnsealed = fmt.Errorf("%w: its seal does not fit", intake.ErrNotFound)

// cells are values by column.
type cells map[string]any

// storableCells are values as they are stored: a seal is of these.
func storableCells(row cells) cells {
	out := make(cells, len(row))
	for column, v := range row {
		out[column] = storable(v)
	}
	return out
}

// text is a value that is a text.
func text(row cells, column string) string {
	s, _ := row[column].(string)
	return s
}

// cell is a value as it is sealed, with its type: SQLite takes text where a number should be. A truth is a number to
// some drivers.
func cell(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "int64 1"
		}
		return "int64 0"
	case []byte:
		return "string " + string(v)
	}
	return fmt.Sprintf("%T %v", v, v)
}

// named is a row whose columns have names.
type named interface {
	scanner
	Columns() ([]string, error)
}

// cellsOf reads the whole current row.
func cellsOf(row scanner) (cells, error) {
	names, err := row.(named).Columns()
	if err != nil {
		return nil, err
	}
	all, dest := make([]any, len(names)), make([]any, len(names))
	for i := range all {
		dest[i] = &all[i]
	}
	if err := row.Scan(dest...); err != nil {
		return nil, err
	}
	out := make(cells, len(names))
	for i, name := range names {
		out[name] = all[i]
	}
	return out, nil
}

// checked is scan for the rows of a kind: those whose seal does not fit are noted, and ErrUnsealed is returned. The
// query must have all columns that are sealed, and the seal.
func checked[T any](s *sealing, kind sealedKind, scan func(scanner) (T, error)) func(scanner) (T, error) {
	return func(row scanner) (v T, err error) {
		key := s.secret()
		if key == nil {
			return scan(row)
		}
		all, err := cellsOf(row)
		if err != nil {
			return v, err
		}
		if what := key.fault(kind, all); what != "" {
			s.note(kind.table, kind.keyOf(all), what)
			return v, ErrUnsealed
		}
		return scan(row)
	}
}

// errEnough ends the reading of rows early.
var errEnough = errors.New("enough")

// sealedRows reads those rows of a query whose seal fits, at most limit of them unless that is 0. The query has no
// LIMIT, so that rows that do not fit keep no others away: it comes in the order of an index, or to few rows.
func sealedRows[T any](ctx context.Context, db querier, kind sealedKind, scan func(scanner) (T, error), limit int,
	query string, args ...any,
) (out []T, err error) {
	good := checked(db.sealing(), kind, scan)
	err = each(ctx, db, func(row scanner) error {
		v, err := good(row)
		switch {
		case errors.Is(err, ErrUnsealed):
			return nil
		case err != nil:
			return err
		}
		if out = append(out, v); len(out) == limit {
			return errEnough
		}
		return nil
	}, query, args...)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return out, nil
}

// errPassed passes over a row whose seal fits.
var errPassed = errors.New("passed over")

// only is scan for the rows that are wanted, of those that a query returns. The others are passed over by paged.
func only[T any](scan func(scanner) (T, error), wanted func(T) (bool, error)) func(scanner) (T, error) {
	return func(row scanner) (T, error) {
		v, err := scan(row)
		if err != nil {
			return v, err
		}
		is, err := wanted(v)
		if err == nil && !is {
			err = errPassed
		}
		return v, err
	}
}

// inPages is an order in which rows are read a page at a time: by columns that together are different in every row.
type inPages struct {
	columns []string
	newest  bool // the last of it comes first
}

// where returns the condition on the rows that come after one, whose columns are bound after n others; none if after
// is nil.
func (o inPages) where(after cells, n int) (condition string, args []any) {
	if after == nil {
		return "", nil
	}
	for _, column := range o.columns {
		args = append(args, after[column])
	}
	beyond := ">"
	if o.newest {
		beyond = "<"
	}
	return fmt.Sprintf("WHERE (%s) %s (%s)", strings.Join(o.columns, ", "), beyond, list(len(args), n)), args
}

// by is the order as the query has it.
func (o inPages) by() string {
	if o.newest {
		return strings.Join(o.columns, " DESC, ") + " DESC"
	}
	return strings.Join(o.columns, ", ")
}

// paged returns the rows of a query that scan takes, in an order, and reads them as they are wanted: first so many, and
// then a page of sealBatch each time, so that a query of whatever size takes the memory of a page, and keeps no
// snapshot of the database while somebody looks at it. Rows whose seal does not fit or that are passed over are left
// out: those in front keep no others away. The query has neither an order nor a LIMIT; it may have other columns for
// its order.
func paged[T any](ctx context.Context, db querier, scan func(scanner) (T, error), first int, order inPages,
	query string, args ...any,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var last cells
		for page := first; ; page = sealBatch {
			n := 0
			var read []T
			where, after := order.where(last, len(args))
			bound := slices.Concat(args, after, []any{page})
			err := each(ctx, db, func(row scanner) (err error) {
				if n++; n == page { // there may be another
					if last, err = cellsOf(row); err != nil {
						return err
					}
				}
				v, err := scan(row)
				if errors.Is(err, ErrUnsealed) || errors.Is(err, errPassed) {
					return nil
				}
				read = append(read, v)
				return err
			}, fmt.Sprintf(`SELECT * FROM (%s) AS page %s ORDER BY %s LIMIT %s`, query, where, order.by(), list(1, len(bound)-1)), bound...)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range read {
				if !yield(v, nil) {
					return
				}
			}
			if n < page {
				return
			}
		}
	}
}

// sealedPages is sealedRows for a query of many more rows than are wanted: the rest is not read.
func sealedPages[T any](ctx context.Context, db querier, kind sealedKind, scan func(scanner) (T, error), limit int, order inPages,
	query string, args ...any,
) (out []T, err error) {
	for v, err := range paged(ctx, db, checked(db.sealing(), kind, scan), limit, order, query, args...) {
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) == limit {
			break
		}
	}
	return out, nil
}

// sealedRow reads the first row of a query. It returns ErrNotFound where there is none, or its seal does not fit.
func sealedRow[T any](ctx context.Context, db querier, kind sealedKind, scan func(scanner) (T, error),
	query string, args ...any,
) (*T, error) {
	return one(ctx, db, checked(db.sealing(), kind, scan), query, args...)
}

// storedRows reads the rows of a kind for which a condition holds, as they are checked and sealed.
func storedRows(ctx context.Context, db querier, kind sealedKind, where string, args ...any) ([]cells, error) {
	return collect(ctx, db, cellsOf, fmt.Sprintf(`SELECT %s FROM %s WHERE `, kind.stored(), kind.table)+where, args...)
}

// fitting is storedRows without those whose seal does not fit.
func fitting(ctx context.Context, db querier, kind sealedKind, where string, args ...any) (out []cells, err error) {
	rows, err := storedRows(ctx, db, kind, where, args...)
	if err != nil {
		return nil, err
	}
	key := db.sealing().secret()
	for _, row := range rows {
		if what := key.fault(kind, row); what != "" {
			db.sealing().note(kind.table, kind.keyOf(row), what)
			continue
		}
		out = append(out, row)
	}
	return out, nil
}

// add adds a row, which has all columns that are sealed, and returns its number where the database gives it one.
func (t *transaction) add(ctx context.Context, kind sealedKind, row cells) (id int64, err error) {
	row = storableCells(row)
	if !kind.numbered {
		row["seal"] = t.seals.secret().row(kind, row)
	}
	names := slices.Sorted(maps.Keys(row))
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = row[name]
	}
	insert := fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, kind.table, strings.Join(names, ", "), list(len(names), 0))
	if !kind.numbered {
		_, err = t.exec(ctx, insert, args...)
	} else if id, err = value[int64](ctx, t, insert+` RETURNING `+kind.key, args...); err == nil {
		row[kind.key] = id
		err = t.write(ctx, kind, id, cells{"seal": t.seals.secret().row(kind, row)})
	}
	if err != nil {
		return 0, err
	}
	return id, t.count(ctx, kind, 1)
}

// write sets columns of a row.
func (t *transaction) write(ctx context.Context, kind sealedKind, key any, to cells) error {
	var sets []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(to)) {
		args = append(args, to[name])
		sets = append(sets, name+" = $"+strconv.Itoa(len(args)))
	}
	_, err := t.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s WHERE %s = %s`, kind.table, strings.Join(sets, ", "), kind.key, list(1, len(args))),
		append(args, key)...)
	return err
}

// change sets columns of the rows for which a condition holds, and seals them anew. It returns those rows as they were.
// Those whose seal does not fit are left alone.
func (t *transaction) change(ctx context.Context, kind sealedKind, to cells, where string, args ...any) (before []cells, err error) {
	return t.rewrite(ctx, kind, to, false, where, args...)
}

// blank is change for personal data that must go. A row whose seal does not fit is blanked too, and does not fit then
// either.
func (t *transaction) blank(ctx context.Context, kind sealedKind, to cells, where string, args ...any) error {
	_, err := t.rewrite(ctx, kind, to, true, where, args...)
	return err
}

func (t *transaction) rewrite(
	ctx context.Context, kind sealedKind, to cells, unfit bool, where string, args ...any,
) (before []cells, err error) {
	rows, err := storedRows(ctx, t, kind, where, args...)
	if err != nil {
		return nil, err
	}
	key := t.seals.secret()
	to = storableCells(to)
	for _, row := range rows {
		set := maps.Clone(to)
		if what := key.fault(kind, row); what != "" {
			t.seals.note(kind.table, kind.keyOf(row), what)
			if !unfit {
				continue
			}
		} else {
			now := maps.Clone(row)
			maps.Copy(now, to)
			set["seal"] = key.row(kind, now)
		}
		if err := t.write(ctx, kind, row[kind.key], set); err != nil {
			return nil, err
		}
		before = append(before, row)
	}
	return before, nil
}

// changeOne is change for a condition that holds a guard: it returns ErrStale where no row passes.
func (t *transaction) changeOne(ctx context.Context, kind sealedKind, to cells, where string, args ...any) error {
	rows, err := t.change(ctx, kind, to, where, args...)
	if err == nil && len(rows) == 0 {
		return intake.ErrStale
	}
	return err
}

// remove deletes the rows for which a condition holds.
func (t *transaction) remove(ctx context.Context, kind sealedKind, where string, args ...any) error {
	res, err := t.exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE `, kind.table)+where, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	return t.count(ctx, kind, -n)
}

// count adds to the tally of a kind. One that does not fit goes on not to fit.
func (t *transaction) count(ctx context.Context, kind sealedKind, by int64) error {
	rows, err := storedRows(ctx, t, tallies(), `name = $1`, kind.table)
	if err != nil || len(rows) == 0 {
		return err
	}
	n, _ := rows[0]["n"].(int64)
	return t.blank(ctx, tallies(), cells{"n": n + by}, `name = $1`, kind.table)
}
