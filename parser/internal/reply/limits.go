package reply

const (
	MaxNewText  = 100 << 10 // new text kept
	maxDecision = 8 << 10   // text of a decision
)
