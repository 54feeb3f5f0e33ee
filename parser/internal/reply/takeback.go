package reply

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// takesBack reports whether what stands below APPROVE is more than courtesy: any line with a word not known
// to be harmless, up to the closing of a signature.
func takesBack(lines []text.Line, fromName string) bool {
	for i, ln := range lines {
		s := text.Simplify(ln.Text)
		if signsOff(s) || isName(s, fromName) {
			return takesBackBelow(lines[i+1:], Approve)
		}
		if s == "" || contactLine.MatchString(s) || isCourtesy(s, fromName) || text.StartsWithAny(s, disclaimers) {
			continue
		}
		if strings.ContainsAny(s, "?？") || text.StartsWithWord(s, []string{"is", "are", "have"}) || !isRemark(s, fromName) {
			return true
		}
	}
	return false
}

// isRemark reports whether a line is nothing but remarks and the sender's name.
func isRemark(s, fromName string) bool {
	s = strings.NewReplacer("to me", "", "happy to", "").Replace(s)
	for w := range strings.FieldsFuncSeq(s, text.NotLetter) {
		if !remarks[w] && !isName(w, fromName) {
			return false
		}
	}
	return true
}

// remarks are the words that a line below APPROVE may hold besides courtesies and names. The list is closed:
// a reviewer who approves has little to add, and whatever else stands there may limit the approval or take it
// back.
var remarks = text.WordSet(`a all am an and approved are attached attachment best cheers clear clearly colleague
	complete confirm convincing criteria detailed dear document documents enough evidence excellent exception fine for
	from genuine good gp great happy have health helpful hi hello i i'm i've in is it it's kind letter letters looks
	me meets met my of ok okay on order our over pdf policy proper quick quickly read reason reasonable reasons
	regards received request requests reviewed risk assessment seen sending sent signed dated sincerely so strong
	submitting sufficient suitable support supporting supports sure team thank thanks that the their these they this
	those us valid very we well with wishes you your yours faithfully all's`)

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

// takesBackBelow reports whether a signature, or what stands below it, takes the decision back.
func takesBackBelow(lines []text.Line, verb string) bool {
	for i, ln := range lines {
		s := text.Simplify(ln.Text)
		if isDisclaimer(s) || starLine.MatchString(strings.TrimSpace(ln.Text)) {
			return addsBelowDisclaimer(lines[i+1:], verb)
		}
		if isPostscript(s) || startsTakingBack([]text.Line{ln}) {
			return true
		}
		if verb == Approve && !text.StartsWithAny(s, footers) && (text.StartsWithWord(s, asking) || doubtful(s)) {
			return true
		}
	}
	return false
}

// addsBelowDisclaimer reports whether a short paragraph below the legal text speaks for the reviewer after
// all.
func addsBelowDisclaimer(lines []text.Line, verb string) bool {
	above := true // a blank line is above
	for i := range lines {
		s := lines[i].Simple()
		words := len(strings.Fields(s))
		alone := above && (i+1 == len(lines) || lines[i+1].Simple() == "")
		above = s == ""
		if !alone || words == 0 || words > 10 || isDisclaimer(s) || text.StartsWithAny(s, footers) {
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
	testing nicht kein keine nein non pas nid ddim nie nee inte ikke`)

// numbered is "No. 5", of an address.
var numbered = regexp.MustCompile(`\bno\.? ?\d`)

// asking begins the lines in which a reviewer wants something done before the approval counts.
var asking = []string{
	"can you", "could you", "would you", "will you", "please ask", "please check", "please get", "please call",
	"please ring", "please confirm", "please make sure", "please tell", "ask", "i will", "i'll", "i would", "i'd",
	"i want", "i need", "i have to",
	"let me", "let's", "make sure", "we need", "they need", "he needs", "she needs", "chase", "check with",
	"check that", "speak to", "he must", "she must", "they must",
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
	"tel", "telephone", "phone", "mobile", "mob", "ext", "fax", "email", "e-mail", "web", "www", "http", "address",
)

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
}

// Adds reports whether lines that stand below an approval say more than courtesy.
func (a Author) Adds(lines []text.Line) bool {
	own, tail := a.splitSignature(lines, true)
	return hasCommand(lines, a.Name) || takesBack(own, a.Name) || takesBackBelow(tail, Approve)
}
