package reply

import (
	"regexp"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// takesBack reports whether what stands below APPROVE is more than comments, up to the closing of a signature.
func takesBack(lines []text.Line, fromName string) bool {
	var remark strings.Builder
	for i := range lines {
		s := lines[i].Simple()
		if signsOff(s) || isName(s, fromName) {
			return !onlyComments(remark.String(), fromName) || takesBackBelow(lines[i+1:], Approve, fromName)
		}
		if !contactLine.MatchString(s) && !isCourtesy(s, fromName) && !text.StartsWithAny(s, disclaimers) {
			remark.WriteString(lines[i].Text)
		}
		remark.WriteByte('\n')
	}
	return !onlyComments(remark.String(), fromName)
}

// contactLine is a line of a signature by itself: how to reach somebody. A bare number must be long, lest it
// be a date.
var contactLine = regexp.MustCompile(`^(?:(?:tel|telephone|phone|mobile|mob|ext|fax|direct|switchboard|` +
	`[tm])[ .:]+[\d ()/+-]{3,}|(?:\+|0)(?:[ ()]*\d){9,}` +
	`|(?:(?:email|e-mail|web|[ew])[ .:]+)?(?:\S+@\S+|(?:https?://|www\.)\S+))$`)

// signsOff reports whether a line is a closing after which only a signature is written.
func signsOff(s string) bool {
	s = strings.Trim(s, " ,.!-–")
	return strings.HasSuffix(s, "regards") || strings.HasSuffix(s, "wishes") || strings.HasPrefix(s,
		"yours ") || strings.HasSuffix(s, "sincerely")
}

// takesBackBelow reports whether a signature, or what stands below it, takes the decision back. An approval needs more: up
// to the first line that says how to reach somebody or what they are, each line must be one of a signature or a comment, as
// "Thanks." may end a letter and may begin one.
func takesBackBelow(lines []text.Line, verb, fromName string) bool {
	detailed, comments := verb != Approve, 0
	for i := range lines {
		s := lines[i].Simple()
		if isDisclaimer(s) || starLine.MatchString(strings.TrimSpace(lines[i].Text)) {
			return addsBelowDisclaimer(lines[i+1:], verb)
		}
		detailed = detailed || isDetail(s)
		adds := isPostscript(s) || startsTakingBack(lines[i:i+1])
		if verb == Approve && !adds && !isFooter(s) {
			adds = text.StartsWithWord(s, asking) || doubtful(s) || !detailed && !isOfSignature(&lines[i], fromName)
		}
		if !adds {
			continue
		}
		if comments++; comments > maxDetails || !onlyComments(lines[i].Text, fromName) {
			return true
		}
	}
	return false
}

// isDetail reports whether a line of a signature says how to reach somebody or what they are.
func isDetail(s string) bool {
	return strings.Contains(s, "|") || isContact(s) ||
		len(strings.Fields(s)) <= 8 && !strings.HasSuffix(s, ".") && text.HasAnyWord(s, posts)
}

// isOfSignature reports whether a line is one that a signature has above its details.
func isOfSignature(ln *text.Line, fromName string) bool {
	s, raw := ln.Simple(), strings.TrimSpace(ln.Text)
	switch {
	case raw == "", isName(s, fromName), isSender(raw, s, fromName), isClosing(s, fromName), isSentFrom(s, fromName),
		contactLine.MatchString(s), pictureLine.MatchString(raw), ruleLine.MatchString(raw), signatureDashes.MatchString(raw):
		return true
	case text.ContainsAny(s, signatureSentences), ln.Mark == text.Signature && !strings.HasSuffix(s, "."):
		return true
	}
	return isNamePlate([]text.Line{*ln}) && !strings.ContainsAny(s, "0123456789") && !text.StartsWithWord(s, sayings) &&
		strings.IndexFunc(s, unicode.IsLetter) >= 0
}

// sayings begin what a person says rather than what they are called.
var sayings = []string{"from", "for", "just", "this", "that", "the", "it", "is", "i", "he", "she", "they", "we", "all", "both", "some",
	"most", "one", "part", "have", "has", "was", "by", "on", "in", "to", "with", "at", "confirm", "verify", "call", "read",
	"get", "send", "see", "void", "draft"}

// addsBelowDisclaimer reports whether a short paragraph below the legal text speaks for the reviewer after
// all.
func addsBelowDisclaimer(lines []text.Line, verb string) bool {
	above := true // a blank line is above
	for i := range lines {
		s := lines[i].Simple()
		words := len(strings.Fields(s))
		alone := above && (i+1 == len(lines) || lines[i+1].Simple() == "")
		above = s == ""
		if !alone || words == 0 || words > 10 || isDisclaimer(s) || isFooter(s) {
			continue
		}
		if startsTakingBack(lines[i:i+1]) || verb == Approve && words <= 5 && doubtful(s) {
			return true
		}
	}
	return false
}

// doubtful reports whether a line has a word that takes an approval back. "First" does so only at the end of
// a line, as it names floors and posts too.
func doubtful(s string) bool {
	return text.HasAnyWord(numbered.ReplaceAllString(s, ""), doubts) || strings.HasSuffix(strings.TrimRight(s, ".! "), " first")
}

// doubts are the words that take an approval back, or tie it to a condition, in what looks like a signature.
var doubts = text.WordSet(`not no nope never nor none cannot cant wont dont doesnt didnt isnt shouldnt without unless
	until untill till except excluding but however although though only if provided providing assuming subject
	condition conditional conditionally conditions pending once wait waiting hold actually sorry ignore disregard
	mistake mistaken oops correction cancel cancelled undo retract retracted withdraw withdrawn revoke revoked reject
	rejected rejecting rejection refuse refused refusing decline declined deny denied rather instead reconsider stop
	scrap hmm maybe perhaps might unsure doubt doubtful wrong thoughts approve approved await awaiting later yet still
	should unsigned missing expired invalid incomplete insufficient fake forged unclear max maximum month months week
	weeks days temporary temporarily leave when after before soon signs signed agrees agreed must needs confirms
	testing nicht kein keine nein non pas nid ddim nie nee inte ikke
	na nac nad nag dim ni ond heb oni tan nes aros arhoswch arhosa peidiwch peidio paid canslo canslwch camgymeriad gamgymeriad
	anghywir anwybyddwch diystyrwch gwrthod gwrthodwch gwrthodwyd cymeradwywch cymeradwyo tynnwch tynnu dros_dro cyn ar_ôl ar_ol
	unwaith pan os ansicr efallai sori eto hytrach yn_lle newid newidiwch rhaid angen gofynnwch gwiriwch ffoniwch cysylltwch`)

// numbered is "No. 5", of an address.
var numbered = regexp.MustCompile(`\bno\.? ?\d`)

// asking begins the lines in which a reviewer wants something done before the approval counts.
var asking = []string{
	"can you", "could you", "would you", "will you", "please ask", "please check", "please get", "please call",
	"please ring", "please confirm", "please make sure", "please tell", "ask", "i will", "i'll", "i would", "i'd",
	"i want", "i need", "i have to",
	"let me", "let's", "make sure", "we need", "they need", "he needs", "she needs", "chase", "check with",
	"check that", "speak to", "he must", "she must", "they must",
	"allwch chi", "a allwch", "gallwch chi", "gofynnwch", "gwiriwch", "ffoniwch", "gwnewch yn siŵr", "rwyf angen", "rwy angen",
	"mae angen", "rhaid", "byddaf", "hoffwn", "dw i eisiau",
}

// footers begin the lines of signatures in which such words mean nothing.
var footers = text.Beginnings(
	"please consider the environment", "think before you print", "consider the environment", "my working",
	"working hours", "working days", "working pattern",
	"i work ", "i do not work", "i don't work", "i am not in", "i'm not in", "part time", "part-time",
	"please note my working", "please do not feel", "please don't feel", "do not feel obliged", "i do not expect",
	"i don't expect",
	"if you have any", "for any quer", "for urgent", "for all urgent", "in an emergency", "out of hours",
	"this mailbox is not", "this inbox is not", "follow us", "visit us",
)

// isFooter reports whether a line is one of a signature in which words of doubt mean nothing.
func isFooter(s string) bool {
	return text.StartsWithAny(s, footers) || text.StartsWithWord(s, reached)
}

// reached begin the lines that say how to reach somebody.
var reached = []string{
	"tel", "telephone", "phone", "mobile", "mob", "ext", "fax", "email", "e-mail", "web", "www", "http", "https", "address",
}

// startsTakingBack reports whether a line begins as people do when they correct themselves.
func startsTakingBack(lines []text.Line) bool {
	for _, ln := range lines {
		if text.StartsWithWord(text.Simplify(ln.Text), takingBack) {
			return true
		}
	}
	return false
}

var takingBack = []string{
	"actually", "wait", "sorry", "ignore", "please ignore", "scrap", "on second thought", "on reflection", "correction",
	"disregard", "please disregard", "changed my mind", "i changed my mind", "i've changed my mind", "hold on",
	"hang on", "no wait", "oops", "my mistake", "do not", "don't",
	"arhoswch", "aros", "peidiwch", "paid", "sori", "mae'n ddrwg", "anwybyddwch", "a dweud y gwir", "canslwch", "newid meddwl",
}

// Adds reports whether lines that stand below an approval say more than courtesy.
func (a Author) Adds(lines []text.Line) bool {
	own, tail := a.splitSignature(lines, true)
	return hasCommand(lines, a.Name) || takesBack(own, a.Name) || takesBackBelow(tail, Approve, a.Name)
}
