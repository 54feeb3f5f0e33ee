package request

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxJustify = 20 << 10 // justification kept
	maxPeople  = 50       // people asked for in one message
)
