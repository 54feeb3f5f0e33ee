package main

import (
	"fmt"
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

// verifySummaries checks that a site was told of what is on record of it once a week at most, on a working day, and that every line
// was true when it was written.
func (r *record) verifySummaries() {
	days := intake.WorkingDays{Zone: r.settings.Policy.Zone, Holidays: r.settings.Holidays}
	rules := r.settings.Policy.Review
	told := make(map[string]bool)
	for _, o := range r.outbound {
		if o.Template != intake.LetterSummary || o.StandsFor > 0 {
			continue
		}
		f, local := o.Facts, o.CreatedAt.In(days.Zone)
		year, week := local.ISOWeek()
		key := fmt.Sprint(f.Site.ODSCode, " in week ", week, " of ", year)
		r.check("a site has one summary a week", rules.SiteSummary && !told[key], "%s", key)
		told[key] = true
		r.happened["letter: summary"]++
		since := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
		r.check("a summary comes on a working day, and says something", days.Has(o.CreatedAt) && since >= rules.DigestAt &&
			len(f.Requests)+len(f.Running) > 0, "%s at %v", key, local)
		for _, row := range f.Running {
			i := slices.IndexFunc(r.exceptions, func(e intake.Exception) bool { return e.Ref == row.Ref })
			was := r.tamperer.lost[row.Ref] // which somebody has changed since
			r.check("a summary tells of the site's active exceptions", row.Ends.Equal(was.ends) || i >= 0 && r.ran(r.exceptions[i], o) &&
				row.Ends.Equal(r.exceptions[i].EndsAt), "%s of %s at %v: until %v", key, row.Ref, local, row.Ends)
			r.check("a summary tells of the renewals that wait", row.Renewal == "" || r.waited(row.Renewal, o) &&
				r.requests[row.Renewal].Renews == row.Ref, "%s of %s at %v: %s", key, row.Ref, local, row.Renewal)
		}
		for _, row := range f.Requests {
			r.check("a summary tells of the site's requests", r.waited(row.Ref, o) &&
				slices.Contains(r.statesAt(row.Ref, o.CreatedAt), intake.State(row.State)), "%s of %s at %v: %s", key,
				row.Ref, local, row.State)
		}
	}
}

// weekBefore reports whether a letter was written in a week before this one.
func (r *record) weekBefore(o intake.Outbound) bool {
	zone := r.settings.Policy.Zone
	year, week := o.CreatedAt.In(zone).ISOWeek()
	thisYear, thisWeek := r.now.Add(r.world.Clock.PutBack()).In(zone).ISOWeek()
	return year < thisYear || year == thisYear && week < thisWeek
}

// ran reports whether a long-term exception was active, and the site's that a letter went to, when that was written. By a clock that was
// put back it may have begun, or been closed, so much later or earlier than that by its own time.
func (r *record) ran(e intake.Exception, o intake.Outbound) bool {
	back := r.world.Clock.PutBack()
	return e.Category == intake.Long && e.SiteCode == o.Facts.Site.ODSCode && !e.StartsAt.After(o.CreatedAt.Add(back)) &&
		e.EndsAt.After(o.CreatedAt) && (e.ClosedAt.IsZero() || !e.ClosedAt.Before(o.CreatedAt.Add(-back)))
}

// waited reports whether a request was undecided, and the site's that a letter went to, when that was written.
func (r *record) waited(ref string, o intake.Outbound) bool {
	req := r.requests[ref]
	return req != nil && req.SiteCode == o.Facts.Site.ODSCode && slices.ContainsFunc(r.statesAt(ref, o.CreatedAt),
		func(s intake.State) bool {
			return s == intake.Incomplete || s == intake.Pending || s == intake.NeedsInfo
		})
}

// statesAt returns the states that a request can have been in at a moment: those before and after what happened in that very moment or,
// where the clock was put back, so much before or after it.
func (r *record) statesAt(ref string, at time.Time) (states []intake.State) {
	back, state := r.world.Clock.PutBack(), intake.Received
	for _, h := range r.history[ref] {
		if h.At.After(at.Add(back)) {
			break
		}
		to, err := intake.Next(state, h.Event)
		if err != nil { // it changes no state
			continue
		}
		if h.At.Before(at.Add(-back)) {
			states = nil
		} else {
			states = append(states, state)
		}
		state = to
	}
	return append(states, state)
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
