package inbound

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
)

// siteMail is a message that a site wrote, in hand.
type siteMail struct {
	*Inbox
	*message
	site *intake.Site
}

// fromSite handles what a site writes: a new request, or more about one.
func (in *Inbox) fromSite(ctx context.Context, t *message) (intake.Conclusion, bool, error) {
	site, ok := in.siteOf(t)
	if !ok {
		return intake.Conclusion{}, false, nil
	}
	t.check("may ask", true, "%s writes for the site %s (%s)", t.from(), site.Name, site.ODSCode)
	ref, err := t.conversationOf(ctx, site)
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	m := &siteMail{in, t, site}
	if err := m.dropLogos(ctx, ref); err != nil {
		return intake.Conclusion{}, true, err
	}
	for _, e := range t.evidence() {
		t.check("evidence", e.Counts, "%s: %s", e.Filename, cmp.Or(e.Why, "it counts"))
	}
	c, mine, err := m.inConversation(ctx, ref)
	if mine || err != nil {
		return c, true, err
	}
	c, err = m.outsideConversation(ctx, ref)
	return c, true, err
}

// inConversation handles what a site writes about a request or exception of
// its own.
func (m *siteMail) inConversation(ctx context.Context, ref string) (c intake.Conclusion, mine bool, err error) {
	if ref == "" {
		return intake.Conclusion{}, false, nil
	}
	req, err := m.Request(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) {
		e, err := m.Exception(ctx, ref)
		if errors.Is(err, intake.ErrNotFound) || (err == nil && (e.SiteCode != m.site.ODSCode || !m.asksNothing())) {
			return intake.Conclusion{}, false, nil
		}
		if err == nil {
			c, err = m.siteWrote(ctx, ref, e.User, unanswered)
		}
		return c, true, err
	}
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	if req.SiteCode != m.site.ODSCode || m.asksAnew(req) {
		return intake.Conclusion{}, false, nil
	}
	c, err = m.continued(ctx, req)
	return c, true, err
}

// outsideConversation handles what a site writes that is about no request of its
// own, so far.
func (m *siteMail) outsideConversation(ctx context.Context, ref string) (intake.Conclusion, error) {
	switch {
	case m.msg.Withdraw:
		return m.withdrawUnnamed(ctx, ref)
	case m.asksNothing() && merelyThanks(m.msg.NewText):
		return m.noted(ctx, "")
	}
	return m.newRequests(ctx)
}

// siteOf is the site that a message speaks for: that of the shared mailbox it
// comes from, or of a contact who writes to the site's own mailbox.
func (in *Inbox) siteOf(t *message) (*intake.Site, bool) {
	if own := in.Mailboxes[t.Mailbox].Site; own != "" {
		site, ok := in.Sites.Now().ByCode(own)
		return site, ok && site.Has(t.from())
	}
	return in.Sites.Now().ByMailbox(t.from())
}

// conversationOf finds the one request or exception of a site that a message
// continues: it answers an email of ours or the message that began the request,
// or carries the reference in its subject. Empty for none, or for several.
func (t *message) conversationOf(ctx context.Context, site *intake.Site) (string, error) {
	ids := t.answered()
	for _, id := range ids {
		o, err := t.OutboundByMessageID(ctx, id)
		if err == nil && o.Ref != "" && site.Has(o.To) {
			return o.Ref, nil
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return "", err
		}
	}
	for _, id := range ids {
		refs, err := t.RequestsBegunBy(ctx, site.ODSCode, id)
		if err != nil {
			return "", err
		}
		if len(refs) == 1 {
			return refs[0], nil
		}
	}
	return refIn(t.msg.Subject), nil
}

// asksAnew reports whether a message in an old conversation is about other
// users than its request: people start a new request by answering an old email.
// An answer to a question, and a remark while reviewers decide, may well name
// somebody else, a manager or who wrote the evidence, unless it brings evidence.
func (m *siteMail) asksAnew(req *intake.Request) bool {
	subjects := m.subjects()
	if req.User.Email == "" || len(subjects) == 0 ||
		slices.ContainsFunc(subjects, func(p intake.User) bool { return p.Email == req.User.Email }) {
		return false
	}
	_, reasoned := m.Policy.LongTerm.Reason(m.msg.Reason)
	switch req.State {
	case intake.NeedsInfo:
		return m.bringsNew(req)
	case intake.Pending:
		return m.bringsNew(req) || reasoned || m.msg.ShortTerm
	}
	return true
}

// asksNothing reports whether a message states nothing that a request is made of:
// thanks for a notice of a short-term exception, say.
func (m *siteMail) asksNothing() bool {
	return len(m.subjects()) == 0 && !m.bringsEvidence() && m.msg.Reason == "" && !m.msg.ShortTerm
}

// subjects are the users that a message is about: not the site itself, nor us.
func (m *siteMail) subjects() []intake.User {
	var out []intake.User
	for _, s := range m.msg.Subjects {
		p := intake.User{Email: intake.Canonical(s.Email), Name: s.Name}
		own := p.Email == m.Address || p.Email == m.site.Mailbox || slices.Contains(m.site.Aliases, p.Email)
		if !own && intake.IsAddress(p.Email) && !slices.ContainsFunc(out, func(q intake.User) bool { return q.Email == p.Email }) {
			out = append(out, p)
		}
	}
	return out
}

// refIn finds a reference such as LT-2026-00042 in a subject; people who write it
// themselves leave out the brackets.
func refIn(subject string) string { return strings.ToUpper(refForm.FindString(subject)) }

var refForm = regexp.MustCompile(`(?i)\b(?:LT|ST)-[0-9]{4}-[0-9]{5,}\b`)
