package reply

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	MaxNewText  = 100 << 10 // new text kept
	maxDecision = 8 << 10   // text of a decision
)
