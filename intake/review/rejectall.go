package review

import (
	"context"
	"fmt"
	"slices"

	"mfabot/intake"
)

// Rejection rejects open requests of one site at once.
type Rejection struct {
	Site     intake.SiteFacts
	Requests []*intake.Request
	Open     int // how many the site has, with those that it leaves out
	By       intake.Reviewer
	Reason   string
}

// RejectAll rejects open requests of one site. The site and each reviewer who was asked get one letter about
// all of them; review emails and reminders that are not sent yet never are.
func RejectAll(ctx context.Context, p *Panel, tx Tx, n Rejection) error {
	f := intake.Facts{Site: n.Site, By: n.By.Name, At: tx.Now, Said: n.Reason,
		DigestFacts: intake.DigestFacts{UndecidedTotal: n.Open}}
	var asked []intake.Reviewer
	for _, req := range n.Requests {
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
		if err := rejectQuietly(ctx, p, tx, req, n.By, n.Reason); err != nil {
			return fmt.Errorf("%s is %s: %w", req.Ref, req.State, err)
		}
		f.Undecided = append(f.Undecided, intake.UndecidedFacts{Ref: req.Ref, User: req.User, Site: n.Site,
			Reason: p.FactsOfReason(intake.Long, req.Reason).Title})
	}
	f.Audience = intake.ToSite
	if err := p.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterRejectedAll, To: n.Site.Mailbox, Facts: f}); err != nil {
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
