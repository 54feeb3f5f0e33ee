package inbound

import (
	"context"
	"fmt"
	"strings"

	"mfabot/intake"
	"mfabot/intake/wording"
)

// belonging asks a site whether a message of its is about a request, where nothing that others cannot have
// chosen says so, and goes on with that message when the site says yes.
type belonging struct{ *siteMail }

// ask keeps what the message says, does nothing with it, and asks the site.
func (m belonging) ask(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	if m.means().thanks && !m.bringsEvidence() {
		return m.noted(ctx, req.Ref)
	}
	kept := *m.msg
	kept.Text, kept.Header, kept.QuotedForm = "", nil, nil
	kept.Subject, kept.NewText = intake.MaskCodes(kept.Subject), intake.MaskCodes(kept.NewText)
	f := m.FactsOfRequest(req)
	f.Audience, f.Said, f.At, f.Justification = intake.ToSite, kept.NewText, m.Now, ""
	f.AskedAbout, f.Evidence = &intake.AskedAbout{InboundID: m.inbound.ID, Message: &kept}, cameWith(m.message)
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: intake.EventAskedAbout, By: m.from(),
		Text: messageWords(m.inbound.ID)}); err != nil {
		return intake.Conclusion{}, err
	}
	c := intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: req.Ref, Folder: intake.Processed}
	return c, m.answer(ctx, m.message, intake.Letter{Template: intake.LetterBelongs, To: m.answerable(), Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f})
}

// unsure reports whether others can have chosen all that says that a message is about a request. Whoever had a copy of the
// site's own message knows its Message-ID too: what answers that takes nothing back before the site is asked.
func (m belonging) unsure(req *intake.Request) bool {
	return !m.continues || m.letter == nil && takingBack(m).inWords(req)
}

// inWords reports whether a message plainly takes back a request by other words than the command, which somebody else may
// have led its author to.
func (m takingBack) inWords(req *intake.Request) bool {
	return !m.msg.Withdraw && m.command() != wording.Withdraw && m.certainty(req) == wording.Plainly
}

// changesNothing reports whether a message leaves a request, and those who decide on it, as they are, so that
// there is nothing to ask: a person reads it, or its own words begin a new request.
func (m belonging) changesNothing(ctx context.Context, req *intake.Request) (bool, error) {
	switch {
	case !req.PurgedAt.IsZero(), req.State == intake.Withdrawn, req.State == intake.Lapsed:
		return true, nil
	case m.bringsEvidence():
		return false, nil
	case req.State == intake.Approved:
		open, err := m.panel.RenewalOf(ctx, m.Tx, req.Ref)
		return err == nil && open == nil, err
	}
	return req.State == intake.Rejected, nil
}

// answered handles the answer to the question, once for each message asked about. mine is false if the answer
// must be read as any other about the request.
func (m belonging) answered(ctx context.Context, req *intake.Request, letter *intake.Outbound) (c intake.Conclusion, mine bool, err error) {
	kept := letter.Facts.AskedAbout
	if kept == nil || kept.Message == nil {
		return c, false, nil
	}
	if m.msg.Withdraw || m.command() == wording.Withdraw {
		return c, false, nil
	}
	before, err := m.History(ctx, req.Ref)
	if err != nil {
		return c, true, err
	}
	times := func(event intake.Event) (n int) {
		for _, e := range before {
			if e.Event == event && e.Text == messageWords(kept.InboundID) {
				n++
			}
		}
		return n
	}
	says := wording.YesOrNo(m.msg.NewText)
	switch {
	case says == wording.SaysNo:
		m.check("belongs", false, "the site says that message %d is not about %s", kept.InboundID, req.Ref)
		c, err = m.noted(ctx, "")
		return c, true, err
	case times(intake.EventBelongs) > 0, says == wording.SaysNeither && m.bringsEvidence():
		return c, false, nil
	case says != wording.SaysYes:
		c, err = m.askOnce(ctx, req, letter, times(intake.EventAskedAbout) > 1)
		return c, true, err
	}
	m.check("belongs", true, "the site says that message %d is about %s", kept.InboundID, req.Ref)
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: intake.EventBelongs, By: m.from(),
		Text: messageWords(kept.InboundID)}); err != nil {
		return c, true, err
	}
	earlier, err := m.resumed(ctx, kept)
	if err != nil {
		return c, true, err
	}
	c, err = earlier.continued(ctx, req)
	if err != nil || !m.bringsEvidence() && len(strings.Fields(m.msg.NewText)) <= maxYes {
		return c, true, err
	}
	if req, err = m.Request(ctx, req.Ref); err != nil {
		return c, true, err
	}
	_, err = m.continued(ctx, req)
	return c, true, err
}

// askOnce asks the question again that the site's answer leaves open. If it was asked twice, a person reads the answer.
func (m belonging) askOnce(ctx context.Context, req *intake.Request, letter *intake.Outbound, twice bool) (intake.Conclusion, error) {
	id := letter.Facts.AskedAbout.InboundID
	m.check("belongs", false, "the site says neither that message %d is about %s nor that it is not", id, req.Ref)
	if twice {
		return m.siteWrote(ctx, req.Ref, req.User, fmt.Sprintf("It was asked whether message %d is about %s, and did not say. Nothing "+
			"was done with that message. If it is: ask the site to answer the question with the one word YES.", id, req.Ref))
	}
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: intake.EventAskedAbout, By: m.from(),
		Text: messageWords(id)}); err != nil {
		return intake.Conclusion{}, err
	}
	again := letter.Letter
	again.To, again.AnswersTo = m.answerable(), m.msg.MessageID
	if err := m.answer(ctx, m.message, again); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, req.Ref)
}

// resumed returns the message that was asked about, as the answer to a letter of ours that it is.
func (m belonging) resumed(ctx context.Context, kept *intake.AskedAbout) (*siteMail, error) {
	entry, read := *m.inbound, *m.reading
	entry.ID, read.msg = kept.InboundID, kept.Message
	earlier := *m.message
	earlier.inbound, earlier.reading = &entry, &read
	who, err := namedIn(ctx, m.panel, &earlier, m.site)
	return &siteMail{Inbox: m.Inbox, message: &earlier, site: m.site, conversation: m.conversation, named: who}, err
}

// maxYes is the length of an answer that says no more than yes, in words.
const maxYes = 12

// messageWords names a message of the ledger in the audit.
func messageWords(id int64) string { return fmt.Sprintf("message %d", id) }
