package review

import (
	"context"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Mornings reads what the morning digest is made of.
type Mornings interface {
	// Waiting returns the requests that wait for somebody, longest first, without their evidence.
	Waiting(ctx context.Context) ([]intake.Request, error)
	// Ending returns the long-term exceptions that end later than after and no later than by, soonest first.
	Ending(ctx context.Context, after, by time.Time) ([]intake.Exception, error)
}

// Days records what is done once a day.
type Days interface {
	// Once marks the named task as done on a day; ErrStale if it already is.
	Once(ctx context.Context, name, day string) error
}

const (
	thisWeek   = 7 * 24 * time.Hour // how far the digest looks ahead
	mostListed = 50                 // how many of each kind it lists
)

// open is a request that waits for reviewers, with those who were asked to decide it.
type open struct {
	intake.Request
	asked   []asked
	reviews []intake.Review
	runs    time.Time // when the exception ends that it would renew
}

// granted is an exception and the request it was granted on.
type granted struct {
	intake.Exception
	on *intake.Request
}

// morning sends the digest on a working day, once its hour has come. Digests of days before are not made up
// for.
func (s *sweep) morning(ctx context.Context) error {
	if !s.morningHasCome() {
		return nil
	}
	err := s.Once(ctx, "morning", s.Now.In(s.Policy.Zone).Format(time.DateOnly))
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.digests(ctx); err != nil {
		return err
	}
	if err := s.moveNotices(ctx); err != nil {
		return err
	}
	return s.checkHolidays(ctx)
}

// morningHasCome reports whether it is a working day, and the hour of its digest is over.
func (s *sweep) morningHasCome() bool {
	return s.WorkingDays().HasOpened(s.Now, s.Policy.Review.DigestAt)
}

// checkHolidays tells the operator, once, that the list of holidays has run out.
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
	return s.out.Alert(ctx, s.Work, intake.AlertHolidays, outbox.Cause{}.Do(
		"Write a file with the holidays of the coming years, and name it in the configuration: holidays = \"holidays.txt\""),
		"The list of holidays has come to its end",
		"Its last holidays are of "+s.Holidays.LastYear()+". "+
			"Until it is replaced, holidays count as working days, so that reminders come early.")
}

// digests writes to each reviewer who is not away, each deputy who was asked to stand in, and the operator. Nobody gets an
// empty digest.
func (s *sweep) digests(ctx context.Context) error {
	requests, err := s.Waiting(ctx)
	if err != nil {
		return err
	}
	ending, err := s.ending(ctx)
	if err != nil {
		return err
	}
	away, err := s.away(ctx, s.Tx)
	if err != nil {
		return err
	}
	waiting, atSites, err := s.waitingNow(ctx, requests)
	if err != nil {
		return err
	}
	todos, err := todosOf(ctx, s)
	if err != nil {
		return err
	}
	for _, r := range s.Reviewers {
		if _, absent := away[r.Address]; absent {
			continue
		}
		f := intake.Facts{Audience: intake.ToReviewer, At: s.Now, DigestFacts: intake.DigestFacts{AtSites: atSites},
			ReviewFacts: intake.ReviewFacts{Latest: s.Now.Add(s.Policy.LongTerm.Duration)}}
		f.Undecided = s.waitingFor(r, waiting, away, s.Now)
		if err := s.dropUnseen(ctx, r, f.Undecided); err != nil {
			return err
		}
		if !r.Standby {
			f.Ending = s.endingFacts(r, ending, requests, f.Undecided)
		}
		if f.Decided, err = s.takeDecided(ctx, r); err != nil {
			return err
		}
		if r.Address == s.Operator { // who gets one digest
			f.Todos, f.TodosTotal, f.TodosOverdue, todos = todos.Todos, todos.TodosTotal, todos.TodosOverdue, intake.DigestFacts{}
		}
		if len(f.Undecided)+len(f.Ending)+len(f.Decided)+len(f.Todos) == 0 {
			continue
		}
		f.UndecidedTotal, f.EndingTotal = len(f.Undecided), len(f.Ending)
		f.Undecided = f.Undecided[:min(len(f.Undecided), mostListed)]
		f.Ending = f.Ending[:min(len(f.Ending), mostListed)]
		digest := intake.Letter{Template: intake.LetterMorning, To: r.Address, Facts: f}
		if err := s.out.Send(ctx, s.Work, digest); err != nil {
			return err
		}
	}
	return sendTodos(ctx, s, todos)
}

// waitingNow returns those of the requests that wait for reviewers, and how many wait for their sites.
func (s *sweep) waitingNow(ctx context.Context, requests []intake.Request) (waiting []open, atSites int, err error) {
	for _, r := range requests {
		if r.State != intake.Pending {
			atSites++
			continue
		}
		reviews, err := s.Reviews(ctx, r.Ref)
		if err != nil {
			return nil, 0, err
		}
		runs, err := s.renewedEnds(ctx, s.Tx, &r)
		if err != nil {
			return nil, 0, err
		}
		waiting = append(waiting, open{r, s.askedNow(&r, reviews), reviews, runs})
	}
	return waiting, atSites, nil
}

// sendByMorning sends a letter that the next digest takes up, or that goes out by itself an hour later: where there is no
// digest, as to somebody who is away, nothing is lost.
func sendByMorning(ctx context.Context, p *Panel, w outbox.Work, l intake.Letter) error {
	next := p.WorkingDays().NextOpening(w.Now, p.Policy.Review.DigestAt)
	return outbox.SendLater(ctx, p.out, w, l, next.Add(time.Hour))
}

