package outbox

import (
	"slices"

	"mfabot/intake"
)

// Mute keeps answers from the author of a message. What it leads to is told to everybody else as always.
type Mute struct {
	To   []string          // the author's addresses
	Kept []intake.Template // what was not sent
}

// keeps reports whether a letter is kept back, and notes it. To a reviewer only what changes nothing is: a decision's
// letters tell what is so from now on.
func (m *Mute) keeps(o *intake.Outbound) bool {
	if m == nil || !slices.Contains(m.To, o.To) || o.Facts.Audience == intake.ToReviewer && !o.Answer {
		return false
	}
	m.Kept = append(m.Kept, o.Template)
	return true
}
