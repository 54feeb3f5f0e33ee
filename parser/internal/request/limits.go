package request

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxJustify = 20 << 10 // justification kept
	maxPeople  = 50       // people asked for in one message
	maxEntries = 200      // of a form, for a user each
	maxValues  = 40       // lines of the Reason field of one
	maxRest    = 1000     // lines beside the fields of a form
	maxCells   = 40       // in a row of a table
	longestRow = 4000     // bytes
)
