package wording

import (
	"regexp"
	"slices"
	"strings"
)

// Certainty is how sure it is that a text means something.
type Certainty int

// The certainties.
const (
	No      Certainty = iota
	Perhaps           // its author must be asked
	Plainly
)

// The longest text that can be a plain withdrawal, and how much of it may be about something besides, such as why, in
// words.
const (
	maxWithdrawal = 80
	maxBesides    = 20
)

// Withdrawal reports whether a text takes back what its author asked for. It is plain only if all of it is about that,
// and nothing in it hedges, asks, forbids, or says that the exception is needed still, elsewhere, by somebody else or
// later.
func Withdrawal(text string) Certainty {
	about, takes, besides, plain := false, false, 0, len(strings.Fields(text)) <= maxWithdrawal
	for _, s := range sentences(text) {
		if forbids.MatchString(s) {
			return No
		}
		here, may := takesBack.MatchString(s) || notNeeded.MatchString(s), mentionsTakingBack.MatchString(s) || endsException.MatchString(s)
		takes, about = takes || here, about || here || may
		switch {
		case closer.MatchString(s), !here && !may && courteous(s):
			continue
		case here:
			plain = plain && !keeps(s)
		default:
			besides += len(strings.Fields(s))
			plain = plain && !goesOnWithIt.MatchString(s)
		}
		plain = plain && !hedged.MatchString(s) && !elsewhere.MatchString(s) && !needed(s) &&
			(!strings.Contains(s, "?") || politely.MatchString(s))
	}
	switch {
	case takes && plain && besides <= maxBesides:
		return Plainly
	case about:
		return Perhaps
	}
	return No
}

// KeepsRequest reports whether a text says that what its author asked for is not to be taken back.
func KeepsRequest(text string) bool {
	return slices.ContainsFunc(sentences(text), forbids.MatchString)
}

// keeps reports whether a sentence that takes something back is about something other than the request, or leaves a
// part of it.
func keeps(s string) bool {
	rest := ofException.ReplaceAllString(s, "")
	if at := takesBack.FindStringIndex(rest); at != nil {
		rest = rest[at[0]:]
	} else if at := notNeeded.FindStringIndex(rest); at != nil {
		if reported.MatchString(rest[:at[0]]) {
			return true
		}
		rest = rest[at[0]:]
	}
	return limited.MatchString(rest) || somethingElse.MatchString(s) || meanwhile.MatchString(s)
}

// needed reports whether a sentence says that something is needed: needs that it denies are none, and neither are those
// to do something.
func needed(s string) bool {
	if ellipsis.MatchString(s) && !denied.MatchString(strings.TrimRight(s, ".!")) {
		return true
	}
	for _, at := range needs.FindAllStringIndex(s, -1) {
		before := s[:at[0]]
		if i := strings.LastIndexAny(before, ",;:"); i >= 0 {
			before = before[i+1:]
		}
		if !denied.MatchString(before) && !notOfIt.MatchString(s[at[1]:]) {
			return true
		}
	}
	return false
}

// OfAnother reports whether a text that takes something back names somebody whose it is, other than a person.
func OfAnother(text string, p Person) bool {
	own := p.words()
	text = strings.NewReplacer("’", "'", "‘", "'").Replace(strings.Join(strings.Fields(text), " "))
	for _, m := range theirs.FindAllStringSubmatch(text, -1) {
		if name := strings.ToLower(strings.Join(m[1:], "")); !slices.Contains(own, name) && !nobody[name] {
			return true
		}
	}
	return false
}

// nobody are words in the place of a name that name nobody.
var nobody = wordSet("he she it we they i you this that the everyone everybody staff today yesterday monday mfa nhs nhsmail pharmacy" +
	" surgery practice home site thanks please now us there")

// What somebody takes back, from the first word on; and that which can be nothing else.
const (
	it = `(?:(?:the|this|that|our|my|his|her|their|whole|entire|above|mfa|long[- ]term|exemption|exception|\w+'s) )*` +
		`(?:requests?|applications?|exceptions?|exemptions?|it|this|that|one|everything|ours)\b`
	theRequest = `(?:(?:the|this|that|our|my|his|her|their|whole|entire|above|mfa|long[- ]term|exemption|exception|\w+'s) )+` +
		`(?:requests?|applications?|exceptions?|exemptions?)\b`
	takenBack = `(?:cancelled|canceled|withdrawn|retracted|closed|scrapped|dropped|discontinued|taken back|called off)\b`
	ended     = `be (?:\w+ )?(?:removed|revoked|rescinded|ended|terminated|undone|lifted|discontinued|deleted|taken (?:off|away)` +
		`|brought to an end)`
	itsException = `(?:(?:\w+'s|the|this|that|our|my|his|her|their|any|both|all|mfa|long[- ]term|current|existing|granted) )*` +
		`(?:exemptions?|exceptions?)`
	clauseEnd = `(?:[.,;:!?-]|$| (?:any ?more|any longer|now|after all|at all|because|since|and|he|she|they|thanks|thank|please` +
		`|so (?:he|she|they|we|it|i|you|please|can|could|that|this|the|no)` +
		`|as (?:he|she|they|we|it|i|you|the|our|my|his|her|their|this|that|there|all|both` +
		`|\w+(?: \w+)? (?:has|have|had|is|are|was|were|will|can|now|left|no|works|moved|retired|resigned)))\b)`
)

