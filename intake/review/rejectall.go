package review

import (
	"context"
	"fmt"
	"slices"

	"mfabot/intake"
)

// RejectAll rejects open requests of one site at once. The site and each reviewer who was asked get one letter about
// all of them; review emails and reminders that are not sent yet never are.
func RejectAll(
	ctx context.Context, p *Panel, tx Tx, site intake.SiteFacts, all []*intake.Request, by intake.Reviewer, reason string,
) error {
	f := intake.Facts{Site: site, By: by.Name, At: tx.Now, Said: reason,
		DigestFacts: intake.DigestFacts{UndecidedTotal: len(all)}}
	var asked []intake.Reviewer
	for _, req := range all {
		reviews, err := tx.Reviews(ctx, req.Ref)
		if err != nil {
			return err
		}
		for _, r := range p.Concerned(req, reviews) {
			if !intake.WasAsked(r, reviews) {
				continue
			}
			if !slices.ContainsFunc(asked, func(o intake.Reviewer) bool { return o.Address == r.Address }) {
				asked = append(asked, r)
			}
			for _, unsent := range []intake.Template{intake.LetterReview, intake.LetterReminder} {
				if err := tx.OvertakeLetters(ctx, unsent, req.Ref, r.Address); err != nil {
					return err
				}
			}
		}
		if err := rejectQuietly(ctx, p, tx, req, by, reason); err != nil {
			return fmt.Errorf("%s is %s: %w", req.Ref, req.State, err)
		}
		f.Undecided = append(f.Undecided, intake.UndecidedFacts{Ref: req.Ref, User: req.User, Site: site,
			Reason: p.FactsOfReason(intake.Long, req.Reason).Title})
	}
	f.Audience = intake.ToSite
	if err := p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterRejectedAll, To: site.Mailbox, Facts: f}); err != nil {
		return err
	}
	f.Audience = intake.ToReviewer
	for _, r := range asked {
		if err := p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterDecidedAll, To: r.Address, Facts: f}); err != nil {
			return err
		}
	}
	return nil
}

// rejectQuietly rejects one request, and leaves it to others to tell of it.
func rejectQuietly(ctx context.Context, p *Panel, tx Tx, req *intake.Request, by intake.Reviewer, reason string) error {
	// Nobody is sent this code: it makes the decision look the same on record as one by email.
	code, err := p.out.NewCode(ctx, tx.Work, req, by, intake.ToDecide)
	if err != nil {
		return err
	}
	from := req.State
	if err := p.Advance(req, tx.Now, intake.EventReject); err != nil {
		return err
	}
	if err := tx.Decide(ctx, code.ID, intake.EventReject, reason, tx.Now); err != nil {
		return err
	}
	if err := tx.VoidReviews(ctx, req.Ref, tx.Now); err != nil {
		return err
	}
	if err := tx.UpdateRequest(ctx, req, from); err != nil {
		return err
	}
	e := intake.HistoryEntry{Ref: req.Ref, At: tx.Now, Event: intake.EventReject, By: by.Address, Text: reason}
	if err := tx.Record(ctx, e); err != nil {
		return err
	}
	return tellNotRenewed(ctx, p, tx, req, intake.WhyReviewer)
}
