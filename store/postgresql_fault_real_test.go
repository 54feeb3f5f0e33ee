//go:build real

package store_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/store"
	"mfabot/store/nearby"
	"mfabot/store/pgtest"
)

// record is an update that must succeed.
func record(t *testing.T, s *store.Store) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, intake.HistoryEntry{At: noon, Event: intake.EventAway}))
	})
}

// TestRealPostgreSQLAlone: one bot runs on a database, and whoever has lost its connection writes nothing once another runs.
func TestRealPostgreSQLAlone(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	server := newIn(t, pg)
	one := must(server.OpenAlone(t.Context(), "process 1 on one.test"))(t)
	record(t, one)
	same(t, "holder", "process 1 on one.test", must(server.Holder(t.Context()))(t))
	_, err := server.OpenAlone(t.Context(), "process 2 on two.test")
	var held *nearby.LockedError
	if !errors.As(err, &held) || held.Holder != "process 1 on one.test" {
		t.Fatalf("a second one: %v, want that process 1 has it", err)
	}
	record(t, inServer(server)(t)) // a command beside it

	pg.BreakOff(t) // of all connections
	record(t, one) // by another connection
	pg.BreakOff(t)
	two := must(server.OpenAlone(t.Context(), "process 2 on two.test"))(t)
	if err := recorded(t, one); !errors.As(err, &held) || held.Holder != "process 2 on two.test" {
		t.Errorf("once another runs: %v, want that process 2 has it", err)
	}
	record(t, two)
	ok(t, two.Close())
	record(t, one)
	same(t, "entries", 5, len(must(one.HistoryAt(t.Context(), intake.EventAway, noon))(t)))
	ok(t, one.Close())
	same(t, "holder at the end", "", must(server.Holder(t.Context()))(t))
}

// recorded records, and returns what came of it.
func recorded(t *testing.T, s *store.Store) error {
	return s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: intake.EventAway})
	})
}

// TestRealPostgreSQLTrouble: what is wrong with the server is a trouble of the database that passes, in words, and no fault of what was
// to be stored.
func TestRealPostgreSQLTrouble(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	s := inServer(newIn(t, pg))(t)
	passes := func(what string, err error, hint string) {
		t.Helper()
		trouble := store.TroubleOf(err)
		if trouble == nil || !trouble.Passes || !strings.Contains(trouble.Hint, hint) || errors.Is(err, intake.ErrUnstorable) {
			t.Errorf("%s: %v is %+v, want one that passes, of %q", what, err, trouble, hint)
		}
	}
	_, err := store.Server{URL: pg.URL("mfabot", "nowhere")}.Open(t.Context())
	passes("no such database", err, "create it")
	_, err = store.Server{URL: "postgres://mfabot@127.0.0.1:1/mfabot"}.Open(t.Context())
	passes("no server", err, "cannot be reached")
	_, err = store.Server{URL: pg.URL("stranger", "postgres")}.Open(t.Context())
	passes("no such role", err, "let mfabot in")
	passes("a server that only reads", s.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `SET TRANSACTION READ ONLY`)
		ok(t, err)
		return tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: intake.EventAway})
	}), "only reads")
	within := func() error {
		return s.Update(t.Context(), func(tx *store.Tx) error {
			err := tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: intake.EventAway})
			ok(t, err)
			pg.BreakOff(t)
			return nil // and so at the commit
		})
	}
	passes("in the middle", within(), "")
	record(t, s)
	same(t, "entries", 1, len(must(s.HistoryAt(t.Context(), intake.EventAway, noon))(t)))
	latin := store.Server{URL: pg.URL("mfabot", "latin")}
	pg.SQL(t, "postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
	if _, err := latin.Open(t.Context()); store.TroubleOf(err) == nil || !strings.Contains(store.TroubleOf(err).Hint, "UTF8") {
		t.Errorf("of another encoding: %v", err)
	}
}

// TestRealPostgreSQLUnanswered: of a commit that the server has made, and whose answer is lost, it is found out that it was made; of one
// that never came to the server, that it was not.
func TestRealPostgreSQLUnanswered(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	server := newIn(t, pg)
	direct := inServer(server)(t)
	for _, c := range []struct {
		what             string
		arrives, restart bool
		entries          int
	}{{"the answer is lost", true, false, 1}, {"it never came", false, false, 0}, {"the server was restarted", true, true, 1}} {
		cut := pg.Cut(t, c.arrives, func() {
			if c.restart {
				pg.Down(t)
				pg.Up(t)
			}
		})
		s := must(store.Server{URL: strings.Replace(server.URL, pg.Dir, cut.Dir, 1)}.OpenAlone(t.Context(), "process 1"))(t)
		record := func(event intake.Event) error {
			return s.Update(t.Context(), func(tx *store.Tx) error {
				return tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: event})
			})
		}
		event := intake.Event(c.what)
		cut.Next()
		err := record(event)
		if committed := c.arrives && !c.restart; (err == nil) != committed {
			t.Errorf("%s: %v", c.what, err)
		}
		if trouble := store.TroubleOf(err); err != nil && (trouble == nil || !trouble.Passes) {
			t.Errorf("%s: %v, want a trouble that passes", c.what, err)
		}
		same(t, c.what, c.entries, len(must(direct.HistoryAt(t.Context(), event, noon))(t)))
		ok(t, record("afterwards"))
		ok(t, s.Close())
	}
}

