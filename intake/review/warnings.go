package review

import (
	"context"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// warning is an exception of which it is warned, and the facts of the letters that say so.
type warning struct {
	e *intake.Exception
	f intake.Facts
}

// giveNotice gives the one notice that is true now, however many were missed: a warning, or that the exception has ended. It
// returns the exceptions of which it was warned.
func (s *sweep) giveNotice(ctx context.Context, e *intake.Exception) (warned []string, err error) {
	if e.StateAt(s.Now) == intake.Ended {
		if err := s.tellEnd(ctx, s.Tx, e); err != nil {
			return nil, err
		}
		return nil, s.endExemption(ctx, s.Tx, e)
	}
	if at := s.Policy.Notices(e.Category, s.Holidays).When(e.EndsAt, s.Now); at.After(s.Now) {
		return nil, s.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, at)
	}
	first, err := s.warn(ctx, e)
	if err != nil {
		return nil, err
	}
	others, err := s.warnOthers(ctx, e)
	if err != nil {
		return nil, err
	}
	if len(others) == 0 {
		return nil, s.tellWarning(ctx, s.out.SendBoth, first)
	}
	if err := s.tellWarning(ctx, s.toUser, first); err != nil {
		return nil, err
	}
	all := append([]warning{first}, others...)
	for _, w := range all {
		warned = append(warned, w.e.Ref)
	}
	return warned, s.out.Send(ctx, s.Work, warningOfSeveral(s.Now, all))
}

// moveNotices moves the notices of this week that were set by other hours or holidays than there are now.
func (s *sweep) moveNotices(ctx context.Context) error {
	soon, err := s.NoticesDue(ctx, s.Now.Add(thisWeek), 0)
	if err != nil {
		return err
	}
	for _, e := range soon {
		at := s.Policy.Notices(e.Category, s.Holidays).Moved(e.EndsAt, e.NextNoticeAt, s.Now)
		if at.Equal(e.NextNoticeAt) || !e.NextNoticeAt.After(s.Now) {
			continue
		}
		if err := s.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, at); err != nil {
			return err
		}
	}
	return nil
}

// toUser is SendUser.
func (s *sweep) toUser(ctx context.Context, w outbox.Work, l intake.Letter) error {
	return outbox.SendUser(ctx, s.out, w, l)
}

// warn records that it is warned of an exception, and sets when its next notice is due.
func (s *sweep) warn(ctx context.Context, e *intake.Exception) (w warning, err error) {
	w = warning{e, s.FactsOfException(e)}
	w.f.At = s.Now
	if _, err := s.renewalFacts(ctx, s.Tx, e, &w.f); err != nil {
		return w, err
	}
	SetRenewBy(s.Service, e.Category, e.EndsAt, &w.f)
	next := s.Policy.Notices(e.Category, s.Holidays).Next(e.EndsAt, later(s.Now, e.NextNoticeAt))
	if err := s.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, next); err != nil {
		return w, err
	}
	entry := intake.HistoryEntry{
		Ref: e.Ref, At: s.Now, Event: intake.EventWarning, Text: "ends at " + e.EndsAt.Format(time.RFC3339),
	}
	if err := s.Record(ctx, entry); err != nil {
		return w, err
	}
	return w, s.overtake(ctx, s.Tx, e.Ref)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tellWarning tells the user of a warning, or both the user and the site, and the sites whose exception this one has replaced.
func (s *sweep) tellWarning(
	ctx context.Context, send func(context.Context, outbox.Work, intake.Letter) error, w warning,
) error {
	if err := send(ctx, s.Work, intake.Letter{Template: intake.LetterWarning, Ref: w.e.Ref, Facts: w.f}); err != nil {
		return err
	}
	return (&past{s.Panel, s.Tx, w.e}).tell(ctx, intake.LetterWarning, "")
}

