package sim

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// Driver returns SQLite running on this disk.
func (d *Disk) Driver() driver.Driver { return (*faulty)(d) }

type faulty Disk

// Open opens a database, for writing if its transactions begin immediately.
func (f *faulty) Open(dsn string) (driver.Conn, error) {
	d := (*Disk)(f)
	if err := d.living(); err != nil {
		return nil, err
	}
	if d.world.Faults.Strikes(DiskOpen) {
		return nil, sqlite3.Error{Code: sqlite3.ErrCantOpen}
	}
	c, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &diskConn{c.(*sqlite3.SQLiteConn), d, d.lives, strings.Contains(dsn, "_txlock=immediate"), false}, nil
}

// living returns an error if the process is gone.
func (d *Disk) living() error {
	if d.world.dead {
		return errDead
	}
	return nil
}

// codes are the SQLite errors for each kind of fault.
var codes = map[Fault]sqlite3.ErrNo{
	DiskFull: sqlite3.ErrFull, DiskFullUndone: sqlite3.ErrFull, DiskFullLong: sqlite3.ErrFull,
	DiskBusy: sqlite3.ErrBusy, DiskLockedLong: sqlite3.ErrBusy,
	DiskReadOnly: sqlite3.ErrReadonly, DiskReadOnlyLong: sqlite3.ErrReadonly,
	DiskIO: sqlite3.ErrIoErr, DiskIOUndone: sqlite3.ErrIoErr, DiskRows: sqlite3.ErrIoErr, DiskCommitLost: sqlite3.ErrIoErr,
}

func errorOf(f Fault) error { return sqlite3.Error{Code: codes[f]} }

// moody returns the error of a lasting fault.
func (d *Disk) moody() error {
	return errorOf(d.mood)
}

// diskConn is a connection to the database.
type diskConn struct {
	*sqlite3.SQLiteConn
	disk  *Disk
	life  int // the life of the process that opened it
	write bool
	sent  bool // the transaction records that letters were sent
}

// living returns an error if the process that opened the connection is gone, even if another is running now.
func (c *diskConn) living() error {
	if c.life != c.disk.lives {
		return errDead
	}
	return c.disk.living()
}

// BeginTx begins a transaction.
func (c *diskConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.strike("BEGIN", CrashStatement, DiskBusy, DiskIO); err != nil {
		return nil, err
	}
	if mood := c.disk.mood; c.write && (mood == DiskLockedLong || mood == DiskReadOnlyLong) {
		return nil, c.disk.moody()
	}
	c.sent = false
	t, err := c.SQLiteConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &diskTx{t, c}, nil
}

// manyStatements is far more than any run needs: beyond it, the bot is going round in circles.
const manyStatements = 200_000

// strike may make one of the faults strike before a statement, and returns its error; nil for none.
func (c *diskConn) strike(query string, kinds ...Fault) error {
	if err := c.living(); err != nil {
		return err
	}
	w := c.disk.world
	if c.disk.statements++; c.disk.statements > manyStatements {
		w.Violate("rests", "the bot does not come to rest: %d statements", c.disk.statements)
		w.Crash()
		return errDead
	}
	query = strings.TrimSpace(query)
	w.Trace.note("    sql ", query[:min(len(query), 70)])
	switch fault := w.Faults.Choose(kinds...); fault {
	case None:
		return nil
	case CrashStatement:
		w.Crash()
		return errDead
	case DiskFullUndone, DiskIOUndone:
		// SQLite may undo all of a transaction when one statement fails (lang_transaction.html, section 4);
		// statements after that are outside it.
		_, _ = c.SQLiteConn.ExecContext(context.Background(), "ROLLBACK", nil)
		return errorOf(fault)
	default:
		return errorOf(fault)
	}
}

// ExecContext runs a statement that changes something.
func (c *diskConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.strike(query, CrashStatement, DiskFull, DiskFullUndone, DiskBusy, DiskReadOnly, DiskIO, DiskIOUndone); err != nil {
		return nil, err
	}
	if c.disk.mood != None && c.changes(query) {
		return nil, c.disk.moody()
	}
	c.sent = c.sent || strings.Contains(query, "UPDATE outbound ") && strings.Contains(query, " sent_at = ")
	return c.SQLiteConn.ExecContext(ctx, query, args)
}

// changes reports whether a statement writes.
func (c *diskConn) changes(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	return c.write && (verb == "INSERT" || verb == "UPDATE" || verb == "DELETE")
}

// QueryContext runs a query, which may also change something.
func (c *diskConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	kinds := []Fault{CrashStatement, DiskBusy, DiskIO, DiskIOUndone, DiskRows}
	if c.changes(query) {
		kinds = append(kinds, DiskFull, DiskFullUndone)
	}
	err := c.strike(query, kinds...)
	var failed sqlite3.Error
	late := errors.As(err, &failed) && c.disk.world.Faults.last == DiskRows
	if err != nil && !late {
		return nil, err
	}
	if c.disk.mood != None && c.changes(query) {
		return nil, c.disk.moody()
	}
	rows, err := c.SQLiteConn.QueryContext(ctx, query, args)
	if err != nil || !late {
		return rows, err
	}
	return &diskRows{Rows: rows}, nil
}

// diskRows are rows of which the second cannot be read.
type diskRows struct {
	driver.Rows
	read int
}

// Next returns one row, or the error.
func (r *diskRows) Next(dest []driver.Value) error {
	if r.read++; r.read > 1 {
		return errorOf(DiskRows)
	}
	err := r.Rows.Next(dest)
	if errors.Is(err, io.EOF) {
		return errorOf(DiskRows)
	}
	return err
}

// diskTx is a transaction.
type diskTx struct {
	driver.Tx
	conn *diskConn
}

// Commit commits the transaction, or fails. Like SQLite's driver, it rolls back what could not be committed.
func (t *diskTx) Commit() error {
	if err := t.conn.living(); err != nil {
		return err
	}
	w := t.conn.disk.world
	w.Trace.note("    sql COMMIT")
	fault := w.Faults.Choose(CrashCommitBefore, CrashCommitAfter, DiskCommit, DiskCommitLost)
	switch {
	case fault == CrashCommitBefore:
		w.Crash()
		return errDead
	case fault == DiskCommit || t.conn.disk.mood != None:
		_ = t.Tx.Rollback()
		return sqlite3.Error{Code: Pick(w.dice, []sqlite3.ErrNo{sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrBusy})}
	}
	if err := t.Tx.Commit(); err != nil {
		return err
	}
	if t.conn.sent {
		w.Post.settled()
	}
	switch fault {
	case CrashCommitAfter:
		w.Crash()
		return errDead
	case DiskCommitLost:
		return errorOf(fault)
	}
	return nil
}

// Rollback rolls back the transaction.
func (t *diskTx) Rollback() error {
	if err := t.conn.living(); err != nil {
		return err
	}
	return t.Tx.Rollback()
}
