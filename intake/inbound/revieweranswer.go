package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
)

// expired answers a decision whose code is too old, and sends the reviewer a new one, since the request is
// still waiting.
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

// impossible answers a ruling that cannot be carried out. If the policy no longer has the request's reason,
// the operator is told, since only they can put it back.
func (m *reviewerMail) impossible(ctx context.Context, req *intake.Request, no *review.Refusal) (intake.Conclusion, error) {
	if err := m.reasonGone(ctx, req, no); err != nil {
		return intake.Conclusion{}, err
	}
	l := m.notUnderstood(req, no.Why)
	l.Facts.Ends, l.Facts.Elsewhere = no.Ends, no.Of
	return m.refuse(ctx, m.message, l)
}

// reasonGone tells the operator of a ruling that cannot be carried out because the policy no longer has the reason.
func (m *reviewerMail) reasonGone(ctx context.Context, req *intake.Request, no *review.Refusal) error {
	if no.Why != intake.WhyReasonGone {
		return nil
	}
	about := outbox.About(m.Service, req.User, req.SiteCode)
	return m.out.Alert(ctx, m.Work, intake.AlertReasonGone, about, "A request cannot be approved",
		"Reference: "+req.Ref, "Reviewer: "+m.sender.Address, "Cause: "+no.Words)
}

// noDecision tells a reviewer whose message decided nothing what to do. The answer goes to the registered
// address.
func (m *reviewerMail) noDecision(ctx context.Context, req *intake.Request, why intake.Why) (intake.Conclusion, error) {
	return m.refuse(ctx, m.message, m.notUnderstood(req, why))
}

// notUnderstood returns the letter for noDecision. req is nil if it is not certain which request is meant.
func (m *reviewerMail) notUnderstood(req *intake.Request, why intake.Why) intake.Letter {
	l := intake.Letter{Template: intake.LetterNotUnderstood, To: m.sender.Address,
		Facts: intake.Facts{Audience: intake.ToReviewer}}
	if req != nil {
		l.Ref, l.Facts = req.Ref, m.FactsOfRequest(req)
		l.Facts.Audience, l.Facts.Decision = intake.ToReviewer, string(req.State)
	}
	l.Facts.Why, l.Facts.Said, l.Facts.Latest = why, m.msg.NewText, m.Now.Add(m.Policy.LongTerm.Duration)
	if why == intake.WhyTextBelow {
		l.Facts.Command = strings.ToUpper(m.msg.Undone)
	}
	if why == intake.WhyOnBehalf {
		l.Facts.By = m.msg.Sender
	}
	return l
}

// tooLate answers a decision on a request that is not waiting for one: it has been decided, or the site has
// been asked a question.
func (m *reviewerMail) tooLate(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Decision, f.At = intake.ToReviewer, intake.WhyDecided, string(req.State), req.WaitingSince
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	// The states that a reviewer's decision leads to.
	//exhaustive:ignore
	made := map[intake.State]intake.Event{
		intake.Approved:  intake.EventApprove,
		intake.Rejected:  intake.EventReject,
		intake.NeedsInfo: intake.EventAsk,
	}[req.State]
	if req.State == intake.NeedsInfo {
		f.Why = intake.WhyNotNow
	}
	for _, v := range reviews {
		if made != "" && v.Decision == made {
			by, _ := m.Reviewers.ByAddress(v.Reviewer)
			f.By, f.At = cmp.Or(by.Name, v.Reviewer), v.DecidedAt
		}
	}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterAlreadyDecided, To: m.sender.Address,
		Ref: req.Ref, Facts: f})
}

// noLonger answers somebody who is no longer a reviewer but was when the code was given out. The address was
// registered then, and has been proven now.
func (m *reviewerMail) noLonger(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	e := intake.HistoryEntry{Ref: req.Ref, Event: intake.EventNoLonger, Text: "with a review code of their own"}
	if err := m.securityEvent(ctx, m.message, e,
		intake.AlertNoLonger, nil, "Somebody who is no longer a reviewer tried to decide",
		"Reference: "+req.Ref, "From: "+m.from(),
		"Nothing was decided. The sender was told to ask you, if they should be a reviewer still."); err != nil {
		return intake.Conclusion{}, err
	}
	f := intake.Facts{Audience: intake.ToReviewer, Why: intake.WhyNoLonger, Said: m.msg.NewText}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterNotUnderstood, To: m.from(), Ref: req.Ref,
		Facts: f})
}

// overAlready answers a command to end an exception that is already over.
func (m *reviewerMail) overAlready(ctx context.Context, req *intake.Request, e *intake.Exception) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Decision, f.At = intake.ToReviewer, intake.WhyDecided, string(e.StateAt(m.Now)), e.Over()
	history, err := m.History(ctx, e.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	for _, h := range history {
		if h.Event == intake.EventRevoke {
			f.By = h.By
		}
	}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterAlreadyDecided, To: m.sender.Address,
		Ref: req.Ref, Facts: f})
}

// wrongHands handles a code that came from an address that is not its reviewer's. The reviewer, at the
// registered address, and the operator are told; whoever wrote is not.
func (m *reviewerMail) wrongHands(ctx context.Context, req *intake.Request, review *intake.Review,
	owner intake.Reviewer) (intake.Conclusion, error) {
	e := intake.HistoryEntry{Ref: req.Ref, Event: intake.EventWrongAddress, Text: "with the review code of " + review.Reviewer}
	if err := m.securityEvent(ctx, m.message, e,
		intake.AlertWrongAddress,
		[]string{"Ask the reviewer whether they forwarded the email or wrote from another address."},
		"Somebody else used a reviewer's code",
		"Reference: "+req.Ref, "Reviewer: "+review.Reviewer, "From: "+m.from(),
		"Nothing was decided."); err != nil {
		return intake.Conclusion{}, err
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyWrongAddress, Ref: req.Ref,
		Folder: intake.RefusedBox}
	if owner.Address == "" {
		return c, nil
	}
	err := m.Spend(ctx, intake.NewAllowance(fmt.Sprintf("wrong hands:%d", review.ID), 1), m.Now)
	if errors.Is(err, intake.ErrSpent) { // already told about this code today; more would use up the reviewer's answers
		return c, nil
	}
	if err != nil {
		return c, err
	}
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Expected, f.Said = intake.ToReviewer, intake.WhyWrongAddress, owner.Address, m.from()
	return c, m.answer(ctx, m.message, intake.Letter{Template: intake.LetterNotUnderstood, To: owner.Address,
		Ref: req.Ref, Facts: f})
}
