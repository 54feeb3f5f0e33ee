package review

import (
	"context"

	"mfabot/intake"
)

// Withdraw takes a request back, and tells its site and the reviewers. why is empty
// where the site has asked for it. ErrNotNow where it is decided.
func (p *Panel) Withdraw(ctx context.Context, tx Tx, req *intake.Request, by string, why intake.Why, answersTo string) error {
	from := req.State
	if err := p.Advance(req, tx.Now, intake.EventWithdraw); err != nil {
		return err
	}
	f := p.FactsOfRequest(req)
	f.Audience, f.Decision, f.By, f.At, f.Why = intake.ToSite, string(intake.Withdrawn), by, tx.Now, why
	var err error
	if f.Runs, err = p.Runs(ctx, tx, req); err != nil {
		return err
	}
	if err := tx.VoidReviews(ctx, req.Ref, tx.Now); err != nil {
		return err
	}
	if err := tx.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := tx.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: tx.Now, Event: intake.EventWithdraw, By: by, Text: string(why)}); err != nil {
		return err
	}
	if err := p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterWithdrawn, To: req.SiteAddress, Ref: req.Ref, AnswersTo: answersTo, Facts: f}); err != nil {
		return err
	}
	return p.tellReviewers(ctx, tx, req, f, "")
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
	f := s.FactsOfRequest(req)
	f.Audience, f.At, f.Decision = intake.ToSite, s.Now, string(intake.Lapsed)
	if f.Runs, err = s.Runs(ctx, s.Tx, req); err != nil {
		return err
	}
	if err := s.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := s.VoidReviews(ctx, ref, s.Now); err != nil {
		return err
	}
	if err := s.Record(ctx, intake.HistoryEntry{Ref: ref, At: s.Now, Event: intake.EventLapse, Text: "nobody answered in time"}); err != nil {
		return err
	}
	if err := s.out.Send(ctx, s.Work, intake.Letter{Template: intake.LetterLapsed, To: req.SiteAddress, Ref: ref, Facts: f}); err != nil {
		return err
	}
	return s.tellReviewers(ctx, s.Tx, req, f, "")
}
