package inbound

import (
	"context"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
)

// Requests is what requests need of a transaction.
type Requests interface {
	// NextRef returns a year's next reference, such as LT-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	// AddRequest stores a new request with its evidence.
	AddRequest(ctx context.Context, r *intake.Request) error
	// AddEvidence adds evidence to a request.
	AddEvidence(ctx context.Context, ref string, evidence []intake.Evidence) error
	// RequestsBegunBy returns the references of the requests that a site began with a message of this
	// Message-ID.
	RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error)
	// OpenRequests returns the references of a site's requests that are incomplete, pending or in need of
	// information, oldest first: those for one user, or all if email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
	// ActiveAt returns the exceptions of a site that are active at now, soonest to end first.
	ActiveAt(ctx context.Context, siteCode string, now time.Time) ([]intake.Exception, error)
	// SeenFile reports whether a file came with other mail from a site, about anybody but this user.
	SeenFile(ctx context.Context, siteCode, sha256, user string, inboundID int64) (bool, error)
}

// newRequests begins a request for each user that the message is about.
func (m *siteMail) newRequests(ctx context.Context) (intake.Conclusion, error) {
	if m.msg.ShortTerm && !(length{m}).unclear() {
		return (length{m}).byTelephone(ctx, "")
	}
	users := m.users
	if len(users) == 0 && len(m.refused) > 0 {
		return noException(ctx, m, m.refused)
	}
	if len(users) == 0 {
		users = []intake.User{{}}
	}
	all := intake.Conclusion{Outcome: intake.OutcomeInformation, Folder: intake.Processed}
	var refs []string
	err := gather(ctx, m, len(users), func() error {
		for _, user := range users {
			c, err := m.newRequest(ctx, user)
			if err != nil {
				return err
			}
			if c.Outcome == intake.OutcomeRequest {
				all.Outcome = intake.OutcomeRequest
			}
			refs = append(refs, c.Ref)
		}
		return nil
	})
	all.Ref = strings.Join(refs, ",")
	if err != nil || len(m.refused) == 0 {
		return all, err
	}
	_, err = noException(ctx, m, m.refused)
	return all, err
}

// gather has the reviewers of the requests that do begins asked when all of them are on record: each review email names
// the others, and where they are many there is one for all.
func gather(ctx context.Context, m *siteMail, users int, do func() error) error {
	if users < 2 {
		return do()
	}
	var begun []*intake.Request
	m.gathered = &begun
	if err := do(); err != nil {
		return err
	}
	m.gathered = nil
	return review.AskTogether(ctx, m.panel, m.Tx, begun, m.inbound.ID)
}

// noException tells a site for whom nobody can have an exception, and why, and the operator of those whom the
// policy protects.
func noException(ctx context.Context, m *siteMail, refused []intake.RefusedUser) (intake.Conclusion, error) {
	for _, r := range refused {
		m.check("may have one", false, "%s can have no exception by email: %s", r.Email, r.Why)
		if r.Why != intake.WhyProtected {
			continue
		}
		if err := m.out.Alert(ctx, m.Work, intake.AlertProtected, outbox.Cause{By: bySite(m.site), User: intake.User{Email: r.Email},
			Site: m.FactsOfSite(m.site.ODSCode)}.Do("Ask the site by telephone whether it wrote this, and why. "+numberOf(m.site)),
			"A site asked for a user whom the policy protects",
			"For: "+r.Email, "Site: "+m.site.Name+" ("+m.site.ODSCode+")", "From: "+m.from(),
			"Nobody was asked to decide, and the site was told that such a user gets no exception."); err != nil {
			return intake.Conclusion{}, err
		}
	}
	f := intake.Facts{Audience: intake.ToSite, Why: refused[0].Why, Site: m.FactsOfSite(m.site.ODSCode),
		RequestFacts: intake.RequestFacts{Refused: refused}}
	return m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterNoException, To: m.answerable(), Facts: f,
		AnswersTo: m.msg.MessageID})
}

