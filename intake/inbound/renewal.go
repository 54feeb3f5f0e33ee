package inbound

import (
	"context"
	"slices"

	"mfabot/intake"
	"mfabot/intake/review"
)

// renewal begins a request for the time after an exception, when its site sends new evidence about it.
func (m *siteMail) renewal(ctx context.Context, old *intake.Request) (intake.Conclusion, error) {
	open, err := m.openFor(ctx, m.site, old.User)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if open != nil {
		return m.askedAgain(ctx, open)
	}
	if right, err := m.Correcting(ctx, old.Ref); err != nil || right != "" { // the address is wrong, and reviewers have the right one
		if err == nil {
			open, err = m.Request(ctx, right)
		}
		if err != nil {
			return intake.Conclusion{}, err
		}
		return m.askedAgain(ctx, open)
	}
	why, err := m.panel.Users.Unfit(old.User.Email)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if why != "" {
		return noException(ctx, m, []intake.RefusedUser{{Email: old.User.Email, Why: why}})
	}
	req := m.requestFrom()
	req.User = old.User
	if req.Reason == "" {
		req.Reason = old.Reason
	}
	if req.AuthMethod == "unknown" {
		req.AuthMethod = old.AuthMethod
	}
	for i, e := range req.Evidence {
		if e.Counts && old.HasFile(e.SHA256) {
			req.Evidence[i].Counts = false
			req.Evidence[i].Why = "it is the same file as for " + old.Ref + "; a renewal needs evidence of now"
		}
	}
	e, err := m.Exception(ctx, old.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRequest, Folder: intake.Processed}
	if e.StateAt(m.Now) == intake.Active {
		req.Renews, c.Outcome = e.Ref, intake.OutcomeRenewal
	}
	err = m.begin(ctx, req)
	c.Ref = req.Ref
	return c, err
}

// aboutException handles what a site writes about an exception without evidence. If a renewal is undecided,
// it goes to whoever decides on that, and else to the operator. A site that has been warned of the end may
// mean to ask for a renewal, so it is also told what that needs.
func (m *siteMail) aboutException(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	open, err := m.panel.RenewalOf(ctx, m.Tx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if open != nil && !m.means().thanks {
		return m.continued(ctx, open)
	}
	warned, err := m.warnedOf(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if open != nil || warned == nil || m.silent() || m.means().thanks {
		return m.siteWrote(ctx, req.Ref, req.User, nothingDone)
	}
	f := m.FactsOfException(warned)
	f.Audience, f.Evidence = intake.ToSite, cameWith(m.message)
	review.SetRenewBy(m.Service, warned.Category, f.Ends, &f)
	l := intake.Letter{Template: intake.LetterNeedEvidence, To: m.answerable(), Ref: req.Ref, AnswersTo: m.msg.MessageID,
		Facts: f}
	if err := m.answer(ctx, m.message, l); err != nil {
		return intake.Conclusion{}, err
	}
	if _, err := (remark{m}).show(ctx, req.Ref, req.User, "Nothing was changed. The site was told that a renewal needs "+
		"new evidence. Please answer it where it means something else."); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, req.Ref)
}

// warnedOf returns the exception if it is active and a warning of its end was sent; else nil.
func (m *message) warnedOf(ctx context.Context, ref string) (*intake.Exception, error) {
	e, err := m.Exception(ctx, ref)
	if err != nil || e.StateAt(m.Now) != intake.Active {
		return nil, err
	}
	before, err := m.History(ctx, ref)
	if err != nil || !slices.ContainsFunc(before,
		func(h intake.HistoryEntry) bool { return h.Event == intake.EventWarning }) {
		return nil, err
	}
	return e, nil
}
