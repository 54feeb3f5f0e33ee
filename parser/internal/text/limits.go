package text

// What a hostile message could make grow. Whatever lies beyond a limit is left out.
const (
	maxLines      = 50_000   // lines of text kept of one part
	maxMarks      = 20       // quote marks written before a line
	maxCells      = 8        // cells within cells that are read as parts of a row
	maxStyleBytes = 64 << 10 // of HTML searched for rules of its style sheet that hide text
)
