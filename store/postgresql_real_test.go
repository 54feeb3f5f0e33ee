//go:build real

package store_test

import (
	"testing"

	"mfabot/store"
	"mfabot/store/pgtest"
)

// TestRealPostgreSQL runs the contract: both engines promise the same.
func TestRealPostgreSQL(t *testing.T) {
	t.Parallel()
	pg := pgtest.Start(t)
	contract(t, func(t *testing.T) opener { return inServer(newIn(t, pg)) })
}

// TestRealPostgreSQLSchema: what is compared at a start is what the migrations make.
func TestRealPostgreSQLSchema(t *testing.T) {
	t.Parallel()
	writtenDown(t, inServer(newIn(t, pgtest.Start(t)))(t), "schema_postgresql.json")
}

// inServer opens a database of a server's.
func inServer(s store.Server) opener {
	return func(t *testing.T) *store.Store {
		t.Helper()
		return closing(t, must(s.Open(t.Context()))(t))
	}
}

// newIn is an empty database of a server's.
func newIn(t *testing.T, pg *pgtest.Server) store.Server {
	t.Helper()
	return store.Server{URL: pg.URL("mfabot", pg.Database(t))}
}
