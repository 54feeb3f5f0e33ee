package standin

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// Envelope is what the text of a message says of one that is shown elsewhere.
type Envelope struct {
	Says  bool // that there is such a message, and how to open it
	Whole bool // and no person says anything beside that
}

// maxEnvelope bounds the words of an envelope, with its advice to people who have none of the product's accounts.
const maxEnvelope = 600

const (
	mail    = `(?:e-?mails?|messages?|mail|communications?|envelopes?|correspondence|neges|e-?bost)`
	guarded = `(?:(?:password-?)?(?:encrypted|protected)|secured?|confidential|amgryptiedig|diogel)`
)

var (
	declares = regexp.MustCompile(`\b(?:received|got|have|has|sent|sending|shared|waiting|new|this is|there is|view|read|open|unlock|retrieve` +
		`|contains|anfon|derbyn)\b[^.!?]{0,60}?\b(?:encrypted|protected|secured?|amgryptiedig|diogel)\b[^.!?]{0,40}\b` + mail + `\b` +
		`|\b` + mail + `\b[^.!?]{0,60}\b(?:is|was|were|has been|sent|delivered|been)\b[^.!?]{0,40}\b(?:encrypted|securely|(?:protected|secured)` +
		` (?:with|by|using|via|through))` +
		`|\bconfidential mode\b|\b` + guarded + ` ` + mail + ` from\b|\b(?:encrypted|protected|secured?) (?:e-?mail|message|mail|messaging)` +
		` (?:service|portal|cent(?:re|er)|system|notification)`)
	instructs = regexp.MustCompile(`\b(?:read|view|open|access|unlock|retrieve|decrypt|see|display|collect|download|pick up|darllen|agor)\b` +
		`[^.!?]{0,60}\b(?:` + mail + `|attach\w*|it|here|links?|portal|browser|contents?|file|below|button)\b` +
		`|\b(?:sign|log|logging|signing) ?in\b|\bregister\b|\bone-time|\bpass ?code\b|\bauthenticate\b|\bverify your (?:identity|e-?mail)|\bclick\b`)
	single = regexp.MustCompile(`\b(?:i|i'm|i've|i'd|my|please (?:can|could|would)|can (?:you|we)|could (?:you|we))\b`)
)

// ReadEnvelope reads what the text of a message says of an encrypted one.
func ReadEnvelope(lines []text.Line) Envelope {
	s := plain(lines)
	if !text.ContainsAny(s, envelopeWords) || strings.Count(s, " ") > maxEnvelope {
		return Envelope{}
	}
	says := declares.MatchString(s) && instructs.MatchString(s)
	return Envelope{Says: says, Whole: says && !single.MatchString(s)}
}

// envelopeWords are the words of which declares needs at least one.
var envelopeWords = []string{"encrypt", "protected", "secure", "confidential mode", "amgryptiedig", "diogel", "confidential"}

// IsArmour reports whether lines are a message in the form of OpenPGP (RFC 9580 section 6.2) and nothing else.
func IsArmour(lines []text.Line) bool {
	i := text.NextWritten(lines, 0)
	return i >= 0 && strings.HasPrefix(strings.TrimSpace(lines[i].Text), "-----BEGIN PGP MESSAGE-----")
}

// IsEnvelope reports whether a web page that came as a file is such an envelope, by its name or by what it says. source
// is its beginning, said tells that the text beside it says so.
func IsEnvelope(name, source string, lines []text.Line, said bool) bool {
	return said || envelopeName.MatchString(name) || strings.Contains(strings.ToLower(source), "encrypt") || ReadEnvelope(lines).Says
}

var envelopeName = regexp.MustCompile(`(?i)secure[-_ ]?(?:doc|message|mail|e-?mail|att|file|reader)|encrypt|(?:protected|secured|confidential)` +
	`[-_ ]?(?:message|mail|e-?mail)|message_zdm`)
