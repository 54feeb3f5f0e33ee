package wording

import (
	"regexp"
	"strings"
	"unicode"
)

// maxHolding is the longest text that can only put somebody off, in words.
const maxHolding = 45

// MerelyHolds reports whether a text says nothing but that its author has read something and will see to it: "thanks, will
// look", "leave it with me". Every word must be one of those that people say so with, and in doubt it is not: a name, a
// number, a yes or a no may be the answer that somebody waits for.
func MerelyHolds(text string) bool {
	if strings.ContainsAny(text, "?@") {
		return false
	}
	said := simple(withoutName(text))
	if !promises.MatchString(said) || strings.Contains(said, " from ") {
		return false
	}
	words := strings.FieldsFunc(said, func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range words {
		if !courtesies[w] && !things[w] && !holding[w] {
			return false
		}
	}
	return len(words) <= maxHolding
}

// promises says that something is to come, or is being seen to.
var promises = regexp.MustCompile(`\b(?:(?:will|i'll|ill|we'll|shall|going to|let me|need to)(?: \w+){0,2}? ` +
	`(?:look|check|chase|find|dig|ask|speak|talk|revert|reply|respond|answer|send|forward|pass|see|follow|sort|do|` +
	`investigate|confirm|update|try|contact|get (?:back|on|this|that|it)|come back|let you know|be in touch|be back)|` +
	`leave (?:it|this|that) with (?:me|us)|bear with (?:me|us)|on (?:it|the case)|look(?:ing)? (?:in ?to|at) (?:it|this|that)|` +
	`working on (?:it|this|that)|in hand|chasing|(?:passed|forwarded|sent) (?:it|this|that|your \w+) (?:on|over|to)|` +
	`byddaf yn|byddwn yn|gadewch (?:o|e|hyn) gyda|fe wna i|mi wna i)\b`)

// holding are the words beside courtesies that a text may have which only puts somebody off.
var holding = wordSet(`
	i we i'll ill we'll i'm im i've ive we're we've am are is be been being have has will shall can could going gonna let need may might
	to in on at by of off up out into over as or but then so just also this that these those it its it's them you your yours me my our
	the a an any some about asap soon shortly later today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday week
	weekend next first last end possible once when before after now moment minute minutes hour hours day days time morning afternoon few
	couple working straight away back well as-soon-as quickly
	sorry apologies apologise delay delayed waiting awaiting wait busy currently still
	query question request email mail message letter evidence document documents paperwork form details information info answer reply
	response matter issue reminder note copy original file files
	manager gp doctor consultant colleague colleagues team boss practice nurse office head hr line lead supervisor department
	look looking check checking chase chasing chased find finding dig digging ask asking asked speak speaking spoken talk talking get
	getting got come coming revert reverting replying respond responding answering send sending sent forward forwarding forwarded pass
	passing passed see seeing follow following sort sorting do doing done try trying contact contacting touch leave bear case hand
	investigate investigating confirm confirming update updating know deal dealing action arrange arranging reading read seen pick
	byddaf byddwn edrych ar hyn gadewch gyda fi ni anfon ateb ymateb cysylltu cyn gynted phosibl heddiw yfory fe mi wna i'w chi am eich
	neges ebost e-bost`)

// withoutName returns a text without the name that stands below it on lines of its own.
func withoutName(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for len(lines) > 1 {
		last := strings.Fields(strings.Trim(lines[len(lines)-1], " ,.\r"))
		if len(last) > 0 && !isName(last) {
			break
		}
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}
