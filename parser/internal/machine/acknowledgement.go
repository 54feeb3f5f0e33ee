package machine

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// How probable it must be, by what was learnt, that a machine wrote a text: whatever words it has; where it has none that
// people use of themselves or others; and where it also begins as an acknowledgement and says what machines say.
const (
	certainly = 0.7
	surely    = 0.6
	besides   = 0.25
	fewest    = 6 // words of such a text: people who write fewer sound like machines
)

// isAcknowledgement reports whether a message only says that another was received, or that nobody is there, as booking and
// ticket systems answer whatever comes, often with no field that says so. It has nothing that a person would add.
func (m *Message) isAcknowledgement() bool {
	if m.HasDocuments {
		return false
	}
	s := text.Simplify(mime.Shorten(strings.TrimSpace(text.Join(authorsLines(m.Lines))), maxText))
	if s == "" {
		return false
	}
	p := m.ByItself()
	if p <= besides {
		return false
	}
	s = strings.NewReplacer(text.Simplify(m.Subject), "", "\n", " ").Replace(quotation.ReplaceAllString(s, ""))
	if business.MatchString(s) || len(strings.Fields(s)) < fewest {
		return false
	}
	return p > certainly || !personal.MatchString(s) && (p > surely || looksAcknowledging(s))
}

// looksAcknowledging reports whether a text, in simple words, begins as an acknowledgement and says what machines say.
func looksAcknowledging(s string) bool {
	if !text.ContainsAny(s, ackWords) {
		return false
	}
	begins := ackBegins.FindStringIndex(s)
	if begins == nil {
		return false
	}
	return ackLabelled.MatchString(s) || ackMachine.MatchString(s[begins[1]:]) || ackMachine.MatchString(s[begins[0]:begins[1]])
}

// ackWords are the words of which ackBegins needs at least one.
var ackWords = []string{"thank", "receiv", "receipt", "automat", "auto", "acknowledg", "reached", "contacted", "logged", "created",
	"raised", "registered", "opened", "important", "above this line", "diolch", "derbyn", "awtomatig", "cyrraedd"}

var (
	// quotation is what an acknowledgement repeats of what it answers.
	quotation = regexp.MustCompile(`["“][^"”\n]{1,300}["”]|\[[^\]\n]{1,80}\]`)

	// ackBegins is the beginning of an acknowledgement, with a greeting above it.
	ackBegins = regexp.MustCompile(`^\W*(?:` + ackGreeting + `)?(?:` + ackLabel + `)?(?:` + ackGreeting + `)?(?:` +
		`(?:many )?(?:thank you|thanks)(?: very much| so much)?(?:,| -| -|:) (?:we(?:'ve| have)|your)\b.{0,40}\breceiv` +
		`|(?:many )?(?:thank you|thanks)(?: very much| so much)? for (?:contacting|e-?mailing|messaging|getting in touch|reaching out` +
		`|writing|submitting|taking the time|(?:the|your) (?:\w+ ){0,2}(?:e-?mail|message|enquir(?:y|ies)|inquiry|query|request` +
		`|correspondence|communication|submission|interest|report|contact|feedback))\b` +
		`|(?:we(?:'ve| have)?|this (?:(?:e-?mail|message|is|note|automat\w+ \w+) )+(?:to )?(?:confirms?|acknowledges?|let` +
		` you know|advise)` +
		`(?: (?:you )?that)?(?: we(?:'ve| have)?| your \w+(?: \w+)?)?|i can confirm we(?: have)?)(?: can confirm(?: that)? we have)? ` +
		`(?:(?:now|safely|successfully|just|has been|was) )*(?:received|receipt of|acknowledge(?: receipt of)?|confirm receipt` +
		`|are in receipt)` +
		`|(?:please accept this|this is) (?:\w+ ){0,3}(?:as )?(?:an? |our )?(?:\w+ )?(?:acknowledge?ment|confirmation of receipt)` +
		`|receipt of your \w+ (?:is|has been) (?:hereby )?(?:acknowledged|confirmed)` +
		`|your (?:recent )?(?:e-?mail|message|enquiry|inquiry|query|request|ticket|case|correspondence)\b[^.\n]{0,80}\b(?:(?:has` +
		` been|was|is) (?:safely |successfully |now )?(?:received|logged|registered|created|acknowledged|raised|assigned)` +
		`|has reached|reached` +
		`|is important)\b` +
		`|you(?:'ve| have) (?:reached|contacted|e-?mailed|written to)\b` +
		`|(?:a |an |your )?(?:new )?(?:\w+ )?(?:ticket|case|incident|job|call)\b[^.\n]{0,60}\bhas been (?:created|opened|logged|raised` +
		`|registered)|diolch am (?:gysylltu|eich|anfon|ysgrifennu|e-?bostio)|(?:rydym|rydyn ni|yr ydym) (?:ni )?wedi (?:derbyn|cael) eich` +
		`|mae eich (?:e-?bost|neges|ymholiad)\b.{0,20}\bwedi|derbyniwyd eich)`)
)

