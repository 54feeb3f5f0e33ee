package reply

import (
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// The verbs of a decision.
const (
	Approve = "approve"
	Reject  = "reject"
	Info    = "info"
	Revoke  = "revoke"
)

// Decision is a reviewer's command.
type Decision struct {
	Verb  string // approve, reject, info or revoke
	Text  string // the reason or the question; "UNTIL 2027-03-01" after APPROVE UNTIL 2027-03-01
	Until string // 2027-03-01 in that case
}

// placeholders are what our own instructions show where a person should write something.
var placeholders = map[string]bool{"reason": true, "question": true, "your reason": true, "your question": true,
	"the reason": true, "the question": true, "text": true}

// Decide reads the command on the first line of the newest text. d is nil unless there is exactly one, nothing after it
// takes it back, and nothing about it is odd. undone is the verb of a command that is none because what stands below may
// change it; empty otherwise, as where the choices are pasted back.
func (a Author) Decide(n Newest) (d *Decision, undone string) {
	d, rest := a.firstLine(n)
	switch {
	case d == nil:
		return nil, ""
	case a.changes(n, rest, d.Verb):
		if placeholders[text.Simplify(d.Text)] {
			return nil, ""
		}
		return nil, d.Verb
	case d.Verb == Approve:
		return d, ""
	}
	d.Text = decisionText(d.Text, rest)
	if placeholders[strings.Trim(text.Simplify(d.Text), "<>[](){}. ")] {
		return nil, ""
	}
	return d, ""
}

// firstLine reads the command on the first line of the newest text, and returns the lines below it.
func (a Author) firstLine(n Newest) (d *Decision, rest []text.Line) {
	first := text.NextWritten(n.Lines, 0)
	if first < 0 || n.adjacent || n.long {
		return nil, nil
	}
	return parseCommand(n.Lines[first].Text, a.Name), n.Lines[first+1:]
}

// changes reports whether what stands below a command takes it back, limits it, or is another command.
func (a Author) changes(n Newest, rest []text.Line, verb string) bool {
	switch {
	case hasCommand(rest, a.Name), hasCommand(n.Tail, a.Name), takesBackBelow(n.Tail, verb, a.Name):
		return true
	case verb == Approve:
		return takesBack(rest, a.Name)
	}
	return startsTakingBack(rest)
}

// decisionText is the text on the command's line and what follows it.
func decisionText(first string, rest []text.Line) string {
	all := append([]text.Line{{Text: first}}, rest...)
	return mime.Shorten(text.Join(all), maxDecision)
}

// Withdraws reports whether the first line of the newest text is WITHDRAW and nothing else.
func (a Author) Withdraws(n Newest) bool {
	first := text.NextWritten(n.Lines, 0)
	if first < 0 || n.adjacent || n.long {
		return false
	}
	s, ok := commandText(n.Lines[first].Text)
	rest := n.Lines[first+1:]
	return ok && text.IsASCII(s) && strings.EqualFold(strings.TrimRight(s, ".! "), "withdraw") &&
		!hasCommand(rest, a.Name) && !startsTakingBack(rest)
}

// Finishes reports whether the first line of the newest text is DONE, alone or with a courtesy or the author's name, and
// nothing below it takes that back or limits it.
func (a Author) Finishes(n Newest) bool {
	first := text.NextWritten(n.Lines, 0)
	if first < 0 || n.adjacent || n.long {
		return false
	}
	s, ok := commandText(n.Lines[first].Text)
	word, rest := text.LeadingLetters(s), n.Lines[first+1:]
	if !ok || !text.IsASCII(word) || !strings.EqualFold(word, "done") || a.changes(n, rest, "done") {
		return false
	}
	said := s[len(word):]
	with := text.Simplify(strings.TrimLeft(said, " .,!:;-–—"))
	if strings.Trim(said, " .!:") != "" && !(courtesyRE.MatchString(said) && (isCourtesy(with, a.Name) || isName(with, a.Name))) {
		return false
	}
	return !slices.ContainsFunc(rest, func(ln text.Line) bool { return doubtful(ln.Simple()) && !isFooter(ln.Simple()) })
}

// SameDecision reports whether two readings of a message agree. The wording of a reason may differ, as plain
// text writes links out.
func SameDecision(a, b *Decision) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Verb == b.Verb && a.Until == b.Until
}
