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

// decide carries out one command for every request that a code decides together and that is still as it was when the
// reviewer was asked. mine is false if the message has no such code.
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
	held, err := m.held(ctx, asked)
	if err != nil {
		return c, true, err
	}
	for _, condition := range m.conditions(first) {
		if condition.why == intake.WhyBarred { // each was looked at
			continue
		}
		if !m.either(condition.name, condition.met, condition.yes, condition.no) {
			return no(condition.why)
		}
	}
	switch d := m.msg.Decision; {
	case d.Verb != "approve" && d.Verb != "reject":
		m.check("for all", false, "several requests can only be approved or rejected together")
		return no(intake.WhySeveral)
	case !m.check("as they were", len(held) > 0, "%d of %d requests wait as they did when the reviewer was asked", len(held), len(asked)):
		return no(intake.WhySuperseded)
	}
	r, why := review.ReadRuling(m.Policy, m.msg.Decision, m.Now)
	if why != "" {
		m.check("complete", false, "the command cannot be carried out: %s", why)
		return no(why)
	}
	if !m.meantForUs() {
		return no(intake.WhyUnconfirmed)
	}
	c, err = m.carryOut(ctx, held, r)
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

// held is a request that can be decided, with the code to do it.
type held struct {
	req  *intake.Request
	code *intake.Review
}

// held returns the requests that wait as they did when the reviewer was asked, and on which the reviewer may decide.
func (m severalMail) held(ctx context.Context, asked []intake.Review) (out []held, err error) {
	for _, v := range asked {
		req, err := m.Request(ctx, v.Ref)
		if err != nil {
			return nil, err
		}
		valid := v.VoidAt.IsZero() && v.DecidedAt.IsZero() && v.Purpose == intake.ToDecide && v.Digest == req.Digest &&
			v.Reviewer == m.sender.Address && m.Now.Sub(v.CreatedAt) < m.Policy.CodesLast
		if valid && req.State == intake.Pending && !m.Barred(m.sender, req) {
			out = append(out, held{req, &v})
		}
	}
	return out, nil
}

// carryOut decides requests with one ruling. One for which it is impossible is answered, and left as it is.
func (m severalMail) carryOut(ctx context.Context, all []held, r review.Ruling) (intake.Conclusion, error) {
	var refs []string
	for _, h := range all {
		err := m.Savepoint(ctx, func() error {
			return m.panel.Decide(ctx, m.Tx, review.Decision{Request: h.req, By: m.sender, Code: h.code, Ruling: r,
				AnswersTo: m.msg.MessageID})
		})
		var no *review.Refusal
		switch {
		case errors.As(err, &no):
			m.check("possible", false, "%s: %s", h.req.Ref, no.Words)
			if _, err := m.impossible(ctx, h.req, no); err != nil {
				return intake.Conclusion{}, err
			}
		case errors.Is(err, intake.ErrNotNow):
			m.check("possible", false, "%s: %v", h.req.Ref, err)
		case err != nil:
			return intake.Conclusion{}, err
		default:
			refs = append(refs, h.req.Ref)
		}
	}
	if len(refs) == 0 {
		return m.noDecision(ctx, nil, intake.WhyNotNow)
	}
	return intake.Conclusion{Outcome: intake.OutcomeDecision, Ref: strings.Join(refs, ","), Folder: intake.Processed}, nil
}
