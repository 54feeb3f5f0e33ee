package intake

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrNotFound says that there is no such request, exception, message or code.
var ErrNotFound = errors.New("not found")

// ErrPurged says that something is gone, since its time under the policy was over.
var ErrPurged = errors.New("not kept any more")

// ErrStale says that a change was not made, since what it is based on has changed meanwhile.
var ErrStale = errors.New("changed meanwhile")

// ErrNotNow says that an event does not fit the current state: somebody else was faster, or it comes too
// late.
var ErrNotNow = errors.New("that cannot be done in this state")

// Miswritten is what an operator gave that can mean nothing, whatever is on record: no address, reason or site.
type Miswritten string

// Error says what was given, and what was expected.
func (m Miswritten) Error() string { return string(m) }

// Miswrittenf is a Miswritten of a format.
func Miswrittenf(format string, args ...any) Miswritten {
	return Miswritten(fmt.Sprintf(format, args...))
}

// NotAnAddress returns a Miswritten for what should be an email address.
func NotAnAddress(given string) Miswritten {
	return Miswritten(fmt.Sprintf("%q is not an email address: expected one such as sam@example.org", given))
}

// ErrUnstorable says that a statement could not be run because of what was to be stored: it gives a key twice, say. The
// Savepoint around it has undone what was done inside, and the transaction goes on.
var ErrUnstorable = errors.New("it cannot be stored")

// ErrDatabase says that a transaction failed because of the database itself, whatever was to be stored.
var ErrDatabase = errors.New("the database failed")

// IsRule reports whether err is about what one message asks for, rather than a fault of the database: it must
// not hold up other messages.
func IsRule(err error) bool {
	return errors.Is(err, ErrNotNow) || errors.Is(err, ErrStale) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnstorable)
}

// FileError is one mistake in a file that an operator wrote: where it is, and what was expected there.
type FileError struct {
	File string
	Line int    // from 1; 0 when the file does not contain the thing at all
	Key  string // of a TOML file, or the column of a CSV file; may be empty
	Want string
}

// Error gives the position first, as compilers do: file:line: key: what was expected.
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
