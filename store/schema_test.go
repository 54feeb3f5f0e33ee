package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

var update = flag.Bool("update", false, "write down the schema that the migrations make")

// TestSchemaWrittenDown: what is compared at a start is what the migrations make.
func TestSchemaWrittenDown(t *testing.T) {
	t.Parallel()
	writtenDown(t, newSQLite(t)(t), "schema.json")
}

// writtenDown compares the schema of an empty database with what is written down of it, or writes it down.
func writtenDown(t *testing.T, s *store.Store, file string) {
	t.Helper()
	made := must(store.MadeBy(t.Context(), s))(t)
	if *update {
		text := must(json.MarshalIndent(made, "", "\t"))(t)
		ok(t, os.WriteFile(file, append(text, '\n'), 0o600))
		return
	}
	same(t, "schema (go test -run "+t.Name()+" -update)", must(store.WantedSchema(s))(t), made)
}

// TestSchemaOther: nothing is written to a database whose schema somebody has changed, before its start or after.
func TestSchemaOther(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		do    []string
		named string
	}{
		"a trigger that voids removals": {[]string{"CREATE TRIGGER keep AFTER INSERT ON action WHEN NEW.kind = 'remove' BEGIN " +
			"UPDATE action SET state = 'void' WHERE id = NEW.id; END"}, "trigger keep"},
		"a trigger on goose's table": {[]string{"CREATE TRIGGER late AFTER INSERT ON goose_db_version BEGIN DELETE FROM outbound; END"}, "trigger late"},
		"a trigger less":             {[]string{"DROP TRIGGER audit_keep"}, "trigger audit_keep"},
		"a table in between": {[]string{"ALTER TABLE action RENAME TO other", "CREATE VIEW action AS SELECT * FROM other"},
			"index action_asked, index action_open, index action_ref, index action_taken, table action, table other, view action"},
		"a column":      {[]string{"ALTER TABLE exception ADD COLUMN x TEXT"}, "table exception"},
		"an index less": {[]string{"DROP INDEX audit_until"}, "index audit_until"},
		"a view":        {[]string{"CREATE VIEW report AS SELECT ref FROM exception"}, "view report"},
		"a trigger on a table of theirs": {[]string{"CREATE TABLE mine (x TEXT)",
			"CREATE TRIGGER theirs AFTER INSERT ON mine BEGIN DELETE FROM outbound; END"}, "trigger theirs"},
		"one row a user":               {[]string{"CREATE UNIQUE INDEX single ON action (subject_email)"}, "index single"},
		"an index that fails":          {[]string{"CREATE INDEX fails ON action (json(last_error))"}, "index fails"},
		"an index that fails for some": {[]string{"CREATE INDEX some ON action (id) WHERE json(last_error) > ''"}, "index some"},
		"an index of goose's table":    {[]string{"CREATE UNIQUE INDEX goose ON goose_db_version (is_applied, version_id)"}, "index goose"},
		"a table that keeps rows":      {[]string{"CREATE TABLE keeps (x TEXT REFERENCES Review (id))"}, "table keeps"},
		"a key that fits nothing":      {[]string{"CREATE TABLE misfit (x TEXT REFERENCES exception (state))"}, "table misfit"},
		"a table in SQLite's place": {[]string{"CREATE TABLE Pragma_schema_version AS SELECT schema_version " +
			"FROM pragma_schema_version", "CREATE TRIGGER keep AFTER INSERT ON action BEGIN DELETE FROM action; END"},
			"table Pragma_schema_version, trigger keep"},
		"a program's table": {[]string{"CREATE VIRTUAL TABLE program USING rtree (id, a, b)"}, "table program"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "mfabot.db")
			s := inFile(file)(t)
			same(t, "beside at first", []string(nil), must(s.CheckSchema(t.Context()))(t))
			raw := closingDB(t, must(sql.Open("sqlite3", file))(t))
			for _, statement := range c.do {
				_, err := raw.ExecContext(t.Context(), statement)
				ok(t, err)
			}
			wantOther := func(when string, err error) {
				t.Helper()
				trouble := store.TroubleOf(err)
				if trouble == nil || trouble.Passes || trouble.Error() != "not as mfabot makes it: "+c.named {
					t.Errorf("%s: %v, want %s", when, err, c.named)
				}
			}
			wantOther("at the next write", s.Update(t.Context(), func(tx *store.Tx) error {
				return tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: intake.EventAway})
			}))
			_, err := inFile(file)(t).CheckSchema(t.Context())
			wantOther("at the next start", err)
			found := must(s.CheckAudit(t.Context(), secret, ""))(t)
			for _, name := range strings.Split(c.named, ", ") {
				if !strings.Contains(strings.Join(lines(found.Rows), "\n"), "schema "+name+": ") {
					t.Errorf("verify names %q", lines(found.Rows))
				}
			}
		})
	}
}

// TestSchemaBeside: a table of somebody else's, and an index that can make nothing fail, keep nobody from writing. They
// are named at a start and by the check of everything, and are no fault.
func TestSchemaBeside(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		do    []string
		named []string
	}{
		"a table": {[]string{"CREATE TABLE mine (x TEXT)"}, []string{"table mine"}},
		"tables that refer to each other": {[]string{"CREATE TABLE site_list (code TEXT PRIMARY KEY)",
			"CREATE TABLE visits (code TEXT REFERENCES SITE_LIST (code) ON DELETE CASCADE)"}, []string{"table site_list", "table visits"}},
		"an index for a report": {[]string{"CREATE INDEX report ON exception (site_code, ends_at DESC, reason COLLATE NOCASE)"}, []string{"index report"}},
		"an index of a number":  {[]string{"CREATE INDEX by_number ON outbound (template, id)"}, []string{"index by_number"}},
		"a table with indexes": {[]string{"CREATE TABLE mine (x TEXT UNIQUE)", "CREATE UNIQUE INDEX mine_x ON mine (lower(x)) WHERE x > ''"},
			[]string{"index mine_x", "table mine"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "mfabot.db")
			s := inFile(file)(t)
			same(t, "beside at first", []string(nil), must(s.CheckSchema(t.Context()))(t))
			raw := closingDB(t, must(sql.Open("sqlite3", file))(t))
			for _, statement := range c.do {
				_, err := raw.ExecContext(t.Context(), statement)
				ok(t, err)
			}
			fillSealed(t, s)
			same(t, "at the next start", c.named, must(inFile(file)(t).CheckSchema(t.Context()))(t))
			found := must(s.CheckAudit(t.Context(), secret, ""))(t)
			same(t, "by verify", c.named, found.Beside)
			same(t, "whole", true, found.Whole())
		})
	}
}

// TestSchemaVacuum: what changes no more than SQLite's number of the schema keeps nobody from writing.
func TestSchemaVacuum(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := inFile(file)(t)
	must(s.CheckSchema(t.Context()))(t)
	raw := closingDB(t, must(sql.Open("sqlite3", file))(t))
	for _, statement := range []string{"VACUUM", "ANALYZE"} {
		_, err := raw.ExecContext(t.Context(), statement)
		ok(t, err)
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Once(ctx, statement, noon.Format(time.DateOnly)))
		})
	}
}

func closingDB(t *testing.T, db *sql.DB) *sql.DB {
	t.Helper()
	t.Cleanup(func() { _ = db.Close() })
	return db
}
