package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"mfabot/intake"
)

// MaxReaders is maxReaders, for tests.
const MaxReaders = maxReaders

// Pools gives tests the connections.
func (s *Store) Pools() (write, read *sql.DB) { return s.write, s.read }

// Exec runs a statement in the transaction.
func (t *Tx) Exec(ctx context.Context, query string) (sql.Result, error) { return t.exec(ctx, query) }

// AllColumns selects every column there is, with its table.
func AllColumns(s *Store) string {
	if s.engine.goose == goose.DialectPostgres {
		return `SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	return `SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'`
}

// MadeBy and WantedSchema are madeBy and wantedSchema, for tests.
func MadeBy(ctx context.Context, s *Store) (map[string]string, error) {
	all, err := s.engine.madeBy(ctx, reading{s.read, new(sealing)})
	made := make(map[string]string)
	for _, t := range all {
		made[t.String()] = t.text
	}
	return made, err
}
func WantedSchema(s *Store) (map[string]string, error) { return s.engine.wantedSchema() }

// VerifyTo is Verify with another size up to which all is checked.
var VerifyTo = verify

// Rehashed is what somebody without the key writes to make the hashes of a changed
// audit fit.
func Rehashed(ctx context.Context, db *sql.DB) (statements []string) {
	heads := map[string]head{}
	scan := func(row scanner) (e entry, err error) {
		err = row.Scan(&e.id, &e.ref, &e.seq, &e.at, &e.event, &e.digest, &e.until, &e.whom)
		return e, err
	}
	entries, err := collect(ctx, reading{db, new(sealing)}, scan,
		`SELECT id, ref, seq, at, event, digest, until, whom FROM audit ORDER BY id`)
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		e.hash = e.hashAfter(heads[e.ref].hash)
		heads[e.ref] = heads[e.ref].next(e.hash, e.hash, nil)
		heads[everything] = heads[everything].next(e.hash, hashOfAll(heads[everything].hash, e.hash), nil)
		statements = append(statements, fmt.Sprintf("UPDATE audit SET hash = '%s' WHERE id = %d", e.hash, e.id))
	}
	for ref, h := range heads {
		statements = append(statements, fmt.Sprintf("UPDATE audit_head SET hash = '%s' WHERE ref = '%s'", h.hash, ref))
	}
	return statements
}

// SealedColumns are the sealed columns of a table.
func SealedColumns(table string) []string {
	for _, kind := range sealedKinds() {
		if kind.table == table {
			return append(kind.columns, kind.later...)
		}
	}
	return nil
}

// Years is a sealed audit of years, for benchmarks: of Chains exceptions, of which the last Active are not over, and a checkpoint
// each time that Daily of them have begun.
type Years struct{ Chains, Active, Daily int }

// Write writes the audit and the exceptions, as the bot would in the end have written them.
func (y Years) Write(ctx context.Context, s *Store, now time.Time) error {
	heads := map[string]head{everything: {ref: everything}}
	active := make(map[string]standing)
	return s.Update(ctx, func(t *Tx) error {
		record := func(e intake.HistoryEntry) error {
			own, known := heads[e.Ref]
			if !known {
				own.ref = e.Ref
			}
			e.At = now
			r, own, all, err := linked(e, own, heads[everything], s.key)
			if err != nil {
				return err
			}
			heads[e.Ref], heads[everything] = own, all
			if r.until != 0 {
				active[r.ref] = standing{until: r.until, whom: r.whom}
			} else if r.ends() {
				delete(active, r.ref)
			}
			_, err = t.exec(ctx, `INSERT INTO audit (id, ref, seq, at, event, by, text, command, salt, digest, hash, redacted,
					until, whom)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13)`, r.id, r.ref, r.seq, r.at, r.event, r.by,
				r.text, r.command, r.salt, r.digest, r.hash, r.until, r.whom)
			return err
		}
		for i := range y.Chains {
			if err := y.begin(ctx, t, i, now, record); err != nil {
				return err
			}
			if over := i - y.Active; over >= 0 {
				if err := record(intake.HistoryEntry{Ref: y.ref(over), Event: intake.EventEnded, By: "mfabot"}); err != nil {
					return err
				}
			}
			if i%y.Daily > 0 {
				continue
			}
			text, err := json.Marshal(intake.Checkpoint{Day: fmt.Sprint(i / y.Daily), Entries: heads[everything].length,
				Chains: int64(len(heads) - 1), Root: heads[everything].hash, Active: rootOf(active)})
			if err == nil {
				err = record(intake.HistoryEntry{Ref: intake.CheckpointRef, Event: intake.EventCheckpoint, Text: string(text)})
			}
			if err != nil {
				return err
			}
		}
		for _, h := range heads {
			if _, err := t.exec(ctx, `INSERT INTO audit_head (ref, length, hash, mac) VALUES ($1, $2, $3, $4)`, h.ref, h.length, h.hash,
				h.mac); err != nil {
				return err
			}
		}
		return nil
	})
}

func (y Years) ref(i int) string { return fmt.Sprintf("LT-%d-%05d", 2017+i/100_000, i%100_000) }

// begin writes an exception, and what is on record of its beginning.
func (y Years) begin(ctx context.Context, t *Tx, i int, now time.Time, record func(intake.HistoryEntry) error) error {
	x := intake.Exception{Ref: y.ref(i), Category: intake.Long, State: intake.Ended, StartsAt: now, EndsAt: now.Add(time.Hour),
		User: intake.User{Email: fmt.Sprintf("user.number%d@pharmacy.test", i)}, SiteCode: "FA001", Reason: "accessibility"}
	if i >= y.Chains-y.Active {
		x.State = intake.Active
	}
	for _, e := range []intake.HistoryEntry{
		{Event: intake.EventComplete, By: "pharmacy@corner.test", Text: "A tremor in both hands."},
		{Event: intake.EventApprove, By: "asha@helpdesk.test", Until: x.EndsAt, User: x.User.Email},
		{Event: intake.EventWarning},
	} {
		e.Ref = x.Ref
		if err := record(e); err != nil {
			return err
		}
	}
	return t.AddException(ctx, &x)
}