const (
	// ackGreeting matches a line or a few words of greeting.
	ackGreeting = `(?:dear|hi|hello|good (?:morning|afternoon|day)|helo|annwyl)\b[^.!\n]{0,60}?[,.!:\n ]\s*`

	// ackLabel matches what says of itself that a machine wrote it.
	ackLabel = `(?:[^\w.]*(?:(?:please note(?: that)?|nb)\W+)?(?:(?:this is|dyma) (?:an? )?)?(?:\[?auto(?:mat\w*)?[- ]?(?:generated )?` +
		`(?:e-?mail |message )?(?:acknowledge?ment|response|reply|repl(?:ies)|message|e-?mail|receipt|notification|responder)` +
		`|(?:ymateb|neges|ateb) awtomatig)\b[^.:!\n]{0,80}[.:!\]* \n-]*|[#\W]*please (?:type|write|enter) your reply above this line[\W]*` +
		`|[#\W]*reply above this line[\W]*)+`
)

var (
	// ackLabelled begins what says of itself that a machine wrote it.
	ackLabelled = regexp.MustCompile(`^\W*(?:` + ackGreeting + `)?` + ackLabel)

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
		`|\b(?:opening|office|working|normal|business) hours\b|\b(?:high|large|unprecedented) (?:volumes?|numbers?)\b|\bif your ` +
		`(?:\w+ ){1,3}is urgent\b|\b(?:in|for) an? (?:\w+ )?emergency\b|\b(?:call|dial|ring|phone) (?:999|111)\b` +
		`|\b(?:repl|respon)\w+ (?:\w+ ){0,4}(?:may|can|could|will) (?:take|be delayed)|\b(?:within|allow|up to` +
		`|in) (?:\w+ ){1,4}(?:working|business)` +
		` (?:days?|hours)|\babove this line\b|\bis being (?:reviewed|processed|looked|dealt)` +
		`|\bfel arfer byddwn|\bymateb(?:wn)? o fewn|\bpeidiwch ag (?:ymateb|ateb)\b|\bo fewn (?:\w+ ){1,3}(?:diwrnod|awr)|\bcyn gynted`)

	// personal is what a person says of themselves or of somebody.
	personal = regexp.MustCompile(`\b(?:i (?:am|was|have|had|will|would|can|could|do|did|think|need|hope|know|don't` +
		`|cannot|can't|shall|spoke|asked)|i'm|i've|i'll|i'd|he|she|his|him|her|attached|enclosed|attaching` +
		`|we (?:need|still|sent|think|thought|can't|cannot|don't|haven't|did|asked|would like|want|were)|our (?:nurse|pharmacist|dentist` +
		`|colleague` +
		`|manager|carer|doctor)|please (?:end|stop|cancel|remove|give|grant|add|go ahead|close|keep|take))\b`)
)
