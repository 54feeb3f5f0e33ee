package parser

// Limits on what a hostile message could inflate, apart from what is limited where it is read.
const (
	maxWarnings = 40      // per message
	textPiece   = 4 << 10 // initial space for the text of a part
)
