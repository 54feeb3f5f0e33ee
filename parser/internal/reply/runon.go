package reply

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// splitRunOn returns the lines with what a client ran together on one put on lines of its own: an attribution, or what a
// phone adds, behind the sender's own words. It goes through the lines once.
func splitRunOn(lines []text.Line) []text.Line {
	var out []text.Line
	for i := range lines {
		ln := lines[i]
		at := 0
		if ln.Quote == 0 && ln.Mark == text.Unmarked && len(ln.Text) <= 400 {
			at = runOnAt(lines, i)
		}
		if at == 0 {
			if out != nil {
				out = append(out, ln)
			}
			continue
		}
		if out == nil {
			out = append(make([]text.Line, 0, len(lines)+1), lines[:i]...)
		}
		before, behind := ln.Cut(at)
		before.Text = strings.TrimRight(before.Text, " \t-–—")
		out = append(out, before, behind)
	}
	if out == nil {
		return lines
	}
	return out
}

var (
	// runOnDate is how attributions begin: a word with a capital, and a date.
	runOnDate = regexp.MustCompile(`\s(On|Ar|Le|Am|El|Il|Op|Em|Den|Dne|Pe|W dniu|Il giorno) ([\p{L}]{2,12}[.,]{0,2} ){0,2}\d`)
	// runOnAdded is how the lines of phones begin.
	runOnAdded = regexp.MustCompile(`\s(Sent (from|via|with|using)|Get Outlook|Anfonwyd o|Envoyé de|Gesendet von) `)
)

// runOnWords are words with which what is run on begins. Most lines have none but at their beginning.
var runOnWords = []string{"On ", "Ar ", "Le ", "Am ", "El ", "Il ", "Op ", "Em ", "Den ", "Dne ", "Pe ", "W dniu ",
	"Sent ", "Get Outlook", "Anfonwyd ", "Envoyé ", "Gesendet "}

// runOnAt returns where on line i something begins that belongs on a line of its own, or 0.
func runOnAt(lines []text.Line, i int) int {
	s := lines[i].Text
	if len(s) < 2 || !text.ContainsAny(s[1:], runOnWords) {
		return 0
	}
	if at := runOnDate.FindStringIndex(s); at != nil && !strings.Contains(s[:at[0]], "@") && strings.Trim(s[:at[0]], frame) != "" {
		_, behind := lines[i].Cut(at[0])
		rest := append([]text.Line{behind}, lines[i+1:min(len(lines), i+maxAttribution+2)]...)
		if _, kind := attributionAt(rest, 0); kind == standsAlone && startsDated(behind.Simple()) {
			return at[0]
		}
	}
	if at := runOnAdded.FindStringIndex(s); at != nil && isSentFrom(text.Simplify(s[at[0]:]), "") &&
		strings.TrimLeft(s[:at[0]], " -–—") != "" {
		return at[0]
	}
	return 0
}
