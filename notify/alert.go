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
func (v *view) setAlert(f intake.AlertFacts) {
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
