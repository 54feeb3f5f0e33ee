package notify

import (
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// standingView is where a request stands, with all outside text made harmless.
type standingView struct {
	Ref, Who, Reason, State string
	Outcome                 string // in words
	Received, Since, Lapses time.Time
	EndsFirst               time.Time // end of the exception that it would renew, if that is before Lapses
	Asked                   []askedView
}

// askedView is a reviewer who was asked; Last is set for the last of several.
type askedView struct {
	Name string
	At   time.Time
	Last bool
}

// endsFirst returns the end of the exception that a request would renew, if that is before the day by which its site must answer.
func endsFirst(s intake.StandingFacts, running []intake.EndingFacts) time.Time {
	for _, e := range running {
		if e.Renewal == s.Ref && e.Ends.Before(s.Lapses) {
			return e.Ends
		}
	}
	return time.Time{}
}

// setStanding sets what a site is told of what is on record of it, from when the letter goes out.
func (v *view) setStanding(f intake.Facts, now time.Time) {
	for _, s := range f.Requests {
		var asked []askedView
		for i, a := range s.Asked {
			asked = append(asked, askedView{Name: templates.Line(a.Name, maxName), At: a.At, Last: i == len(s.Asked)-1})
		}
		list := &v.Standing
		if s.State == string(intake.Incomplete) || s.State == string(intake.NeedsInfo) {
			list = &v.ForYou
		}
		*list = append(*list, standingView{Ref: templates.Line(s.Ref, maxRef), Who: who(s.User), Reason: v.say(s.Reason),
			State: s.State, Outcome: outcome(s.State), Received: s.Received, Since: s.Since, Lapses: s.Lapses,
			Asked: asked, EndsFirst: endsFirst(s, f.Running)})
	}
	for _, e := range f.Running {
		list := &v.Running
		if !e.RenewBy.IsZero() {
			list = &v.Ending
			v.ToRenew = v.ToRenew || e.Renewal == ""
		}
		*list = append(*list, endingView{Ref: templates.Line(e.Ref, maxRef), Who: who(e.User), Ends: e.Ends, ByHand: e.ByHand,
			Renewal: templates.Line(e.Renewal, maxRef), RenewBy: e.RenewBy, RenewLate: now.After(e.RenewBy)})
	}
	for _, addr := range f.Unknown {
		v.Unknown = append(v.Unknown, templates.Line(addr, maxAddress))
	}
	v.StandingMore, v.RunningMore = f.RequestsMore, f.RunningMore
}
