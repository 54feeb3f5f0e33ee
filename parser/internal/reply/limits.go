package reply

// What a hostile message could make grow. Whatever lies beyond a limit is left out.
const (
	MaxNewText  = 100 << 10 // new text kept
	maxDecision = 8 << 10   // text of a decision
)
