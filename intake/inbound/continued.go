package inbound

import (
	"context"
	"slices"

	"mfabot/intake"
)

// continued handles what a site writes about a request that it made.
func (m *siteMail) continued(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if !req.PurgedAt.IsZero() {
		return m.afterEnd(ctx, req)
	}
	was := *req
	was.Evidence = slices.Clone(req.Evidence)
	m.was = &was
	if err := m.remember(ctx, req); err != nil {
		return intake.Conclusion{}, err
	}
	if m.msg.Withdraw {
		return m.withdraw(ctx, req)
	}
	switch req.State {
	case intake.Incomplete:
		return m.completed(ctx, req)
	case intake.NeedsInfo:
		if m.msg.NewText != "" || m.bringsEvidence() {
			return m.advanced(ctx, req, intake.EventAnswer)
		}
	case intake.Rejected:
		return m.afterRejection(ctx, req)
	case intake.Pending:
		if m.bringsNew(req) {
			return m.advanced(ctx, req, intake.EventAddMore)
		}
		return m.passOn(ctx, req)
	case intake.Approved:
		if m.bringsEvidence() {
			return m.renewal(ctx, req)
		}
		return m.aboutException(ctx, req)
	case intake.Withdrawn, intake.Lapsed:
		return m.afterEnd(ctx, req)
	}
	return m.noted(ctx, req.Ref)
}

// afterEnd handles what a site writes about a request that nothing can come of any
// more, or whose personal data is gone: what can be a request is a new one.
func (m *siteMail) afterEnd(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if m.bringsEvidence() || len(m.subjects()) > 0 {
		return m.newRequests(ctx)
	}
	return m.siteWrote(ctx, req.Ref, req.User, unanswered)
}

// remember keeps who wrote for a request, none of whom decides on it.
func (m *siteMail) remember(ctx context.Context, req *intake.Request) error {
	could := len(m.Deciding(req))
	if !req.Wrote(m.from(), intake.Canonical(m.msg.Sender)) {
		return nil
	}
	if err := m.UpdateRequest(ctx, req, req.State); err != nil {
		return err
	}
	if req.State == intake.Pending && len(m.Deciding(req)) < could && !m.bringsNew(req) { // else they are counted when they are asked
		return m.panel.NeedReviewers(ctx, m.Tx, req)
	}
	return nil
}

// afterRejection takes evidence. Without any, the lack of it is pointed out
// again, or else a reviewer's decision is disputed, which a person must read.
func (m *siteMail) afterRejection(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if m.bringsEvidence() {
		open, err := m.openFor(ctx, m.site, req.User)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if open != nil { // the site has asked anew since
			return m.askedAgain(ctx, open)
		}
		return m.advanced(ctx, req, intake.EventResubmit)
	}
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if slices.ContainsFunc(reviews, func(v intake.Review) bool { return v.Decision == intake.EventReject }) {
		return m.siteWrote(ctx, req.Ref, req.User, unanswered)
	}
	return m.stillNoEvidence(ctx, req)
}

// bringsEvidence reports whether a message has an attachment that counts.
func (t *message) bringsEvidence() bool {
	return slices.ContainsFunc(t.evidence(), func(e intake.Evidence) bool { return e.Counts })
}

// bringsNew reports whether a message has evidence that a request lacks.
func (t *message) bringsNew(req *intake.Request) bool {
	return slices.ContainsFunc(t.evidence(), func(e intake.Evidence) bool { return e.Counts && !req.HasFile(e.SHA256) })
}

// completed takes an answer to the form. Users that it names besides the first
// get requests of their own, with the same facts.
func (m *siteMail) completed(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	subjects := m.subjects()
	first := intake.User{}
	if len(subjects) > 0 {
		first = subjects[0]
	}
	known := req.User.Email
	req.Merge(m.msg, first, m.Policy)
	req.TakeApart(m.msg, m.Policy)
	c, err := m.move(ctx, req, func() intake.Event { return m.Completeness(req) })
	if err != nil || known != "" || len(subjects) < 2 {
		return c, err
	}
	for _, subject := range subjects[1:] {
		ref, err := m.besides(ctx, *req, subject)
		if err != nil {
			return c, err
		}
		c.Ref += "," + ref
	}
	return c, nil
}

// besides begins a request for another user from a copy of the first one's, or
// continues the one that is open for them.
func (m *siteMail) besides(ctx context.Context, req intake.Request, subject intake.User) (string, error) {
	open, err := m.openFor(ctx, m.site, subject)
	if err != nil {
		return "", err
	}
	if open != nil {
		_, err := m.askedAgain(ctx, open)
		return open.Ref, err
	}
	req.User, req.State, req.Version = subject, intake.Received, 0
	req.Evidence, req.Senders = slices.Clone(req.Evidence), slices.Clone(req.Senders)
	req.TakeApart(m.msg, m.Policy)
	err = m.begin(ctx, &req)
	return req.Ref, err
}

// advanced brings a request back to the reviewers with what is new.
func (m *siteMail) advanced(ctx context.Context, req *intake.Request, on intake.Event) (intake.Conclusion, error) {
	if on == intake.EventResubmit {
		req.Merge(m.msg, intake.User{}, m.Policy)
	}
	c, err := m.move(ctx, req, func() intake.Event { return on })
	if on != intake.EventResubmit {
		c.Outcome = intake.OutcomeInformation
	}
	return c, err
}

// move adds a message's evidence to a request and applies the event that the
// result amounts to. Tokens given out for the request as it was lose their force.
func (m *siteMail) move(ctx context.Context, req *intake.Request, event func() intake.Event) (intake.Conclusion, error) {
	from := req.State
	added := m.evidence()
	req.Evidence = append(req.Evidence, added...)
	on := event()
	if err := m.Advance(req, m.Now, on); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.AddEvidence(ctx, req.Ref, added); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.VoidReviews(ctx, req.Ref, m.Now); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.UpdateRequest(ctx, req, from); err != nil {
		return intake.Conclusion{}, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: req.Ref, Folder: intake.Processed}, m.tell(ctx, req, on, m.msg.NewText)
}

// stillNoEvidence answers a reply to a rejection that brings no evidence.
func (m *siteMail) stillNoEvidence(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	f := m.FactsOfRequest(req)
	f.Audience, f.Why, f.Evidence = intake.ToSite, intake.WhyNoEvidence, nil
	var err error
	if f.Runs, err = m.panel.Runs(ctx, m.Tx, req); err != nil {
		return intake.Conclusion{}, err
	}
	for _, e := range m.evidence() {
		f.Evidence = append(f.Evidence, intake.EvidenceFacts{Filename: e.Filename, Size: e.Size, Why: e.Why})
	}
	if err := m.answer(ctx, m.message, intake.Letter{Template: intake.LetterRejected, To: req.SiteAddress, Ref: req.Ref, AnswersTo: m.msg.MessageID, Facts: f}); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, req.Ref)
}
