package reply

import (
	"slices"
	"strings"

	"mfabot/parser/internal/text"
)

// dropMarkings removes from the edges of the sender's own lines what an organisation's rules put there: how
// confidential the message is, as a line of its own, above or below. Where there is nothing else, it stays.
func dropMarkings(lines []text.Line) []text.Line {
	own := lines
	for first := text.NextWritten(own, 0); first >= 0 && isMarking(&own[first]); first = text.NextWritten(own, 0) {
		own = own[first+1:]
	}
	for last := lastText(own); last >= 0 && isMarking(&own[last]); last = lastText(own) {
		own = own[:last]
	}
	if text.Blank(own) {
		return lines
	}
	return own
}

// What a marking has at most.
const (
	longestMarking = 120 // bytes
	wordsOfMarking = 6
)

// isMarking reports whether a line is a marking: "Classification: ..." and the like with a short value, or nothing but
// words of markings, such as OFFICIAL-SENSITIVE. A word by itself is one only in brackets or as an official one.
func isMarking(ln *text.Line) bool {
	if len(ln.Text) > longestMarking {
		return false
	}
	s := ln.Simple()
	label, value, labelled := strings.Cut(s, ":")
	words := markingWords(s)
	if len(words) == 0 || len(words) > wordsOfMarking {
		return false
	}
	if labelled && markingLabels[strings.Trim(label, "[(*_ ")] {
		return !slices.ContainsFunc(markingWords(value), func(w string) bool { return !markings[w] && !levels[w] })
	}
	return slices.ContainsFunc(words, func(w string) bool { return markings[w] }) &&
		!slices.ContainsFunc(words, func(w string) bool { return !markings[w] && !levels[w] })
}

func markingWords(s string) []string { return strings.FieldsFunc(s, text.NotLetter) }

// markingLabels stand before the value of a marking.
var markingLabels = map[string]bool{"classification": true, "sensitivity": true, "security classification": true,
	"sensitivity label": true, "protective marking": true, "marking": true, "data classification": true,
	"document classification": true, "information classification": true, "label": true, "dosbarthiad": true,
	"sensitifrwydd": true, "marc diogelwch": true}

// markings are words that make a marking, and levels those that may stand with them, or behind a label.
var (
	markings = text.WordSet("official unclassified confidential restricted secret swyddogol cyfrinachol internal mewnol")
	levels   = text.WordSet(`sensitive personal private public commercial general business use only protect nhs data information
		staff patient patients and in confidence top highly strictly company corporate non sensitif medical clinical low medium high
		none level hr finance legal yn unig preifat cyhoeddus defnydd`)
)
