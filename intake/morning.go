package intake

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Mornings is what the morning's digest is made of.
type Mornings interface {
	// Waiting returns the requests that wait for somebody, longest first, without
	// their evidence.
	Waiting(ctx context.Context) ([]Request, error)
	// Ending returns the long-term exceptions that end after a moment and not
	// after another, soonest first.
	Ending(ctx context.Context, after, by time.Time) ([]Exception, error)
}

// thisWeek is how far the digest looks ahead, and mostListed how many of each kind
// it lists.
const (
	thisWeek   = 7 * 24 * time.Hour
	mostListed = 50
)

// UndecidedFacts is what the digest says of a request that waits for a decision.
type UndecidedFacts struct {
	Ref     string    `json:"ref"`
	Subject Person    `json:"subject"`
	Site    SiteFacts `json:"site"`
	Reason  string    `json:"reason"` // its title
	Days    int       `json:"days"`   // working days that it has waited
	Asked   []string  `json:"asked"`  // names of the others
}

// EndingFacts is what the digest says of an exception that ends soon.
type EndingFacts struct {
	Ref     string    `json:"ref"`
	Subject Person    `json:"subject"`
	Site    SiteFacts `json:"site"`
	Ends    time.Time `json:"ends"`
	Renewal string    `json:"renewal,omitempty"` // a request that would renew it, and is not decided
}

// open is a request that waits for reviewers, with those who were asked.
type open struct {
	Request
	asked []asked
}

// morning sends the digest of a working day, once its hour has come: whatever was
// missed, only today's.
func (p *Panel) morning(ctx context.Context, tx ReviewTx) error {
	local := tx.Now.In(p.Policy.Zone)
	at := p.Policy.Review.DigestAt
	begins := time.Date(local.Year(), local.Month(), local.Day(), int(at.Hours()), int(at.Minutes())%60, 0, 0, p.Policy.Zone)
	if tx.Now.Before(begins) || !p.workingDays().Has(tx.Now) {
		return nil
	}
	err := tx.Once(ctx, "morning", local.Format(time.DateOnly))
	if errors.Is(err, ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(p.digests(ctx, tx), p.checkHolidays(ctx, tx))
}

// checkHolidays tells the operator, once, that the list of holidays has come to its end.
func (p *Panel) checkHolidays(ctx context.Context, tx ReviewTx) error {
	if !p.Holidays.Over(tx.Now.In(p.Policy.Zone)) {
		return nil
	}
	err := tx.Once(ctx, "holidays over", p.Holidays.LastYear()+"-12-31")
	if errors.Is(err, ErrStale) {
		return nil
	}
	return errors.Join(err, p.out.alert(ctx, tx.Work, "holidays", "The list of holidays has come to its end",
		"Its last holidays are of "+p.Holidays.LastYear()+". Until it is replaced, holidays count as working days, so that reminders come early.",
		"Write a file with the holidays of the coming years, and name it in the configuration: holidays = \"holidays.txt\""))
}

// digests writes to each reviewer who is there, and to each deputy who was asked
// for something. Who has nothing to do gets none.
func (p *Panel) digests(ctx context.Context, tx ReviewTx) error {
	requests, err := tx.Waiting(ctx)
	if err != nil {
		return err
	}
	ending, err := tx.Ending(ctx, tx.Now, tx.Now.Add(thisWeek))
	if err != nil {
		return err
	}
	away, err := p.away(ctx, tx)
	if err != nil {
		return err
	}
	var waiting []open
	atSites := 0
	for _, r := range requests {
		if r.State != Pending {
			atSites++
			continue
		}
		reviews, err := tx.Reviews(ctx, r.Ref)
		if err != nil {
			return err
		}
		waiting = append(waiting, open{r, p.askedNow(&r, reviews)})
	}
	for _, r := range p.Reviewers {
		if _, absent := away[r.Address]; absent {
			continue
		}
		f := Facts{Audience: ToReviewer, At: tx.Now, AtSites: atSites}
		f.Undecided = p.waitingFor(r, waiting, away, tx.Now)
		if !r.Standby {
			f.Ending = p.endingFacts(r, ending, requests)
		}
		if len(f.Undecided)+len(f.Ending) == 0 {
			continue
		}
		f.UndecidedTotal, f.EndingTotal = len(f.Undecided), len(f.Ending)
		f.Undecided, f.Ending = f.Undecided[:min(len(f.Undecided), mostListed)], f.Ending[:min(len(f.Ending), mostListed)]
		if err := p.out.send(ctx, tx.Work, Letter{Template: Morning, To: r.Address, Facts: f}); err != nil {
			return err
		}
	}
	return nil
}

// waitingFor are the requests on which a reviewer was asked and has not decided.
func (p *Panel) waitingFor(r Reviewer, waiting []open, away map[string]Absence, now time.Time) []UndecidedFacts {
	var out []UndecidedFacts
	for _, w := range waiting {
		if !slices.ContainsFunc(w.asked, func(a asked) bool { return a.Address == r.Address && !a.decided }) {
			continue
		}
		f := UndecidedFacts{Ref: w.Ref, Subject: w.Subject, Site: p.siteFacts(w.SiteCode), Reason: p.reasonFacts(Long, w.Reason).Title,
			Days: p.workingDays().Between(w.WaitingSince, now)}
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
func (p *Panel) endingFacts(r Reviewer, ending []Exception, requests []Request) []EndingFacts {
	var out []EndingFacts
	for _, e := range ending {
		site, _ := p.Sites.Now().ByCode(e.SiteCode)
		if r.Barred(&Request{Subject: e.Subject}, site) {
			continue
		}
		f := EndingFacts{Ref: e.Ref, Subject: e.Subject, Site: p.siteFacts(e.SiteCode), Ends: e.EndsAt}
		if i := slices.IndexFunc(requests, func(q Request) bool { return q.Renews == e.Ref }); i >= 0 {
			f.Renewal = requests[i].Ref
		}
		out = append(out, f)
	}
	return out
}
