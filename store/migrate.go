package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"mfabot/intake"
)

// ErrNewer says that a newer version of mfabot wrote the database.
var ErrNewer = errors.New("the database was written by a newer version of mfabot: use that version, or restore an older backup")

// ErrOlder says that an older version of mfabot wrote the database, and that it is not brought up to date here.
var ErrOlder = errors.New("the database was written by an older version of mfabot, and only `mfabot run` brings it up to date: " +
	"stop the older version where it runs, and start this one")

//go:embed migrations/*.sql migrations/postgresql/*.sql
var migrations embed.FS

// migrate brings the schema up to date. It returns ErrNewer where the schema is newer than this program.
func (e engine) migrate(ctx context.Context, db *sql.DB) error {
	p, err := e.provider(db)
	if err != nil {
		return err
	}
	for {
		have, want, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if have > want {
			return otherVersion(have, want, ErrNewer)
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
		// Another process that started at the same time may have been faster.
		if now, _, again := p.GetVersions(ctx); again != nil || now <= have {
			return err
		}
	}
}

func (e engine) provider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, e.migrations)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(e.goose, db, dir, goose.WithGoMigrations(e.inGo...))
}

// current returns ErrOlder or ErrNewer where the schema is not this program's. It changes nothing.
func (e engine) current(ctx context.Context, db *sql.DB) error {
	p, err := e.provider(db)
	if err != nil {
		return err
	}
	known := p.ListSources()
	want := known[len(known)-1].Version
	var have int64
	if err := db.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have); err != nil {
		return err
	}
	switch {
	case have < want:
		return otherVersion(have, want, ErrOlder)
	case have > want:
		return otherVersion(have, want, ErrNewer)
	}
	return nil
}

func otherVersion(have, want int64, what error) error {
	return fmt.Errorf("version %d, this program knows %d: %w", have, want, what)
}

// madeBy reads what a database's schema is made of: tables, indexes, views and triggers, each with its SQL. What the engine
// and goose keep for themselves is left out, but for triggers on it.
func (e engine) madeBy(ctx context.Context, db querier) ([]thing, error) {
	return collect(ctx, db, func(row scanner) (t thing, err error) {
		err = row.Scan(&t.kind, &t.name, &t.table, &t.text)
		return t, err
	}, e.parts)
}

// wantedSchema is madeBy for a database that only the migrations have made: the SQL by kind and name. It is written
// down, as migrating takes as long
// as many a command; a test compares it with what they make.
func (e engine) wantedSchema() (want map[string]string, err error) {
	return want, json.Unmarshal(e.made, &want)
}

//go:embed schema.json
var schema []byte

