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

	maxParts    = 1000     // of one message
	maxDepth    = 50       // of parts within parts
	maxPreamble = 64 << 10 // of a multipart, kept in case that its boundary never comes
	maxMessages = 5        // of messages within messages, which are hashed at every level
	maxFiles    = 200      // of one message

	maxWraps      = 3         // of files within files: winmail.dat, S/MIME, .msg
	maxHeldBytes  = 32 << 20  // of such files that are read out of order, held at one time
	maxProperties = 8 << 20   // of one list of properties in winmail.dat
	maxOLEEntries = 2500      // of streams and storages in one compound file
	maxASN1       = 16        // of elements within elements
	maxArchiveEnd = 256 << 10 // of an archive, where its list of contents is
	maxListed     = 5         // of the names in an archive that are told
	maxRTF        = 4 << 20   // of RTF, uncompressed
	maxRTFGroups  = 200       // of groups within groups in RTF
	longestUU     = 300       // line of a uuencoded file, its begin line included
	machineText   = 2 << 10   // of a message searched for a machine's words

	pdfBefore  = 2 << 10  // kept before a place of a PDF that says how it is encrypted
	pdfAfter   = 4 << 10  // and after it
	pdfWindows = 8        // of such places
	pdfTries   = 40       // to find the security handler in them
	pdfBlock   = 64 << 10 // searched at one time

	maxTextBytes   = 1 << 20   // decoded text kept of one message
	maxLines       = 50_000    // lines of text kept of one part
	maxNewText     = 100 << 10 // new text kept
	maxJustify     = 20 << 10  // justification kept
	maxDecision    = 8 << 10   // text of a decision
	maxMarks       = 20        // quote marks written before a line
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
	textPiece  = 4 << 10  // room for the text of a part to begin with
	sniffBytes = 3072     // head of a file by which its type is told
)
