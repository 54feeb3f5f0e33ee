package request

const (
	maxJustify = 20 << 10 // justification kept
	maxPeople  = 50       // people asked for in one message
)
