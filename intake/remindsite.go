package intake

import (
	"context"
	"errors"
	"time"
)

// eventRemindSite is in the history of a request whose site was asked again.
const eventRemindSite = "remind-site"

// remindSites asks again the sites that have not answered for long; one deals with
// each request.
func (in *Intake) remindSites(ctx context.Context, tx Tx, now time.Time, one func(ref string, do func() error) error) error {
	refs, err := tx.Unanswered(ctx, now, now.Add(-in.Policy.RemindSite), sweepBatch)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if err := one(ref, func() error { return in.remindSite(ctx, tx, now, ref) }); err != nil {
			return err
		}
	}
	return nil
}

// remindSite asks a site again for what a request waits for: the reviewer's
// question, or what is missing. It is done once each time that the site is asked.
func (in *Intake) remindSite(ctx context.Context, tx Tx, now time.Time, ref string) error {
	req, err := tx.Request(ctx, ref)
	if err != nil {
		return err
	}
	l := Letter{Template: Incomplete, To: req.SiteAddress, Ref: ref, Facts: in.requestFacts(req)}
	f := &l.Facts
	if req.State == NeedsInfo {
		l.Template = Question
		if err := in.question(ctx, tx, req, f); err != nil {
			return err
		}
	} else {
		in.whatIsMissing(req, f)
		f.At = req.WaitingSince
	}
	f.Audience, f.Again, f.Ends = ToSite, true, req.LapsesAt
	if f.Runs, err = in.runs(ctx, tx, now, req); err != nil {
		return err
	}
	return errors.Join(
		tx.Record(ctx, HistoryEntry{Ref: ref, At: now, Event: eventRemindSite, Text: "asked on " + in.moment(req.WaitingSince)}),
		in.send(ctx, tx, now, l),
	)
}

// question adds to the facts of a letter what a reviewer asked last.
func (in *Intake) question(ctx context.Context, tx Tx, req *Request, f *Facts) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	for _, v := range reviews {
		if v.Decision == Ask && !v.DecidedAt.Before(f.At) {
			by, _ := in.Reviewers.ByAddress(v.Reviewer)
			f.Said, f.By, f.At = v.Text, by.Name, v.DecidedAt
		}
	}
	return err
}
