package parser

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// The verbs of a Decision.
const (
	approve = "approve"
	reject  = "reject"
	info    = "info"
	revoke  = "revoke"
)

// keywords are the words that a command begins with, in lower case.
var keywords = map[string]string{
	"approve": approve, "approved": approve,
	"reject": reject, "rejected": reject,
	"info": info, "more info": info,
	"revoke": revoke, "revoked": revoke,
}

// courtesies may follow APPROVE on its line, with the sender's name after them.
var courtesies = []string{
	"many thanks", "thank you very much", "thanks very much", "thank you", "thanks", "with thanks", "cheers", "kind regards", "best wishes", "best regards", "regards",
}

// placeholders are what our own instructions give where a person should write something.
var placeholders = map[string]bool{"reason": true, "question": true, "your reason": true, "your question": true, "the reason": true, "the question": true, "text": true}

// decide reads the command on the first line of the newest text. It returns nil unless there is exactly one, nothing after it takes it
// back, and nothing about it is odd.
func decide(n newest, fromName string) *Decision {
	first := nextText(n.lines, 0)
	if first < 0 || n.adjacent || n.long {
		return nil
	}
	d := parseCommand(n.lines[first].text, fromName)
	if d == nil {
		return nil
	}
	rest := n.lines[first+1:]
	if hasCommand(rest, fromName) || hasCommand(n.tail, fromName) || takesBackBelow(n.tail, d.Verb) {
		return nil
	}
	if d.Verb == approve {
		if takesBack(rest, fromName) {
			return nil
		}
		return d
	}
	if startsTakingBack(rest) {
		return nil
	}
	d.Text = decisionText(d.Text, rest)
	if placeholders[strings.Trim(simplify(d.Text), "<>[](){}. ")] {
		return nil
	}
	return d
}

// parseCommand reads one line as a command, or returns nil.
func parseCommand(s, fromName string) *Decision {
	s, ok := commandText(s)
	if !ok {
		return nil
	}
	verb, rest := cutKeyword(s)
	switch verb {
	case "":
		return nil
	case approve:
		return parseApproval(rest, fromName)
	}
	text := strings.TrimLeft(rest, " .:,;-–—!")
	if rest != "" && !strings.ContainsAny(rest[:1], " .:,;-!") && !strings.HasPrefix(rest, "–") && !strings.HasPrefix(rest, "—") {
		return nil
	}
	if offersChoice(text) {
		return nil
	}
	return &Decision{Verb: verb, Text: text}
}

// parseApproval reads what follows APPROVE on its line: nothing, UNTIL with a date, or a courtesy.
func parseApproval(rest, fromName string) *Decision {
	bare := strings.Trim(rest, " .!:")
	if bare == "" {
		return &Decision{Verb: approve}
	}
	if m := untilRE.FindStringSubmatch(rest); m != nil {
		if _, err := time.Parse(time.DateOnly, m[1]); err != nil {
			return nil
		}
		return &Decision{Verb: approve, Text: "UNTIL " + m[1], Until: m[1]}
	}
	if courtesyRE.MatchString(rest) && isCourtesy(simplify(strings.TrimLeft(rest, " .,!:;-–—")), fromName) {
		return &Decision{Verb: approve}
	}
	return nil
}

var (
	untilRE    = regexp.MustCompile(`(?i)^:?\s+until:?\s+(\d{4}-\d{2}-\d{2})\s*[.!]*$`)
	courtesyRE = regexp.MustCompile(`^[ .,!:;–—-][\p{L} .,!;–—-]*$`)
)

// isCourtesy tells a phrase of courtesies, with words of the sender's name after it.
func isCourtesy(s, fromName string) bool {
	for _, c := range courtesies {
		if rest, ok := strings.CutPrefix(s, c); ok {
			rest = strings.Trim(rest, " .,!;-–—")
			return rest == "" || isName(rest, fromName)
		}
	}
	return false
}

// commandText makes a line comparable: full-width letters and odd blanks become plain ones, the asterisks that plain text has for
// bold go. It refuses characters that do not show, or that change the order in which others show.
func commandText(s string) (string, bool) {
	ok := true
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < 0x7f:
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Co, r),
			r == 0x115f, r == 0x1160, r == 0x2800, r == 0x3164, r == 0xffa0, r == unicode.ReplacementChar:
			ok = false
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if inner, bold := strings.CutPrefix(s, "*"); bold {
		if before, after, closed := strings.Cut(strings.TrimPrefix(inner, "*"), "*"); closed {
			s = before + strings.TrimPrefix(after, "*")
		}
	}
	return s, ok
}

