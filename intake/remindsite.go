package intake

import (
	"context"
	"errors"
)

// eventRemindSite is in the history of a request whose site was asked again.
const eventRemindSite = "remind-site"

// remindSites asks again the sites that have not answered for long; one deals with
// each request.
func (p *Panel) remindSites(ctx context.Context, tx ReviewTx, one func(ref string, do func() error) error) error {
	refs, err := tx.Unanswered(ctx, tx.Now, tx.Now.Add(-p.Policy.RemindSite), sweepBatch)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if err := one(ref, func() error { return p.remindSite(ctx, tx, ref) }); err != nil {
			return err
		}
	}
	return nil
}

// remindSite asks a site again for what a request waits for: the reviewer's
// question, or what is missing. It is done once each time that the site is asked.
func (p *Panel) remindSite(ctx context.Context, tx ReviewTx, ref string) error {
	req, err := tx.Request(ctx, ref)
	if err != nil {
		return err
	}
	l := Letter{Template: Incomplete, To: req.SiteAddress, Ref: ref, Facts: p.requestFacts(req)}
	f := &l.Facts
	if req.State == NeedsInfo {
		l.Template = Question
		if err := p.question(ctx, tx, req, f); err != nil {
			return err
		}
	} else {
		p.whatIsMissing(req, f)
		f.At = req.WaitingSince
	}
	f.Audience, f.Again, f.Ends = ToSite, true, req.LapsesAt
	if f.Runs, err = p.runs(ctx, tx, req); err != nil {
		return err
	}
	return errors.Join(
		tx.Record(ctx, HistoryEntry{Ref: ref, At: tx.Now, Event: eventRemindSite, Text: "asked on " + p.moment(req.WaitingSince)}),
		p.out.send(ctx, tx.Work, l),
	)
}

// question adds to the facts of a letter what a reviewer asked last.
func (p *Panel) question(ctx context.Context, tx ReviewTx, req *Request, f *Facts) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	for _, v := range reviews {
		if v.Decision == Ask && !v.DecidedAt.Before(f.At) {
			by, _ := p.Reviewers.ByAddress(v.Reviewer)
			f.Said, f.By, f.At = v.Text, by.Name, v.DecidedAt
		}
	}
	return err
}
