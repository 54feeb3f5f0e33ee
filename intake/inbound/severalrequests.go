package inbound

import (
	"context"
	"errors"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
)

// severalMail is a reviewer's message that may decide several requests together.
type severalMail struct{ *reviewerMail }

// decide carries out one command for every request that a code decides together, as the code of that request alone would,
// and tells the reviewer what came of each. mine is false if the message has no such code.
func (m severalMail) decide(ctx context.Context) (c intake.Conclusion, mine bool, err error) {
	asked, alone, err := m.askedTogether(ctx)
	if err != nil || len(asked) == 0 {
		return c, false, err
	}
	m.check("code", true, "it has the code of %s for %d requests, given out on %s", asked[0].Reviewer, len(asked),
		m.Moment(asked[0].CreatedAt))
	first, err := m.Request(ctx, asked[0].Ref)
	if err != nil {
		return c, true, err
	}
	if m.sender.Address != asked[0].Reviewer {
		c, err = m.withCode(ctx, first, &asked[0])
		return c, true, err
	}
	no := func(why intake.Why) (intake.Conclusion, bool, error) {
		c, err := m.noDecision(ctx, nil, why)
		return c, true, err
	}
	if !m.either("one letter", alone, "it has no other code or reference", "it has other codes or references besides") {
		return no(intake.WhySeveral)
	}
	for _, condition := range m.conditions(first) {
		if condition.why == intake.WhyBarred { // each was looked at
			continue
		}
		if !m.either(condition.name, condition.met, condition.yes, condition.no) {
			return no(condition.why)
		}
	}
	if d := m.msg.Decision; d.Verb != "approve" && d.Verb != "reject" {
		m.check("for all", false, "several requests can only be approved or rejected together")
		return no(intake.WhySeveral)
	}
	r, why := review.ReadRuling(m.Policy, m.msg.Decision, m.Now)
	if why != "" {
		m.check("complete", false, "the command cannot be carried out: %s", why)
		return no(why)
	}
	if !m.meantForUs() {
		return no(intake.WhyUnconfirmed)
	}
	c, err = m.carryOut(ctx, asked, r)
	return c, true, err
}

// askedTogether returns the reviews that the message's code decides together; none where it has no such code. alone
// is false if another code or a reference says that it may be about something else.
func (m severalMail) askedTogether(ctx context.Context) (asked []intake.Review, alone bool, err error) {
	alone = refIn(m.msg.Subject) == ""
	for _, code := range codesIn(m.msg, m.covers) {
		hash := outbox.HashCode(code)
		found, err := m.ReviewsTogether(ctx, hash)
		if err != nil {
			return nil, false, err
		}
		if len(found) > 0 {
			alone = alone && asked == nil
			asked = found
			continue
		}
		_, err = m.ReviewByCode(ctx, hash)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, false, err
		}
		alone = alone && err != nil
	}
	return asked, alone, nil
}

// carryOut decides requests with one ruling, each with its own code. One for which that is impossible is left as it is.
func (m severalMail) carryOut(ctx context.Context, asked []intake.Review, r review.Ruling) (intake.Conclusion, error) {
	var refs []string
	var old []*intake.Request
	f := intake.Facts{Audience: intake.ToReviewer, Said: m.msg.NewText, At: m.Now,
		DigestFacts: intake.DigestFacts{UndecidedTotal: len(asked)}}
	for _, v := range asked {
		req, err := m.Request(ctx, v.Ref)
		if err != nil {
			return intake.Conclusion{}, err
		}
		why, err := m.one(ctx, req, &v, r)
		if err != nil {
			return intake.Conclusion{}, err
		}
		// The others are answered as such.
		//exhaustive:ignore
		switch why {
		case "":
			refs = append(refs, req.Ref)
		case intake.WhyExpired:
			old = append(old, req)
			if err := m.VoidReview(ctx, v.ID, m.Now); err != nil {
				return intake.Conclusion{}, err
			}
		}
		if req, err = m.Request(ctx, v.Ref); err != nil { // as it is now
			return intake.Conclusion{}, err
		}
		f.Undecided = append(f.Undecided, intake.UndecidedFacts{Ref: req.Ref, User: req.User, Site: m.FactsOfSite(req.SiteCode),
			Reason: m.FactsOfReason(intake.Long, req.Reason).Title, State: req.State, LeftOut: why})
	}
	l := intake.Letter{Template: intake.LetterSeveral, To: m.sender.Address, AnswersTo: m.msg.MessageID, Facts: f}
	if err := review.AskAgain(ctx, m.panel, m.Tx, m.sender, old); err != nil {
		return intake.Conclusion{}, err
	}
	if len(refs) == 0 {
		l.Facts.Why = f.Undecided[0].LeftOut
		return m.refuse(ctx, m.message, l)
	}
	return intake.Conclusion{Outcome: intake.OutcomeDecision, Ref: strings.Join(refs, ","), Folder: intake.Processed},
		m.out.Send(ctx, m.Work, l)
}

// one decides a request with its code, or says why it is left as it is.
func (m severalMail) one(ctx context.Context, req *intake.Request, given *intake.Review, r review.Ruling) (intake.Why, error) {
	left := func(why intake.Why, words string) (intake.Why, error) {
		m.check("possible", false, "%s: %s", req.Ref, words)
		return why, nil
	}
	if m.Barred(m.sender, req) {
		return left(intake.WhyBarred, "they must not decide on it")
	}
	for _, c := range m.holding(req, given) {
		if !c.met {
			return left(c.why, c.no)
		}
	}
	usable := true
	err := m.Savepoint(ctx, func() (err error) {
		if given, usable, err = m.secondThoughts(ctx, req, given, r); err != nil || !usable {
			return err
		}
		return m.panel.Decide(ctx, m.Tx, review.Decision{Request: req, By: m.sender, Code: given, Ruling: r,
			AnswersTo: m.msg.MessageID})
	})
	var no *review.Refusal
	switch {
	case errors.As(err, &no):
		if err := m.reasonGone(ctx, req, no); err != nil {
			return "", err
		}
		return left(no.Why, no.Words)
	case errors.Is(err, intake.ErrNotNow):
		return left(intake.WhyNotNow, err.Error())
	case err == nil && !usable:
		return left(intake.WhyNotNow, "the code was used on "+m.Moment(given.DecidedAt))
	}
	return "", err
}
