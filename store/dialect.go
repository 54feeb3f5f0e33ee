package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// What SQLite and PostgreSQL do not have in common, and how the queries avoid it.
//
// Placeholders $1, $2 ... are numbered in the order of their first use, since SQLite numbers them so whatever
// they are called. One that is used again is bound once.
//
// Types are those that both know: TEXT, BIGINT and BOOLEAN. A truth is TRUE, FALSE or a bool that is bound,
// never 1 or 0. A time is a BIGINT (see unix). Bytes are bound and read as []byte: their column is a BLOB in
// SQLite and a BYTEA in PostgreSQL. A new number comes back by RETURNING. A TEXT may hold NUL in SQLite only.
//
// A row that may be there already is written by INSERT ... ON CONFLICT (key) DO UPDATE, with the new row as
// excluded.
//
// LIKE ignores the case of ASCII letters in SQLite, and not in PostgreSQL. Where case must not matter both sides
// are in lower(); elsewhere both have the same case anyway, as references do. ESCAPE names the escape.
//
// ORDER BY compares texts by their bytes in SQLite. PostgreSQL does so where the database's collation is C.
//
// No query locks rows: a transaction has SQLite's one writer from its beginning (_txlock).
//
// PRAGMA, VACUUM and the tables sqlite_* and pragma_* are SQLite's own. They stand in backup.go, inspect.go,
// migrate.go and Wipe only, which are about SQLite's file.

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
// statement only.
func isUnstorable(err error) bool {
	var refused sqlite3.Error
	return errors.As(err, &refused) && slices.Contains(unstorable(), refused.Code)
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