// otherSchema returns what of a database's schema the migrations did not make, or made otherwise, in order: what the
// bot does not work with, and what others have added that it works beside.
func (e engine) otherSchema(ctx context.Context, db querier) (other, beside []string, err error) {
	want, err := e.wantedSchema()
	if err != nil {
		return nil, nil, err
	}
	have, err := e.madeBy(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	var added []thing
	for _, t := range have {
		switch text, ours := want[t.String()]; {
		case !ours:
			added = append(added, t)
		case text != t.text:
			other = append(other, t.String())
		}
		delete(want, t.String())
	}
	other = append(other, slices.Collect(maps.Keys(want))...)
	if beside, err = e.harmless(ctx, db, added); err != nil {
		return nil, nil, err
	}
	for _, t := range added {
		if !slices.Contains(beside, t.String()) {
			other = append(other, t.String())
		}
	}
	slices.Sort(other)
	slices.Sort(beside)
	return other, beside, nil
}

// CheckSchema returns a Trouble unless the schema, its triggers included, is as the migrations make it. From then on
// nothing is written once it is not: a trigger would undo or change what the bot writes. It returns what others have
// added that changes nothing: see harmless.
func (s *Store) CheckSchema(ctx context.Context) (beside []string, err error) {
	return beside, s.Update(ctx, func(t *Tx) error {
		beside, err = checkSchema(ctx, s, t.transaction)
		return err
	})
}

// checkSchema is CheckSchema within a transaction.
func checkSchema(ctx context.Context, s *Store, t *transaction) (beside []string, err error) {
	other, beside, err := s.engine.otherSchema(ctx, t)
	if err != nil {
		return nil, err
	}
	if len(other) > 0 {
		return nil, &Trouble{Hint: "somebody has changed how the database works: see who can write to it",
			err: fmt.Errorf("not as mfabot makes it: %s", strings.Join(other, ", "))}
	}
	s.schema, err = value[int64](ctx, t, s.engine.number)
	return beside, err
}

// sameSchema returns a Trouble if the schema is another than when it was checked last.
func (s *Store) sameSchema(ctx context.Context, t *transaction) error {
	if s.schema == 0 {
		return nil
	}
	now, err := value[int64](ctx, t, s.engine.number) // asked without a table, which somebody may have put in its place
	if err != nil || now == s.schema {
		return err
	}
	_, err = checkSchema(ctx, s, t) // a VACUUM changes the number too
	return err
}

// What others may add to the schema of SQLite, by its kind.
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

// harmless is engine.harmless of SQLite.
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

// chained is the version of the schema that chained the audit.
const chained = 6

// The SQL of that version. It is here and not with the other migrations because the hashes are computed in
// between.
const (
	beforeChaining = `
		DROP INDEX audit_ref;
		ALTER TABLE audit RENAME TO audit_before;
		CREATE TABLE audit (
			id       INTEGER PRIMARY KEY,
			ref      TEXT   NOT NULL,
			seq      BIGINT NOT NULL,
			at       BIGINT NOT NULL,
			event    TEXT   NOT NULL,
			by       TEXT   NOT NULL,
			text     TEXT   NOT NULL,
			salt     TEXT   NOT NULL,
			digest   TEXT   NOT NULL,
			hash     TEXT   NOT NULL,
			redacted TEXT   NOT NULL,
			UNIQUE (ref, seq)
		);
		CREATE TABLE audit_head (
			ref    TEXT   NOT NULL PRIMARY KEY, -- * for that of all entries
			length BIGINT NOT NULL,
			hash   TEXT   NOT NULL,
			mac    TEXT   NOT NULL
		);`

	afterChaining = `
		DROP TABLE audit_before;
		CREATE TRIGGER audit_keep BEFORE DELETE ON audit BEGIN
			SELECT RAISE(ABORT, 'the audit is only added to');
		END;
		CREATE TRIGGER audit_redact BEFORE UPDATE ON audit
		WHEN NOT (NEW.by = '' AND NEW.text = '' AND NEW.salt = '' AND OLD.salt <> '' AND NEW.id = OLD.id AND NEW.ref = OLD.ref
			AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.event = OLD.event AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash)
		BEGIN
			SELECT RAISE(ABORT, 'an entry of the audit is only redacted');
		END;`
)

// chainAudit chains the entries that are there already.
func chainAudit(ctx context.Context, begun *sql.Tx) error {
	t := auditWriter{transaction: &transaction{begun: begun, seals: new(sealing)}} // without a key: see neverSealed
	if _, err := t.exec(ctx, beforeChaining); err != nil {
		return err
	}
	if err := t.chainBefore(ctx); err != nil {
		return err
	}
	_, err := t.exec(ctx, afterChaining)
	return err
}

// chainBefore copies the entries in order, a batch at a time.
func (t auditWriter) chainBefore(ctx context.Context) error {
	const batch = 1000
	heads := map[string]head{everything: {ref: everything}}
	var last int64
	scan := func(row scanner) (e intake.HistoryEntry, err error) {
		var at int64
		err = row.Scan(&last, &e.Ref, &at, &e.Event, &e.By, &e.Text)
		e.At = fromUnix(at)
		return e, err
	}
	for n := batch; n == batch; {
		entries, err := collect(ctx, t, scan, `
			SELECT id, ref, at, event, by, text FROM audit_before WHERE id > $1 ORDER BY id LIMIT $2`, last, batch)
		if err != nil {
			return err
		}
		for _, e := range entries {
			own, known := heads[e.Ref]
			if !known {
				own.ref = e.Ref
			}
			r, own, all, err := linked(e, own, heads[everything], t.key)
			if err != nil {
				return err
			}
			// The columns are those of this version: later ones are not there yet.
			if _, err := t.exec(ctx, `INSERT INTO audit (id, ref, seq, at, event, by, text, salt, digest, hash, redacted)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')`,
				r.id, r.ref, r.seq, r.at, r.event, r.by, r.text, r.salt, r.digest, r.hash); err != nil {
				return err
			}
			heads[e.Ref], heads[everything] = own, all
		}
		n = len(entries)
	}
	for _, h := range heads {
		if h.length == 0 {
			continue
		}
		if _, err := t.exec(ctx, `INSERT INTO audit_head (ref, length, hash, mac) VALUES ($1, $2, $3, '')`,
			h.ref, h.length, h.hash); err != nil {
			return err
		}
	}
	return nil
}
