package review

import (
	"context"

	"mfabot/intake"
)

// remindSites reminds the sites that have not answered for a while.
func (s *sweep) remindSites(ctx context.Context) error {
	refs, err := s.Unanswered(ctx, s.Now, s.Now.Add(-s.Policy.RemindSite), sweepBatch)
	if err != nil {
		return err
	}
	return s.each(ctx, refs, s.remindSite)
}

// remindSite asks a site again for what a request waits for: an answer to a reviewer's question, or what is
// missing. A site is reminded once each time it is asked.
func (s *sweep) remindSite(ctx context.Context, ref string) error {
	req, err := s.Request(ctx, ref)
	if err != nil {
		return err
	}
	l := intake.Letter{Template: intake.LetterIncomplete, To: req.SiteAddress, Ref: ref, Facts: s.FactsOfRequest(req)}
	f := &l.Facts
	if req.State == intake.NeedsInfo {
		l.Template = intake.LetterQuestion
		if err := Question(ctx, s.Panel, s.Tx, req, f); err != nil {
			return err
		}
	} else {
		s.AddMissing(req, f)
		f.At = req.WaitingSince
	}
	f.Audience, f.Again, f.Ends = intake.ToSite, true, req.LapsesAt
	if err = SetRuns(ctx, s.Panel, s.Tx, req, f); err != nil {
		return err
	}
	entry := intake.HistoryEntry{Ref: ref, At: s.Now, Event: intake.EventRemindSite,
		Text: "asked on " + s.Moment(req.WaitingSince)}
	if err := s.Record(ctx, entry); err != nil {
		return err
	}
	return s.out.Send(ctx, s.Work, l)
}

// Question adds the reviewers' latest question to the facts of a letter.
func Question(ctx context.Context, p *Panel, tx Tx, req *intake.Request, f *intake.Facts) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	for _, v := range reviews {
		if v.Decision == intake.EventAsk && !v.DecidedAt.Before(f.At) {
			by, _ := p.Reviewers.ByAddress(v.Reviewer)
			f.Said, f.By, f.At = v.Text, by.Name, v.DecidedAt
		}
	}
	return err
}
