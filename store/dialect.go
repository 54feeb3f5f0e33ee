package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// What SQLite and PostgreSQL do not have in common, and how the queries avoid it.
//
// Placeholders $1, $2 ... are numbered in the order of their first use, since SQLite numbers them so whatever
// they are called. One that is used again is bound once.
//
// Types are those that both know: TEXT, BIGINT and BOOLEAN. A truth is TRUE, FALSE or a bool that is bound,
// never 1 or 0. A time is a BIGINT (see unix). Bytes are bound and read as []byte: their column is a BLOB in
// SQLite and a BYTEA in PostgreSQL. A new number comes back by RETURNING. A TEXT of PostgreSQL holds UTF-8 without NUL: see
// storable.
//
// A row that may be there already is written by INSERT ... ON CONFLICT (key) DO UPDATE, with the new row as
// excluded.
//
// LIKE ignores the case of ASCII letters in SQLite, and not in PostgreSQL. Where case must not matter both sides
// are in lower(); elsewhere both have the same case anyway, as references do. ESCAPE names the escape.
//
// ORDER BY compares texts by their bytes in SQLite. PostgreSQL does so where a column's collation is "C", as all are.
//
// No query locks rows: whoever writes is the only one from the beginning of the transaction (see engine). Rows are not read
// while another query runs in the same transaction, which PostgreSQL does not do.
//
// PRAGMA, VACUUM and the tables sqlite_* and pragma_* are SQLite's own. They stand in backup.go, inspect.go,
// migrate.go, Spare and Wipe only, which are about SQLite's file; the tables pg_* stand in the files of PostgreSQL.

// engine is what no query avoids.
type engine struct {
	goose      goose.Dialect
	migrations string // their folder
	inGo       []*goose.Migration
	// turn begins a transaction that writes: nobody else writes until it ends. Empty: BEGIN does.
	turn string
	// name selects what a transaction is known by once it has ended; empty where no commit is in doubt. committed is asked of one whose
	// commit was not answered.
	name      string
	committed func(ctx context.Context, db *sql.DB, name string) bool
	// redact takes from an entry of the audit, $2, its words, and leaves a mark, $1, in their place.
	redact string
	// parts selects what a schema is made of: its kind, name, table and text. made is what the migrations make.
	parts string
	made  []byte
	// number selects a number that is another once the schema is.
	number string
	// harmless returns those of what others have added to a schema that can change nothing of what the bot does.
	harmless func(ctx context.Context, db querier, added []thing) ([]string, error)
}

// commit commits a transaction. After an error it may have committed all the same, where that cannot be found out: nothing is promised.
func (e engine) commit(ctx context.Context, db *sql.DB, t *transaction) (err error) {
	var name string
	if e.name != "" {
		if name, err = value[string](ctx, t, e.name); err != nil {
			return err
		}
	}
	err = disconnected(t.begun.Commit())
	if lost := new(Trouble); name != "" && errors.As(err, &lost) && e.committed(ctx, db, name) {
		return nil
	}
	return err
}

// sqlite is SQLite. _txlock makes whoever begins to write the only one.
func sqlite() engine {
	return engine{
		goose: goose.DialectSQLite3, migrations: "migrations",
		inGo:   []*goose.Migration{goose.NewGoMigration(chained, &goose.GoFunc{RunTx: chainAudit}, nil)},
		redact: `UPDATE audit SET by = '', text = '', command = '', salt = '', redacted = $1 WHERE id = $2`,
		parts: `SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_schema
			WHERE type IN ('trigger', 'view') OR name NOT LIKE 'sqlite^_%' ESCAPE '^' AND name <> 'goose_db_version'`,
		made: schema, number: `PRAGMA schema_version`, harmless: harmless,
	}
}

// storable returns a value as it can be stored: in a text, what PostgreSQL does not take is replaced by U+FFFD.
func storable(v any) any {
	switch v := v.(type) {
	case string:
		return storableText(v)
	case nil, int64, int, bool, []byte, uint32:
		return v
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String { // a word of the domain
		return storableText(r.String())
	}
	return v
}

func storableText(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// storableAll is storable for the values of a query, in their place.
func storableAll(args []any) []any {
	for i, v := range args {
		args[i] = storable(v)
	}
	return args
}

// unix is how times are stored: in seconds, 0 for none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// list returns n placeholders after the first others of them: "$4, $5" for list(2, 3).
func list(n, others int) string {
	places := make([]string, n)
	for i := range places {
		places[i] = "$" + strconv.Itoa(others+i+1)
	}
	return strings.Join(places, ", ")
}

// isUnstorable reports whether a statement could not be run because of its values, so that the same may go well with
// others: they break a constraint, are too large or too many, or of another type than their column. SQLite undoes that
// statement only, and PostgreSQL what came since the last savepoint.
func isUnstorable(err error) bool {
	var refused sqlite3.Error
	if errors.As(err, &refused) {
		return slices.Contains(unstorable(), refused.Code)
	}
	var by *pgconn.PgError
	return errors.As(err, &by) && slices.Contains([]string{dataException, constraintViolation, limitExceeded}, by.Code[:2])
}

// unstorable are the result codes of such a statement. ErrError is the one of what is too many or too long a pattern: the
// queries themselves are right, as every one of them is run by the tests, and the schema is looked at first.
func unstorable() []sqlite3.ErrNo {
	return []sqlite3.ErrNo{sqlite3.ErrConstraint, sqlite3.ErrTooBig, sqlite3.ErrMismatch, sqlite3.ErrRange, sqlite3.ErrError}
}

// durable are the settings of the Store's connections. The queries are few: each connection prepares each of
// them once.
const durable = "_journal_mode=WAL&_synchronous=FULL&_secure_delete=on&_foreign_keys=on&_stmt_cache_size=100"

// onlyLooking are the settings of the connections of OpenToRead. They leave the journal mode as it is too.
const onlyLooking = "mode=rw&_query_only=true&_foreign_keys=on&_stmt_cache_size=100"

// openSQLite gives the settings in the DSN, so that every connection has them.
func openSQLite(d driver.Driver, file, settings string) *sql.DB {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: settings}
	return sql.OpenDB(&connector{d, u.String()})
}

// connector opens connections to one database.
type connector struct {
	driver driver.Driver
	dsn    string
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c *connector) Driver() driver.Driver                        { return c.driver }
