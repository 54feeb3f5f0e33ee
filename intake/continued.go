package intake

import (
	"context"
	"errors"
	"slices"
)

// continued handles what a site writes about a request that it made.
func (in *Intake) continued(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
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
		if in.bringsEvidence(t) {
			return in.advanced(ctx, t, req, Resubmit)
		}
		if len(req.Counting()) == 0 || len(t.msg.Evidence) > 0 { // else it was a reviewer's decision
			return in.stillNoEvidence(ctx, t, req)
		}
	case Pending:
		if slices.ContainsFunc(evidenceOf(t), func(e Evidence) bool { return e.Counts && !req.hasFile(e.SHA256) }) {
			return in.advanced(ctx, t, req, AddMore)
		}
		return in.passOn(ctx, t, req)
	case IsApproved:
		if in.bringsEvidence(t) {
			return in.renewal(ctx, t, site, req)
		}
	case IsWithdrawn, IsLapsed:
		if in.bringsEvidence(t) || len(in.subjects(t, site)) > 0 {
			return in.newRequests(ctx, t, site)
		}
	}
	return in.noted(ctx, t, req.Ref)
}

// bringsEvidence reports whether a message has an attachment that counts.
func (in *Intake) bringsEvidence(t *turn) bool {
	return slices.ContainsFunc(evidenceOf(t), func(e Evidence) bool { return e.Counts })
}

// noted keeps what a site wrote on record, where nobody waits for it.
func (in *Intake) noted(ctx context.Context, t *turn, ref string) (Conclusion, error) {
	err := t.Record(ctx, HistoryEntry{Ref: ref, At: t.now, Event: "information", By: t.from(), Text: t.msg.NewText})
	return Conclusion{Outcome: AsInformation, Ref: ref, Folder: Processed}, err
}

// passOn shows the reviewers what a site wrote while they decide. Their review
// emails stay valid: the evidence and the reason are as they were.
func (in *Intake) passOn(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	if t.msg.NewText != "" {
		f := in.requestFacts(req)
		f.Audience, f.Said, f.By, f.At = ToReviewer, t.msg.NewText, t.from(), t.now
		for _, r := range in.deciding(req) {
			if err := in.send(ctx, t, t.now, Letter{Template: Information, To: r.Address, Ref: req.Ref, Facts: f}); err != nil {
				return Conclusion{}, err
			}
		}
	}
	return in.noted(ctx, t, req.Ref)
}

// completed takes an answer to the form. Users that it names besides the first
// get requests of their own, with the same facts.
func (in *Intake) completed(ctx context.Context, t *turn, site *Site, req *Request) (Conclusion, error) {
	subjects := in.subjects(t, site)
	first := Person{}
	if len(subjects) > 0 {
		first = subjects[0]
	}
	known := req.Subject.Email
	req.merge(t.msg, first, in.Policy)
	req.takeApart(t.msg, in.Policy)
	c, err := in.move(ctx, t, req, func() Event { return in.completeness(req, Complete) })
	if err != nil || known != "" || len(subjects) < 2 {
		return c, err
	}
	for _, subject := range subjects[1:] {
		other := *req
		other.Subject, other.State, other.Version, other.Evidence = subject, Received, 0, slices.Clone(req.Evidence)
		other.takeApart(t.msg, in.Policy)
		if err := in.begin(ctx, t, &other); err != nil {
			return c, err
		}
		c.Ref += "," + other.Ref
	}
	return c, nil
}

// advanced brings a request back to the reviewers with what is new.
func (in *Intake) advanced(ctx context.Context, t *turn, req *Request, on Event) (Conclusion, error) {
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
func (in *Intake) move(ctx context.Context, t *turn, req *Request, event func() Event) (Conclusion, error) {
	from := req.State
	added := evidenceOf(t)
	req.Evidence = append(req.Evidence, added...)
	on := event()
	if err := in.settle(req, t.now, on); err != nil {
		return Conclusion{}, err
	}
	err := errors.Join(
		t.AddEvidence(ctx, req.Ref, added),
		t.VoidReviews(ctx, req.Ref, t.now),
		t.UpdateRequest(ctx, req, from),
	)
	if err != nil {
		return Conclusion{}, err
	}
	return Conclusion{Outcome: AsRequest, Ref: req.Ref, Folder: Processed}, in.tell(ctx, t, req, on, t.msg.NewText)
}

// stillNoEvidence answers a reply to a rejection that brings no evidence.
func (in *Intake) stillNoEvidence(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	f := in.requestFacts(req)
	f.Audience, f.Why, f.Evidence = ToSite, WhyNoEvidence, nil
	for _, e := range evidenceOf(t) {
		f.Evidence = append(f.Evidence, EvidenceFacts{Filename: e.Filename, Size: e.Size, Why: e.Why})
	}
	if err := in.answer(ctx, t, Letter{Template: Rejected, To: req.SiteAddress, Ref: req.Ref, AnswersTo: t.msg.MessageID, Facts: f}); err != nil {
		return Conclusion{}, err
	}
	return in.noted(ctx, t, req.Ref)
}

// withdraw takes a request back for its site, as long as it is not decided.
func (in *Intake) withdraw(ctx context.Context, t *turn, req *Request) (Conclusion, error) {
	from := req.State
	if err := in.settle(req, t.now, Withdraw); errors.Is(err, ErrNotNow) {
		if from == IsApproved {
			if err := in.alert(ctx, t, t.now, "withdraw", "A site wants to take back an exception that is approved",
				"Reference: "+req.Ref, "From: "+t.from(),
				"If the exception is no longer needed, end it with: mfabot revoke "+req.Ref+" REASON --as NAME"); err != nil {
				return Conclusion{}, err
			}
		}
		return in.noted(ctx, t, req.Ref)
	}
	f := in.requestFacts(req)
	f.Audience, f.Decision, f.By, f.At = ToSite, string(IsWithdrawn), t.from(), t.now
	err := errors.Join(
		t.VoidReviews(ctx, req.Ref, t.now),
		t.UpdateRequest(ctx, req, from),
		t.Record(ctx, HistoryEntry{Ref: req.Ref, At: t.now, Event: string(Withdraw), By: t.from()}),
		in.send(ctx, t, t.now, Letter{Template: Withdrawn, To: req.SiteAddress, Ref: req.Ref, AnswersTo: t.msg.MessageID, Facts: f}),
		in.tellReviewers(ctx, t, t.now, req, f, ""),
	)
	return Conclusion{Outcome: AsWithdrawal, Ref: req.Ref, Folder: Processed}, err
}

// renewal begins a request for the time after an exception, from fresh evidence
// that its site sends about it.
func (in *Intake) renewal(ctx context.Context, t *turn, site *Site, old *Request) (Conclusion, error) {
	req := in.requestFrom(t, site)
	req.Subject = old.Subject
	if req.Reason == "" {
		req.Reason = old.Reason
	}
	if req.AuthMethod == "unknown" {
		req.AuthMethod = old.AuthMethod
	}
	for i, e := range req.Evidence {
		if e.Counts && old.hasFile(e.SHA256) {
			req.Evidence[i].Counts, req.Evidence[i].Why = false, "it is the same file as for "+old.Ref+"; a renewal needs evidence of now"
		}
	}
	e, err := t.Exception(ctx, old.Ref)
	if err != nil {
		return Conclusion{}, err
	}
	c := Conclusion{Outcome: AsRequest, Folder: Processed}
	if e.StateAt(t.now) == Active {
		req.Renews, c.Outcome = e.Ref, AsRenewal
	}
	err = in.begin(ctx, t, req)
	c.Ref = req.Ref
	return c, err
}
