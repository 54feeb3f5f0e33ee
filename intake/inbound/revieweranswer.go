package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"mfabot/intake"
	"mfabot/intake/review"
)

// expired answers a decision with a code that is too old, and gives the reviewer
// another: the request waits still.
func (m *reviewerMail) expired(ctx context.Context, req *intake.Request, review *intake.Review) (intake.Conclusion, error) {
	if err := m.VoidReview(ctx, review.ID, m.Now); err != nil {
		return intake.Conclusion{}, err
	}
	c, err := m.noDecision(ctx, req, intake.WhyExpired)
	if err != nil {
		return c, err
	}
	l, err := m.panel.ReviewLetter(ctx, m.Tx, req, nil)
	if err != nil {
		return c, err
	}
	return c, m.panel.AskReviewer(ctx, m.Tx, req, m.sender, l)
}

// impossible answers a ruling that cannot be carried out. A reason that is gone
// from the policy only the operator can put back.
func (m *reviewerMail) impossible(ctx context.Context, req *intake.Request, no *review.Refusal) (intake.Conclusion, error) {
	if no.Why == intake.WhyReasonGone {
		if err := m.out.Alert(ctx, m.Work, intake.AlertReasonGone, "A request cannot be approved",
			"Reference: "+req.Ref, "Reviewer: "+m.sender.Address, "Cause: "+no.Words); err != nil {
			return intake.Conclusion{}, err
		}
	}
	l := m.notUnderstood(req, no.Why)
	l.Facts.Ends = no.Ends
	return m.refuse(ctx, m.message, l)
}

// noDecision answers a reviewer whose message decided nothing, at the registered
// address, with what to do.
func (m *reviewerMail) noDecision(ctx context.Context, req *intake.Request, why intake.Why) (intake.Conclusion, error) {
	return m.refuse(ctx, m.message, m.notUnderstood(req, why))
}

// notUnderstood is the answer of noDecision; req is nil where none is certain.
func (m *reviewerMail) notUnderstood(req *intake.Request, why intake.Why) intake.Letter {
	l := intake.Letter{Template: intake.LetterNotUnderstood, To: m.sender.Address, Facts: intake.Facts{Audience: intake.ToReviewer}}
	if req != nil {
		l.Ref, l.Facts = req.Ref, m.FactsOfRequest(req)
		l.Facts.Audience, l.Facts.Decision = intake.ToReviewer, string(req.State)
	}
	l.Facts.Why, l.Facts.Said, l.Facts.Latest = why, m.msg.NewText, m.Now.Add(m.Policy.LongTerm.Duration)
	if why == intake.WhyOnBehalf {
		l.Facts.By = m.msg.Sender
	}
	return l
}

// tooLate answers a decision on a request that does not wait for one: it is
// decided, or the site was asked a question first.
func (m *reviewerMail) tooLate(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Decision, f.At = intake.ToReviewer, intake.WhyDecided, string(req.State), req.WaitingSince
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	made := map[intake.State]intake.Event{intake.Approved: intake.EventApprove, intake.Rejected: intake.EventReject, intake.NeedsInfo: intake.EventAsk}[req.State]
	if req.State == intake.NeedsInfo {
		f.Why = intake.WhyNotNow
	}
	for _, v := range reviews {
		if made != "" && v.Decision == made {
			by, _ := m.Reviewers.ByAddress(v.Reviewer)
			f.By, f.At = cmp.Or(by.Name, v.Reviewer), v.DecidedAt
		}
	}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterAlreadyDecided, To: m.sender.Address, Ref: req.Ref, Facts: f})
}

// noLonger answers somebody who was a reviewer when the code was given out, at the
// address that was registered then and has now been proven.
func (m *reviewerMail) noLonger(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if err := m.securityEvent(ctx, m.message, intake.HistoryEntry{Ref: req.Ref, Event: intake.EventNoLonger, Text: "with a review code of their own"},
		intake.AlertNoLonger, "Somebody who is no reviewer any more tried to decide",
		"Reference: "+req.Ref, "From: "+m.from(), "Nothing was decided. The sender was told to ask you, if they should be a reviewer still."); err != nil {
		return intake.Conclusion{}, err
	}
	f := intake.Facts{Audience: intake.ToReviewer, Why: intake.WhyNoLonger, Said: m.msg.NewText}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterNotUnderstood, To: m.from(), Ref: req.Ref, Facts: f})
}

// overAlready answers a command to end what is over.
func (m *reviewerMail) overAlready(ctx context.Context, req *intake.Request, e *intake.Exception) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Decision, f.At = intake.ToReviewer, intake.WhyDecided, string(e.StateAt(m.Now)), cmp.Or(e.ClosedAt, e.EndsAt)
	history, err := m.History(ctx, e.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	for _, h := range history {
		if h.Event == intake.EventRevoke {
			f.By = h.By
		}
	}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterAlreadyDecided, To: m.sender.Address, Ref: req.Ref, Facts: f})
}

// wrongHands deals with a token that came back from an address that is not its
// reviewer's: the reviewer is told at the registered address, the operator is
// told, and whoever wrote is not.
func (m *reviewerMail) wrongHands(ctx context.Context, req *intake.Request, review *intake.Review, owner intake.Reviewer) (intake.Conclusion, error) {
	if err := m.securityEvent(ctx, m.message, intake.HistoryEntry{Ref: req.Ref, Event: intake.EventWrongAddress, Text: "with the review code of " + review.Reviewer},
		intake.AlertWrongAddress, "Somebody else used a reviewer's code",
		"Reference: "+req.Ref, "Reviewer: "+review.Reviewer, "From: "+m.from(),
		"Nothing was decided. Ask the reviewer whether they forwarded the email or wrote from another address."); err != nil {
		return intake.Conclusion{}, err
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyWrongAddress, Ref: req.Ref, Folder: intake.RefusedBox}
	if owner.Address == "" {
		return c, nil
	}
	err := m.Spend(ctx, intake.NewAllowance(fmt.Sprintf("wrong hands:%d", review.ID), 1), m.Now)
	if errors.Is(err, intake.ErrSpent) { // told of this code today; more would use up what the reviewer is answered with
		return c, nil
	}
	if err != nil {
		return c, err
	}
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Expected, f.Said = intake.ToReviewer, intake.WhyWrongAddress, owner.Address, m.from()
	return c, m.answer(ctx, m.message, intake.Letter{Template: intake.LetterNotUnderstood, To: owner.Address, Ref: req.Ref, Facts: f})
}
