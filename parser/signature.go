package parser

import (
	"regexp"
	"slices"
	"strings"
)

var (
	signatureDashes = regexp.MustCompile(`^(--|—|––|__)\s*$`)
	ruleLine        = regexp.MustCompile(`^([-_=*~]{10,}|[—–―]{3,}|={2,4})$`)
	dashedName      = regexp.MustCompile(`^[-–—~/]\p{Lu}[\p{L}'’.-]*( \p{Lu}[\p{L}'’.-]*| de| van| von| der){0,3}$`)
	starLine        = regexp.MustCompile(`^\*{10,}$`)
)

// splitSignature cuts the signature and what follows it off the sender's own lines.
// wrote tells whether anything was written above them.
func (a author) splitSignature(lines []textLine, wrote bool) (own, tail []textLine) {
	own = make([]textLine, 0, len(lines))
	below := &belowReader{lines: lines, isField: a.isField}
	fromName := simplify(a.name)
	for i := range lines {
		ln := lines[i]
		s := lines[i].simple()
		raw := strings.TrimSpace(ln.text)
		maybeRule := raw != "" && (raw[0] >= 0x80 || notLetter(rune(raw[0])))
		switch {
		case s == "" && raw == "":
			own = append(own, ln)
			continue
		case ln.mark == signature:
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
				return own, append(tail, lines[i:]...)
			}
			tail = append(tail, ln)
			continue
		case wrote && (isClosing(s, fromName) || isSender(raw, s, fromName) || maybeRule && dashedName.MatchString(raw)) && below.isSignature(i+1):
			return own, append(tail, lines[i:]...)
		}
		wrote = true
		own = append(own, ln)
	}
	own, details := a.cutContacts(own)
	return own, append(details, tail...)
}

// isClosing tells "Kind regards," alone on a line, twice in two languages, or with the sender's name after it.
func isClosing(s, fromName string) bool {
	if len(s) > 80 {
		return false
	}
	s = strings.TrimRightFunc(s, notLetter)
	for _, sep := range []string{"/", "|", " - ", " and ", " & "} {
		if first, second, both := strings.Cut(s, sep); both && isOneClosing(strings.TrimSpace(first), fromName) {
			return isOneClosing(strings.TrimSpace(second), fromName)
		}
	}
	return isOneClosing(s, fromName)
}

func isOneClosing(s, fromName string) bool {
	s = strings.TrimRight(s, " ,.!-–")
	for _, c := range closings.like(s) {
		rest, ok := strings.CutPrefix(s, c)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.!-") && isName(strings.TrimLeft(rest, " ,.!-"), fromName)) {
			return true
		}
		if ok && strings.HasSuffix(c, "regards") && strings.HasPrefix(rest, ",") && len(strings.Fields(rest)) <= 2 {
			return true // whoever signs
		}
	}
	return false
}

// isName tells a line that is nothing but words of the sender's display name, the first of them included.
func isName(s, fromName string) bool {
	name := simplify(fromName)
	for w := range strings.FieldsFuncSeq(s, notLetter) {
		if !strings.Contains(name, w) {
			return false
		}
	}
	words := strings.FieldsFunc(name, notLetter)
	said := strings.FieldsFunc(s, notLetter)
	if len(words) == 0 || len(said) == 0 || len(said) > len(words) {
		return false
	}
	for _, w := range said {
		if len(w) < 2 || !slices.Contains(words, w) {
			return false
		}
	}
	return true
}

// isSentence tells a line that says something, where the lines of signatures name people, places and numbers. The sentences that
// people keep in their signatures are none.
func isSentence(s string) bool {
	if saysOfOthers(s) {
		return true
	}
	if strings.Contains(s, "|") || containsAny(s, signatureSentences) {
		return false
	}
	words := len(strings.Fields(s))
	return words >= 7 && strings.ContainsAny(s[len(s)-1:], ".?!") || words >= 25
}

// saysOfOthers tells an address that is said to be somebody else's than the writer's.
func saysOfOthers(s string) bool { return strings.Contains(s, "@") && hasAnyWord(s, aboutOthers) }

// aboutOthers are words beside an address that make it somebody else's than the writer's.
var aboutOthers = wordSet("her his their she he they user colleague colleagues")

func isPostscript(s string) bool {
	return strings.HasPrefix(s, "ps ") || strings.HasPrefix(s, "ps:") || strings.HasPrefix(s, "p.s.") || strings.HasPrefix(s, "ps.")
}
