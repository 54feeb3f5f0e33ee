package inbound

import (
	"context"
	"mfabot/intake"
	"slices"
)

// afterRejection resubmits a rejected request if the message has evidence. Otherwise the site disputes a
// reviewer's decision, which a person must read, or is told again that evidence is missing.
func (m *siteMail) afterRejection(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if m.bringsEvidence() {
		open, err := m.openFor(ctx, m.site, req.User)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if open != nil { // the site has made a new request since
			return m.askedAgain(ctx, open)
		}
		return m.advanced(ctx, req, intake.EventResubmit)
	}
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if slices.ContainsFunc(reviews, func(v intake.Review) bool { return v.Decision == intake.EventReject }) {
		return m.siteWrote(ctx, req.Ref, req.User, nothingDone)
	}
	return m.stillNoEvidence(ctx, req)
}

// stillNoEvidence answers a reply to a rejection that still has no evidence.
func (m *siteMail) stillNoEvidence(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Evidence = intake.ToSite, intake.WhyNoEvidence, cameWith(m.message)
	var err error
	if f.Runs, err = m.panel.Runs(ctx, m.Tx, req); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.answer(ctx, m.message, intake.Letter{Template: intake.LetterRejected, To: req.SiteAddress, Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f}); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, req.Ref)
}
