package intake

import (
	"context"
	"errors"
	"slices"
)

// continued handles what a site writes about a request that it made.
func (in *Inbox) continued(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	if !req.PurgedAt.IsZero() {
		return in.afterEnd(ctx, t, site, req)
	}
	was := *req
	was.Evidence = slices.Clone(req.Evidence)
	t.was = &was
	if err := in.remember(ctx, t, req); err != nil {
		return Conclusion{}, err
	}
	if t.msg.Withdraw {
		return in.withdraw(ctx, t, req)
	}
	switch req.State {
	case IsIncomplete:
		return in.completed(ctx, t, site, req)
	case NeedsInfo:
		if t.msg.NewText != "" || in.bringsEvidence(t) {
			return in.advanced(ctx, t, req, Answer)
		}
	case IsRejected:
		return in.afterRejection(ctx, t, site, req)
	case Pending:
		if in.bringsNew(t, req) {
			return in.advanced(ctx, t, req, AddMore)
		}
		return in.passOn(ctx, t, req)
	case IsApproved:
		if in.bringsEvidence(t) {
			return in.renewal(ctx, t, site, req)
		}
		return in.aboutException(ctx, t, site, req)
	case IsWithdrawn, IsLapsed:
		return in.afterEnd(ctx, t, site, req)
	}
	return in.noted(ctx, t, req.Ref)
}

// afterEnd handles what a site writes about a request that nothing can come of any
// more, or whose personal data is gone: what can be a request is a new one.
func (in *Inbox) afterEnd(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	if in.bringsEvidence(t) || len(in.subjects(t, site)) > 0 {
		return in.newRequests(ctx, t, site)
	}
	return in.siteWrote(ctx, t, site, req.Ref, req.Subject, unanswered)
}

// remember keeps who wrote for a request, none of whom decides on it.
func (in *Inbox) remember(ctx context.Context, t *turn, req *Request) error {
	could := len(in.deciding(req))
	if !req.wrote(t.from(), Canonical(t.msg.Sender)) {
		return nil
	}
	if err := t.UpdateRequest(ctx, req, req.State); err != nil {
		return err
	}
	if req.State == Pending && len(in.deciding(req)) < could && !in.bringsNew(t, req) { // else they are counted when they are asked
		return in.panel.needReviewers(ctx, t.ReviewTx, req)
	}
	return nil
}

