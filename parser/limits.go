package parser

// Everything that a hostile message could make grow. What lies beyond a limit is left out and the Message carries a warning.
const (
	maxMessageBytes = 160 << 20 // of one message, as it was sent
	maxHeaderBytes  = 256 << 10 // of the header of one part
	maxHeaderFields = 1000      // of the header of one part
	maxFieldBytes   = 64 << 10  // of one field
	maxFromBytes    = 4 << 10   // of the From field
	maxAddresses    = 200       // of one field
	maxReferences   = 100       // message identifiers of one field
	maxParameters   = 100       // of one Content-Type or Content-Disposition

	maxParts    = 1000 // of one message
	maxDepth    = 50   // of parts within parts
	maxMessages = 5    // of messages within messages, which are hashed at every level
	maxFiles    = 200  // of one message

	maxTextBytes   = 1 << 20   // decoded text kept of one message
	maxLines       = 50_000    // lines of text kept of one part
	maxNewText     = 100 << 10 // new text kept
	maxJustify     = 20 << 10  // justification kept
	maxDecision    = 8 << 10   // text of a decision
	maxCells       = 8         // cells within cells that are read as parts of a row
	maxStyleBytes  = 64 << 10  // of HTML searched for rules of its style sheet that hide text
	maxReportBytes = 64 << 10  // of a delivery report's machine-readable part
	maxSubjects    = 50        // people asked for in one message
	maxBounced     = 100       // recipients of one delivery report
	maxWarnings    = 40

	maxFilename = 120     // bytes of a file name
	maxSubject  = 1 << 10 // bytes of a subject
	maxName     = 200     // bytes of a display name

	lineBuffer = 64 << 10 // longest line read in one piece
	sniffBytes = 3072     // head of a file by which its type is told
)
