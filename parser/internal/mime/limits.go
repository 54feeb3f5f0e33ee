package mime

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxMessageBytes = 160 << 20 // of one message, as sent
	maxHeaderBytes  = 256 << 10 // of the header of one part
	maxHeaderFields = 1000      // of the header of one part
	maxFieldBytes   = 64 << 10  // of one field
	maxFromBytes    = 4 << 10   // of the From field
	MaxAddresses    = 200       // of one field
	maxReferences   = 100       // message identifiers of one field
	maxParameters   = 100       // of one Content-Type or Content-Disposition

	maxParts    = 1000     // of one message
	maxDepth    = 50       // of parts within parts
	maxPreamble = 64 << 10 // of a multipart, kept in case its boundary never comes
	MaxMessages = 5        // of messages within messages, which are hashed at every level
	MaxFiles    = 200      // of one message

	MaxText    = 1 << 20 // decoded text kept from one message
	MaxSubject = 1 << 10 // bytes of a subject
	MaxName    = 200     // bytes of a display name

	lineBuffer = 64 << 10 // longest line read in one piece
)