// takeDecided takes up in a reviewer's digest what would tell them later what others decided, and what is in a digest that
// was not sent and that the new one replaces.
func (s *sweep) takeDecided(ctx context.Context, r intake.Reviewer) (out []intake.DecidedFacts, err error) {
	unsent, err := s.Unsent(ctx, []intake.Template{intake.LetterMorning, intake.LetterDecided}, r.Address)
	if err != nil {
		return nil, err
	}
	for _, o := range unsent {
		f := o.Facts
		if o.Template == intake.LetterMorning {
			out = append(out, f.Decided...)
			continue
		}
		if !s.Policy.Review.DecidedLater || !o.HeldUntil.After(s.Now) || o.Attempts > 0 || f.Typed != "" || f.By == r.Name ||
			f.Decision == string(intake.Revoked) {
			continue // it is on its way, or says what must not wait
		}
		out = append(out, intake.DecidedFacts{Ref: o.Ref, User: f.User, Site: f.Site, Decision: f.Decision, By: f.By, At: f.At,
			Said: f.Said, Ends: f.Ends, Former: f.Former, Seed: f.Seed, CodeHash: f.CodeHash})
		if err := s.OvertakeLetters(ctx, intake.LetterDecided, o.Ref, r.Address); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// waitingFor returns the requests that a reviewer was asked to decide and has not.
func (s *sweep) waitingFor(
	r intake.Reviewer, waiting []open, away map[string]intake.Absence, now time.Time,
) []intake.UndecidedFacts {
	var out []intake.UndecidedFacts
	for _, w := range waiting {
		if !slices.ContainsFunc(w.asked, func(a asked) bool { return a.Address == r.Address && !a.decided }) {
			continue
		}
		f := intake.UndecidedFacts{
			Ref:    w.Ref,
			User:   w.User,
			Site:   s.FactsOfSite(w.SiteCode),
			Reason: s.FactsOfReason(intake.Long, w.Reason).Title,
			Days:   s.WorkingDays().Between(w.WaitingSince, now),
			Renews: w.Renews,
			Runs:   w.runs,
		}
		f.Seed, f.CodeHash = s.lastCode(r, w)
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

// unseenFor is how long somebody whose mailbox refused an email of ours may not have seen others.
const unseenFor = 14 * 24 * time.Hour

// dropUnseen leaves out the links of those requests whose review email the reviewer cannot have seen: it is not sent yet, or
// the mailbox refuses us. What is decided has been looked at.
func (s *sweep) dropUnseen(ctx context.Context, r intake.Reviewer, undecided []intake.UndecidedFacts) error {
	refused, err := s.BouncedLately(ctx, r.Address, s.Now.Add(-unseenFor))
	if err != nil {
		return err
	}
	unsent, err := s.Unsent(ctx, []intake.Template{intake.LetterReview, intake.LetterReviews}, r.Address)
	if err != nil {
		return err
	}
	for i := range undecided {
		u := &undecided[i]
		if refused || slices.ContainsFunc(unsent, func(o intake.Outbound) bool {
			return o.Ref == u.Ref || slices.ContainsFunc(o.Facts.Undecided, func(f intake.UndecidedFacts) bool { return f.Ref == u.Ref })
		}) {
			u.Seed, u.CodeHash = "", ""
		}
	}
	return nil
}

// lastCode returns the seed and the hash of the newest code with which a reviewer can decide a request, so that the digest
// needs none of its own; empty where that one is too old, or was made before codes had seeds.
func (s *sweep) lastCode(r intake.Reviewer, w open) (seed, hash string) {
	for _, v := range w.reviews {
		usable := v.Purpose == intake.ToDecide && v.Digest == w.Digest && v.VoidAt.IsZero() && v.Decision == ""
		if usable && v.Reviewer == r.Address && s.Now.Sub(v.CreatedAt) < s.Policy.CodesLast {
			seed, hash = v.Seed, v.CodeHash
		}
	}
	return seed, hash
}

// ending returns the long-term exceptions that end this week, each with the request it was granted on.
func (s *sweep) ending(ctx context.Context) ([]granted, error) {
	exceptions, err := s.Ending(ctx, s.Now, s.Now.Add(thisWeek))
	if err != nil {
		return nil, err
	}
	var out []granted
	for _, e := range exceptions {
		req, err := s.Request(ctx, e.Ref)
		if errors.Is(err, intake.ErrNotFound) { // somebody else than us has changed it
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, granted{e, req})
	}
	return out, nil
}

// endingFacts returns the exceptions that a reviewer may know about: those of requests that they may decide. undecided is
// what waits for them.
func (s *sweep) endingFacts(
	r intake.Reviewer, ending []granted, requests []intake.Request, undecided []intake.UndecidedFacts,
) []intake.EndingFacts {
	var out []intake.EndingFacts
	for _, e := range ending {
		if s.Barred(r, e.on) {
			continue
		}
		f := intake.EndingFacts{Ref: e.Ref, User: e.User, Site: s.FactsOfSite(e.SiteCode), Ends: e.EndsAt}
		if i := slices.IndexFunc(requests, func(q intake.Request) bool { return q.Renews == e.Ref }); i >= 0 {
			f.Renewal = requests[i].Ref
			f.Yours = slices.ContainsFunc(undecided, func(u intake.UndecidedFacts) bool { return u.Ref == f.Renewal })
		}
		out = append(out, f)
	}
	return out
}
