package reply

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/text"
)

var (
	signatureDashes = regexp.MustCompile(`^(--|—|––|__)\s*$`)
	ruleLine        = regexp.MustCompile(`^(([-_=*~] ?){10,}|([—–―] ?){3,}|={2,4})$`)
	dashedName      = regexp.MustCompile(`^[-–—~/]\p{Lu}[\p{L}'’.-]*( \p{Lu}[\p{L}'’.-]*| de| van| von| der){0,3}$`)
	starLine        = regexp.MustCompile(`^(\* ?){10,}$`)
)

// splitSignature cuts the signature and what follows it off the sender's own lines. wrote says whether
// anything was written above them.
func (a Author) splitSignature(lines []text.Line, wrote bool) (own, tail []text.Line) {
	own, tail = a.cutSignature(lines, wrote)
	own, details := a.cutContacts(own)
	return own, append(details, tail...)
}

// cutSignature cuts off what begins with the mark of a signature: a closing, a name, dashes, a disclaimer.
func (a Author) cutSignature(lines []text.Line, wrote bool) (own, tail []text.Line) {
	own = make([]text.Line, 0, len(lines))
	below := &signatureReader{lines: lines, isField: a.IsField}
	fromName := text.Simplify(a.Name)
	for i := range lines {
		ln := lines[i]
		s := lines[i].Simple()
		raw := strings.TrimSpace(ln.Text)
		maybeRule := raw != "" && (raw[0] >= 0x80 || text.NotLetter(rune(raw[0])))
		switch {
		case s == "" && raw == "":
			own = append(own, ln)
			continue
		case ln.Mark == text.Signature:
			tail = append(tail, ln)
			continue
		case maybeRule && signatureDashes.MatchString(raw):
			return own, append(tail, lines[i:]...)
		case isDisclaimer(s), maybeRule && starLine.MatchString(raw):
			if wrote {
				return own, append(tail, lines[i:]...)
			}
			tail = append(tail, ln)
			continue
		case maybeRule && ruleLine.MatchString(raw) && below.endAtRule(i+1, wrote):
			return own, append(tail, lines[i:]...)
		case maybeRule && pictureLine.MatchString(raw):
			tail = append(tail, ln)
			continue
		case isSentFrom(s, fromName):
			if wrote {
				return withoutDash(own), append(tail, lines[i:]...)
			}
			tail = append(tail, ln)
			continue
		case !wrote && tail == nil && signsOff(s) && isClosing(s, fromName) && below.isSignature(i+1):
			return own, append(tail, lines[i:]...)
		case wrote && (isClosing(s, fromName) || isSender(raw, s, fromName) || maybeRule && dashedName.MatchString(raw)) &&
			below.isSignature(i+1):
			return own, append(tail, lines[i:]...)
		}
		wrote = true
		own = append(own, ln)
	}
	return own, tail
}

// withoutDash returns the lines without the dash at their end that some apps put before the line they add.
func withoutDash(own []text.Line) []text.Line {
	last := lastText(own)
	if last < 0 {
		return own
	}
	s := strings.TrimSpace(own[last].Text)
	if bare := strings.TrimRight(s, "-–—"); bare == "" || bare != s && strings.HasSuffix(bare, " ") {
		own = append(slices.Clone(own[:last]), text.Line{Text: strings.TrimSpace(bare), Doubt: own[last].Doubt})
	}
	return own
}

// isSentence reports whether a line says something, where the lines of a signature name people, places and
// numbers. The sentences that people keep in their signatures do not count.
func isSentence(s string) bool {
	if saysOfOthers(s) {
		return true
	}
	if strings.Contains(s, "|") || text.ContainsAny(s, signatureSentences) {
		return false
	}
	words := len(strings.Fields(s))
	return words >= 7 && strings.ContainsAny(s[len(s)-1:], ".?!") || words >= 25
}

// saysOfOthers reports whether a line gives an address as that of somebody other than the writer.
func saysOfOthers(s string) bool { return strings.Contains(s, "@") && text.HasAnyWord(s, aboutOthers) }

// aboutOthers are the words beside an address that make it that of somebody other than the writer.
var aboutOthers = text.WordSet("her his their she he they user colleague colleagues")

func isPostscript(s string) bool {
	return strings.HasPrefix(s, "ps ") || strings.HasPrefix(s, "ps:") || strings.HasPrefix(s,
		"p.s.") || strings.HasPrefix(s, "ps.") || strings.HasPrefix(s, "o.n.") || strings.HasPrefix(s, "on:")
}