// warnOthers warns the users of those exceptions of which the site is warned with this one: with the same warning as is due
// for this one, within a week or, where it is the last, on the same day. One for which that is impossible is left for its own
// time.
func (s *sweep) warnOthers(ctx context.Context, e *intake.Exception) (warned []warning, err error) {
	if e.Category != intake.Long || e.SiteAddress == "" {
		return nil, nil
	}
	all, err := s.ActiveAt(ctx, e.SiteCode, s.Now)
	if err != nil {
		return nil, err
	}
	notices := s.Policy.Notices(intake.Long, s.Holidays)
	stage, by := notices.Stage(e.EndsAt, s.Now), s.Now.Add(thisWeek)
	if stage == len(notices.Warnings) {
		_, by, err = s.Policy.DayOf(s.Now.In(s.Policy.Zone).Format(time.DateOnly))
		if err != nil {
			return nil, err
		}
	}
	for _, o := range all {
		joins := o.Ref != e.Ref && o.Category == intake.Long && o.SiteAddress == e.SiteAddress && o.NextNoticeAt.Before(o.EndsAt) &&
			!o.NextNoticeAt.After(by) && notices.Stage(o.EndsAt, later(s.Now, o.NextNoticeAt)) == stage
		if !joins || len(warned) == mostListed-1 {
			continue
		}
		err := s.Savepoint(ctx, func() error {
			w, err := s.warn(ctx, &o)
			if err != nil {
				return err
			}
			if err := s.tellWarning(ctx, s.toUser, w); err != nil {
				return err
			}
			warned = append(warned, w)
			return nil
		})
		switch {
		case intake.IsRule(err):
			s.log.Error("what is due could not be done with others", "ref", o.Ref, "err", err)
		case err != nil:
			return nil, err
		}
	}
	return warned, nil
}

// warningOfSeveral is the letter to a site that warns of several exceptions of its users.
func warningOfSeveral(now time.Time, all []warning) intake.Letter {
	first := all[0].f
	f := intake.Facts{Audience: intake.ToSite, At: now, Site: first.Site,
		ExceptionFacts: intake.ExceptionFacts{ReviewDays: first.ReviewDays}}
	for _, w := range all {
		f.Reason.NoApp = f.Reason.NoApp || w.f.Reason.NoApp
		f.Warned = append(f.Warned, intake.WarnedFacts{Ref: w.e.Ref, User: w.f.User, Ends: w.f.Ends, RenewBy: w.f.RenewBy,
			Renewal: w.f.Renewal, Decision: w.f.Decision})
	}
	slices.SortStableFunc(f.Warned, func(a, b intake.WarnedFacts) int { return a.Ends.Compare(b.Ends) })
	return intake.Letter{Template: intake.LetterWarnings, To: first.Site.Mailbox, Facts: f}
}

// SetRenewBy adds to the facts of a letter about an exception the last day on which a renewal can be asked for in
// time before it ends. Nobody can promise when reviewers decide; what the policy gives them is the working days until
// their deputy is asked in their place.
func SetRenewBy(s *intake.Service, c intake.Category, ends time.Time, f *intake.Facts) {
	if c == intake.Long {
		f.ReviewDays = s.Policy.Review.DeputyAfter
		f.RenewBy = s.WorkingDays().LastFor(f.ReviewDays, ends)
	}
}

// overtake drops an exception's unsent warnings, those to former sites included: the notice about to be sent
// says what is true now.
func (p *Panel) overtake(ctx context.Context, tx Tx, ref string) error {
	replaced, err := tx.Replaced(ctx, ref)
	if err != nil {
		return err
	}
	refs := []string{ref}
	for _, old := range replaced {
		refs = append(refs, old.Ref)
	}
	for _, ref := range refs {
		recipients, err := tx.Overtake(ctx, ref)
		if err != nil {
			return err
		}
		for _, to := range recipients {
			entry := intake.HistoryEntry{Ref: ref, At: tx.Now, Event: intake.EventOvertaken, By: to,
				Text: "a warning was not sent before a later notice"}
			if err := tx.Record(ctx, entry); err != nil {
				return err
			}
		}
	}
	return nil
}
