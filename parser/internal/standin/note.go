package standin

import (
	"regexp"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// Note is what a note of a mail gateway says of the file in whose place it stands.
type Note uint8

// The notes.
const (
	NoNote     Note = iota
	TakenAway       // it was taken away, or changed
	Waiting         // it is still being checked
	Disclaimer      // nothing: it is what the gateway adds to every message
)

// Why says why such a note is no evidence, and what to do. product is whose note it is; empty if unknown.
func (n Note) Why(product string) string {
	switch n {
	case TakenAway:
		return "It is a note that a mail gateway" + named(product) + " put in the place of a file or beside it, not a document: " +
			"if a document is missing, send it again as PDF."
	case Waiting:
		return "It is a note by a mail gateway" + named(product) + " that still checks a file, which has not come: send the " +
			"document again."
	case Disclaimer:
		return DisclaimerMark + " that a mail gateway" + named(product) + " attached, not a document: if a document is missing, " +
			"send it again as PDF."
	case NoNote:
	}
	return ""
}

// DisclaimerMark begins the reason why a disclaimer is no evidence.
const DisclaimerMark = "It is a disclaimer"

// WhyTaken says why a file that the text of a message names as taken out of it is no evidence.
func WhyTaken(product string) string {
	return "A mail gateway" + named(product) + " took it out of the message: send it again as PDF."
}

func named(product string) string {
	if product == "" {
		return ""
	}
	return " (" + product + ")"
}

// maxNote bounds the words of a note, and shortNote those of one that says nothing else.
const (
	maxNote   = 400
	shortNote = 40
)

// ReadNote tells what a small text file, or a message attached as one, is a note of. disclaims is set where it says
// nothing but what stands below messages.
func ReadNote(name string, lines []text.Line, disclaims bool) Note {
	s := plain(lines)
	if strings.Count(s, " ") > maxNote {
		return NoNote
	}
	called := calledNote(name)
	switch {
	case waits.MatchString(s) && aboutFiles.MatchString(s):
		return Waiting
	case saysTaken(s):
		return TakenAway
	case (disclaims || fromOutside.MatchString(s)) && !personal.MatchString(s),
		called && belowMail.MatchString(name):
		return Disclaimer
	case called:
		return TakenAway
	}
	return NoNote
}

var belowMail = regexp.MustCompile(`(?i)disclaimer|footer|signature|banner|external`)

// plain is the text of lines as one, in lower case and without the dots in names of files and hosts, so that a full stop
// ends a sentence; so does a blank line.
func plain(lines []text.Line) string {
	var b strings.Builder
	for i := range lines {
		if s := lines[i].Simple(); s != "" {
			b.WriteString(plainDots(s) + " ")
		} else {
			b.WriteString(". ")
		}
	}
	return strings.TrimSpace(b.String())
}

// plainDots writes a low line for each dot within a word.
func plainDots(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	b := []byte(s)
	for i := 1; i < len(b)-1; i++ {
		if b[i] == '.' && inWord(b[i-1]) && inWord(b[i+1]) {
			b[i] = '_'
		}
	}
	return string(b)
}

func inWord(c byte) bool {
	return c >= 0x80 || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("_-()", c) >= 0
}

// haveAny reports whether one of the words stands in a line.
func haveAny(lines []text.Line, words []string) bool {
	for i := range lines {
		if text.ContainsAny(lines[i].Simple(), words) {
			return true
		}
	}
	return false
}

// What notes are about, and what was done to it. Names of files are as plain writes them.
const (
	documentExts = `pdf|docx?|docm|rtf|odt|pages|xlsx?|pptx?|txt|eml|msg|zip|jpe?g|png|heic|heif|tiff?|gif|webp|bmp`
	fileNamed    = `\w_(?:` + documentExts + `)\b`
	attachments  = `(?:attach(?:ment|ed (?:file|document|item))s?(?:\(s\))?|atodiad(?:au)?)`
	thisMail     = `\b(?:this|the|your|an) (?:e-?mail|message)(?:'s)?\b`
	files        = `(?:\b(?:files?|documents?|ffeil(?:iau)?)\b|` + fileNamed + `|\b(?:parts?|contents?|components?) of ` + thisMail + `)`

	was       = `\b(?:was|were|is|are|has|have|had|been|being|be|got|cafodd|wedi)\b`
	takenAway = `\b(?:removed|deleted|replaced|quarantined?|blocked|stripped|withheld|detached|scrubbed|discarded|dropped` +
		`|saniti[sz]ed|disinfected|cleaned|neutrali[sz]ed|disarmed|infected|defanged|d?tynnu|dynnu|d?dileu|gwarantin)\b`
	keptBack = `\b(?:held|on hold|rejected|restricted|suppressed|converted|unsafe|malicious|suspicious|harmful|prohibited|too large` +
		`|checked|scanned|(?:moved|uploaded) to|not (?:be )?(?:allowed|permitted|delivered|accepted|scanned|checked|cleaned))\b`
	altered = `\b(?:verified|validated|checked|altered|modified|not (?:be )?(?:allowed|permitted|delivered|scanned))\b`
	harm    = `\b(?:malware|virus(?:es)?|threats?|trojans?|worms?|phish(?:ing)?|malicious (?:code|content|software)|firws|maleiswedd)\b`
)

var (
	// attachmentTaken, fileTaken and fileGone say what was done, in sentences that may be about other things than mail.
	attachmentTaken = regexp.MustCompile(`\b` + attachments + `\b[^.!?]*` + was + `[^.!?]*(?:` + takenAway + `|` + keptBack + `)`)
	fileTaken       = regexp.MustCompile(`(?:` + files + `|` + thisMail + `|\bsignature)[^.!?]*` + was + `[^.!?]*(?:` + takenAway + `|` +
		altered + `)`)
	fileGone       = regexp.MustCompile(`\b(?:removed|deleted|stripped|quarantined|blocked)\b[^.!?]*` + fileNamed)
	attachmentGone = regexp.MustCompile(takenAway + `[^.!?]*\b` + attachments)
	taking         = regexp.MustCompile(takenAway + `[^.!?]*\b(?:` + attachments + `|` + files + `)`)
	harmSeen       = regexp.MustCompile(harm + `[^.!?]*\b(?:detected|found|discovered|identified|removed|cleaned)\b|` +
		`\b(?:detected|found|contain(?:s|ed)?|infected (?:with|by)|carr(?:y|ied|ies))\b[^.!?]*` + harm)

	// gateway is what such notes name that letters about people do not.
	gateway = regexp.MustCompile(`\b(?:mail|e-?mail|message|content|attachment|virus|malware|spam|web|security)` +
		` ?(?:gateway|scanner|filter` +
		`|server|system|security|protection|policy|policies|firewall|defen[cs]e|administrator|service)` +
		`|\banti-?(?:virus|malware|spam)|\bquarantine|\bmail ?scanner|\bgateway\b|\bpostmaster\b` +
		`|\b(?:security|it|mail|company|organi[sz]ation's?) polic(?:y|ies)|\bsafe attachments?\b|\bthreat protection` +
		`|\bwarning message\b|\b(?:system|network) administrator`)
	// aboutThisMail is what they speak of: the message, a file by its name, what is harmful, or an attachment and no more.
	aboutThisMail = regexp.MustCompile(thisMail + `|\bneges\b|` + fileNamed + `|` + harm + `|` + attachments + ` could not be \w+ed\b` +
		`|^(?:\w+ ){0,4}` + attachments + `(?: \w+){1,5}\W*$`)
	aboutFiles = regexp.MustCompile(`\b(?:` + attachments + `|messages?|e-?mails?)|` + files)

	waits = regexp.MustCompile(`\bscan(?:ning)?(?: is)?(?: still)? in progress` +
		`|\b(?:being|await(?:ing)?|pending|undergoing|still)\b[^.!?]*\b(?:scann?|check|analy[sz]|inspect|sandbox)` +
		`|\b(?:delivered|available|re-?attached|released|follow)\b[^.!?]*\b(?:when|once|after|until|as soon as)\b[^.!?]*` +
		`\b(?:scan|check|analys|inspect|complete)`)
	fromOutside = regexp.MustCompile(`\b(?:e-?mail|message)\b[^.!?]*\b(?:originated|came|sent|comes|is) (?:from )?(?:an )?` +
		`(?:outside|external)`)

	// personal is what a letter about somebody says.
	personal = regexp.MustCompile(`\byours (?:sincerely|faithfully|truly)|\b(?:kind|best|warm) regards|\bto whom it may concern` +
		`|\bdate of birth|\bd\.?o\.?b\b|\bdiagnos|\b(?:he|she) (?:is|has|was|can|works)\b|\b(?:mr|mrs|ms|miss|dr) [a-z]` +
		`|\b(?:his|her) (?:sight|vision|condition|hands?|job|role)`)
)

// saysTaken reports whether a text says that a file was taken out of a message, or looked through.
func saysTaken(s string) bool {
	switch {
	case personal.MatchString(s):
		return false
	case attachmentTaken.MatchString(s) && (aboutThisMail.MatchString(s) || gateway.MatchString(s) || Product(s) != ""),
		(fileGone.MatchString(s) || attachmentGone.MatchString(s)) && strings.Count(s, " ") < shortNote:
		return true
	case gateway.MatchString(s):
		return fileTaken.MatchString(s) || taking.MatchString(s) || harmSeen.MatchString(s)
	}
	return harmSeen.MatchString(s) && (strings.Contains(s, "attach") || namedFile.MatchString(s))
}

var namedFile = regexp.MustCompile(fileNamed)

// calledNote reports whether a file is called as notes of gateways are: by nothing but their words, of which one says
// what was done, or two what it is about.
func calledNote(name string) bool {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	plainly, about, kind := false, false, false
	for w := range strings.FieldsFuncSeq(camel.ReplaceAllString(name, "$1 $2"), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w = strings.ToLower(w); !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") {
			w = strings.TrimSuffix(w, "s")
		}
		switch {
		case noteWords[w]:
			plainly = true
		case noteSubjects[w]:
			about = true
		case noteKinds[w]:
			kind = true
		case !noteFillers[w]:
			return false
		}
	}
	return plainly || about && kind
}

