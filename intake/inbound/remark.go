package inbound

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// noted records what a site wrote, when nobody is waiting for it.
func (m *message) noted(ctx context.Context, ref string) (intake.Conclusion, error) {
	err := m.Record(ctx, intake.HistoryEntry{Ref: ref, At: m.Now, Event: intake.EventInformation, By: m.from(),
		Text: m.msg.NewText})
	return intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: ref, Folder: intake.Processed}, err
}

// passOn shows the reviewers what a site wrote while they decide. Their codes stay valid, since what they
// decide on has not changed. why is set where it answers what we had asked.
func (m *siteMail) passOn(ctx context.Context, req *intake.Request, why intake.Why) (intake.Conclusion, error) {
	passable, err := m.passable(ctx, m.message, req.SiteCode, "")
	if err != nil {
		return intake.Conclusion{}, err
	}
	before, err := m.History(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if m.msg.NewText != "" && passable && !said(before, m.from(), m.msg.NewText) {
		f := m.FactsOfRequest(req)
		f.Audience, f.Why, f.Said, f.By, f.At = intake.ToReviewer, why, m.msg.NewText, m.from(), m.Now
		reviews, err := m.Reviews(ctx, req.Ref)
		if err != nil {
			return intake.Conclusion{}, err
		}
		for _, r := range m.Concerned(req, reviews) {
			if err := m.out.Send(ctx, m.Work, intake.Letter{Template: intake.LetterInformation, To: r.Address, Ref: req.Ref,
				Facts: f}); err != nil {
				return intake.Conclusion{}, err
			}
		}
	}
	return m.noted(ctx, req.Ref)
}

// said reports whether somebody has written a text before.
func said(before []intake.HistoryEntry, by, text string) bool {
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return slices.ContainsFunc(before, func(e intake.HistoryEntry) bool { return e.By == by && words(e.Text) == words(text) })
}

// askedAgain continues a user's undecided request when the site asks for them again. While reviewers decide,
// the site gets another receipt.
func (m *siteMail) askedAgain(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if m.foreign && !m.continues && m.msg.Reason == "" { // it names the user, and asks for nothing
		return belonging{m}.ask(ctx, req)
	}
	if req.State != intake.Pending || m.bringsNew(req) {
		return m.continued(ctx, req)
	}
	if err := m.remember(ctx, req); err != nil {
		return intake.Conclusion{}, err
	}
	before, err := m.History(ctx, req.Ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	var c intake.Conclusion
	haveRead := slices.ContainsFunc(before, func(e intake.HistoryEntry) bool { return e.Text == m.msg.NewText })
	if haveRead {
		c, err = m.noted(ctx, req.Ref)
	} else {
		c, err = m.passOn(ctx, req, "")
	}
	if err != nil {
		return c, err
	}
	return c, remark{m}.receipt(ctx, req)
}

// receipt tells a site once more that a request waits for reviewers, and which of what came now does not count.
func (m remark) receipt(ctx context.Context, req *intake.Request) error {
	f := m.FactsOfRequest(req)
	f.Audience, f.Evidence = intake.ToSite, append(f.Evidence, missed(m.message)...)
	var err error
	if f.Runs, err = m.panel.Runs(ctx, m.Tx, req); err != nil {
		return err
	}
	return m.answer(ctx, m.message, intake.Letter{Template: intake.LetterReceipt, To: m.answerable(), Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f})
}

// siteWrote shows the operator what a site wrote when nothing is waiting for it: nobody else would read it. The
// site is told that a person does. Mere thanks are only recorded. done tells the operator what was done about it.
func (m *siteMail) siteWrote(ctx context.Context, ref string, user intake.User, done string) (intake.Conclusion, error) {
	if err := (remark{m}).toPerson(ctx, ref, user, done); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, ref)
}

// remark is a site's message that changes nothing, and that somebody may have to read.
type remark struct{ *siteMail }

// toPerson shows the operator what a site wrote, and tells the site that a person reads it.
func (m remark) toPerson(ctx context.Context, ref string, user intake.User, done string) error {
	shown, err := m.show(ctx, ref, user, done)
	if err != nil || !shown {
		return err
	}
	return m.tellPassedOn(ctx, ref)
}

// tellPassedOn tells a site that a person reads what it wrote.
func (m remark) tellPassedOn(ctx context.Context, ref string) error {
	return m.answer(ctx, m.message, intake.Letter{Template: intake.LetterPassedOn, To: m.answerable(), Ref: ref,
		AnswersTo: m.msg.MessageID, Facts: intake.Facts{Audience: intake.ToSite,
			RequestFacts: intake.RequestFacts{Evidence: missed(m.message)}}})
}

// show shows the operator what the site wrote, and reports whether it did: mere thanks, and what comes above a day's
// limit, are only recorded.
func (m remark) show(ctx context.Context, ref string, user intake.User, done string) (bool, error) {
	if m.silent() || m.means().thanks {
		return false, nil
	}
	exempt, todo, err := m.whatCanBeDone(ctx, m.Service, user, done)
	if err != nil {
		return false, err
	}
	lines := []string{"Reference: " + ref, "Site: " + m.site.Name + " (" + m.site.ODSCode + ")", "From: " + m.from()}
	headline := "Please answer what a site wrote: it is not a request"
	if ref == "" {
		lines[0] = "Subject: " + m.inbound.Subject
	} else if headline, err = m.headline(ctx, ref); err != nil {
		return false, err
	}
	lines = append(lines, exempt...)
	for _, a := range m.msg.Evidence {
		lines = append(lines, "Attached, and no evidence: "+a.Filename)
	}
	return m.raise(ctx, intake.AlertSiteWrote, user, todo, headline, lines...)
}

// headline says what the site wrote about, and how that stands.
func (m remark) headline(ctx context.Context, ref string) (string, error) {
	stands := ""
	e, err := m.Exception(ctx, ref)
	if err == nil {
		stands = " (exception " + string(e.StateAt(m.Now)) + ")"
	} else if errors.Is(err, intake.ErrNotFound) {
		var req *intake.Request
		if req, err = m.Request(ctx, ref); err == nil {
			stands = " (request " + string(req.State) + ")"
		}
	}
	if err != nil && !errors.Is(err, intake.ErrNotFound) {
		return "", err
	}
	return "Please answer what a site wrote about " + ref + stands, nil
}

// raise alerts the operator of what the site wrote, and reports whether it did: what comes above a day's limit, and
// the same words again, are only recorded. user is whom it is about, as far as that is
// known, and todo what the operator can do.
func (m remark) raise(
	ctx context.Context, kind intake.AlertKind, user intake.User, todo []string, headline string, lines ...string,
) (bool, error) {
	active, err := m.activeAbout(ctx, user)
	if err != nil {
		return false, err
	}
	if again, err := repeats(ctx, m.Service, m.message, "shown", cmp.Or(active, string(kind))); again || err != nil {
		return false, err
	}
	passable, err := m.passable(ctx, m.message, m.site.ODSCode, active)
	if err != nil || !passable {
		return false, err
	}
	by := outbox.Cause{By: bySite(m.site), Ref: active, User: user, Site: m.FactsOfSite(m.site.ODSCode),
		Quote: outbox.Quote{Said: m.said(), Todo: todo}}
	return true, m.out.Alert(ctx, m.Work, kind, by, headline, lines...)
}

// bySite names a site as what causes alerts.
func bySite(site *intake.Site) string { return "the site " + site.ODSCode }

// activeAbout returns the reference of an active exception that the message is about: the user's, or else one that the
// site has for somebody whose address the message has; empty for none.
func (m remark) activeAbout(ctx context.Context, user intake.User) (string, error) {
	addrs := []string{user.Email}
	for _, named := range m.users {
		addrs = append(addrs, named.Email)
	}
	for _, addr := range append(addrs, addressesIn(m.msg.Subject+"\n"+m.msg.NewText)...) {
		if addr == "" {
			continue
		}
		unclosed, err := m.Unclosed(ctx, addr)
		if err != nil {
			return "", err
		}
		for _, e := range unclosed {
			if e.StateAt(m.Now) == intake.Active && (addr == user.Email || e.SiteCode == m.site.ODSCode) {
				return e.Ref, nil
			}
		}
	}
	return "", nil
}

// nothingDone tells the operator that a message waits for an answer from them.
const nothingDone = "Nothing was changed. The site was told that a person reads it. Please answer it."

// whatCanBeDone tells the operator which exceptions of the user are active, and, to be told last, what was done and
// how to end them.
func (m *message) whatCanBeDone(
	ctx context.Context, s *intake.Service, user intake.User, done string,
) (exempt, todo []string, err error) {
	unclosed, err := m.Unclosed(ctx, user.Email)
	if err != nil {
		return nil, nil, err
	}
	todo = []string{done}
	for _, e := range unclosed {
		if e.StateAt(m.Now) == intake.Active {
			exempt = append(exempt, "Active until "+s.Moment(e.EndsAt)+": "+e.Ref+" for "+user.Email)
			todo = append(todo, "Only if the account is misused, or somebody is exempt who must not be: mfabot revoke "+e.Ref+
				" REASON --as NAME")
		}
	}
	if len(exempt) == 0 && user.Email != "" {
		exempt = append(exempt, "There is no active exception for "+user.Email+".")
	}
	return exempt, todo, nil
}