// TestRealPostgreSQLSchemaOther: nothing is written to a database whose schema somebody has changed, before its start or after; what
// changes nothing is named.
func TestRealPostgreSQLSchemaOther(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	const nothing = `CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; `
	for what, c := range map[string]struct{ do, named, beside string }{
		"a trigger that voids letters": {do: nothing + `CREATE TRIGGER voids BEFORE INSERT ON outbound FOR EACH ROW EXECUTE FUNCTION nothing()`, named: "trigger voids"},
		"a trigger less":               {do: `DROP TRIGGER audit_keep ON audit`, named: "trigger audit_keep"},
		"a trigger that sleeps":        {do: `ALTER TABLE audit DISABLE TRIGGER audit_redact`, named: "trigger audit_redact"},
		"another function":             {do: `CREATE OR REPLACE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$`, named: "function audit_kept, trigger audit_keep, trigger audit_keep_all"},
		"a column":                     {do: `ALTER TABLE exception ADD COLUMN x TEXT`, named: "table exception"},
		"another collation":            {do: `ALTER TABLE hold ALTER COLUMN reason TYPE TEXT COLLATE "default"`, named: "table hold"},
		"a table that is not logged":   {do: `ALTER TABLE mark SET UNLOGGED`, named: "table mark"},
		"an index less":                {do: `DROP INDEX audit_until`, named: "index audit_until"},
		"a view":                       {do: `CREATE VIEW report AS SELECT ref FROM exception`, named: "view report"},
		"a rule":                       {do: `CREATE RULE voids AS ON INSERT TO outbound DO INSTEAD NOTHING`, named: "rule voids"},
		"a policy":                     {do: `ALTER TABLE action ENABLE ROW LEVEL SECURITY; CREATE POLICY hides ON action USING (kind <> 'remove')`, named: "policy hides, table action"},
		"one row a user":               {do: `CREATE UNIQUE INDEX single ON action (subject_email)`, named: "index single"},
		"an index that fails":          {do: `CREATE INDEX fails ON action ((last_error::int))`, named: "index fails"},
		"a table that keeps rows":      {do: `CREATE TABLE keeps (x BIGINT REFERENCES review (id))`, named: "table keeps"},
		"a table of theirs":            {do: `CREATE TABLE mine (x TEXT UNIQUE)`, beside: "index mine_x_key, table mine"},
		"an index for a report":        {do: `CREATE INDEX report ON exception (site_code, ends_at DESC)`, beside: "index report"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			server := newIn(t, pg)
			s := inServer(server)(t)
			same(t, "beside at first", []string(nil), must(s.CheckSchema(t.Context()))(t))
			record(t, s)
			pg.SQL(t, nameOf(server), c.do)
			err := recorded(t, s)
			beside, again := inServer(server)(t).CheckSchema(t.Context())
			for _, err := range []error{err, again} {
				trouble := store.TroubleOf(err)
				told := trouble != nil && !trouble.Passes && trouble.Error() == "not as mfabot makes it: "+c.named
				if c.named == "" && err != nil || c.named != "" && !told {
					t.Errorf("got %v, want %q", err, c.named)
				}
			}
			same(t, "beside", c.beside, strings.Join(beside, ", "))
		})
	}
}

// nameOf is the name of a server's database.
func nameOf(s store.Server) string {
	_, name, _ := strings.Cut(s.URL, "@/")
	name, _, _ = strings.Cut(name, "?")
	return name
}

// grants are what docs/postgresql.md has the owner give to the bot's role.
func grants(t *testing.T) string {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(must(os.ReadFile("../docs/postgresql.md"))(t)), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of SQL are in docs/postgresql.md", len(blocks))
	}
	return blocks[1][1]
}

// forRole makes a database that one role owns, and returns it as the bot's has it, by what docs/postgresql.md says.
func forRole(t *testing.T, pg *pgtest.Server) (bots store.Server) {
	t.Helper()
	owners := newIn(t, pg)
	name := nameOf(owners)
	pg.SQL(t, "postgres", "ALTER DATABASE "+name+" OWNER TO mfabot_owner")
	owners.URL = strings.Replace(owners.URL, "mfabot@", "mfabot_owner@", 1)
	ok(t, must(owners.Open(t.Context()))(t).Close())
	pg.SQL(t, name, "SET ROLE mfabot_owner; "+strings.ReplaceAll(grants(t), " mfabot;", " bot;"))
	owners.URL = strings.Replace(owners.URL, "mfabot_owner@", "bot@", 1)
	return owners
}