// afterRejection takes evidence. Without any, the lack of it is pointed out
// again, or else a reviewer's decision is disputed, which a person must read.
func (in *Inbox) afterRejection(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	if in.bringsEvidence(t) {
		open, err := in.openFor(ctx, t, site, req.Subject)
		if err != nil {
			return Conclusion{}, err
		}
		if open != nil { // the site has asked anew since
			return in.askedAgain(ctx, t, site, open)
		}
		return in.advanced(ctx, t, req, Resubmit)
	}
	reviews, err := t.Reviews(ctx, req.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	if slices.ContainsFunc(reviews, func(v ReviewRecord) bool { return v.Decision == Reject }) {
		return in.siteWrote(ctx, t, site, req.Ref, req.Subject, unanswered)
	}
	return in.stillNoEvidence(ctx, t, req)
}

// bringsEvidence reports whether a message has an attachment that counts.
func (in *Inbox) bringsEvidence(t *turn) bool {
	return slices.ContainsFunc(evidenceOf(t), func(e Evidence) bool { return e.Counts })
}

// bringsNew reports whether a message has evidence that a request lacks.
func (in *Inbox) bringsNew(t *turn, req *Request) bool {
	return slices.ContainsFunc(evidenceOf(t), func(e Evidence) bool { return e.Counts && !req.hasFile(e.SHA256) })
}

// noted keeps what a site wrote on record, where nobody waits for it.
func (in *Inbox) noted(ctx context.Context, t *turn, ref string) (Conclusion, error) {
	err := t.Record(ctx, HistoryEntry{Ref: ref, At: t.Now, Event: "information", By: t.from(), Text: t.msg.NewText})
	return Conclusion{Outcome: AsInformation, Ref: ref, Folder: Processed}, err
}

// notedFor is noted for a request.
func (in *Inbox) notedFor(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	return in.noted(ctx, t, req.Ref)
}

// passOn shows the reviewers what a site wrote while they decide. Their review
// emails stay valid: the evidence and the reason are as they were.
func (in *Inbox) passOn(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	passable, err := in.passable(ctx, t, req.SiteCode)
	if err != nil {
		return Conclusion{}, err
	}
	if t.msg.NewText != "" && passable {
		f := in.requestFacts(req)
		f.Audience, f.Said, f.By, f.At = ToReviewer, t.msg.NewText, t.from(), t.Now
		reviews, err := t.Reviews(ctx, req.Ref)
		if err != nil {
			return Conclusion{}, err
		}
		for _, r := range in.concerned(req, reviews) {
			if err := in.out.send(ctx, t.Work, Letter{Template: Information, To: r.Address, Ref: req.Ref, Facts: f}); err != nil {
				return Conclusion{}, err
			}
		}
	}
	return in.noted(ctx, t, req.Ref)
}

// completed takes an answer to the form. Users that it names besides the first
// get requests of their own, with the same facts.
func (in *Inbox) completed(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	subjects := in.subjects(t, site)
	first := Person{}
	if len(subjects) > 0 {
		first = subjects[0]
	}
	known := req.Subject.Email
	req.merge(t.msg, first, in.Policy)
	req.takeApart(t.msg, in.Policy)
	c, err := in.move(ctx, t, req, func() Event { return in.completeness(req) })
	if err != nil || known != "" || len(subjects) < 2 {
		return c, err
	}
	for _, subject := range subjects[1:] {
		ref, err := in.besides(ctx, t, site, *req, subject)
		if err != nil {
			return c, err
		}
		c.Ref += "," + ref
	}
	return c, nil
}

// besides begins a request for another user from a copy of the first one's, or
// continues the one that is open for them.
func (in *Inbox) besides(ctx context.Context, t *turn, site *Site, req Request, subject Person) (string, error) {
	open, err := in.openFor(ctx, t, site, subject)
	if err != nil {
		return "", err
	}
	if open != nil {
		_, err := in.askedAgain(ctx, t, site, open)
		return open.Ref, err
	}
	req.Subject, req.State, req.Version = subject, Received, 0
	req.Evidence, req.Senders = slices.Clone(req.Evidence), slices.Clone(req.Senders)
	req.takeApart(t.msg, in.Policy)
	err = in.begin(ctx, t, &req)
	return req.Ref, err
}

// advanced brings a request back to the reviewers with what is new.
func (in *Inbox) advanced(ctx context.Context, t *turn, req *Request, on Event) (Conclusion, error) {
	if on == Resubmit {
		req.merge(t.msg, Person{}, in.Policy)
	}
	c, err := in.move(ctx, t, req, func() Event { return on })
	if on != Resubmit {
		c.Outcome = AsInformation
	}
	return c, err
}

// move adds a message's evidence to a request and applies the event that the
// result amounts to. Tokens given out for the request as it was lose their force.
func (in *Inbox) move(ctx context.Context, t *turn, req *Request, event func() Event) (Conclusion, error) {
	from := req.State
	added := evidenceOf(t)
	req.Evidence = append(req.Evidence, added...)
	on := event()
	if err := in.settle(req, t.Now, on); err != nil {
		return Conclusion{}, err
	}
	err := errors.Join(
		t.AddEvidence(ctx, req.Ref, added),
		t.VoidReviews(ctx, req.Ref, t.Now),
		t.UpdateRequest(ctx, req, from),
	)
	if err != nil {
		return Conclusion{}, err
	}
	return Conclusion{Outcome: AsRequest, Ref: req.Ref, Folder: Processed}, in.tell(ctx, t, req, on, t.msg.NewText)
}

// stillNoEvidence answers a reply to a rejection that brings no evidence.
func (in *Inbox) stillNoEvidence(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	f := in.requestFacts(req)
	f.Audience, f.Why, f.Evidence = ToSite, WhyNoEvidence, nil
	var err error
	if f.Runs, err = in.panel.runs(ctx, t.ReviewTx, req); err != nil {
		return Conclusion{}, err
	}
	for _, e := range evidenceOf(t) {
		f.Evidence = append(f.Evidence, EvidenceFacts{Filename: e.Filename, Size: e.Size, Why: e.Why})
	}
	if err := in.answer(ctx, t, Letter{Template: Rejected, To: req.SiteAddress, Ref: req.Ref, AnswersTo: t.msg.MessageID, Facts: f}); err != nil {
		return Conclusion{}, err
	}
	return in.noted(ctx, t, req.Ref)
}
