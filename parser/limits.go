package parser

// What a hostile message could make grow, apart from what is bounded where it is read.
const (
	maxWarnings = 40      // of one message
	textPiece   = 4 << 10 // room for the text of a part to begin with
)
