package inbound

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
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
	f.AskedAbout, f.Evidence = &intake.AskedAbout{InboundID: m.inbound.ID, Message: &kept}, nil
	for _, e := range m.evidence() {
		f.Evidence = append(f.Evidence, intake.EvidenceFacts{Filename: e.Filename, Size: e.Size, Counts: e.Counts, Why: e.Why})
	}
	if err := m.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: m.Now, Event: intake.EventAskedAbout, By: m.from(),
		Text: messageWords(m.inbound.ID)}); err != nil {
		return intake.Conclusion{}, err
	}
	c := intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: req.Ref, Folder: intake.Processed}
	return c, m.answer(ctx, m.message, intake.Letter{Template: intake.LetterBelongs, To: m.answerable(), Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f})
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
	if denies.MatchString(m.msg.NewText) {
		m.check("belongs", false, "the site says that message %d is not about %s", kept.InboundID, req.Ref)
		c, err = m.noted(ctx, "")
		return c, true, err
	}
	before, err := m.History(ctx, req.Ref)
	if err != nil || slices.ContainsFunc(before, func(e intake.HistoryEntry) bool {
		return e.Event == intake.EventBelongs && e.Text == messageWords(kept.InboundID)
	}) {
		return c, false, err
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

// denies matches an answer that says no.
var denies = regexp.MustCompile(`(?i)^\W*(no|nope|not|ignore|please ignore|disregard|please disregard|sorry[,.]? (no|not)|` +
	`it is not|it isn['’]t|that is not|this is not|na|nage)\b`)

// messageWords names a message of the ledger in the audit.
func messageWords(id int64) string { return fmt.Sprintf("message %d", id) }
