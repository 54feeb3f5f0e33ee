package store

import (
	"errors"
	"syscall"

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

// Error is what SQLite, or the check, said.
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
