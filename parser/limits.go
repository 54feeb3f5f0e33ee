package parser

const (
	maxWarnings = 40
	textPiece   = 4 << 10 // room for the text of a part to begin with
)
