package machine

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// isAcknowledgement reports whether a message only says that another was received, as booking and ticket systems
// answer whatever comes, often with no field that says so. It begins with that, says what no person says of an email
// of theirs, and nothing that a person would add.
func (m *Message) isAcknowledgement() bool {
	if m.HasDocuments {
		return false
	}
	s := text.Simplify(mime.Shorten(strings.TrimSpace(text.Join(authorsLines(m.Lines))), maxText))
	if !text.ContainsAny(s, ackWords) {
		return false
	}
	s = strings.NewReplacer(text.Simplify(m.Subject), "", "\n", " ").Replace(quotation.ReplaceAllString(s, ""))
	begins := ackBegins.FindStringIndex(s)
	if begins == nil {
		return false
	}
	rest := s[begins[1]:]
	return ackMachine.MatchString(rest) && !personal.MatchString(s) && !business.MatchString(s)
}

// ackWords are the words of which ackBegins needs at least one.
var ackWords = []string{"thank", "received", "receipt", "automat", "diolch"}

var (
	// quotation is what an acknowledgement repeats of what it answers.
	quotation = regexp.MustCompile(`["“][^"”\n]{1,300}["”]|\[[^\]\n]{1,80}\]`)

	// ackBegins is the beginning of an acknowledgement, with a greeting above it.
	ackBegins = regexp.MustCompile(`^\W*(?:(?:dear|hi|hello|good (?:morning|afternoon|day)|helo` +
		`|annwyl)\b[^.!\n]{0,60}?[,.!:\n ]\s*)?(?:this is an automat\w+ \w+[^.\n]{0,60}[.\n ]\s*)?` +
		`(?:(?:many )?(?:thank you|thanks) for (?:contacting|e-?mailing|getting in touch|reaching out|writing|submitting` +
		`|your (?:recent |kind )?(?:e-?mail|message|enquiry|inquiry|query|request|correspondence|communication|submission|interest))` +
		`|(?:we|this (?:is to confirm that we|email confirms that we|message confirms that we)|i can confirm we) (?:have ` +
		`|can confirm that we have )?(?:received|acknowledge(?: receipt of)?)` +
		`|your (?:recent )?(?:e-?mail|message|enquiry|inquiry|query|request|ticket|case|correspondence)[^.\n]{0,80}\b(?:has` +
		` been|was|is) (?:received|logged|registered|created|acknowledged)` +
		`|this is an automat|(?:a |your )?(?:new )?(?:support )?(?:ticket|case)\b[^.\n]{0,60}\bhas been (?:created|opened|logged|raised)` +
		`|diolch am (?:gysylltu|eich e-?bost|eich neges))`)

	// ackMachine is what only a machine says of what it has just been sent.
	ackMachine = regexp.MustCompile(`\bdo not (?:reply|respond) to this|\bdo not reply\b|` +
		`\bautomat(?:ed|ic|ically)[ -](?:generated|reply|response|message|e-?mail|acknowledgement|notification|sent)` +
		`|\bthis (?:mailbox|inbox|e-?mail (?:address|account|box)|account|address) is (?:not |only |regularly )?(?:monitored` +
		`|checked|manned|staffed|attended)` +
		`|\b(?:we|our (?:\w+ ){0,3}team|the (?:\w+ ){0,3}team|a member of (?:our|the) (?:\w+ ){0,3}(?:team|staff)|one of our` +
		` \w+|someone|somebody)\b[^.]{0,40}\b(?:respond|reply|get back|be in touch|come back|answer|contact you|be dealt` +
		` with|deal with|action|review)\b[^.]{0,60}` +
		`\b(?:within|as soon as|soon|shortly|in due course|working days?|business days?|hours)\b` +
		`|\b(?:e-?mails?|messages?|enquiries|queries|requests?)\b[^.]{0,40}\b(?:answered|responded to|dealt with|replied to` +
		`|processed|actioned|reviewed)\b[^.]{0,60}\b(?:within|as soon as|shortly|in due course|order` +
		`|working days?|business days?|hours)\b` +
		`|\band (?:we )?(?:will|aim to|shall) (?:get back|respond|reply|be in touch|come back|answer)\b` +
		`|\b(?:your )?(?:ticket|case|enquiry|job|call|incident)(?: reference)? (?:number|no\.?|id|ref\w*)\b|\b(?:ticket` +
		`|case) (?:has been|was) (?:logged|created|opened|raised)` +
		`|\b(?:your )?(?:e-?mail|message|enquiry|inquiry|query|correspondence) (?:has been|was) (?:received|logged` +
		`|registered|safely received|passed to|forwarded to|assigned)` +
		`|\bfel arfer byddwn|\bymateb(?:wn)? o fewn|\bpeidiwch ag ymateb`)

	// personal is what a person says of themselves or of somebody.
	personal = regexp.MustCompile(`\b(?:i (?:am|was|have|had|will|would|can|could|do|did|think|need|hope|know|don't` +
		`|cannot|can't|shall|spoke|asked)|i'm|i've|i'll|i'd|he|she|his|him|her|attached|enclosed|attaching)\b`)
)
