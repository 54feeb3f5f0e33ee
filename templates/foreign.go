package templates

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds in runes. A screen reader reads a title whole before anything else.
const (
	maxSubject = 180
	maxTitle   = 70
)

// Clean turns outside text into one harmless line of at most limit runes: white space becomes single spaces;
// control characters, and characters that are invisible or change the writing direction, are dropped; bytes
// that are not UTF-8 are replaced.
func Clean(s string, limit int) string {
	if isClean(s) {
		return shorten(s, limit)
	}
	return shorten(strings.Join(strings.Fields(visible(s)), " "), limit)
}

// isClean reports whether s is what Clean makes of it, as most texts are: signs of ASCII with single spaces between them.
func isClean(s string) bool {
	space := true // one before, or the beginning
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = s[i] == ' '
	}
	return !space || s == ""
}

// Line is Clean for text that may begin a line: if it begins like a command or a line of the form, it is
// marked as quoted.
func Line(s string, limit int) string {
	s = Clean(s, limit)
	if instructs(s) {
		s = quoted + "“" + s + "”"
	}
	return s
}

// quoted stands before the words of others that would read like a command at the beginning of a line.
const quoted = "(quoted) "

// Own is a line of Line or Block in a letter that tells its reader what we read in an answer of theirs: nobody else is
// quoted.
func Own(line string) string {
	if words, marked := strings.CutPrefix(line, quoted); marked {
		return "It says: " + words
	}
	return line
}

// Block turns outside text into harmless lines, as Line does, of at most limit runes and maxLines lines in
// all. Runs of blank lines become one, and none remain at either end.
func Block(s string, limit, maxLines int) []string {
	var out []string
	blank := false
	for line := range strings.Lines(strings.ReplaceAll(s, "\r\n", "\n")) {
		line = Line(line, limit)
		switch {
		case line == "":
			blank = len(out) > 0
			continue
		case len(out) >= maxLines || limit <= 0:
			return append(out, "...")
		}
		if blank {
			out, blank = append(out, ""), false
		}
		out = append(out, line)
		limit -= utf8.RuneCountInString(line)
	}
	return out
}

// visible drops the characters that are invisible or change how others are shown.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case ' ' <= r && r <= '~':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// shorten cuts s to at most limit runes and ends what it cut with three dots.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	return strings.TrimSpace(string(runes[:max(limit-3, 0)])) + "..."
}

// commands are how the first line of a decision begins, or of what takes something off a list. Longer words that begin the same (approved,
// information) count too: we do not guess which of them a reader would take for a command.
var commands = [...]string{"APPROVE", "REJECT", "INFO", "MOREINFO", "REVOKE", "WITHDRAW", "DONE",
	"CYMERADWY", "GWRTHOD", "GWYBODAETH", "TYNNUNÔL", "TYNNUNOL", "TYNNUYNÔL", "TYNNUYNOL"}

// formLabel matches the beginning of a line of the form that sites fill in.
var formLabel = regexp.MustCompile(`(?i)^\PL*(user|name|reason|details|authentication method registered|` +
	`defnyddiwr|enw|rheswm|manylion|dull dilysu)\s*:`)

// instructs reports whether s begins like a command or a line of the form, whatever precedes the first
// letter, and with letters of unusual width or style read as plain ones.
func instructs(s string) bool {
	const longest = len("GWYBODAETH")
	s = norm.NFKC.String(s)
	letters := make([]byte, 0, longest+utf8.UTFMax)
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters = utf8.AppendRune(letters, unicode.ToUpper(r))
		}
		if len(letters) >= longest {
			break
		}
	}
	for _, c := range commands {
		if strings.HasPrefix(string(letters), c) {
			return true
		}
	}
	return strings.Contains(s, ":") && formLabel.MatchString(s)
}
