package machine

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// readsAsReport reports whether a message with the subject of a delivery report, in simple words, also reads as one,
// as gateways write them from an address like any other: it gives the status of a delivery, or has a letter of ours, and
// nothing that a person would say of it.
func (m *Message) readsAsReport(subject string) bool {
	if replyOrForward.MatchString(subject) {
		return false
	}
	s := strings.ToLower(mime.Shorten(text.Join(ownWords(m.Lines)), maxText))
	s = ofServers.ReplaceAllString(quotation.ReplaceAllString(s, ""), "")
	if !failureText.MatchString(s) || !(strings.Contains(s, "@") && deliveryStatus.MatchString(s) || hasOurLetter(m.Root)) {
		return false
	}
	s = addressForm.ReplaceAllString(s, "@") // which may have a word of these
	return !writesOf.MatchString(s) && !ofRequests.MatchString(s)
}

// ownWords returns the lines of a report that are not of the header, or the text, of what it returns.
func ownWords(lines []text.Line) []text.Line {
	var out []text.Line
	for i := range lines {
		ln := &lines[i]
		switch s := strings.TrimSpace(ln.Text); {
		case i == maxOwn, returned.MatchString(s):
			return out
		case ln.Quote == 0 && !headerLine.MatchString(s):
			out = append(out, *ln)
		}
	}
	return out
}

// hasOurLetter reports whether a letter of this program is attached.
func hasOurLetter(p *mime.Part) bool {
	for _, child := range p.Children {
		if p.IsMessage() && child.Header.First("X-Mfabot") != "" || hasOurLetter(child) {
			return true
		}
	}
	return false
}

var (
	replyOrForward = regexp.MustCompile(`^(?:re|fwd?|aw|wg|tr|sv|vs|ateb|ymlaen) ?:`)

	// failureSubject says that something was not delivered.
	failureSubject = regexp.MustCompile(`\b(?:un-?deliver\w*|non-?deliver\w*|bounced?|(?:deliver\w*|e-?mail|mail` +
		`|message)\b.{0,40}\b(?:fail\w*` +
		`|reject\w*|refus\w*|block\w*|return\w*|not (?:be |been )?(?:deliver|sent|accept|relay)\w*|could ?n[o']t|delay\w*|error|problem` +
		`|unsuccessful|impossible|status|quarantin\w*)|(?:fail\w*|problem|error|unable|return\w*|reject\w*|block\w*)\b.{0,30}` +
		`\b(?:deliver\w*|e-?mail|mail|message|recipient))`)

	// failureText says it of a message or a recipient.
	failureText = regexp.MustCompile(`\b(?:un-?deliver\w*|not (?:be |been )?(?:deliver|sent|hand|accept|relay|pass|reach|get through)\w*` +
		`|fail\w*|reject\w*|refus\w*|bounced?|block\w*|return\w*|unable|could ?n[o']t|unknown|no (?:such )?(?:user|mailbox|recipient)` +
		`|does(?: not|n't) exist|did(?: not|n't) (?:reach|accept)|quarantin\w*|unzustellbar|non remis)\b`)

	// deliveryStatus is a status or a reply of a mail server (RFC 3463, RFC 5321), or what it says of an address.
	deliveryStatus = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b|\b[45][0-5]\d[ :-]+[a-z<#(]|\bsmtp\b|\bmx record|\b(?:user|recipient` +
		`|mailbox|address)\W{1,4}(?:unknown|rejected|not found|unavailable|is full|does(?: not|n't) exist|(?:couldn't|could not` +
		`|cannot|can't) be found)|\bremote (?:server|host|mta)|\bdiagnostic(?:-| )|\brecipients? or groups\b` +
		`|\be-?mail address you entered (?:couldn't|could not) be found`)

	// ofRequests has the words of a request, apart from those that a server has too.
	ofRequests = regexp.MustCompile(`\b(?:mfa|exceptions?|exempt\w*|authenticat\w+|withdraw)\b(?:[^@\w]|$)`)

	addressForm = regexp.MustCompile(`\S+@\S+`)

	// ofServers is how a server speaks of itself.
	ofServers = regexp.MustCompile(`\bour (?:\w+ )?(?:servers?|systems?|mail|gateway|polic(?:y|ies)|filters?|network|domain|security` +
		`|spam)\b`)

	headerLine = regexp.MustCompile(`(?i)^(?:from|to|cc|subject|date|sent|received|return-path|message-id|mime-version|content-[a-z]+` +
		`|x-[a-z-]+): `)
	returned = regexp.MustCompile(`(?i)^\W*(?:original message|this is a copy|-----original|(?:its|the|full|original)? ?` +
		`(?:message )?headers? (?:was|were|follows?)|begin forwarded|received: )`)

	// writesOf is what a person writes of themselves, of others, or to us. "We could not deliver" is a server's.
	writesOf = regexp.MustCompile(`\b(?:i(?:'m|'ve|'d)? (?:am|was|have|had|will|would|can|could|do|did|think|need|hope|know|don't` +
		`|tried|try|got|get` +
		`|sent|send|asked)|i'm|i've|i'd|we(?:'ve| have)? (?:got|get|keep|kept|need|sent|send|tried to (?:e-?mail|contact|write|send)` +
		`|received|had` +
		`|think|would|wanted)|we're|we've|our|my|he|she|his|him|her|someone|(?:can|could|would|will) you|please (?:can|could|would|help` +
		`|advise|give|add|confirm|let)|many thanks|thanks|regards|cheers|hi|hiya|dear (?:all|team|sirs?|colleagues?)` +
		`|why (?:is|are|do|does))\b`)
)
