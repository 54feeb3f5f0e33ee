package intake

import (
	"errors"
	"strconv"
)

// ErrNotFound says that there is no such request, exception, message or code.
var ErrNotFound = errors.New("not found")

// ErrPurged says that something was kept for as long as the policy says, and is no longer.
var ErrPurged = errors.New("not kept any more")

// ErrStale says that a change was not made, because what it is based on has changed since it was read.
var ErrStale = errors.New("changed meanwhile")

// ErrNotNow says that an event does not fit the state: somebody else was faster,
// or the time for it is over.
var ErrNotNow = errors.New("that cannot be done in this state")

// IsRule reports whether an error is about what a message asks for, and not a
// fault of the database: it must not hold up the other messages.
func IsRule(err error) bool {
	return errors.Is(err, ErrNotNow) || errors.Is(err, ErrStale) || errors.Is(err, ErrNotFound)
}

// FileError is one thing that is wrong in a file an operator wrote: where it is, and what was expected there.
type FileError struct {
	File string
	Line int    // from 1; 0 when the file lacks the thing altogether
	Key  string // of a TOML file, or the column of a CSV file; may be empty
	Want string
}

// Error gives the place first, as compilers do: file:line: key: what was expected.
func (e *FileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where += ":" + strconv.Itoa(e.Line)
	}
	if e.Key != "" {
		where += ": " + e.Key
	}
	return where + ": " + e.Want
}
