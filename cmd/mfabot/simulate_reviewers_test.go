package main

import (
	"slices"
	"time"

	"mfabot/intake"
)

// verifyReminders checks that reminders and digests were true when they were written, and came one at a time,
// and that nobody decided as a deputy who was not asked.
func (r *record) verifyReminders() {
	days := intake.WorkingDays{Zone: r.settings.Policy.Zone, Holidays: r.settings.Holidays}
	rules := r.settings.Policy.Review
	at, stages := make(map[string]bool), make(map[string]int)
	for _, o := range r.outbound {
		f := o.Facts
		switch o.Template {
		case intake.LetterReminder:
			key := o.Ref + " " + o.To + " "
			r.check("reminders come one at a time", !at[key+o.CreatedAt.String()], "%s to %s at %v", o.Ref, o.To, o.CreatedAt)
			at[key+o.CreatedAt.String()] = true
			r.check("a reminder is true when it is written",
				f.Days == days.Between(f.At, o.CreatedAt) && (f.Why != "" || f.Days >= rules.RemindAfter[0]),
				"%s to %s: %d days at %v, asked on %v", o.Ref, o.To, f.Days, o.CreatedAt, f.At)
			if f.Why == "" {
				stages[key+f.At.String()]++
				r.check("each stage is reminded of once", stages[key+f.At.String()] <= len(rules.RemindAfter)+1, "%s to %s", o.Ref, o.To)
			}
		case intake.LetterReview:
			deputy, _ := r.settings.Reviewers.ByAddress(o.To)
			r.check("a deputy is told in whose place they are asked", !deputy.Standby || f.InPlaceOf != "" || r.askedBefore(o),
				"%s to %s", o.Ref, o.To)
		case intake.LetterMorning:
			local := o.CreatedAt.In(days.Zone)
			since := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
			r.check("a digest comes in the morning of a working day, and says something",
				days.Has(o.CreatedAt) && since >= rules.DigestAt && len(f.Undecided)+len(f.Ending)+len(f.Decided)+len(f.Todos) > 0,
				"to %s at %v", o.To, local)
		}
	}
	for ref, entries := range r.history {
		for _, h := range entries {
			by, known := r.settings.Reviewers.ByAddress(h.By)
			if !known || !by.Standby || ref == "" {
				continue
			}
			asked := false
			for _, v := range r.reviews[ref] {
				asked = asked || v.Reviewer == by.Address && v.Seed != ""
			}
			r.check("a deputy acts only where they were asked", asked, "%s: %s of %s", ref, h.Event, h.By)
		}
	}
}

// askedBefore reports whether the recipient had a review email about the same request before: then they are
// told of changes without a new one.
func (r *record) askedBefore(o intake.Outbound) bool {
	for _, e := range r.outbound {
		if e.ID > o.ID || e.To != o.To {
			continue
		}
		together := slices.ContainsFunc(e.Facts.Undecided, func(u intake.UndecidedFacts) bool {
			return u.Ref == o.Ref && u.InPlaceOf != ""
		})
		if e.ID < o.ID && e.Template == intake.LetterReview && e.Ref == o.Ref || together {
			return true
		}
	}
	return false
}
