package review

import (
	"context"
	"time"

	"mfabot/intake"
)

// Requests stores the requests.
type Requests interface {
	// Request returns a request with its evidence, or ErrNotFound.
	Request(ctx context.Context, ref string) (*intake.Request, error)
	// UpdateRequest stores r with the next version if the stored one is still in the state from and of r's
	// version; else ErrStale.
	UpdateRequest(ctx context.Context, r *intake.Request, from intake.State) error
	// WithFile returns the requests for which a file came, with other messages than those of the request ref, the
	// newest first, without evidence.
	WithFile(ctx context.Context, sha256, ref string) ([]intake.Request, error)
	// RequestsFor returns every request for a user, of whatever site, the newest first, without evidence.
	RequestsFor(ctx context.Context, email string) ([]intake.Request, error)
	// RequestsFrom returns the requests that one message began, in order, without evidence.
	RequestsFrom(ctx context.Context, inboundID int64) ([]intake.Request, error)
	// Renewing returns the reference of the open request that would renew an exception; empty for none.
	Renewing(ctx context.Context, exception string) (string, error)
	// Lapsing returns the references of requests whose time to answer is over.
	Lapsing(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Unanswered returns the references of requests that still have time, and whose sites were last asked for
	// something at asked or earlier and not reminded since.
	Unanswered(ctx context.Context, now, asked time.Time, limit int) ([]string, error)
}

// Withdrawal closes a request that nobody has decided.
type Withdrawal struct {
	Request   *intake.Request
	By        string     // the site's address, or the operator
	Why       intake.Why // WhyLeft, WhyClosed, or empty if the site asked for it
	Said      string     // why the operator closes it, which the site is told
	AnswersTo string     // the Message-ID of the site's message; empty for none
}

// Withdraw closes a request as withdrawn, and tells its site and the reviewers. ErrNotNow if the request is already
// decided.
func (p *Panel) Withdraw(ctx context.Context, tx Tx, w Withdrawal) error {
	req, from, on, text := w.Request, w.Request.State, intake.EventWithdraw, string(w.Why)
	if w.Why == intake.WhyClosed {
		on, text = intake.EventClose, w.Said
	}
	if err := p.Advance(req, tx.Now, on); err != nil {
		return err
	}
	f := p.FactsOfRequest(req)
	f.Audience, f.Decision, f.By, f.At, f.Why = intake.ToSite, string(intake.Withdrawn), w.By, tx.Now, w.Why
	f.Said = w.Said
	var err error
	if err = SetRuns(ctx, p, tx, req, &f); err != nil {
		return err
	}
	if err := tx.VoidReviews(ctx, req.Ref, tx.Now); err != nil {
		return err
	}
	if err := tx.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: req.Ref, At: tx.Now, Event: on, By: w.By, Text: text}
	if err := tx.Record(ctx, entry); err != nil {
		return err
	}
	withdrawn := intake.Letter{
		Template: intake.LetterWithdrawn, To: req.SiteAddress, Ref: req.Ref, AnswersTo: w.AnswersTo, Facts: f,
	}
	if err := p.out.Send(ctx, tx.Work, withdrawn); err != nil {
		return err
	}
	if err := tellNotRenewed(ctx, p, tx, req, w.Why); err != nil {
		return err
	}
	return p.tellReviewers(ctx, tx, req, f, "")
}

// lapse closes a request whose site did not answer in time.
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
	if err = SetRuns(ctx, s.Panel, s.Tx, req, &f); err != nil {
		return err
	}
	if err := s.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	if err := s.VoidReviews(ctx, ref, s.Now); err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: ref, At: s.Now, Event: intake.EventLapse, Text: "nobody answered in time"}
	if err := s.Record(ctx, entry); err != nil {
		return err
	}
	lapsed := intake.Letter{Template: intake.LetterLapsed, To: req.SiteAddress, Ref: ref, Facts: f}
	if err := s.out.Send(ctx, s.Work, lapsed); err != nil {
		return err
	}
	if err := tellNotRenewed(ctx, s.Panel, s.Tx, req, ""); err != nil {
		return err
	}
	return s.tellReviewers(ctx, s.Tx, req, f, "")
}
