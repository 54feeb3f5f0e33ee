package notify

import (
	"regexp"
	"strings"

	"mfabot/intake"
	"mfabot/templates"
)

// label matches how a line of an alert begins that is a label and a value: one to four words.
var label = regexp.MustCompile(`^(\pL[\pL-]*(?:,? \pL[\pL-]*){0,3}): `)

// setAlert sorts what an alert tells into the facts and what they mean. What to do is never taken out of a line: others choose
// what stands in lines.
func (v *view) setAlert(f intake.Facts) {
	v.Heard = heard(f.Said)
	v.Headline, v.Urgent = templates.Line(f.Headline, maxTitle), f.Urgent
	clean := func(s string) string { return templates.Line(s, maxAlertLine) }
	for _, todo := range f.Todo {
		v.Todo = append(v.Todo, clean(todo))
	}
	for _, line := range f.Lines {
		line = clean(line)
		if found := label.FindStringSubmatch(line); found != nil {
			v.Labelled = append(v.Labelled, found[1], strings.TrimPrefix(line, found[0]))
		} else {
			v.Lines = append(v.Lines, line)
		}
	}
	for _, other := range f.Others {
		v.Others = append(v.Others, clean(other))
	}
}

// maxHeard bounds how much a subject has of what somebody wrote, in runes.
const maxHeard = 60

// heard is how that begins which somebody wrote, as a subject quotes it: nothing in it looks like a part of our own.
func heard(said string) string {
	return templates.Clean(strings.NewReplacer("[", "(", "]", ")", "“", "'", "”", "'").Replace(said), maxHeard)
}