// newRequest begins a request for a user, or continues the undecided one that the site has for them:
// reviewers decide only once about one user.
func (m *siteMail) newRequest(ctx context.Context, user intake.User) (intake.Conclusion, error) {
	open, err := m.openFor(ctx, m.site, user)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if open != nil {
		return m.askedAgain(ctx, open)
	}
	req := m.requestFrom()
	req.User = user
	req.TakeApart(m.msg, m.Policy)
	err = m.begin(ctx, req)
	return intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: req.Ref, Folder: intake.Processed}, err
}

// openFor returns a site's newest undecided request for a user; nil for none.
func (m *message) openFor(ctx context.Context, site *intake.Site, user intake.User) (*intake.Request, error) {
	if user.Email == "" {
		return nil, nil
	}
	refs, err := m.OpenRequests(ctx, site.ODSCode, user.Email)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	return m.Request(ctx, refs[len(refs)-1])
}

// requestFrom returns a new request with what the message states, apart from its user.
func (m *siteMail) requestFrom() *intake.Request {
	req := &intake.Request{State: intake.Received, SiteCode: m.site.ODSCode, SiteAddress: m.answerable(),
		Justification: m.msg.Justification, AuthMethod: m.msg.AuthMethodRegistered,
		RequestedBy: m.from(), ReceivedAt: m.Now, InboundID: m.inbound.ID}
	req.Bring(m.evidence())
	req.Wrote(intake.Canonical(m.msg.Sender))
	req.Writer = intake.WriterOf(m.msg, m.verdict)
	req.Bar(m.from(), m.site)
	if _, ok := m.Policy.LongTerm.Reason(m.msg.Reason); ok {
		req.Reason, req.ReasonWords = m.msg.Reason, m.msg.ReasonWords
	}
	if (length{m}).unclear() {
		req.Reason, req.ReasonWords = m.msg.LongReason, m.msg.ReasonWords
	}
	return req
}

// answerable returns where a site reads our answer to the message: in its mailbox or, if that is watched and
// so read by us, at the author's own address.
func (m *siteMail) answerable() string {
	if m.Mailboxes[m.Mailbox].Site != "" {
		return m.from()
	}
	return m.site.Mailbox
}

// begin stores a new request under the next reference, in the state that follows from what it states.
func (m *siteMail) begin(ctx context.Context, req *intake.Request) error {
	err := spendOfSite(ctx, m, "new requests", m.Policy.RequestsADay)
	if err != nil {
		return err
	}
	if req.Ref, err = m.NextRef(ctx, "LT", m.Now.In(m.Policy.Zone).Year()); err != nil {
		return err
	}
	on := m.Completeness(req)
	if on == intake.EventComplete && (length{m}).unclear() {
		on = intake.EventUnclear
	}
	if err := m.Advance(req, m.Now, on); err != nil {
		return err
	}
	if err := m.AddRequest(ctx, req); err != nil {
		return err
	}
	if err := tellNamed(ctx, m, req); err != nil {
		return err
	}
	return m.tell(ctx, req, on, "")
}

// tell records what the message did to a request, and writes to the site and, if there is something to
// decide, to the reviewers. said is what reviewers are shown of the message besides the request's facts.
func (m *siteMail) tell(ctx context.Context, req *intake.Request, on intake.Event, said string) error {
	if req.Reason != "" && len(req.ReasonWords) > 0 {
		m.check("reason", true, "%s", intake.DecidedBy(req.Reason, req.ReasonWords))
	} else if req.Reason == "" {
		m.check("reason", false, "none is given clearly")
	}
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: on, By: m.from(),
		Text: m.msg.NewText}); err != nil {
		return err
	}
	f := m.FactsOfRequest(req)
	f.Audience = intake.ToSite
	var err error
	if err = review.SetRuns(ctx, m.panel, m.Tx, req, &f); err != nil {
		return err
	}
	l := intake.Letter{To: req.SiteAddress, Ref: req.Ref, AnswersTo: m.msg.MessageID}
	// A site's message leads to these states, or withdraws the request, which is told elsewhere.
	//exhaustive:ignore
	switch req.State {
	case intake.Pending:
		l.Template = intake.LetterReceipt
		if m.gathered != nil && req.Version == 1 { // it has just been begun
			*m.gathered = append(*m.gathered, req)
		} else if err := m.panel.AskReviewers(ctx, m.Tx, req, m.news(req, said)); err != nil {
			return err
		}
	case intake.Incomplete:
		l.Template = intake.LetterIncomplete
		m.AddMissing(req, &f)
		if req.User.Email == "" {
			f.Refused = m.refused
		}
	case intake.Rejected:
		l.Template = intake.LetterRejected
		f.Why = intake.WhyNoEvidence
	}
	l.Facts = f
	if l.Template == intake.LetterIncomplete || l.Template == intake.LetterRejected {
		return m.answer(ctx, m.message, l)
	}
	return m.out.Send(ctx, m.Work, l)
}

