package standin

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

var (
	retrieval = regexp.MustCompile(`^retrieval using the (?:imap4?|pop3) protocol failed for the following messages?\b`)
	retrieve  = regexp.MustCompile(`^the (?:mail |e-?mail |exchange )?server (?:could ?n[o']t|could not|cannot|can't|was unable to|is unable to)` +
		` retrieve the following message`)
	stillThere = regexp.MustCompile(`\bhas(?:n't| not) been deleted\b`)
	names      = regexp.MustCompile(`(?i)^\s*(?:subject|from)\s*:\s*\S`)
)

// maxNamed bounds what is told of the message that a server cannot retrieve, in runes.
const maxNamed = 160

// OfServer reports whether a message is the note that a mail server, such as Exchange, hands over in the place of one that
// it cannot retrieve, and returns what the note says of that one. Nobody else's words stand before the server's.
func OfServer(subject string, lines []text.Line) (about string, ok bool) {
	first, said := "", plain(lines)
	var named []string
	for i := range lines {
		if first == "" {
			first = apostrophes.Replace(lines[i].Simple())
		}
		if names.MatchString(lines[i].Text) {
			named = append(named, strings.TrimSpace(lines[i].Text))
		}
	}
	ok = retrieval.MatchString(text.Simplify(subject)) || retrieval.MatchString(first) ||
		retrieve.MatchString(first) && stillThere.MatchString(apostrophes.Replace(said))
	return mime.Shorten(strings.Join(named, ", "), maxNamed), ok
}

var apostrophes = strings.NewReplacer("’", "'")
