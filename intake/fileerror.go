package intake

import "strconv"

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
