package machine

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxText        = 2 << 10  // text of a message searched for a machine's words
	MaxReportBytes = 64 << 10 // of a delivery report's machine-readable part
	maxSaid        = 500      // of what a server said, in a delivery report
	maxBounced     = 100      // recipients of one delivery report
)