// TestRealPostgreSQLRole: the role of the bot's can do all that the bot does, and nothing to the audit but add to it.
func TestRealPostgreSQLRole(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	pg.SQL(t, "postgres", "CREATE ROLE mfabot_owner LOGIN; CREATE ROLE bot LOGIN")
	t.Run("contract", func(t *testing.T) {
		contract(t, func(t *testing.T) opener { return inServer(forRole(t, pg)) })
	})
	server := forRole(t, pg)
	s := inServer(server)(t)
	record(t, s)
	write, _ := s.Pools()
	for _, statement := range []string{
		`UPDATE audit SET text = ''`, `UPDATE audit SET by = '', text = '', command = '', salt = ''`, `DELETE FROM audit`, `TRUNCATE audit`,
		`ALTER TABLE audit DISABLE TRIGGER ALL`, `DROP TABLE audit`, `CREATE TABLE more (x TEXT)`, `TRUNCATE raw_message`,
		`CREATE TRIGGER voids BEFORE INSERT ON outbound FOR EACH ROW EXECUTE FUNCTION audit_kept()`, `DELETE FROM goose_db_version`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`, `DELETE FROM instance`,
	} {
		_, err := write.ExecContext(t.Context(), statement)
		if trouble := store.TroubleOf(err); trouble == nil || !strings.Contains(trouble.Hint, "the role may not do that") {
			t.Errorf("%s: %v, want that the role may not", statement, err)
		}
	}
	owner := must(store.Server{URL: strings.Replace(server.URL, "bot@", "mfabot_owner@", 1)}.Open(t.Context()))(t)
	defer func() { ok(t, owner.Close()) }()
	write, _ = owner.Pools()
	// By mistake: who owns it can take the triggers away.
	for _, statement := range []string{`UPDATE audit SET text = ''`, `DELETE FROM audit`, `TRUNCATE audit`} {
		if _, err := write.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "audit") {
			t.Errorf("by the owner: %s: %v, want that the audit is only added to", statement, err)
		}
	}
}

// TestRealPostgreSQLLikeSQLite: both have the same tables, with the same columns, and indexes of the same names on them.
func TestRealPostgreSQLLikeSQLite(t *testing.T) {
	t.Parallel()
	lines := func(s *store.Store, query string) (out []string) {
		_, read := s.Pools()
		rows, err := read.QueryContext(t.Context(), query)
		ok(t, err)
		defer func() { ok(t, rows.Close()) }()
		for rows.Next() {
			var line string
			ok(t, rows.Scan(&line))
			out = append(out, line)
		}
		ok(t, rows.Err())
		slices.Sort(out)
		return out
	}
	sqlite, server := newSQLite(t)(t), inServer(newIn(t, pgtest.Start(t)))(t)
	same(t, "columns", lines(sqlite, `
		SELECT t.name || '.' || c.name || ' '
			|| CASE WHEN c.type = 'INTEGER' THEN 'BIGINT' WHEN c.type = 'BLOB' THEN 'BYTEA' ELSE c.type END
			|| CASE WHEN c."notnull" OR c.type = 'INTEGER' THEN ' NOT NULL' ELSE '' END || ' ' || COALESCE(c.dflt_value, '')
			|| CASE WHEN c.pk > 0 THEN ' key' ELSE '' END
		FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'goose_db_version'`),
		lines(server, `
		SELECT c.relname || '.' || a.attname || ' ' || upper(format_type(a.atttypid, a.atttypmod))
			|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
			|| ' ' || COALESCE(replace(pg_get_expr(d.adbin, d.adrelid), '::text', ''), '')
			|| CASE WHEN EXISTS (SELECT 1 FROM pg_index AS i
				WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) THEN ' key' ELSE '' END
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND c.relname <> 'goose_db_version'`))
	same(t, "indexes", lines(sqlite, `SELECT tbl_name || '.' || name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`),
		lines(server, `
		SELECT i.indrelid::regclass::text || '.' || i.indexrelid::regclass::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> 'goose_db_version'
			AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)`))
	same(t, "unique", lines(sqlite, `
		SELECT t.name || ' ' || (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
		FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table' AND i."unique" AND t.name <> 'goose_db_version'
		UNION ALL SELECT t.name || ' ' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND c.type = 'INTEGER' AND c.pk > 0 AND t.name NOT IN ('goose_db_version', 'sqlite_sequence')`),
		lines(server, `
		SELECT c.relname || ' ' || (SELECT string_agg(a.attname, ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
			FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey))
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
		WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace AND c.relname <> 'goose_db_version'`))
}
