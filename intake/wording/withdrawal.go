package wording

import (
	"regexp"
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

// maxWithdrawal is the longest text that can be a plain withdrawal, in words.
const maxWithdrawal = 80

// Withdrawal reports whether a text takes back what its author asked for. It is plain only if nothing in it
// hedges, asks, forbids or wants something in its place.
func Withdrawal(text string) Certainty {
	about, takes, plain := false, false, len(strings.Fields(text)) <= maxWithdrawal
	for _, s := range sentences(text) {
		here := takesBack.MatchString(s) || notNeeded.MatchString(s)
		if forbids.MatchString(s) {
			return No
		}
		takes, about = takes || here, about || here || mentionsTakingBack.MatchString(s)
		switch {
		case closer.MatchString(s):
		case hedged.MatchString(s), strings.Contains(s, "?") && !politely.MatchString(s),
			here && (somethingElse.MatchString(s) || limited.MatchString(s)), !here && goesOnWithIt.MatchString(s):
			plain = false
		}
	}
	switch {
	case takes && plain:
		return Plainly
	case about:
		return Perhaps
	}
	return No
}

// What somebody takes back, from the first word on; and that which can be nothing else.
const (
	it = `(?:(?:the|this|that|our|my|his|her|their|whole|entire|above|mfa|long[- ]term|exemption|exception|\w+'s) )*` +
		`(?:requests?|applications?|exceptions?|exemptions?|it|this|that|one|everything|ours)\b`
	theRequest = `(?:(?:the|this|that|our|my|his|her|their|whole|entire|above|mfa|long[- ]term|exemption|exception|\w+'s) )+` +
		`(?:requests?|applications?|exceptions?|exemptions?)\b`
	clauseEnd = `(?:[.,;:!?-]|$| (?:any ?more|any longer|now|after all|at all|as|because|since|for|and|so|he|she|they` +
		`|thanks|thank|please)\b)`
)

var (
	// takesBack is a sentence that asks to take the request back: "please cancel", "we would like to withdraw this".
	takesBack = regexp.MustCompile(`(?:^|[,;:-] ?|\b(?:please|pls|kindly|just|so|and|then|to|you|now|hereby|we|i|let's|thanks|` +
		`thank you|hi|hello|again|sorry|but|therefore)[, ]+)` +
		`(?:(?:cancel|withdraw|retract|rescind|scrap|drop|bin|discontinue|take back|call off) ` + it +
		`|(?:close|stop|delete|remove|disregard|ignore) ` + theRequest +
		`|(?:take|call) (?:it|this|that|(?:the|our|my|this) (?:request|application)) (?:back|off)\b` +
		`|(?:cancel|withdraw)(?: for now| please| thanks)?` + clauseEnd + `)`)

	// notNeeded says that nobody needs it now.
	notNeeded = regexp.MustCompile(`\b(?:no longer|no more) (?:needed|required|necessary|wanted)\b` +
		`|\b(?:no longer|don't|do not|doesn't|does not|won't|will not) (?:need|needs|require|requires|want|wants) ` +
		`(?:an? )?` + it + clauseEnd +
		`|\b(?:not|isn't|aren't) (?:needed|required|necessary|wanted) (?:any ?more|any longer|now|after all)\b` +
		`|\bno (?:longer an? |further )?need for ` + it + clauseEnd)

	// mentionsTakingBack is a sentence that may be about it: its author is asked.
	mentionsTakingBack = regexp.MustCompile(`\b(?:withdraw|cancel|retract)\b|\b(?:may|might|doesn't|does not|won't) (?:not )?need ` + it)

	// forbids says not to.
	forbids = regexp.MustCompile(`\b(?:don't|do not|didn't|did not|never|not|haven't|have not|why|who|nobody|without)\b` +
		`(?: \w+){0,3} (?:cancel|withdraw|retract|scrap|drop|close|stop|discontinue|disregard|ignore|delete|remove)(?:l?ed|ing|n)?\b`)

	// hedged is a sentence that leaves it open.
	hedged = regexp.MustCompile(`\b(?:might|(?:we|i|it|he|she|they|this|that) may|maybe|perhaps|possibly|probably|could be|` +
		`thinking|considering|wondering|wonder|if|unless|when|once|until|till|whether|unsure|not sure|depends|except|instead|` +
		`although|though|still|not yet|next (?:week|month|year)|shall we|should we|would (?:it|we) be|what happens|` +
		`how (?:do|can|would))\b`)

	// politely begins a question that asks to do it.
	politely = regexp.MustCompile(`^(?:[\w ,'-]{0,40}[ ,])?(?:can|could|would|will|please|may) (?:you|we|i|this|it|that` +
		`|our|the|someone|somebody)\b`)

	// limited is a sentence that takes back, and goes on to keep something.
	limited = regexp.MustCompile(`\b(?:cancel|withdraw|retract|rescind|scrap|drop|need\w*|required?)\b.*\b(?:but|however|only)\b`)

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
