package review

import (
	"context"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
)

// RenewalOf returns the open request that would renew an exception; nil for none.
func (p *Panel) RenewalOf(ctx context.Context, tx Tx, ref string) (*intake.Request, error) {
	open, err := tx.Renewing(ctx, ref)
	if err != nil || open == "" {
		return nil, err
	}
	return tx.Request(ctx, open)
}

// Runs returns when the exception ends that continues whatever becomes of a request: the one it would renew,
// or else one that its site already has for the user. Zero for none.
func (p *Panel) Runs(ctx context.Context, tx Tx, req *intake.Request) (time.Time, error) {
	if req.User.Email == "" {
		return time.Time{}, nil
	}
	unclosed, err := tx.Unclosed(ctx, req.User.Email)
	if err != nil {
		return time.Time{}, err
	}
	var ends time.Time
	for _, e := range unclosed {
		mine := e.Ref == req.Renews || (req.Renews == "" && e.SiteCode == req.SiteCode)
		if mine && e.Ref != req.Ref && e.StateAt(tx.Now) == intake.Active {
			ends = e.EndsAt
		}
	}
	return ends, nil
}

// SetRuns adds to the facts of a letter about a request when the exception ends that continues whatever becomes of it, and until when
// new evidence comes in time to keep it.
func SetRuns(ctx context.Context, p *Panel, tx Tx, req *intake.Request, f *intake.Facts) (err error) {
	if f.Runs, err = p.Runs(ctx, tx, req); err == nil && !f.Runs.IsZero() {
		SetRenewBy(p.Service, intake.Long, f.Runs, f)
	}
	return err
}

// renewedEnds returns when the exception ends that a request would renew; zero for none, or one that is over.
func (p *Panel) renewedEnds(ctx context.Context, tx Tx, req *intake.Request) (time.Time, error) {
	if req.Renews == "" {
		return time.Time{}, nil
	}
	return p.Runs(ctx, tx, req)
}

// renewalFacts adds to the facts of a notice the open request to renew the exception, and its state. It
// returns that request; nil for none.
func (p *Panel) renewalFacts(ctx context.Context, tx Tx, e *intake.Exception, f *intake.Facts) (*intake.Request, error) {
	open, err := p.RenewalOf(ctx, tx, e.Ref)
	if open != nil {
		f.Renewal, f.Decision = open.Ref, string(open.State)
	}
	return open, err
}

// tellLate tells the reviewers of a renewal that the exception it would renew is over, and that their review
// emails are still valid. f are the facts of the notice that says so.
func (p *Panel) tellLate(ctx context.Context, tx Tx, e *intake.Exception, f intake.Facts, why intake.Why) error {
	open, err := p.renewalFacts(ctx, tx, e, &f)
	if err != nil || open == nil {
		return err
	}
	reviews, err := tx.Reviews(ctx, open.Ref)
	if err != nil {
		return err
	}
	f.Audience, f.Why, f.At, f.Renews = intake.ToReviewer, why, tx.Now, e.Ref
	for _, r := range p.Concerned(open, reviews) {
		if !intake.WasAsked(r, reviews) {
			continue
		}
		late := intake.Letter{Template: intake.LetterRenewalLate, To: r.Address, Ref: open.Ref, Facts: f}
		if err := p.out.Send(ctx, tx.Work, late); err != nil {
			return err
		}
	}
	return nil
}

// tellNotRenewed tells the user of an exception that the request to renew it came to nothing: the user relies on a renewal that was
// asked for, and has been told of it. Why it came to nothing the site is told, and not the user. An exception that was ended early or
// replaced has been told of as such.
func tellNotRenewed(ctx context.Context, p *Panel, tx Tx, req *intake.Request, why intake.Why) error {
	if req.Renews == "" || why == intake.WhyLeft {
		return nil
	}
	e, err := tx.Exception(ctx, req.Renews)
	if errors.Is(err, intake.ErrNotFound) { // somebody else than us has changed it
		return nil
	}
	if err != nil {
		return err
	}
	state := e.StateAt(tx.Now)
	if state != intake.Active && state != intake.Ended {
		return nil
	}
	f := p.FactsOfException(e)
	f.Audience, f.Why, f.At, f.Renewal, f.Decision = intake.ToUser, why, tx.Now, req.Ref, string(req.State)
	if state == intake.Active {
		f.Runs = e.EndsAt
		SetRenewBy(p.Service, e.Category, f.Ends, &f)
	}
	return p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterNotRenewed, To: e.User.Email, Ref: e.Ref, Facts: f})
}

// maxChain bounds how many renewals renewed looks back.
const maxChain = 20

// renewed lists the exceptions that came before a request, oldest first: the one it would renew, the one that
// one renewed, and so on.
func (p *Panel) renewed(ctx context.Context, tx Tx, req *intake.Request) ([]string, error) {
	var chain []string
	for ref := req.Renews; ref != "" && len(chain) < maxChain; {
		chain = append(chain, ref)
		earlier, err := tx.Request(ctx, ref)
		if errors.Is(err, intake.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		ref = earlier.Renews
	}
	slices.Reverse(chain)
	return chain, nil
}
