package intake

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"mfabot/parser"
)

// fromSite handles what a site writes: a new request, or more about one.
func (in *Inbox) fromSite(ctx context.Context, t *turn) (Conclusion, bool, error) {
	site, ok := in.siteOf(t)
	if !ok {
		return Conclusion{}, false, nil
	}
	t.check("may ask", true, "%s writes for the site %s (%s)", t.from(), site.Name, site.ODSCode)
	ref, err := in.conversationOf(ctx, t, site)
	if err != nil {
		return Conclusion{}, true, err
	}
	if err := in.dropLogos(ctx, t, site, ref); err != nil {
		return Conclusion{}, true, err
	}
	for _, e := range evidenceOf(t) {
		t.check("evidence", e.Counts, "%s: %s", e.Filename, cmp.Or(e.Why, "it counts"))
	}
	c, mine, err := in.inConversation(ctx, t, site, ref)
	if mine || err != nil {
		return c, true, err
	}
	c, err = in.outsideConversation(ctx, t, site, ref)
	return c, true, err
}

// inConversation handles what a site writes about a request or exception of
// its own.
func (in *Inbox) inConversation(ctx context.Context, t *turn, site *Site, ref string) (c Conclusion, mine bool, err error) {
	if ref == "" {
		return Conclusion{}, false, nil
	}
	req, err := t.Request(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		e, err := t.Exception(ctx, ref)
		if errors.Is(err, ErrNotFound) || (err == nil && (e.SiteCode != site.ODSCode || !in.asksNothing(t, site))) {
			return Conclusion{}, false, nil
		}
		if err == nil {
			c, err = in.siteWrote(ctx, t, site, ref, e.Subject, unanswered)
		}
		return c, true, err
	}
	if err != nil {
		return Conclusion{}, true, err
	}
	if req.SiteCode != site.ODSCode || in.asksAnew(t, site, req) {
		return Conclusion{}, false, nil
	}
	c, err = in.continued(ctx, t, site, req)
	return c, true, err
}

// outsideConversation handles what a site writes that is about no request of its
// own, so far.
func (in *Inbox) outsideConversation(ctx context.Context, t *turn, site *Site, ref string) (Conclusion, error) {
	switch {
	case t.msg.Withdraw:
		return in.withdrawUnnamed(ctx, t, site, ref)
	case in.asksNothing(t, site) && merelyThanks(t.msg.NewText):
		return in.noted(ctx, t, "")
	}
	return in.newRequests(ctx, t, site)
}

// asksAnew reports whether a message in an old conversation is about other
// users than its request: people start a new request by answering an old email.
// An answer to a question, and a remark while reviewers decide, may well name
// somebody else, a manager or who wrote the evidence, unless it brings evidence.
func (in *Inbox) asksAnew(t *turn, site *Site, req *Request) bool {
	subjects := in.subjects(t, site)
	if req.Subject.Email == "" || len(subjects) == 0 ||
		slices.ContainsFunc(subjects, func(p Person) bool { return p.Email == req.Subject.Email }) {
		return false
	}
	_, reasoned := in.Policy.LongTerm.Reason(t.msg.Reason)
	switch req.State {
	case NeedsInfo:
		return in.bringsNew(t, req)
	case Pending:
		return in.bringsNew(t, req) || reasoned || t.msg.ShortTerm
	}
	return true
}

// asksNothing reports whether a message states nothing that a request is made of:
// thanks for a notice of a short-term exception, say.
func (in *Inbox) asksNothing(t *turn, site *Site) bool {
	return len(in.subjects(t, site)) == 0 && !in.bringsEvidence(t) && t.msg.Reason == "" && !t.msg.ShortTerm
}

// subjects are the users that a message is about: not the site itself, nor us.
func (in *Inbox) subjects(t *turn, site *Site) []Person {
	var out []Person
	for _, s := range t.msg.Subjects {
		p := Person{Email: Canonical(s.Email), Name: s.Name}
		own := p.Email == in.Address || p.Email == site.Mailbox || slices.Contains(site.Aliases, p.Email)
		if !own && IsAddress(p.Email) && !slices.ContainsFunc(out, func(q Person) bool { return q.Email == p.Email }) {
			out = append(out, p)
		}
	}
	return out
}