var camel = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// The words in names of notes, without a plural's s.
var (
	noteWords = words("malware virus deleted removed quarantine quarantined stripped blocked disclaimer antivirus mailscanner" +
		" mimecast proofpoint atp infected banned unsafe scrubbed trojan" +
		" footer signature banner")
	noteSubjects = words("attachment mail email message smime threat scan content gateway")
	noteKinds    = words("alert warning notice notification protection instruction information info policy report replaced" +
		" detected progress")
	noteFillers = words("text txt html in the from has been was were by of your this safe original legal footer detail event part" +
		" and or to for no external outside sender status guard security file")
)

func words(s string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// TakenFrom returns the names of the files of which the text of a message says that a mail system took them out; empty
// ones where it names none. It says so where there is no note of its own.
func TakenFrom(lines []text.Line) []string {
	if !haveAny(lines, takenWords) || !gateway.MatchString(plain(lines)) {
		return nil
	}
	var out []string
	var b strings.Builder
	for i := range lines {
		b.WriteString(lines[i].Text + " ")
		if strings.TrimSpace(lines[i].Text) == "" {
			b.WriteString("\n")
		}
	}
	for _, s := range sentence.FindAllString(b.String(), -1) {
		simple := plainDots(text.Simplify(s))
		if takenOut.MatchString(simple) && !firstPerson.MatchString(simple) {
			out = append(out, strings.TrimSpace(fileName.FindString(s)))
		}
	}
	return out
}

// takenWords are the words of which a message needs one that says what a mail system did.
var takenWords = []string{"removed", "deleted", "replaced", "quarantin", "blocked", "stripped", "withheld", "scrubbed", "infected", "tynnu",
	"dynnu", "dileu", "on hold", "not allowed", "not permitted"}

var (
	sentence = regexp.MustCompile(`(?:[^.!?\n]|[.!?]\S)+`)
	takenOut = regexp.MustCompile(`(?:\b` + attachments + `|` + fileNamed + `)[^.!?]*` +
		`\b(?:was|were|has been|have been|had to be|cafodd|wedi)\b[^.!?]*` + takenAway)
	fileName    = regexp.MustCompile(`[\p{L}\d][\p{L}\d _()-]*\.(?i:` + documentExts + `)\b`)
	firstPerson = regexp.MustCompile(`\b(?:i|i'm|i've|i'd|my|me|we|we've|our|us)\b`)
)
