package inbound

import (
	"context"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/intake/wording"
	"mfabot/parser"
)

// continued handles what a site writes about a request of its own.
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
	taken := takingBack{m}.certainty(req)
	if taken == wording.Plainly {
		return m.withdraw(ctx, req)
	}
	if c, mine, err := correctionOf(m, req).handle(ctx); mine || err != nil {
		return c, err
	}
	switch req.State {
	case intake.Received: // never stored
	case intake.Incomplete:
		if taken == wording.Perhaps && m.asksNothing() {
			return takingBack{m}.askAbout(ctx, req)
		}
		return m.completed(ctx, req)
	case intake.NeedsInfo:
		if taken == wording.Perhaps {
			return takingBack{m}.askAbout(ctx, req)
		}
		answers, err := answersQuestion(ctx, m, req)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if !answers {
			return inquiry{m}.stillOpen(ctx, req)
		}
		plainAnswer{m}.setMethod(req)
		return m.advanced(ctx, req, intake.EventAnswer)
	case intake.Rejected:
		return m.afterRejection(ctx, req)
	case intake.Pending:
		return plainAnswer{m}.whileUndecided(ctx, req, taken)
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

// sameWords is how many words a text has at least that is no answer to a reviewer's question where the site has written
// them before: "yes" may answer two questions, and what a program writes is longer.
const sameWords = 8

// answersQuestion reports whether a message may answer a reviewer's question: it has evidence, or words that are no
// program's and not the same as before.
func answersQuestion(ctx context.Context, m *siteMail, req *intake.Request) (bool, error) {
	if m.bringsEvidence() {
		return true, nil
	}
	if strings.TrimSpace(strings.TrimPrefix(m.msg.NewText, intake.AnswerBegun)) == "" || m.means().kind == parser.KindAutomatic {
		return false, nil
	}
	before, err := m.History(ctx, req.Ref)
	return len(strings.Fields(m.msg.NewText)) < sameWords || !said(before, m.from(), m.msg.NewText), err
}

// whileUndecided handles what a site writes while reviewers decide.
func (m plainAnswer) whileUndecided(ctx context.Context, req *intake.Request, taken wording.Certainty) (intake.Conclusion, error) {
	says := m.setMethod(req)
	if m.bringsNew(req) {
		return m.advanced(ctx, req, intake.EventAddMore)
	}
	if says != "" {
		if err := m.UpdateRequest(ctx, req, req.State); err != nil {
			return intake.Conclusion{}, err
		}
	}
	if taken == wording.Perhaps {
		return takingBack(m).askAbout(ctx, req)
	}
	c, err := m.passOn(ctx, req, says)
	if err == nil && len(missed(m.message)) > 0 {
		err = remark(m).receipt(ctx, req)
	}
	return c, err
}

// afterEnd handles what a site writes about a request that is over for good, or whose personal data is gone:
// whatever can be a request starts a new one, for the same user if it asks for nobody else.
func (m *siteMail) afterEnd(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if !m.bringsEvidence() && len(m.people()) == 0 {
		return m.siteWrote(ctx, req.Ref, req.User, nothingDone)
	}
	if m.continues && len(m.people()) == 0 && req.User.Email != "" {
		why, err := unfit(ctx, m.panel, m.message, m.site, req.User.Email)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if m.users, m.refused = []intake.User{req.User}, nil; why != "" {
			m.users, m.refused = nil, []intake.RefusedUser{{Email: req.User.Email, Why: why}}
		}
	}
	return m.newRequests(ctx)
}

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
	if err = review.SetRuns(ctx, m.panel, m.Tx, req, &f); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.answer(ctx, m.message, intake.Letter{Template: intake.LetterRejected, To: req.SiteAddress, Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f}); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, req.Ref)
}

// remember records who wrote for a request, and who must not decide on it.
func (m *siteMail) remember(ctx context.Context, req *intake.Request) error {
	could := len(m.Deciding(req))
	barred := req.Bar(m.from(), m.site)
	named := req.Wrote(intake.Canonical(m.msg.Sender))
	if !req.Wrote(m.from()) && !named && !barred {
		return nil
	}
	if err := m.UpdateRequest(ctx, req, req.State); err != nil {
		return err
	}
	if named {
		if err := tellNamed(ctx, m, req); err != nil {
			return err
		}
	}
	// With new evidence the reviewers are asked again, and counted then.
	if req.State == intake.Pending && len(m.Deciding(req)) < could && !m.bringsNew(req) {
		return m.panel.NeedReviewers(ctx, m.Tx, req)
	}
	return nil
}

