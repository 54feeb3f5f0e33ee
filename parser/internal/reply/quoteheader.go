package reply

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

var separatorLine = regexp.MustCompile(`^[-_=*~>\s]{2,}([^-_=*~].*?)[-_=*~<:\s]*$`)

// isSeparator reports whether a line is one such as "-----Original Message-----" or "Begin forwarded
// message:".
func isSeparator(ln *text.Line) bool {
	raw := strings.TrimSpace(ln.Text)
	if raw == "" || len(raw) > 200 || strings.IndexByte("-_=*~>", raw[0]) < 0 && text.IndexColon(raw) < 0 {
		return false
	}
	s := ln.Simple()
	words, dashes := strings.TrimRight(s, ": "), false
	if m := separatorLine.FindStringSubmatch(s); m != nil {
		words, dashes = strings.Trim(m[1], "-_=*~<: "), true
	}
	for _, w := range separatorWords {
		if words == w && (dashes || strings.HasSuffix(s, ":") && w != "original") || dashes && strings.HasPrefix(words, w+" ") {
			return true
		}
	}
	return false
}

// headerKind is what a line of a quoted message's header is about.
type headerKind uint8

const (
	headerFrom headerKind = 1 << iota
	headerSent
	headerTo
	headerSubject
)

var headerKinds = func() map[string]headerKind {
	kinds := map[string]headerKind{}
	for kind, words := range map[headerKind][]string{
		headerFrom: headerWords.from, headerSent: headerWords.sent,
		headerTo: headerWords.to, headerSubject: headerWords.subject,
	} {
		for _, w := range words {
			kinds[w] |= kind
		}
	}
	return kinds
}()

// headerLine returns the kind of a line such as "Sent: 3 March 2026 10:12", or 0.
func headerLine(s string) headerKind {
	end := text.IndexColon(s[:min(len(s), 80)])
	if end < 0 {
		return 0
	}
	return headerKinds[strings.Trim(text.Simplify(s[:end]), "*_ ")]
}

// isHeaderBlock reports whether the header of a quoted message starts at line i: who, when, and to whom or
// what about, within a few lines.
func isHeaderBlock(lines []text.Line, i int) bool {
	kinds := headerLine(lines[i].Text)
	if kinds == 0 {
		return false
	}
	startsFrom := kinds&headerFrom != 0
	others, blanks := 0, 0
	for j := i + 1; j < len(lines) && j < i+16 && others <= 3 && blanks <= 1; j++ {
		switch kind := headerLine(lines[j].Text); {
		case strings.TrimSpace(lines[j].Text) == "":
			blanks++
		case kind != 0:
			kinds |= kind
			others, blanks = 0, 0
		case !startsFrom:
			return false
		default:
			others++
			blanks = 0
		}
		if kinds&headerFrom != 0 && kinds&headerSent != 0 && kinds&(headerTo|headerSubject) != 0 {
			return true
		}
		if kinds&headerFrom != 0 && kinds&headerTo != 0 && kinds&headerSubject != 0 {
			return true
		}
	}
	return startsFrom && kinds&headerSent != 0 && strings.Contains(lines[i].Text, "@") || isDateAndRecipient(lines, i)
}

// isDateAndRecipient reports whether the header of a quoted message that only says when and to whom starts at
// line i.
func isDateAndRecipient(lines []text.Line, i int) bool {
	if i+1 >= len(lines) || headerLine(lines[i].Text) != headerSent ||
		!clockTime.MatchString(lines[i].Text) || !fullDate.MatchString(lines[i].Text) {
		return false
	}
	return headerLine(lines[i+1].Text) == headerTo && strings.Contains(lines[i+1].Text, "@")
}
