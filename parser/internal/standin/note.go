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
	if product != "" {
		product = " (" + product + ")"
	}
	switch n {
	case TakenAway:
		return "It is a note that a mail gateway" + product + " put in the place of a file or beside it, not a document: if a " +
			"document is missing, send it again as PDF."
	case Waiting:
		return "It is a note by a mail gateway" + product + " that still checks a file, which has not come: send the document again."
	case Disclaimer:
		return DisclaimerMark + " that a mail gateway" + product + " attached, not a document: if a document is missing, send it " +
			"again as PDF."
	case NoNote:
	}
	return ""
}

// DisclaimerMark begins the reason why a disclaimer is no evidence.
const DisclaimerMark = "It is a disclaimer"

// WhyTaken says why a file that the text of a message names as taken out of it is no evidence.
func WhyTaken(product string) string {
	if product != "" {
		product = " (" + product + ")"
	}
	return "A mail gateway" + product + " took it out of the message: send it again as PDF."
}

// maxNote bounds the words of a note.
const maxNote = 400

// ReadNote tells what a small text file, or a message attached as one, is a note of. disclaims is set where it says
// nothing but what stands below messages.
func ReadNote(name string, lines []text.Line, disclaims bool) Note {
	s := plain(lines)
	if strings.Count(s, " ") > maxNote {
		return NoNote
	}
	named := calledNote(name)
	switch {
	case waits.MatchString(s) && aboutFiles.MatchString(s):
		return Waiting
	case saysTaken(s):
		return TakenAway
	case disclaims && !personal.MatchString(s), named && strings.Contains(strings.ToLower(name), "disclaimer"):
		return Disclaimer
	case named:
		return TakenAway
	}
	return NoNote
}

// plain is the text of lines as one, in lower case and without the dots in names of files and hosts, so that a full stop
// ends a sentence.
func plain(lines []text.Line) string {
	var b strings.Builder
	for i := range lines {
		b.WriteString(lines[i].Simple())
		b.WriteByte(' ')
	}
	return innerDot.ReplaceAllString(text.Simplify(b.String()), "${1}_$2")
}

var innerDot = regexp.MustCompile(`([\p{L}\d_)-])\.([\p{L}\d_(-])`)

// What notes are about, and what was done to it.
const (
	attachments = `(?:attach(?:ment|ed (?:file|document|item))s?(?:\(s\))?|atodiad(?:au)?)`
	files       = `(?:files?(?:\(s\))?|documents?(?:\(s\))?|parts?|contents?|components?|items?|objects?|ffeil(?:iau)?|\S+_\w{3,4})`
	was         = `(?:was|were|is|are|has|have|had|been|being|be|got|cafodd|wedi)`
	takenAway   = `(?:removed|deleted|replaced|quarantined?|blocked|stripped|withheld|detached|scrubbed|discarded|dropped` +
		`|sanitised|sanitized|disinfected|cleaned|neutrali[sz]ed|disarmed|infected|defanged|tynnu|dynnu|dileu|ddileu|gwarantin)`
	heldBack = `(?:held|on hold|rejected|restricted|suppressed|converted|unsafe|malicious|suspicious|harmful|(?:security |virus )?` +
		`(?:checked|scanned)|not (?:be )?(?:allowed|permitted|delivered|accepted|scanned|checked|cleaned)|prohibited|too large)`
	harm = `(?:malware|virus(?:es)?|threats?|trojans?|worms?|phish(?:ing)?|malicious (?:code|content|software)|firws|maleiswedd)`
)

