package store

import (
	"context"
	"slices"
	"strings"
)

// What others may add to the schema, by its kind.
//
// A table of theirs, and an index on it, is nothing to us. An index of theirs on one of our tables costs time and room.
// What can change or prevent what the bot writes is refused: a trigger; an index that is unique, or that has to work
// something out for each row, which may fail, or that needs an order of texts which SQLite has not of itself; a table
// with a foreign key to one of ours, which then forbids to remove rows; and one that runs a program or that stands for
// something of SQLite's own. Views are refused as well: one that no longer fits keeps every later version from changing
// the tables.

// thing is something that a schema is made of, but for ours.
type thing struct{ kind, name, table, text string }

// String is how it is named to the operator.
func (t thing) String() string { return t.kind + " " + t.name }

// harmless returns those of what others have added to a schema that can change nothing of what the bot does.
func harmless(ctx context.Context, db querier, added []thing) (names []string, err error) {
	for _, t := range added {
		fine := false
		switch t.kind {
		case "table":
			fine, err = harmlessTable(ctx, db, t, added)
		case "index":
			fine, err = harmlessIndex(ctx, db, t, added)
		}
		if err != nil {
			return nil, err
		}
		if fine {
			names = append(names, t.String())
		}
	}
	return names, nil
}

// theirs reports whether a table is one of those that others have added.
func theirs(added []thing, table string) bool {
	return slices.ContainsFunc(added, func(t thing) bool { return t.kind == "table" && strings.EqualFold(t.name, table) })
}

func harmlessTable(ctx context.Context, db querier, t thing, added []thing) (bool, error) {
	if strings.HasPrefix(strings.ToLower(t.name), "pragma_") || strings.HasPrefix(t.text, "CREATE VIRTUAL") {
		return false, nil
	}
	refersTo, err := collect(ctx, db, scanValue[string], `SELECT "table" FROM pragma_foreign_key_list($1)`, t.name)
	ours := slices.ContainsFunc(refersTo, func(table string) bool { return !theirs(added, table) })
	return err == nil && !ours, err
}

func harmlessIndex(ctx context.Context, db querier, t thing, added []thing) (bool, error) {
	if theirs(added, t.table) {
		return true, nil
	}
	return value[bool](ctx, db, `
		SELECT EXISTS (SELECT 1 FROM pragma_index_list($1) WHERE name = $2 AND "unique" = 0 AND partial = 0)
			AND NOT EXISTS (SELECT 1 FROM pragma_index_xinfo($2) WHERE cid = -2 OR coll NOT IN ('BINARY', 'NOCASE', 'RTRIM'))`,
		t.table, t.name)
}
