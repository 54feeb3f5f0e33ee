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
	_, read := newSQLite(t)(t).Pools()
	made := must(store.MadeBy(t.Context(), read))(t)
	if *update {
		text := must(json.MarshalIndent(made, "", "\t"))(t)
		ok(t, os.WriteFile("schema.json", append(text, '\n'), 0o600))
		return
	}
	same(t, "schema (go test -run TestSchemaWrittenDown -update)", must(store.WantedSchema())(t), made)
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
			"index action_open, index action_ref, index action_taken, table action, table other, view action"},
		"a column":          {[]string{"ALTER TABLE exception ADD COLUMN x TEXT"}, "table exception"},
		"an index less":     {[]string{"DROP INDEX audit_until"}, "index audit_until"},
		"a table of theirs": {[]string{"CREATE TABLE mine (x TEXT)"}, "table mine"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "mfabot.db")
			s := inFile(file)(t)
			ok(t, s.CheckSchema(t.Context()))
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
			wantOther("at the next start", inFile(file)(t).CheckSchema(t.Context()))
			found := must(s.CheckAudit(t.Context(), secret, ""))(t)
			for _, name := range strings.Split(c.named, ", ") {
				if !strings.Contains(strings.Join(lines(found.Rows), "\n"), "schema "+name+": ") {
					t.Errorf("verify names %q", lines(found.Rows))
				}
			}
		})
	}
}

// TestSchemaVacuum: what changes no more than SQLite's number of the schema keeps nobody from writing.
func TestSchemaVacuum(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := inFile(file)(t)
	ok(t, s.CheckSchema(t.Context()))
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
