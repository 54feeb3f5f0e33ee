package intake

import (
	"context"
	"errors"
	"slices"
	"time"
)

// renewal begins a request for the time after an exception, from fresh evidence
// that its site sends about it.
func (in *Inbox) renewal(ctx context.Context, t *turn, site *Site, old *Request) (Conclusion, error) {
	open, err := in.openFor(ctx, t, site, old.Subject)
	if err != nil {
		return Conclusion{}, err
	}
	if open != nil {
		return in.askedAgain(ctx, t, site, open)
	}
	req := in.requestFrom(t, site)
	req.Subject = old.Subject
	if req.Reason == "" {
		req.Reason = old.Reason
	}
	if req.AuthMethod == "unknown" {
		req.AuthMethod = old.AuthMethod
	}
	for i, e := range req.Evidence {
		if e.Counts && old.hasFile(e.SHA256) {
			req.Evidence[i].Counts, req.Evidence[i].Why = false, "it is the same file as for "+old.Ref+"; a renewal needs evidence of now"
		}
	}
	e, err := t.Exception(ctx, old.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	c := Conclusion{Outcome: AsRequest, Folder: Processed}
	if e.StateAt(t.Now) == Active {
		req.Renews, c.Outcome = e.Ref, AsRenewal
	}
	err = in.begin(ctx, t, req)
	c.Ref = req.Ref
	return c, err
}

// renewalOf is the open request that would renew an exception; nil for none.
func (p *Panel) renewalOf(ctx context.Context, tx ReviewTx, ref string) (*Request, error) {
	open, err := tx.Renewing(ctx, ref)
	if err != nil || open == "" {
		return nil, err
	}
	return tx.Request(ctx, open)
}

// aboutException handles what a site writes about an exception without evidence:
// words about its renewal go to whoever decides on that, and others to the operator.
// Who has been warned of the end may mean to ask for a renewal, and is told what
// that needs.
func (in *Inbox) aboutException(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	open, err := in.panel.renewalOf(ctx, t.ReviewTx, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	if open != nil && !merelyThanks(t.msg.NewText) {
		return in.continued(ctx, t, site, open)
	}
	warned, err := in.warnedOf(ctx, t, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	if open != nil || warned == nil || t.silent() || merelyThanks(t.msg.NewText) {
		return in.siteWrote(ctx, t, site, req.Ref, req.Subject, unanswered)
	}
	f := in.exceptionFacts(warned)
	f.Audience = ToSite
	for _, e := range evidenceOf(t) {
		f.Evidence = append(f.Evidence, EvidenceFacts{Filename: e.Filename, Size: e.Size, Why: e.Why})
	}
	l := Letter{Template: NeedEvidence, To: in.answerable(t, site), Ref: req.Ref, AnswersTo: t.msg.MessageID, Facts: f}
	if err := in.answer(ctx, t, l); err != nil {
		return Conclusion{}, err
	}
	return in.siteWrote(ctx, t, site, req.Ref, req.Subject, "Nothing was changed. The site was told that a renewal needs new evidence. Please answer it where it means something else.")
}

// warnedOf is an exception that is active, and whose end was warned of; nil for none.
func (in *Inbox) warnedOf(ctx context.Context, t *turn, ref string) (*Exception, error) {
	e, err := t.Exception(ctx, ref)
	if err != nil || e.StateAt(t.Now) != Active {
		return nil, err
	}
	before, err := t.History(ctx, ref)
	if err != nil || !slices.ContainsFunc(before, func(h HistoryEntry) bool { return h.Event == string(Warning) }) {
		return nil, err
	}
	return e, nil
}

// runs is the end of the exception that goes on whatever becomes of a request: the
// one that it would renew, or else one that its site has for the user already. Zero
// for none.
func (p *Panel) runs(ctx context.Context, tx ReviewTx, req *Request) (time.Time, error) {
	if req.Subject.Email == "" {
		return time.Time{}, nil
	}
	unclosed, err := tx.Unclosed(ctx, req.Subject.Email)
	if err != nil {
		return time.Time{}, err
	}
	var ends time.Time
	for _, e := range unclosed {
		mine := e.Ref == req.Renews || (req.Renews == "" && e.SiteCode == req.SiteCode)
		if mine && e.Ref != req.Ref && e.StateAt(tx.Now) == Active {
			ends = e.EndsAt
		}
	}
	return ends, nil
}

// renewalFacts adds to the facts of a notice that a renewal of the exception is
// asked for, and how far that has come.
func (p *Panel) renewalFacts(ctx context.Context, tx ReviewTx, e *Exception, f *Facts) (*Request, error) {
	open, err := p.renewalOf(ctx, tx, e.Ref)
	if open != nil {
		f.Renewal, f.Decision = open.Ref, string(open.State)
	}
	return open, err
}

// tellLate tells the reviewers of a renewal that what it would renew is over, and
// that their review emails hold. f are the facts of the notice that says so.
func (p *Panel) tellLate(ctx context.Context, tx ReviewTx, e *Exception, f Facts, as ExceptionState) error {
	open, err := p.renewalFacts(ctx, tx, e, &f)
	if err != nil || open == nil {
		return err
	}
	reviews, err := tx.Reviews(ctx, open.Ref)
	if err != nil {
		return err
	}
	f.Audience, f.Why, f.At, f.Renews = ToReviewer, string(as), tx.Now, e.Ref
	for _, r := range p.concerned(open, reviews) {
		if !wasAsked(r, reviews) {
			continue
		}
		if err := p.out.send(ctx, tx.Work, Letter{Template: RenewalLate, To: r.Address, Ref: open.Ref, Facts: f}); err != nil {
			return err
		}
	}
	return nil
}

// maxChain bounds how many renewals are looked back on.
const maxChain = 20

// renewed lists the exceptions that came before a request, the oldest first: the one
// that it would renew, the one that this renewed, and so on.
func (p *Panel) renewed(ctx context.Context, tx ReviewTx, req *Request) ([]string, error) {
	var chain []string
	for ref := req.Renews; ref != "" && len(chain) < maxChain; {
		chain = append(chain, ref)
		earlier, err := tx.Request(ctx, ref)
		if errors.Is(err, ErrNotFound) {
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
