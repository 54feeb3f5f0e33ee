package review

import (
	"context"
	"errors"

	"mfabot/intake"
)

// Withdraw takes a request back, and tells its site and the reviewers. why is empty
// where the site has asked for it. ErrNotNow where it is decided.
func (p *Panel) Withdraw(ctx context.Context, tx Tx, req *intake.Request, by string, why intake.Why, answersTo string) error {
	from := req.State
	if err := p.Advance(req, tx.Now, intake.EventWithdraw); err != nil {
		return err
	}
	f := p.RequestFacts(req)
	f.Audience, f.Decision, f.By, f.At, f.Why = intake.ToSite, string(intake.Withdrawn), by, tx.Now, why
	var err error
	if f.Runs, err = p.Runs(ctx, tx, req); err != nil {
		return err
	}
	return errors.Join(
		tx.VoidReviews(ctx, req.Ref, tx.Now),
		tx.UpdateRequest(ctx, req, from),
		tx.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: tx.Now, Event: intake.EventWithdraw, By: by, Text: string(why)}),
		p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterWithdrawn, To: req.SiteAddress, Ref: req.Ref, AnswersTo: answersTo, Facts: f}),
		p.tellReviewers(ctx, tx, req, f, ""),
	)
}

// lapse ends a request whose site did not answer in time.
func (s *sweep) lapse(ctx context.Context, ref string) error {
	req, err := s.Request(ctx, ref)
	if err != nil {
		return err
	}
	from := req.State
	if err := s.Advance(req, s.Now, intake.EventLapse); err != nil {
		return err
	}
	f := s.RequestFacts(req)
	f.Audience, f.At, f.Decision = intake.ToSite, s.Now, string(intake.Lapsed)
	if f.Runs, err = s.Runs(ctx, s.Tx, req); err != nil {
		return err
	}
	return errors.Join(
		s.UpdateRequest(ctx, req, from),
		s.VoidReviews(ctx, ref, s.Now),
		s.Record(ctx, intake.HistoryEntry{Ref: ref, At: s.Now, Event: intake.EventLapse, Text: "nobody answered in time"}),
		s.out.Send(ctx, s.Work, intake.Letter{Template: intake.LetterLapsed, To: req.SiteAddress, Ref: ref, Facts: f}),
		s.tellReviewers(ctx, s.Tx, req, f, ""),
	)
}