var (
	// attachmentTaken is what only a mail system says; fileTaken may be said of papers, and needs more.
	attachmentTaken = regexp.MustCompile(`\b` + attachments + `\b[^.!?]{0,120}\b` + was + `\b[^.!?]{0,60}?\b(?:` + takenAway +
		`|` + heldBack + `)\b`)
	fileTaken = regexp.MustCompile(`(?:\b` + files + `|\bmessages?|\be-?mails?|\bsignature)[^.!?]{0,120}\b` + was +
		`\b[^.!?]{0,60}?\b(?:` + takenAway + `|` + heldBack + `)\b`)
	taking   = regexp.MustCompile(`\b` + takenAway + `\b[^.!?]{0,60}\b(?:` + attachments + `|` + files + `)`)
	harmSeen = regexp.MustCompile(`\b` + harm + `\b[^.!?]{0,80}\b(?:detected|found|discovered|identified|removed|cleaned)\b|` +
		`\b(?:detected|found|contain(?:s|ed)?|infected (?:with|by)|carr(?:y|ied|ies))\b[^.!?]{0,60}\b` + harm + `\b`)

	// gateway is what such notes name that letters about people do not.
	gateway = regexp.MustCompile(`\b(?:mail|e-?mail|message|content|attachment|virus|malware|spam|web|security) ?(?:gateway|scanner|filter` +
		`|server|system|security|protection|policy|policies|firewall|defence|defense|administrator|service)` +
		`|\banti-?(?:virus|malware|spam)|\bquarantine|\bmail ?scanner|\bgateway\b|\bpostmaster\b|\b(?:security|it|mail|company|organi[sz]ation's?)` +
		` polic(?:y|ies)|\bsafe attachments?\b|\bthreat protection|\bwarning message\b|\b(?:system|network) administrator`)
	aboutFiles = regexp.MustCompile(`\b(?:` + attachments + `|` + files + `|messages?|e-?mails?)`)
	waits      = regexp.MustCompile(`\bscan(?:ning)?(?: is)?(?: still)? in progress|\b(?:being|awaiting|pending|undergoing|await|still)\b[^.!?]{0,40}` +
		`\b(?:scann?|check|analy[sz]|inspect|sandbox)|\b(?:delivered|available|re-?attached|released|follow)\b[^.!?]{0,60}\b(?:when|once|after|until|as soon` +
		` as)\b[^.!?]{0,60}\b(?:scan|check|analys|inspect|complete)`)

	// personal is what a letter about somebody says.
	personal = regexp.MustCompile(`\byours (?:sincerely|faithfully|truly)|\b(?:kind|best|warm) regards|\bto whom it may concern|` +
		`\bdate of birth|\bd\.?o\.?b\b|\bdiagnos|\b(?:he|she) (?:is|has|was|can|works)\b|\b(?:his|her) (?:sight|vision|condition|hands?|job|role)`)
)

// saysTaken reports whether a text says that a file was taken out of a message.
func saysTaken(s string) bool {
	switch {
	case personal.MatchString(s):
		return false
	case attachmentTaken.MatchString(s):
		return true
	case gateway.MatchString(s):
		return fileTaken.MatchString(s) || taking.MatchString(s) || harmSeen.MatchString(s)
	}
	return harmSeen.MatchString(s) && strings.Contains(s, "attach")
}

// calledNote reports whether a file is called as notes of gateways are: by nothing but their words, of which one says
// what was done, or two what it is about.
func calledNote(name string) bool {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	plainly, about, kind := false, false, false
	for w := range strings.FieldsFuncSeq(camel.ReplaceAllString(name, "$1 $2"), func(r rune) bool { return !unicode.IsLetter(r) }) {
		w = strings.TrimSuffix(strings.ToLower(w), "s")
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
	noteWords = words("malware virus viru deleted removed quarantine quarantined stripped blocked disclaimer antivirus mailscanner" +
		" mimecast proofpoint atp infected banned unsafe scrubbed trojan")
	noteSubjects = words("attachment mail email message security smime threat scan content gateway file signature")
	noteKinds    = words("alert warning notice notification protection instruction information info policy report replaced detected" +
		" progress")
	noteFillers = words("text txt html in the from ha been was were by of your thi safe original legal footer detail event part and" +
		" or to for")
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
	s := plain(lines)
	if !strings.Contains(s, "attach") && !strings.Contains(s, "removed") || personal.MatchString(s) {
		return nil
	}
	var out []string
	for i := range lines {
		line := innerDot.ReplaceAllString(lines[i].Simple(), "${1}_$2")
		if !attachmentTaken.MatchString(line) && !fileTaken.MatchString(line) || !gateway.MatchString(s) || firstPerson.MatchString(line) {
			continue
		}
		out = append(out, fileName.FindString(lines[i].Text))
	}
	return out
}

var (
	fileName    = regexp.MustCompile(`[\p{L}\d][\p{L}\d _()-]{0,60}\.(?i:` + documentExts + `)\b`)
	firstPerson = regexp.MustCompile(`\b(?:i|i'm|i've|i'd|my|me|we|we've|our|us)\b`)
)

// documentExts are the extensions of documents, for expressions.
const documentExts = `pdf|docx?|docm|rtf|odt|pages|xlsx?|pptx?|txt|eml|msg|zip|jpe?g|png|heic|heif|tiff?|gif|webp|bmp`