// newRequests begins a request for each user that a message is about.
func (in *Inbox) newRequests(ctx context.Context, t *turn, site *Site) (Conclusion, error) {
	if t.msg.ShortTerm {
		l := Letter{Template: ShortTerm, To: t.from(), AnswersTo: t.msg.MessageID,
			Facts: Facts{Audience: ToSite, Site: in.siteFacts(site.ODSCode), Reasons: in.reasons(Short)}}
		return Conclusion{Outcome: AsShortTerm, Folder: Processed}, in.answer(ctx, t, l)
	}
	subjects := in.subjects(t, site)
	if len(subjects) == 0 {
		subjects = []Person{{}}
	}
	all := Conclusion{Outcome: AsInformation, Folder: Processed}
	var refs []string
	for _, subject := range subjects {
		c, err := in.newRequest(ctx, t, site, subject)
		if err != nil {
			return Conclusion{}, err
		}
		if c.Outcome == AsRequest {
			all.Outcome = AsRequest
		}
		refs = append(refs, c.Ref)
	}
	all.Ref = strings.Join(refs, ",")
	return all, nil
}

// newRequest begins a request for a user, or continues the one that the site has
// open for them: reviewers decide on one user once.
func (in *Inbox) newRequest(ctx context.Context, t *turn, site *Site, subject Person) (Conclusion, error) {
	open, err := in.openFor(ctx, t, site, subject)
	if err != nil {
		return Conclusion{}, err
	}
	if open != nil {
		return in.askedAgain(ctx, t, site, open)
	}
	req := in.requestFrom(t, site)
	req.Subject = subject
	req.takeApart(t.msg, in.Policy)
	err = in.begin(ctx, t, req)
	return Conclusion{Outcome: AsRequest, Ref: req.Ref, Folder: Processed}, err
}

