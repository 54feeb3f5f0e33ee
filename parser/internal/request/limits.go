package request

// What a hostile message could make grow. Whatever lies beyond a limit is left out.
const (
	maxJustify = 20 << 10 // justification kept
	maxPeople  = 50       // people asked for in one message
)