// cutKeyword cuts a keyword off the front of a line.
func cutKeyword(s string) (verb, rest string) {
	word := leadingLetters(s)
	if strings.EqualFold(word, "more") {
		if next := leadingLetters(strings.TrimLeft(s[len(word):], " ")); isASCII(next) && strings.EqualFold(next, "info") {
			i := strings.Index(s, next)
			return info, s[i+len(next):]
		}
		return "", s
	}
	if !isASCII(word) {
		return "", s
	}
	return keywords[strings.ToLower(word)], s[len(word):]
}

func leadingLetters(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '_' {
			return s[:i]
		}
	}
	return s
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// offersChoice tells a text after REJECT or INFO that is another command, as when the choices are pasted back on one line.
func offersChoice(text string) bool {
	lower := strings.ToLower(text)
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "|") || strings.HasPrefix(text, "?") || strings.HasPrefix(lower, "or ") {
		return true
	}
	if verb, rest := cutKeyword(text); verb == approve || verb != "" && strings.Trim(rest, " .!?") == "" {
		return true
	}
	for word := range strings.FieldsFuncSeq(text, notLetter) {
		switch word {
		case "APPROVE", "APPROVED", "REJECT", "REJECTED":
			return true
		}
	}
	return false
}

func notLetter(r rune) bool {
	if r < 0x80 {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '\''
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// hasCommand tells whether one of the lines is a command of its own. Words such as "Info" begin sentences too: unless in capitals
// they need a colon or to stand alone.
func hasCommand(lines []textLine, fromName string) bool {
	for _, ln := range lines {
		s, _ := commandText(visible(ln.text))
		s = strings.TrimLeft(s, "-•>*·1234567890.) ")
		verb, rest := cutKeyword(s)
		if verb == "" {
			continue
		}
		word := s[:len(s)-len(rest)]
		alone := strings.Trim(rest, " .!?:") == ""
		if alone || strings.ToUpper(word) == word || strings.HasPrefix(strings.TrimSpace(rest), ":") || parseCommand(s, fromName) != nil && verb == approve {
			return true
		}
	}
	return false
}

// visible drops the characters that do not show.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// remarks are the words that a line below APPROVE may be made of besides courtesies and names. The list is closed: a reviewer
// who approves has little to add, and whatever else stands there may limit the approval or take it back.
var remarks = wordSet(`a all am an and approved are attached attachment best cheers clear clearly colleague complete confirm convincing criteria
	detailed dear document documents enough evidence excellent exception fine for from genuine good gp great happy have health helpful hi hello i i'm i've in is it it's
	kind letter letters looks me meets met my of ok okay on order our over pdf policy proper quick quickly read reason reasonable reasons regards received request requests
	reviewed risk assessment seen sending sent signed dated sincerely so strong submitting sufficient suitable support supporting supports sure team thank thanks that the their
	these they this those us valid very we well with wishes you your yours faithfully all's`)

// footers begin the lines of signatures that hold such words as take an approval back without meaning it.
var footers = []string{
	"please consider the environment", "think before you print", "consider the environment", "my working", "working hours", "working days", "working pattern",
	"i work ", "i do not work", "i don't work", "i am not in", "i'm not in", "part time", "part-time", "please note my working", "please do not feel", "please don't feel", "do not feel obliged", "i do not expect", "i don't expect",
	"if you have any", "for any quer", "for urgent", "for all urgent", "in an emergency", "out of hours", "this mailbox is not", "this inbox is not", "follow us", "visit us",
	"tel", "telephone", "phone", "mobile", "mob", "ext", "fax", "email", "e-mail", "web", "www", "http", "address",
}

// doubts are the words that take an approval back, or bind it to a condition, where they stand in what looks like a signature.
var doubts = wordSet(`not no nope never nor none cannot cant wont dont doesnt didnt isnt shouldnt without unless until untill till except excluding but however
	although though only if provided providing assuming subject condition conditional conditionally conditions pending once wait waiting hold actually sorry ignore
	disregard mistake mistaken oops correction cancel cancelled undo retract retracted withdraw withdrawn revoke revoked reject rejected rejecting rejection refuse
	refused refusing decline declined deny denied rather instead reconsider stop scrap hmm maybe perhaps might unsure doubt doubtful
	wrong thoughts approve approved await awaiting later yet still
	should unsigned missing expired invalid incomplete insufficient fake forged unclear max maximum month months week weeks days temporary temporarily
	leave when after before soon signs signed agrees agreed must needs confirms testing
	nicht kein keine nein non pas nid ddim nie nee inte ikke`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// takesBack tells whether what stands below APPROVE is more than courtesy: any line with a word that is not known to be harmless,
// up to the closing of a signature.
func takesBack(lines []textLine, fromName string) bool {
	for i, ln := range lines {
		s := simplify(ln.text)
		if signsOff(s) || isName(s, fromName) {
			return takesBackBelow(lines[i+1:], approve)
		}
		if s == "" || contactLine.MatchString(s) || isCourtesy(s, fromName) || startsWithAny(s, disclaimers) {
			continue
		}
		if strings.ContainsAny(s, "?？") || startsWithWord(s, []string{"is", "are", "have"}) || !isRemark(s, fromName) {
			return true
		}
	}
	return false
}

// contactLine is a line of a signature by itself: how to reach somebody. A bare number must be long, so that it is no date.
var contactLine = regexp.MustCompile(`^(?:(?:tel|telephone|phone|mobile|mob|ext|fax|direct|switchboard|[tm])[ .:]+[\d ()/+-]{3,}|(?:\+|0)(?:[ ()]*\d){9,}` +
	`|(?:(?:email|e-mail|web|[ew])[ .:]+)?(?:\S+@\S+|(?:https?://|www\.)\S+))$`)

// isRemark tells a line of nothing but remarks and the sender's name.
func isRemark(s, fromName string) bool {
	s = strings.NewReplacer("to me", "", "happy to", "").Replace(s)
	for w := range strings.FieldsFuncSeq(s, notLetter) {
		if !remarks[w] && !isName(w, fromName) {
			return false
		}
	}
	return true
}

// signsOff tells a closing after which only a signature is written.
func signsOff(s string) bool {
	s = strings.Trim(s, " ,.!-–")
	return strings.HasSuffix(s, "regards") || strings.HasSuffix(s, "wishes") || strings.HasPrefix(s, "yours ") || strings.HasSuffix(s, "sincerely")
}

// takesBackBelow tells whether a signature, or what stands below it, takes the decision back.
func takesBackBelow(lines []textLine, verb string) bool {
	for _, ln := range lines {
		s := simplify(ln.text)
		if startsWithAny(s, disclaimers) || starLine.MatchString(strings.TrimSpace(ln.text)) {
			return false
		}
		if isPostscript(s) || startsTakingBack([]textLine{ln}) {
			return true
		}
		if verb == approve && !startsWithAny(s, footers) && hasAnyWord(numbered.ReplaceAllString(s, ""), doubts) {
			return true
		}
	}
	return false
}

// numbered is "No. 5", of an address.
var numbered = regexp.MustCompile(`\bno\.? ?\d`)

var takingBack = []string{
	"actually", "wait", "sorry", "ignore", "please ignore", "scrap", "on second thought", "on reflection", "correction", "disregard", "please disregard", "changed my mind", "i changed my mind", "i've changed my mind", "hold on", "hang on", "no wait", "oops", "my mistake", "do not", "don't",
}

// startsTakingBack tells whether a line begins as people begin when they correct themselves.
func startsTakingBack(lines []textLine) bool {
	for _, ln := range lines {
		if startsWithWord(simplify(ln.text), takingBack) {
			return true
		}
	}
	return false
}

func hasAnyWord(s string, set map[string]bool) bool {
	for w := range strings.FieldsFuncSeq(s, notLetter) {
		if set[w] {
			return true
		}
	}
	return false
}

// decisionText is the text on the command's line and what follows it.
func decisionText(first string, rest []textLine) string {
	all := append([]textLine{{text: first}}, rest...)
	return cutBytes(joinLines(all), maxDecision)
}

// isWithdrawal tells whether the first line of the newest text is WITHDRAW and nothing else.
func isWithdrawal(n newest, fromName string) bool {
	first := nextText(n.lines, 0)
	if first < 0 || n.adjacent || n.long {
		return false
	}
	s, ok := commandText(n.lines[first].text)
	rest := n.lines[first+1:]
	return ok && isASCII(s) && strings.EqualFold(strings.TrimRight(s, ".! "), "withdraw") &&
		!hasCommand(rest, fromName) && !startsTakingBack(rest)
}

// sameDecision tells whether two readings of a message agree. The wording of a reason may differ, as plain text writes links out.
func sameDecision(a, b *Decision) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Verb == b.Verb && a.Until == b.Until
}