// openFor is the newest open request of a site for a user; nil for none.
func (in *Inbox) openFor(ctx context.Context, t *turn, site *Site, subject Person) (*Request, error) {
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
func (in *Inbox) requestFrom(t *turn, site *Site) *Request {
	req := &Request{State: Received, SiteCode: site.ODSCode, SiteAddress: in.answerable(t, site), Justification: t.msg.Justification,
		AuthMethod: t.msg.AuthMethodRegistered, RequestedBy: t.from(), ReceivedAt: t.Now, InboundID: t.inbound.ID, Evidence: evidenceOf(t)}
	req.wrote(Canonical(t.msg.Sender))
	if _, known := in.Policy.LongTerm.Reason(t.msg.Reason); known {
		req.Reason = t.msg.Reason
	}
	return req
}

// answerable is where a site reads our answer to a message: in its mailbox, or, as
// that is ours to read where it is watched, at the person's own address.
func (in *Inbox) answerable(t *turn, site *Site) string {
	if in.Mailboxes[t.Mailbox].Site != "" {
		return t.from()
	}
	return site.Mailbox
}

func evidenceOf(t *turn) []Evidence {
	var out []Evidence
	for _, a := range t.msg.Evidence {
		out = append(out, Evidence{InboundID: t.inbound.ID, Part: a.Part, Filename: a.Filename, MediaType: a.MediaType,
			DeclaredType: a.DeclaredType, Size: a.Size, SHA256: a.SHA256, Counts: a.Counts, Why: a.Why})
	}
	return out
}

// begin stores a new request under a reference of its own and moves it on.
func (in *Inbox) begin(ctx context.Context, t *turn, req *Request) error {
	var err error
	if req.Ref, err = t.NextRef(ctx, "LT", t.Now.In(in.Policy.Zone).Year()); err != nil {
		return err
	}
	on := in.completeness(req)
	if err := in.settle(req, t.Now, on); err != nil {
		return err
	}
	if err := t.AddRequest(ctx, req); err != nil {
		return err
	}
	return in.tell(ctx, t, req, on, "")
}

// completeness is the event that what a request states amounts to.
func (s *Service) completeness(req *Request) Event {
	switch {
	case len(req.missing()) > 0:
		return Unclear
	case s.Policy.LongTerm.EvidenceRequired && len(req.Counting()) == 0:
		return NoEvidence
	default:
		return Complete
	}
}

// tell records what a message did to a request, and writes to those concerned:
// the reviewers where they have something to decide, and the site. said is what
// reviewers are shown of the message besides the request's facts.
func (in *Inbox) tell(ctx context.Context, t *turn, req *Request, on Event, said string) error {
	if err := t.Record(ctx, HistoryEntry{Ref: req.Ref, At: t.Now, Event: string(on), By: t.from(), Text: t.msg.NewText}); err != nil {
		return err
	}
	f := in.requestFacts(req)
	f.Audience = ToSite
	var err error
	if f.Runs, err = in.panel.runs(ctx, t.ReviewTx, req); err != nil {
		return err
	}
	l := Letter{To: req.SiteAddress, Ref: req.Ref, AnswersTo: t.msg.MessageID}
	switch req.State {
	case Pending:
		l.Template = Receipt
		if err := in.panel.askReviewers(ctx, t.ReviewTx, req, t.news(req, said)); err != nil {
			return err
		}
	case IsIncomplete:
		l.Template = Incomplete
		in.whatIsMissing(req, &f)
	case IsRejected:
		l.Template = Rejected
		f.Why = WhyNoEvidence
	}
	l.Facts = f
	if l.Template == Incomplete || l.Template == Rejected {
		return in.answer(ctx, t, l)
	}
	return in.out.send(ctx, t.Work, l)
}

// news is what a message has brought to a request, as reviewers are told of it.
func (t *turn) news(req *Request, said string) *News {
	n := &News{InboundID: t.inbound.ID, Said: said}
	if t.was != nil && t.was.Ref == req.Ref {
		n.Was = t.was
	}
	return n
}

// whatIsMissing adds to the facts of a letter what a request lacks, and by when.
func (s *Service) whatIsMissing(req *Request, f *Facts) {
	f.Missing, f.Reasons, f.Ends = req.missing(), s.reasons(Long), req.LapsesAt
	if s.Policy.LongTerm.EvidenceRequired && len(req.Counting()) == 0 {
		f.Missing = append(f.Missing, "evidence")
	}
}

// settle applies an event to a request in memory.
func (s *Service) settle(req *Request, now time.Time, on Event) error {
	to, err := Next(req.State, on)
	if err != nil {
		return err
	}
	if on != Approval { // with one of several, it waits as it did
		req.WaitingSince = now
	}
	req.State, req.LapsesAt = to, time.Time{}
	if to == IsIncomplete || to == NeedsInfo {
		req.LapsesAt = now.Add(s.Policy.LapseAfter)
	}
	req.Digest = req.digest()
	return nil
}

// refIn finds a reference such as LT-2026-00042 in a subject; people who write it
// themselves leave out the brackets.
func refIn(subject string) string { return strings.ToUpper(refForm.FindString(subject)) }

var refForm = regexp.MustCompile(`(?i)\b(?:LT|ST)-[0-9]{4}-[0-9]{5,}\b`)

// merge takes over what a later message of the site states of a request.
func (r *Request) merge(m *parser.Message, subject Person, policy *Policy) {
	if r.Subject.Email == "" {
		r.Subject = subject
	}
	if _, known := policy.LongTerm.Reason(m.Reason); known && r.Reason == "" {
		r.Reason = m.Reason
	}
	if r.AuthMethod == "" || r.AuthMethod == "unknown" {
		r.AuthMethod = m.AuthMethodRegistered
	}
	if m.Justification != "" && !strings.Contains(r.Justification, m.Justification) {
		r.Justification = strings.TrimSpace(r.Justification + "\n\n" + m.Justification)
	}
}

// takeApart takes over what a form for several users says of the request's own.
func (r *Request) takeApart(m *parser.Message, policy *Policy) {
	for _, p := range m.Subjects {
		if Canonical(p.Email) != r.Subject.Email || p.AuthMethodRegistered == "" {
			continue
		}
		r.Reason, r.Justification, r.AuthMethod = "", p.Justification, p.AuthMethodRegistered
		if _, known := policy.LongTerm.Reason(p.Reason); known {
			r.Reason = p.Reason
		}
	}
}
