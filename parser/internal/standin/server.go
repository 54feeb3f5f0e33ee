package standin

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

var (
	retrieval = regexp.MustCompile(`^retrieval using the (?:imap4?|pop3) protocol failed for the following messages?\b`)
	retrieve  = regexp.MustCompile(`^the (?:mail |e-?mail |exchange )?server ` +
		`(?:could ?n[o']t|could not|cannot|can't|was unable to|is unable to) retrieve the following message`)
	stillThere = regexp.MustCompile(`\bhas(?:n't| not) been deleted\b`)
	names      = regexp.MustCompile(`(?i)^\s*(subject|from)\s*:\s*(\S.*)`)
)

// ServerNote is what a mail server hands over in the place of a message that it cannot retrieve, as Exchange does. Both
// fields may be empty.
type ServerNote struct {
	Subject string // of that message
	From    string // as the note has it
}

// maxNamed bounds what is told of the message, in runes.
const maxNamed = 100

// ReadServerNote reads such a note. Nobody else's words stand before the server's.
func ReadServerNote(subject string, lines []text.Line) (n ServerNote, ok bool) {
	first := ""
	for i := range lines {
		if first == "" {
			first = apostrophes.Replace(lines[i].Simple())
		}
		m := names.FindStringSubmatch(lines[i].Text)
		switch {
		case m == nil:
		case strings.EqualFold(m[1], "From"):
			n.From = mime.Shorten(strings.TrimSpace(m[2]), maxNamed)
		default:
			n.Subject = mime.Shorten(strings.Trim(strings.TrimSpace(m[2]), `"“”`), maxNamed)
		}
	}
	return n, retrieval.MatchString(text.Simplify(subject)) || retrieval.MatchString(first) ||
		retrieve.MatchString(first) && stillThere.MatchString(apostrophes.Replace(plain(lines)))
}

var apostrophes = strings.NewReplacer("’", "'")
