package inbound

import (
	"context"
	"strings"

	"mfabot/intake"
)

// Requests is what new requests and more about them need of a transaction.
type Requests interface {
	// NextRef counts up a year's references: LT-2026-00042.
	NextRef(ctx context.Context, prefix string, year int) (string, error)
	AddRequest(ctx context.Context, r *intake.Request) error
	// AddEvidence adds to a request's evidence.
	AddEvidence(ctx context.Context, ref string, evidence []intake.Evidence) error
	// RequestsBegunBy returns the references of requests that a site began with
	// a message of this Message-ID.
	RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error)
	// OpenRequests returns the references of a site's requests that are
	// incomplete, pending or in need of information, oldest first; of one
	// subject, or of all where email is empty.
	OpenRequests(ctx context.Context, siteCode, email string) ([]string, error)
	// SeenFile reports whether a file came with other mail of a site, about
	// others than the user.
	SeenFile(ctx context.Context, siteCode, sha256, user string, inboundID int64) (bool, error)
}

// newRequests begins a request for each user that a message is about.
func (m *siteMail) newRequests(ctx context.Context) (intake.Conclusion, error) {
	if m.msg.ShortTerm {
		l := intake.Letter{Template: intake.LetterShortTerm, To: m.from(), AnswersTo: m.msg.MessageID,
			Facts: intake.Facts{Audience: intake.ToSite, Site: m.FactsOfSite(m.site.ODSCode), Reasons: m.Reasons(intake.Short)}}
		return intake.Conclusion{Outcome: intake.OutcomeShortTerm, Folder: intake.Processed}, m.answer(ctx, m.message, l)
	}
	subjects := m.subjects()
	if len(subjects) == 0 {
		subjects = []intake.User{{}}
	}
	all := intake.Conclusion{Outcome: intake.OutcomeInformation, Folder: intake.Processed}
	var refs []string
	for _, subject := range subjects {
		c, err := m.newRequest(ctx, subject)
		if err != nil {
			return intake.Conclusion{}, err
		}
		if c.Outcome == intake.OutcomeRequest {
			all.Outcome = intake.OutcomeRequest
		}
		refs = append(refs, c.Ref)
	}
	all.Ref = strings.Join(refs, ",")
	return all, nil
}

// newRequest begins a request for a user, or continues the one that the site has
// open for them: reviewers decide on one user once.
func (m *siteMail) newRequest(ctx context.Context, subject intake.User) (intake.Conclusion, error) {
	open, err := m.openFor(ctx, m.site, subject)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if open != nil {
		return m.askedAgain(ctx, open)
	}
	req := m.requestFrom()
	req.User = subject
	req.TakeApart(m.msg, m.Policy)
	err = m.begin(ctx, req)
	return intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: req.Ref, Folder: intake.Processed}, err
}

// openFor is the newest open request of a site for a user; nil for none.
func (t *message) openFor(ctx context.Context, site *intake.Site, subject intake.User) (*intake.Request, error) {
	if subject.Email == "" {
		return nil, nil
	}
	refs, err := t.OpenRequests(ctx, site.ODSCode, subject.Email)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	return t.Request(ctx, refs[len(refs)-1])
}

// requestFrom is a request as far as a message states it, without its subject.
func (m *siteMail) requestFrom() *intake.Request {
	req := &intake.Request{State: intake.Received, SiteCode: m.site.ODSCode, SiteAddress: m.answerable(), Justification: m.msg.Justification,
		AuthMethod: m.msg.AuthMethodRegistered, RequestedBy: m.from(), ReceivedAt: m.Now, InboundID: m.inbound.ID, Evidence: m.evidence()}
	req.Wrote(intake.Canonical(m.msg.Sender))
	if _, known := m.Policy.LongTerm.Reason(m.msg.Reason); known {
		req.Reason = m.msg.Reason
	}
	return req
}

// answerable is where a site reads our answer to a message: in its mailbox, or, as
// that is ours to read where it is watched, at the person's own address.
func (m *siteMail) answerable() string {
	if m.Mailboxes[m.Mailbox].Site != "" {
		return m.from()
	}
	return m.site.Mailbox
}

// begin stores a new request under a reference of its own and moves it on.
func (m *siteMail) begin(ctx context.Context, req *intake.Request) error {
	var err error
	if req.Ref, err = m.NextRef(ctx, "LT", m.Now.In(m.Policy.Zone).Year()); err != nil {
		return err
	}
	on := m.Completeness(req)
	if err := m.Advance(req, m.Now, on); err != nil {
		return err
	}
	if err := m.AddRequest(ctx, req); err != nil {
		return err
	}
	return m.tell(ctx, req, on, "")
}

// tell records what a message did to a request, and writes to those concerned:
// the reviewers where they have something to decide, and the site. said is what
// reviewers are shown of the message besides the request's facts.
func (m *siteMail) tell(ctx context.Context, req *intake.Request, on intake.Event, said string) error {
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: on, By: m.from(), Text: m.msg.NewText}); err != nil {
		return err
	}
	f := m.FactsOfRequest(req)
	f.Audience = intake.ToSite
	var err error
	if f.Runs, err = m.panel.Runs(ctx, m.Tx, req); err != nil {
		return err
	}
	l := intake.Letter{To: req.SiteAddress, Ref: req.Ref, AnswersTo: m.msg.MessageID}
	switch req.State {
	case intake.Pending:
		l.Template = intake.LetterReceipt
		if err := m.panel.AskReviewers(ctx, m.Tx, req, m.news(req, said)); err != nil {
			return err
		}
	case intake.Incomplete:
		l.Template = intake.LetterIncomplete
		m.AddMissing(req, &f)
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
