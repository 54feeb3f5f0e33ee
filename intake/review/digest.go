package review

import (
	"context"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
)

// Mornings is what the morning's digest is made of.
type Mornings interface {
	// Waiting returns the requests that wait for somebody, longest first, without
	// their evidence.
	Waiting(ctx context.Context) ([]intake.Request, error)
	// Ending returns the long-term exceptions that end after a moment and not
	// after another, soonest first.
	Ending(ctx context.Context, after, by time.Time) ([]intake.Exception, error)
}

// thisWeek is how far the digest looks ahead, and mostListed how many of each kind
// it lists.
const (
	thisWeek   = 7 * 24 * time.Hour
	mostListed = 50
)

// open is a request that waits for reviewers, with those who were asked.
type open struct {
	intake.Request
	asked []asked
}

// morning sends the digest of a working day, once its hour has come: whatever was
// missed, only today's.
func (s *sweep) morning(ctx context.Context) error {
	local := s.Now.In(s.Policy.Zone)
	at := s.Policy.Review.DigestAt
	begins := time.Date(local.Year(), local.Month(), local.Day(), int(at.Hours()), int(at.Minutes())%60, 0, 0, s.Policy.Zone)
	if s.Now.Before(begins) || !s.WorkingDays().Has(s.Now) {
		return nil
	}
	err := s.Once(ctx, "morning", local.Format(time.DateOnly))
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.digests(ctx); err != nil {
		return err
	}
	return s.checkHolidays(ctx)
}

// checkHolidays tells the operator, once, that the list of holidays has come to its end.
func (s *sweep) checkHolidays(ctx context.Context) error {
	if !s.Holidays.Over(s.Now.In(s.Policy.Zone)) {
		return nil
	}
	err := s.Once(ctx, "holidays over", s.Holidays.LastYear()+"-12-31")
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.out.Alert(ctx, s.Work, intake.AlertHolidays, "The list of holidays has come to its end",
		"Its last holidays are of "+s.Holidays.LastYear()+". Until it is replaced, holidays count as working days, so that reminders come early.",
		"Write a file with the holidays of the coming years, and name it in the configuration: holidays = \"holidays.txt\"")
}

// digests writes to each reviewer who is there, and to each deputy who was asked
// for something. Who has nothing to do gets none.
func (s *sweep) digests(ctx context.Context) error {
	requests, err := s.Waiting(ctx)
	if err != nil {
		return err
	}
	ending, err := s.Ending(ctx, s.Now, s.Now.Add(thisWeek))
	if err != nil {
		return err
	}
	away, err := s.away(ctx, s.Tx)
	if err != nil {
		return err
	}
	var waiting []open
	atSites := 0
	for _, r := range requests {
		if r.State != intake.Pending {
			atSites++
			continue
		}
		reviews, err := s.Reviews(ctx, r.Ref)
		if err != nil {
			return err
		}
		waiting = append(waiting, open{r, s.askedNow(&r, reviews)})
	}
	for _, r := range s.Reviewers {
		if _, absent := away[r.Address]; absent {
			continue
		}
		f := intake.Facts{Audience: intake.ToReviewer, At: s.Now, DigestFacts: intake.DigestFacts{AtSites: atSites}}
		f.Undecided = s.waitingFor(r, waiting, away, s.Now)
		if !r.Standby {
			f.Ending = s.endingFacts(r, ending, requests)
		}
		if len(f.Undecided)+len(f.Ending) == 0 {
			continue
		}
		f.UndecidedTotal, f.EndingTotal = len(f.Undecided), len(f.Ending)
		f.Undecided, f.Ending = f.Undecided[:min(len(f.Undecided), mostListed)], f.Ending[:min(len(f.Ending), mostListed)]
		if err := s.out.Send(ctx, s.Work, intake.Letter{Template: intake.LetterMorning, To: r.Address, Facts: f}); err != nil {
			return err
		}
	}
	return nil
}

// waitingFor are the requests on which a reviewer was asked and has not decided.
func (p *Panel) waitingFor(r intake.Reviewer, waiting []open, away map[string]intake.Absence, now time.Time) []intake.UndecidedFacts {
	var out []intake.UndecidedFacts
	for _, w := range waiting {
		if !slices.ContainsFunc(w.asked, func(a asked) bool { return a.Address == r.Address && !a.decided }) {
			continue
		}
		f := intake.UndecidedFacts{Ref: w.Ref, User: w.User, Site: p.FactsOfSite(w.SiteCode), Reason: p.FactsOfReason(intake.Long, w.Reason).Title,
			Days: p.WorkingDays().Between(w.WaitingSince, now)}
		for _, a := range w.asked {
			name := a.Name
			switch _, absent := away[a.Address]; {
			case a.Address == r.Address:
				continue
			case a.decided:
				name += ", who has approved it"
			case absent:
				name += ", who is away"
			}
			f.Asked = append(f.Asked, name)
		}
		out = append(out, f)
	}
	return out
}

// endingFacts are the exceptions of which a reviewer may know: not of a site of
// their own, nor for them.
func (p *Panel) endingFacts(r intake.Reviewer, ending []intake.Exception, requests []intake.Request) []intake.EndingFacts {
	var out []intake.EndingFacts
	for _, e := range ending {
		site, _ := p.Sites.Now().ByCode(e.SiteCode)
		if r.Barred(&intake.Request{User: e.User}, site) {
			continue
		}
		f := intake.EndingFacts{Ref: e.Ref, User: e.User, Site: p.FactsOfSite(e.SiteCode), Ends: e.EndsAt}
		if i := slices.IndexFunc(requests, func(q intake.Request) bool { return q.Renews == e.Ref }); i >= 0 {
			f.Renewal = requests[i].Ref
		}
		out = append(out, f)
	}
	return out
}