// completed handles an answer to the form. Each user it names after the first gets a request of their own,
// with the same facts.
func (m *siteMail) completed(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if c, mine, err := (length{m}).answered(ctx, req); mine || err != nil {
		return c, err
	}
	named := &users{m}
	users, open, err := named.newFirst(ctx)
	if err != nil {
		return intake.Conclusion{}, err
	}
	hadUser := req.User.Email != ""
	if !hadUser && len(users) > 0 && open == len(users) {
		return named.join(ctx, req, users)
	}
	first := intake.User{}
	if len(users) > 0 {
		first = users[0]
	}
	req.Merge(m.msg, first, m.Policy)
	req.TakeApart(m.msg, m.Policy)
	c, err := m.move(ctx, req, func() intake.Event { return m.Completeness(req) })
	if err == nil && len(users) > 0 && len(m.refused) > 0 {
		_, err = noException(ctx, m, m.refused)
	}
	if err != nil || hadUser || len(users) < 2 {
		return c, err
	}
	return c, gather(ctx, m, len(users)-1, func() error {
		for _, user := range users[1:] {
			ref, err := m.forAnother(ctx, *req, user)
			if err != nil {
				return err
			}
			c.Ref += "," + ref
		}
		return nil
	})
}

// users are those that an answer to the form is about.
type users struct{ *siteMail }

// newFirst returns the users that a message is about, those whose request is open already last, and how many
// these are.
func (m *users) newFirst(ctx context.Context) (out []intake.User, open int, err error) {
	var asked []intake.User
	for _, user := range m.siteMail.users {
		req, err := m.openFor(ctx, m.site, user)
		if err != nil {
			return nil, 0, err
		}
		if req == nil {
			out = append(out, user)
		} else {
			asked = append(asked, user)
		}
	}
	return append(out, asked...), len(asked), nil
}

// join closes an incomplete request whose users all turn out to have an open request already, and adds its
// evidence and the message to those: reviewers decide only once about one user of a site.
func (m *users) join(ctx context.Context, req *intake.Request, users []intake.User) (intake.Conclusion, error) {
	from := req.State
	if err := m.Advance(req, m.Now, intake.EventWithdraw); err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.UpdateRequest(ctx, req, from); err != nil {
		return intake.Conclusion{}, err
	}
	m.joined = slices.DeleteFunc(slices.Clone(req.Evidence), func(e intake.Evidence) bool { return e.Purged })
	var all intake.Conclusion
	var refs []string
	for _, user := range users {
		open, err := m.openFor(ctx, m.site, user)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if all, err = m.askedAgain(ctx, open); err != nil {
			return intake.Conclusion{}, err
		}
		refs = append(refs, open.Ref)
	}
	all.Ref = strings.Join(refs, ",")
	return all, m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: intake.EventWithdraw, By: m.from(),
		Text: "it is for a user who was asked for already: " + all.Ref})
}

// forAnother begins a request for another user from a copy of the first one's, or continues that user's
// undecided request.
func (m *siteMail) forAnother(ctx context.Context, req intake.Request, user intake.User) (string, error) {
	open, err := m.openFor(ctx, m.site, user)
	if err != nil {
		return "", err
	}
	if open != nil {
		_, err := m.askedAgain(ctx, open)
		return open.Ref, err
	}
	req.User, req.State, req.Version = user, intake.Received, 0
	req.Evidence, req.Senders = slices.Clone(req.Evidence), slices.Clone(req.Senders)
	req.Barred = slices.Clone(req.Barred)
	req.TakeApart(m.msg, m.Policy)
	err = m.begin(ctx, &req)
	return req.Ref, err
}

// advanced sends a request back to the reviewers with what is new.
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

// move adds the message's evidence to a request and applies the event that event then returns. Codes given
// out for the request as it was become void.
func (m *siteMail) move(ctx context.Context, req *intake.Request, event func() intake.Event) (intake.Conclusion, error) {
	if err := spendOfSite(ctx, m, "additions", m.Policy.AdditionsADay); err != nil {
		return intake.Conclusion{}, err
	}
	from := req.State
	added := req.Bring(m.evidence())
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
	return intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: req.Ref, Folder: intake.Processed},
		m.tell(ctx, req, on, m.msg.NewText)
}