var (
	// takesBack is a sentence that asks to take the request back: "please cancel", "we would like to withdraw this".
	takesBack = regexp.MustCompile(`(?:^|[,;:-] ?|\b(?:(?:like|want|wish|need|have|decided|prefer|happy` +
		`|you|us|me|going|agreed|best|writing|ought) to|please|pls|kindly|just|so|and|then|you|now|hereby|we|i|let's|thanks|` +
		`thank you|hi|hello|again|sorry|but|therefore)[, ]+)` +
		`(?:(?:cancel|withdraw|retract|rescind|scrap|drop|bin|discontinue|take back|call off) ` + it +
		`|(?:close|stop|delete|remove|disregard|ignore) ` + theRequest +
		`|(?:take|call) (?:it|this|that|(?:the|our|my|this) (?:request|application)) (?:back|off)\b` +
		`|(?:cancel|withdraw)(?: for now| please| thanks)?` + clauseEnd + `)` +
		`|\b(?:can|could|may|should|like|want|please) ` + it + `(?: to)? (?:please |now )*be (?:please |now )*` + takenBack +
		`|\b` + it + ` (?:can|could|may|should)(?: please| now)* be(?: please| now)* ` + takenBack)

	// notNeeded says that nobody needs it now.
	notNeeded = regexp.MustCompile(`\b(?:no longer|no more) (?:needed|required|necessary|wanted)` + clauseEnd +
		`|\b(?:no longer|don't|do not|doesn't|does not|won't|will not) (?:need|needs|require|requires|want|wants) ` +
		`(?:an? )?` + it + clauseEnd +
		`|\b(?:not|isn't|aren't) (?:needed|required|necessary|wanted) (?:any ?more|any longer|now|after all)\b` +
		`|\bno (?:longer an? |further )?need for ` + it + clauseEnd)

	// mentionsTakingBack is a sentence that may be about it: its author is asked.
	mentionsTakingBack = regexp.MustCompile(`\b(?:withdraw|cancel|retract)\b|\b(?:no longer|no more) (?:needed|required` +
		`|necessary|wanted)\b` +
		`|(?:^|\b` + it + `)(?:'s| is| are)? ?(?:not|isn't|aren't) (?:needed|required|wanted)\b` +
		`|\b(?:may|might|no longer|don't|do not|doesn't|does not|won't|will not) (?:not )?(?:needs?|requires?|wants?) (?:an? )?` + it)

	// endsException is a sentence that has an exception ended, which reads much like one that has MFA switched off.
	endsException = regexp.MustCompile(`\b(?:remove|revoke|rescind|end|terminate|undo|lift|delete|discontinue|(?:take|turn|switch)` +
		` (?:off|away)) ` + itsException + `\b` +
		`|\b(?:take|turn|switch|get|call) ` + itsException + ` (?:[^ ]+ ){0,4}?(?:off|away|back)\b` +
		`|\b(?:can|could|may|should|must) ` + itsException + ` (?:[^ ]+ ){0,4}?(?:` + ended + `|come off)\b` +
		`|\b(?:exemptions?|exceptions?)\b(?: [^ ]+){0,6}? (?:can|could|may|might|should|must|to|will) (?:\w+ ){0,2}(?:` + ended +
		`|come off|go too|end)\b`)

	// forbids says not to.
	forbids = regexp.MustCompile(`\b(?:don't|do not|didn't|did not|never|not|haven't|have not|why|who|nobody|without` +
		`|no (?:wish|intention|plans?|reason|need))\b(?: \w+){0,3} (?:cancel|withdraw|retract|scrap|drop|close|stop` +
		`|discontinue|disregard|ignore|delete|remove)(?:l?ed|ing|n)?\b`)

	// hedged is a sentence that leaves it open.
	hedged = regexp.MustCompile(`\b(?:might|(?:we|i|it|he|she|they|this|that) may|maybe|perhaps|possibly|probably|could be|` +
		`thinking|i think|we think|i believe|i guess|i suppose|i understand|apparently|presumably|considering|wondering` +
		`|wonder|if|unless|when|once|until|till|whether|unsure|not sure|depends|except|instead|` +
		`although|though|still|not yet|next (?:week|month|year)|shall we|should we|would (?:it|we) be|what happens|` +
		`how (?:do|can|would))\b`)

	// politely begins a question that asks to do it.
	politely = regexp.MustCompile(`^(?:[\w ,'-]{0,40}[ ,])?(?:can|could|would|will|please|may) (?:you|we|i|this|it|that` +
		`|our|the|someone|somebody)\b`)

	// limited is what takes back, and goes on to keep something or takes back only a part.
	limited = regexp.MustCompile(`\b(?:but|however|only|except|apart from|other than|rather)\b` +
		`|^[^,;]{0,60}? (?:for|at|in|on|from|during|with|until|before|after) ` +
		`(?:the|an?|our|my|his|their|this|that|these|those|now|\w+days?|nights?|weekends?)\b`)

	// ofException says of a request what it is for.
	ofException = regexp.MustCompile(` for (?:the|an?|our|my|his|her|their|this) (?:\w+ ){0,2}` + exceptions + `\b`)

	// reported is before what somebody else says.
	reported = regexp.MustCompile(`\b(?:says?|said|tells?|told|thinks?|thought|believes?|reckons?|heard|according to|claims?|feels?)\b`)

	// meanwhile is in a sentence that takes back for a while.
	meanwhile = regexp.MustCompile(`\b(?:for now|for the (?:time being|moment)|at the moment|at present|currently|yet|temporarily)\b`)

	// elsewhere is in a sentence about a need at another time or place, or of another.
	elsewhere = regexp.MustCompile(`\b(?:later|in (?:the )?future|re-?appl(?:y|ies|ying)|re-?submit|on hold|pause|postpone` +
		`|(?:apply|ask|need|want|request|require|send|start|it|this|one) (?:\w+ )?again` +
		`|somebody else|someone else|anybody else|another (?:person|user|colleague|member|one|request|application)` +
		`|colleagues?|replacement` +
		`|successor|transfer\w*|pass(?:ed)? (?:it|this) (?:on|to)|elsewhere|only|except|apart from|other than` +
		`|(?:from|by|after|before|until) (?:next |the )*(?:january|february|march|april|may|june|july|august|september|october` +
		`|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|spring|summer|autumn|winter|new year)` +
		`|appointments?|meetings?|orders?|bookings?|deliver(?:y|ies)|subscriptions?|training)\b`)

	// needs are words of a need, denied or not.
	needs = regexp.MustCompile(`\b(?:needs?|requires?|wants?|(?:is|are|be|still|now|'s) (?:needed|required)|continues?|carr(?:y|ies) on` +
		`|(?:keeps?|uses?|using|rel(?:y|ies) on|depends? on) (?:it|this|(?:the|his|her|our|their) (?:request|` + exceptions + `)))\b` +
		`|^(?:needed|required)\b`)

	// denied is what stands before a need that there is not.
	denied = regexp.MustCompile(`(?:\b(?:not|no|never|nor|nobody|none|nothing|longer|cannot|without)\b|n't\b)(?: \w+){0,3} ?$`)

	// notOfIt follows a need that is none of an exception.
	notOfIt = regexp.MustCompile(`^(?: (?:you|us|me|him|her|them|this|it))? (?:to|any(?:thing|one|body)?|more information|nothing` +
		`|cancel\w*|withdraw\w*|clos\w+|remov\w+)\b`)

	// ellipsis ends a sentence that says of somebody that they do.
	ellipsis = regexp.MustCompile(`\b(?:does|do|will|would|is|are|has|have)[.!]*$`)

	// theirs is whose a request is, that is taken back.
	theirs = regexp.MustCompile(`\b([A-Z][\pL]+)'s (?:\w+ )?(?:requests?|applications?|exemptions?|exceptions?)\b` +
		`|\b(?:requests?|applications?|exemptions?|exceptions?|one|needed|required|need it|cancel it|cancel this|withdraw` +
		` it) for ([A-Z][\pL]+)` +
		`|\b([A-Z][\pL]+) (?:[A-Z][\pL]+ )?(?:no longer|doesn't|does not|won't|will not) (?:need|want|require)`)

	// somethingElse is in a sentence that takes back something other than the request, or wants another for it.
	somethingElse = regexp.MustCompile(`\b(?:emails?|e-mails?|messages?|letters?|forms?|files?|attachments?|appointments?` +
		`|24[- ]?h(?:ou)?rs?|` +
		`short[- ]term|temporary|old|previous|first|second|duplicate|new (?:one|form|request|application)|another|replace` +
		`|resubmit|start again)\b`)

	// goesOnWithIt asks for something beside the withdrawal.
	goesOnWithIt = regexp.MustCompile(`\b(?:please (?:go on|continue|carry on|proceed|keep|approve|add|give|grant|exempt)` +
		`|new request|another|` +
		`replace|resubmit|start again|24[- ]?hours?|short[- ]term)\b`)

	// closer is a courtesy that offers help or asks for a word.
	closer = regexp.MustCompile(`^(?:(?:and|so|but|please|do|just) )*(?:let (?:me|us) know|get in touch|contact|e-?mail` +
		`|call|ring|phone|shout)\b.* if\b` +
		`|^(?:if|should) (?:you|there|that)\b.*\b(?:questions?|queries|problems?|issues?|anything|further|else|ok|okay` +
		`|alright|information)\b`)
)
