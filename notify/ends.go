package notify

import (
	"cmp"
	"html/template"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// warnedView is one of several exceptions that end soon, with all outside text made harmless.
type warnedView struct {
	Ref, Who, Person  string
	Called            string // the user's name or, without one, address
	Ends, RenewBy     time.Time
	RenewLate         bool   // the last day on which a renewal can be asked for in time is over
	Renewal, Decision string // the open request that would renew it, and its state
	Renew             template.URL
}

// setWarned sets of which exceptions a letter warns together, and what is said of the first end. Only a renewal that is not asked for
// yet has a day by which it is.
func (v *view) setWarned(l intake.Letter, now time.Time) {
	f := l.Facts
	f.Warned = f.Warns()
	for _, w := range f.Warned {
		row := warnedView{Ref: templates.Line(w.Ref, maxRef), Who: who(w.User), Person: person(w.User),
			Called: templates.Line(cmp.Or(w.User.Name, w.User.Email), maxName), Ends: w.Ends, RenewBy: w.RenewBy,
			RenewLate: now.After(w.RenewBy), Renewal: templates.Line(w.Renewal, maxRef), Decision: w.Decision}
		if w.Renewal == "" {
			row.Renew = choice(v.Service.Address, about(row.Ref, w.Code),
				v.say("The exception is still needed. The new evidence is attached."))
			if f.RenewBy.IsZero() {
				f.RenewBy = w.RenewBy
			}
		}
		v.Endings = append(v.Endings, row)
		if w.Renewal != "" && w.Decision != string(intake.Pending) {
			v.ToAnswer = append(v.ToAnswer, row)
		}
	}
	if len(f.Warned) > 0 {
		f.Ends = f.Warned[0].Ends
		v.Ends = f.Ends
	}
	l.Facts = f
	v.setEnd(l, now)
}

// setEnd sets how far away the end is, and until when a renewal is decided in time, from when the letter goes out; and when
// the exception ends that a request would renew.
func (v *view) setEnd(l intake.Letter, now time.Time) {
	f := l.Facts
	const day = 24 * time.Hour
	v.Left = f.Ends.Sub(now)
	v.Soon = v.Left < day/2 || v.Short && v.Left < day
	if f.Renews != "" {
		v.RenewedEnds = f.Runs
	}
	asks := l.Template == intake.LetterQuestion || l.Template == intake.LetterIncomplete
	v.EndsFirst = asks && !f.Runs.IsZero() && f.Runs.Before(f.Ends)
	v.Renewed = l.Template == intake.LetterApproved && f.Renews != "" && !f.Runs.IsZero()
	v.RenewBy, v.RenewLate, v.ReviewDays = f.RenewBy, now.After(f.RenewBy), f.ReviewDays
}
