package store

import (
	"context"
	"database/sql"
	"fmt"
)

// MaxReaders is maxReaders, for tests.
const MaxReaders = maxReaders

// Pools gives tests the connections.
func (s *Store) Pools() (write, read *sql.DB) { return s.write, s.read }

// MadeBy and WantedSchema are madeBy and wantedSchema, for tests.
func MadeBy(ctx context.Context, db *sql.DB) (map[string]string, error) {
	all, err := madeBy(ctx, reading{db, new(sealing)})
	made := make(map[string]string)
	for _, t := range all {
		made[t.String()] = t.text
	}
	return made, err
}
func WantedSchema() (map[string]string, error) { return wantedSchema() }

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
