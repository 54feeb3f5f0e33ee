package text

// Limits on what a hostile message could inflate. Anything beyond a limit is left out.
const (
	maxLines      = 50_000    // lines of text kept from one part
	maxMarks      = 20        // quote marks written before a line
	maxCells      = 8         // nested cells that are read as parts of a row
	maxTabs       = 16        // in a row
	maxStyleBytes = 256 << 10 // of style sheets read
	maxStyleRules = 4000      // that say how text is shown
	maxStyleDepth = 4         // of rules within rules
	maxLinks      = 100       // of one line that are told
	maxLinkText   = 300       // bytes of the words of a link
)
