package machine

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// reactionType is the media type of what Gmail sends for a reaction.
const reactionType = "text/vnd.google.email-reaction+json"

// maxReaction is the longest name, with what stands around it, in what a mail client sends for a reaction, in bytes.
const maxReaction = 160

// isReaction reports whether a message is what a mail client sends when somebody taps a sign below a message: it says
// that they have seen it, and nothing else.
func (m *Message) isReaction() bool {
	if hasReaction(m.Root) {
		return true
	}
	words := worded(authorsLines(m.Lines))
	switch {
	case len(words) == 0:
		return false
	case isReacted(words[0]), m.namesAuthor(words):
		return len(worded(m.Own())) <= 1 // a signature may stand below
	}
	return isTapback(strings.Join(words, " "))
}

// namesAuthor reports whether the text is one line that begins with a sign, tells something of its author by name and
// ends with a colon or a link: what mail clients send for a reaction, whatever the language.
func (m *Message) namesAuthor(words []string) bool {
	name, _, _ := strings.Cut(m.Root.Header.First("From"), "<")
	name = strings.TrimSpace(strings.Trim(strings.TrimSpace(mime.DecodeWords(name)), `"`))
	if len(words) != 1 || len(words[0]) > maxReaction || strings.Count(name, " ") == 0 || !signed.MatchString(words[0]) {
		return false
	}
	_, rest, found := strings.Cut(strings.ToLower(words[0]), strings.ToLower(name)+" ")
	return found && len(strings.Fields(rest)) >= 2
}

// hasReaction reports whether a part is Gmail's for a reaction, or has it in it: an alternative of the text.
func hasReaction(p *mime.Part) bool {
	return p.MediaType == reactionType || p.IsMultipart() && slices.ContainsFunc(p.Children, hasReaction)
}

// isTapback reports whether a text is that of Apple's Messages for a reaction.
func isTapback(s string) bool {
	s = strings.TrimLeft(s, "\u200a\u200b")
	first, _ := utf8.DecodeRuneInString(s)
	begins := !unicode.IsLetter(first) && !unicode.IsNumber(first) || text.StartsWithAny(strings.ToLower(s[:min(len(s), 20)]), tapbackWords)
	return begins && tapback.MatchString(s)
}

// isReacted reports whether a line is the words of Outlook or Gmail for a reaction.
func isReacted(line string) bool {
	if len(line) > maxReaction {
		return false
	}
	lower := text.Simplify(line)
	return text.ContainsAny(lower, reactedVerbs) && reacted.MatchString(line) || text.ContainsAny(lower, reactedWords)
}

// worded returns the lines that have a letter or digit.
func worded(lines []text.Line) []string {
	var words []string
	for _, ln := range lines {
		s := strings.TrimSpace(ln.Text)
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			words = append(words, s)
		}
	}
	return words
}

var (
	// signed is a line that begins with a sign, or its name, and ends with a colon or a link.
	signed = regexp.MustCompile(`^(?:[^\pL\pN\s]+|\[\pL+\])\s+.*(?::|<?https?://\S+)\s*$`)

	// reacted is a whole line of Outlook, Gmail or Yahoo.
	reacted = regexp.MustCompile(`(?i)^\P{L}*(?:\[?(?:like|love|heart|celebrate|laugh|surprised|sad)\]?\P{L}+)?[\p{L}\p{M}'’., @()-]+ ` +
		`(?:(?:has )?reacted (?:with \S{1,12} )?(?:to (?:your|this|the|a) (?:message|e-?mail|mail)|via \w+)|(?:liked|loved` +
		`|hearted) (?:your|this) (?:message|e-?mail))\P{L}*(?:<?https?://\S+)?\P{L}*$`)

	// reactedVerbs are the words of which reacted needs one.
	reactedVerbs = []string{"reacted", "liked", "loved", "hearted"}

	// tapbackWords begin tapback, unless a sign does.
	tapbackWords = text.Beginnings("liked", "loved", "disliked", "laughed at", "emphasi", "questioned", "reacted ", "added a", "removed ")

	// tapback is the text of Apple's Messages, from a telephone that sends it by email.
	tapback = regexp.MustCompile(`(?is)^(?:(?:liked|loved|disliked|laughed at|emphasi[sz]ed` +
		`|questioned)|[^\pL\pN\s]{1,12} to|reacted (?:with )?(?:\S{1,12}|a sticker) to|` +
		`added an? (?:like|heart|dislike|laugh|exclamation(?: mark)?|question mark|\S{1,12}) to|` +
		`removed (?:an? |the )?(?:like|heart|dislike|laugh|exclamation(?: mark)?|question mark|\S{1,12}|\S{1,12} reaction) from) ` +
		`(?:[“"‘'«„].*[”"’'»“]|(?:an?|the|your|this) (?:image|message|attachment|link|movie|audio message|e-?mail|photo))\P{L}*$`)
)

// reactedWords are the words of Outlook in other languages.
var reactedWords = []string{
	"hat auf ihre nachricht reagiert", "hat auf deine nachricht reagiert", "a réagi à votre message", "a réagi à ton message",
	"reaccionó a su mensaje", "ha reaccionado a tu mensaje", "reagiu à sua mensagem", "ha reagito al tuo messaggio",
	"heeft gereageerd op uw bericht", "heeft gereageerd op je bericht", "zareagował na twoją wiadomość",
	"zareagowała na twoją wiadomość", "a reacționat la mesajul", "wedi ymateb i'ch neges",
}

// authorsLines returns the lines of a text above anything that is quoted.
func authorsLines(lines []text.Line) []text.Line {
	for i := range lines {
		ln := &lines[i]
		if i == maxOwn || ln.Quote > 0 || ln.Mark == text.Attribution || ln.Mark == text.Cut ||
			quoteBegins.MatchString(strings.TrimSpace(ln.Text)) {
			return lines[:i]
		}
	}
	return lines
}

// maxOwn bounds the lines that are looked at.
const maxOwn = 40

// quoteBegins is a line above a quoted message.
var quoteBegins = regexp.MustCompile(`(?i)^(?:[-_]{5,}.*|\*?(?:from|oddi wrth|von|de|da|van|od):\*? .*|on .{4,120}` +
	` wrote:|-+ ?original message ?-+.*)$`)