// tellNamed tells the operator, and a reviewer who was asked already, that a site's message names that
// reviewer as who sent it (Sender). Anybody can write such a field, so that it bars nobody: it would let a site
// choose who decides. Whoever is asked from now on is told in the review email.
func tellNamed(ctx context.Context, m *siteMail, req *intake.Request) error {
	named, ok := m.Reviewers.ByAddress(m.msg.Sender)
	if !ok || m.Barred(named, req) {
		return nil
	}
	if err := m.out.Alert(ctx, m.Work, intake.AlertNamed, outbox.Cause{By: bySite(m.site), User: req.User,
		Site: m.FactsOfSite(m.site.ODSCode)}.Do("Ask the reviewer. If they did write it, have another reviewer decide."),
		"A site's email names a reviewer as its sender",
		"Reference: "+req.Ref, "Site: "+m.site.Name+" ("+m.site.ODSCode+")", "From: "+m.from(),
		"Sender: "+named.Address,
		"The field Sender proves nothing. The reviewer is told, and may decide all the same."); err != nil {
		return err
	}
	if req.State != intake.Pending || m.bringsNew(req) {
		return nil
	}
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil || !intake.WasAsked(named, reviews) {
		return err
	}
	l, err := m.panel.ReviewLetter(ctx, m.Tx, req, nil)
	if err != nil {
		return err
	}
	return m.panel.AskReviewer(ctx, m.Tx, req, named, l)
}

// length is a message that leaves open whether an exception is for the short term, or says so.
type length struct{ *siteMail }

// unclear reports whether a message asks for the short term, and brings a reason and evidence of the long one: it is
// asked about, and not sent to the telephone.
func (m length) unclear() bool {
	_, known := m.Policy.LongTerm.Reason(m.msg.LongReason)
	return m.msg.ShortTerm && known && m.bringsEvidence()
}

// byTelephone tells a site to call for a short-term exception.
func (m length) byTelephone(ctx context.Context, ref string) (intake.Conclusion, error) {
	l := intake.Letter{Template: intake.LetterShortTerm, To: m.from(), AnswersTo: m.msg.MessageID,
		Facts: intake.Facts{Audience: intake.ToSite, Site: m.FactsOfSite(m.site.ODSCode), Reasons: m.Reasons(intake.Short)}}
	c := intake.Conclusion{Outcome: intake.OutcomeShortTerm, Ref: ref, Folder: intake.Processed}
	return c, m.answer(ctx, m.message, l)
}

// answered handles the answer to the question how long it is for, which is open where nothing else is missing. mine
// is false if it is for the long term, so that the request is complete.
func (m length) answered(ctx context.Context, req *intake.Request) (c intake.Conclusion, mine bool, err error) {
	if m.Completeness(req) != intake.EventComplete {
		return c, false, nil
	}
	_, reasoned := m.Policy.LongTerm.Reason(m.msg.Reason)
	long, short := plainAnswer(m).length()
	switch {
	case long:
		return c, false, nil
	case m.msg.ShortTerm, short:
		if err := m.panel.Withdraw(ctx, m.Tx, withdrawalBy(m.siteMail, req)); err != nil {
			return c, true, err
		}
		c, err = m.byTelephone(ctx, req.Ref)
		return c, true, err
	case reasoned, m.means().long:
		return c, false, nil
	}
	req.Merge(m.msg, intake.User{}, m.Policy)
	c, err = m.move(ctx, req, func() intake.Event { return intake.EventUnclear })
	return c, true, err
}
