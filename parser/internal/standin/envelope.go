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
	// Addressed means that it tells the reader so, even where nothing came by which to open it.
	Addressed bool
}

// maxEnvelope bounds the words of an envelope, with its advice to people who have none of the product's accounts.
const maxEnvelope = 300

const (
	mail   = `(?:e-?mails?|messages?|mail|communications?|envelopes?|correspondence)\b`
	secret = `\b(?:encrypted|protected|secured?)\b`
)

var (
	declares = regexp.MustCompile(
		`\b(?:received|got|been sent|sent you|sent to you|sends? you|shared|waiting|this is|you have|there is)\b[^.!?]*?` + secret +
			`[^.!?]*?\b` + mail + `|` + secret + `[^.!?]*?\b` + mail + `[^.!?]*\b(?:is|was|has been) (?:waiting|sent to you|shared)` +
			`|\bnew (?:\w+ )?` + secret + ` ` + mail + `|` + secret + ` this ` + mail + `|\brights[- ](?:protected|managed) ` + mail +
			`|\bcontents? (?:is|are) (?:encrypted|protected)\b` +
			`|\b` + mail + `[^.!?]*\b(?:is|was|were|has been|sent|delivered|been)\b[^.!?]*\b(?:encrypted|securely)\b` +
			`|\b` + mail + `[^.!?]*` + secret + ` (?:with|by|using|via|through)\b` +
			`|\b(?:via|using|through|with|by) (?:\w+ ){0,3}(?:secure messag\w+|secure e-?mail|(?:message|e-?mail) encryption)` +
			`|\bconfidential mode\b|\bsent you an? (?:\w+ )?confidential ` + mail + `|(?:` + secret + `|\bconfidential) ` +
			mail + ` from\b` +
			`|` + secret + ` (?:e-?mail|message|mail|messaging) (?:service|portal|cent(?:re|er)|system|notification)` +
			`|\b(?:neges|e-?bost) (?:amgryptiedig|dd?iogel)\b`)
	instructs = regexp.MustCompile(
		`\b(?:read|view|open|access|unlock|retrieve|decrypt|see|show|display|collect|download|pick up|darllen|agor)\b` +
			`[^.!?]*\b(?:` + mail + `|(?:attach\w*|it|here|links?|portal|browser|contents?|file|below|button|neges|e-?bost)\b)` +
			`|\b(?:sign|log|logging|signing) ?(?:in|on)\b|\bregister\b|\bone-time|\bpass ?code\b|\bauthenticate\b` +
			`|\bverify your (?:identity|e-?mail)|\bclick\b|\bcliciwch\b`)
	addressed = regexp.MustCompile(`\byou(?:'ve| have)? (?:just )?(?:received|got|been sent)|\bsent you\b` +
		`|\bthis (?:e-?mail|message|mail) (?:is|was|has been) (?:sent )?(?:encrypted|securely|protected)`)

	// ownQuestions are those that such a page asks in its reader's name.
	ownQuestions = regexp.MustCompile(`\b(?:why|how|what|where) (?:am|do|did|can|should|is|are)\b[^.!?]*\?`)

	// person is what a person says, who writes of somebody or to somebody.
	person = regexp.MustCompile(`\b(?:i|i'm|i've|i'd|my|he|she|his|her|we (?:have|had|got|received|sent|can|can't|cannot|need|would)` +
		`|our (?:site|pharmacy|staff|team|user|colleague)|please (?:can|could|would)|can (?:you|we)|could (?:you|we))\b`)
)

// ReadEnvelope reads what the text of a message says of an encrypted one.
func ReadEnvelope(lines []text.Line) Envelope {
	if !haveAny(lines, envelopeWords) || !haveAny(lines, mailWords) {
		return Envelope{}
	}
	s := plain(lines)
	if strings.Count(s, " ") > maxEnvelope {
		return Envelope{}
	}
	says := instructs.MatchString(s) && declares.MatchString(s)
	return Envelope{Says: says, Whole: says && !person.MatchString(ownQuestions.ReplaceAllString(s, "")),
		Addressed: says && addressed.MatchString(s)}
}

// mailWords and envelopeWords are the words of each of which declares needs one.
var mailWords = []string{"mail", "message", "neges", "e-bost", "ebost", "envelope", "communication", "correspondence", "contents", "messag"}

var envelopeWords = []string{"encrypt", "protected", "secure", "confidential", "amgryptiedig", "diogel"}

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

var envelopeName = regexp.MustCompile(`(?i)secure[-_ ]?(?:doc|message|mail|e-?mail|att|file|reader)|encrypt` +
	`|(?:protected|secured|confidential)[-_ ]?(?:message|mail|e-?mail)|message_zdm`)
