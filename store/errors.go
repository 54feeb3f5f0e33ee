package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// Trouble is a fault of the database itself, and not of what was asked of it.
type Trouble struct {
	// Passes says that the same may succeed later: the disk is full, or another process holds the lock.
	// Otherwise the file is damaged or not ours, and trying again is of no use.
	Passes bool
	Hint   string // what it means, and what an operator can do
	err    error
}

// Error is what the database, or the check, said.
func (t *Trouble) Error() string { return t.err.Error() }

// Unwrap returns the error that the trouble was found by.
func (t *Trouble) Unwrap() error { return t.err }

// Full is the trouble of a disk with too little room, in the words of err.
func Full(err error) *Trouble {
	t := hints[sqlite3.ErrFull]
	t.err = err
	return &t
}

// busy is the hint where somebody else is in the way.
const busy = "another process holds the database: see which, and whether it is stuck"

// hints say what is the matter, by SQLite's result codes.
var hints = map[sqlite3.ErrNo]Trouble{
	sqlite3.ErrFull:     {Passes: true, Hint: "the disk, or the quota on it, is full: make room"},
	sqlite3.ErrBusy:     {Passes: true, Hint: busy},
	sqlite3.ErrLocked:   {Passes: true, Hint: busy},
	sqlite3.ErrProtocol: {Passes: true, Hint: busy},
	sqlite3.ErrReadonly: {Passes: true, Hint: "the file cannot be written: " +
		"see whether its disk is mounted read-only, and who may write to it and to its folder"},
	sqlite3.ErrPerm: {Passes: true, Hint: "the file cannot be opened: see who may read and write it and its folder"},
	sqlite3.ErrCantOpen: {Passes: true, Hint: "the file cannot be opened: " +
		"see who may read and write it and its folder, and whether the disk is there and mounted for writing"},
	sqlite3.ErrIoErr:   {Passes: true, Hint: "the disk is failing: see the system's log"},
	sqlite3.ErrNomem:   {Passes: true, Hint: "the machine is short of memory"},
	sqlite3.ErrCorrupt: {Hint: "the file is damaged"},
	sqlite3.ErrNotADB:  {Hint: "the file is not a database"},
}

// TroubleOf returns the trouble with the database that caused an error; nil where something else did.
func TroubleOf(err error) *Trouble {
	var found *Trouble
	if errors.As(err, &found) {
		return found
	}
	var by *pgconn.PgError
	if errors.As(err, &by) {
		return troubleOfServer(by, err)
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return nil
	}
	code := e.Code
	if code == sqlite3.ErrIoErr && (e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT) {
		code = sqlite3.ErrFull // where SQLite does not say so: of the files beside the database
	}
	t, known := hints[code]
	if !known {
		return nil
	}
	t.err = err
	return &t
}

// The classes of PostgreSQL's codes (SQLSTATE) for what is wrong with the values of a statement.
const (
	dataException       = "22"
	constraintViolation = "23"
	limitExceeded       = "54"
)

// serverHints say what is the matter, by PostgreSQL's codes and, where they are not among these, by the classes of codes.
var serverHints = map[string]Trouble{
	"08": {Passes: true, Hint: unreached},
	"25006": {Passes: true, Hint: "the server only reads: it is a standby, or was told to. " +
		"See which server has taken its place, and whether the URL leads to that"},
	"28":    {Passes: true, Hint: "the server does not let mfabot in: see the role, its password, and the server's pg_hba.conf"},
	"3D000": {Passes: true, Hint: "the server has no such database: create it, as docs/postgresql.md says"},
	"3F000": {Passes: true, Hint: "there is no such schema: create it, as docs/postgresql.md says"},
	"40":    {Passes: true, Hint: busy},
	"42501": {Passes: true, Hint: "the role may not do that: grant it what docs/postgresql.md says"},
	"53":    {Passes: true, Hint: "the server is short of memory or connections: see its log"},
	"53100": {Passes: true, Hint: "the server's disk is full: make room"},
	"55":    {Passes: true, Hint: busy},
	"57":    {Passes: true, Hint: "the server is stopping, starting, or has broken off: see its log"},
	"58":    {Passes: true, Hint: "the server's disk is failing: see its log"},
	"XX001": {Hint: "the database is damaged"},
	"XX002": {Hint: "an index of the database is damaged: see REINDEX in PostgreSQL's manual"},
}

// unreached is the hint where the server cannot be reached.
const unreached = "the server cannot be reached, or has broken off: see whether it runs, and whether the network and the URL are right"

// troubleOfServer is TroubleOf for what a server of PostgreSQL's said.
func troubleOfServer(said *pgconn.PgError, err error) *Trouble {
	t, known := serverHints[said.Code]
	if !known && len(said.Code) > 2 {
		t, known = serverHints[said.Code[:2]]
	}
	if !known {
		return nil
	}
	t.err = err
	return &t
}

// disconnected returns an error of a query with the Trouble that it is, where it is the connection's. It returns others unchanged.
func disconnected(err error) error {
	var by *pgconn.PgError
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &by) {
		return err
	}
	var found *Trouble
	var network net.Error
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &found):
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, io.EOF),
		errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, sql.ErrConnDone):
		return &Trouble{Passes: true, Hint: unreached, err: err}
	}
	return err
}

// stale reports whether an error is that of a connection that had been broken off before it was used, such as all are after a failover:
// the next one may do. A server that cannot be reached is another matter.
func stale(err error) bool {
	var connect *pgconn.ConnectError
	var found *Trouble
	return errors.As(err, &found) && found.Hint == unreached && !errors.As(err, &connect)
}
