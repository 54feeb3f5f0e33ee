package review

import (
	"context"
	"errors"
	"strings"
	"time"

	"mfabot/intake"
)

// Summaries reads and keeps what the weekly summaries of the sites are made from.
type Summaries interface {
	// OpenRequests returns the references of a site's requests that are incomplete, pending or in need of
	// information, oldest first: those for one user, or all if email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
	// SitesOnRecord returns the sites after one, in the order of their codes, that have an active long-term exception or an
	// undecided request; at most limit.
	SitesOnRecord(ctx context.Context, after string, now time.Time, limit int) ([]string, error)
	// Untried counts the letters of a template written since a moment that nobody has tried to send yet.
	Untried(ctx context.Context, t intake.Template, since time.Time) (int, error)
	// OvertakeBefore takes letters of a template that were written before a moment, and not sent, out of the queue: at most
	// limit. It returns how many.
	OvertakeBefore(ctx context.Context, t intake.Template, before time.Time, limit int) (int, error)
	// HowFar returns how far a task is; empty where it never began.
	HowFar(ctx context.Context, task string) (string, error)
	// Proceed records how far a task is; ErrStale if it is no longer at from.
	Proceed(ctx context.Context, task, from, to string) error
}

const (
	summaryAhead    = 8 * 7 * 24 * time.Hour // how far a summary looks for ends
	summaryPage     = 25                     // of how many sites a sweep writes at a time
	summariesQueued = 100                    // above this many the next wait until some are sent
)

// summaryTask is the name by which it is kept how far the summaries of a week are.
const summaryTask = "summaries"

// summaryDone is how far they are in the end.
const summaryDone = "done"

// summaries writes to the sites once a week, from the first working morning on: to one after the other in the order of their
// codes. How far it is, is kept in the same transaction, and only ever goes on: so no site gets a second one, also when the
// clock is put back. Few wait in the queue at a time, so that what they say is new when it is sent, and nothing else waits
// for them.
func (s *sweep) summaries(ctx context.Context) error {
	if !s.Policy.Review.SiteSummary || !s.morningHasCome() {
		return nil
	}
	week := s.monday()
	name := week.Format(time.DateOnly)
	at, err := s.HowFar(ctx, summaryTask)
	if err != nil {
		return err
	}
	last, after, _ := strings.Cut(at, " ")
	if last > name || at == name+" "+summaryDone {
		return nil
	}
	if last < name {
		after = ""
		n, err := s.OvertakeBefore(ctx, intake.LetterSummary, week, sweepBatch)
		if s.done += n; err != nil || n > 0 {
			return err
		}
	}
	queued, err := s.Untried(ctx, intake.LetterSummary, week)
	if err != nil || queued >= summariesQueued {
		return err
	}
	sites, err := s.SitesOnRecord(ctx, strings.TrimPrefix(after, "after "), s.Now, summaryPage)
	if err != nil {
		return err
	}
	to := name + " " + summaryDone
	if len(sites) == summaryPage {
		to = name + " after " + sites[len(sites)-1]
	}
	err = s.Proceed(ctx, summaryTask, at, to)
	if errors.Is(err, intake.ErrStale) { // another process writes them
		return nil
	}
	if err != nil {
		return err
	}
	return s.each(ctx, sites, s.summary)
}

// monday is when the week began.
func (s *sweep) monday() time.Time {
	local := s.Now.In(s.Policy.Zone)
	since := (int(local.Weekday()) + 6) % 7
	return time.Date(local.Year(), local.Month(), local.Day()-since, 0, 0, 0, 0, s.Policy.Zone)
}

// summary writes to a site what is on record of it, unless there is nothing, or its mailbox refuses us.
func (s *sweep) summary(ctx context.Context, code string) error {
	f := intake.Facts{Audience: intake.ToSite, At: s.Now, Site: s.FactsOfSite(code)}
	if f.Site.Mailbox == "" { // it is not in the register any more
		return nil
	}
	refused, err := s.BouncedLately(ctx, f.Site.Mailbox, s.Now.Add(-unseenFor))
	if err != nil || refused {
		return err
	}
	long := func(e intake.Exception) bool { return e.Category == intake.Long }
	if err := (Standing{s.Panel, s.Tx, code}).ofSite(ctx, &f.StatusFacts, long); err != nil {
		return err
	}
	if len(f.Requests)+len(f.Running) == 0 { // somebody else than us has written it
		return nil
	}
	f.ReviewDays = s.Policy.Review.DeputyAfter
	for i := range f.Running {
		if e := &f.Running[i]; e.Ends.Sub(s.Now) <= summaryAhead {
			e.RenewBy = s.WorkingDays().LastFor(f.ReviewDays, e.Ends)
		}
	}
	return s.out.Send(ctx, s.Work, intake.Letter{Template: intake.LetterSummary, To: f.Site.Mailbox, Facts: f})
}
