package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/intake/wording"
)

// A signature says who wrote a message, and often not to whom: Microsoft 365 signs neither To nor Sender. Whoever
// was sent such a message can send it on to us. Where nothing else proves that its author meant it for us, they
// are asked, at the registered address: the answer that brings the code of that letter is from somebody who reads
// the mailbox, and meant for us.

// confirmation is a message being handled whose author is asked to confirm it, or confirms another.
type confirmation struct {
	*Inbox
	*message
}

// confirmsADay is how many letters ask one address to confirm something in any 24 hours. What they answer may be
// somebody else's doing, so they come out of no other allowance. What has no word for exceptions, and continues nothing,
// has so many of its own: a site writes such emails to others.
const confirmsADay = 20

// confirming are the words with which a site confirms.
var confirming = []string{"confirm", "confirmed", "cadarnhau", "yes", "ie", "ydw"}

// confirms reports whether a text begins with one of these words, alone on its line.
func confirms(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return slices.Contains(confirming, strings.ToLower(strings.Trim(first, " \t\r.!")))
}

// mayAsk reports whether an address may be asked once more today to confirm something. If not, the operator is told. by
// is on whose behalf it is asked, and pool what the letters come out of.
func (m confirmation) mayAsk(ctx context.Context, pool, to, by string) (bool, error) {
	if may, err := m.within(ctx, pool+":"+to, confirmsADay,
		"%s is not asked to confirm it: the limit is %d a day", to, confirmsADay); may || err != nil {
		return may, err
	}
	return false, m.out.Alert(ctx, m.Work, intake.AlertUnconfirmed, outbox.Cause{By: by,
		Site: aboutAuthor(m.Inbox, m.inbound).Site}.Do(asideTodo(m.Inbox, m.inbound, intake.WhyUnconfirmed)...), "A message was set aside",
		asideLines(m.Inbox, m.inbound, intake.WhyUnconfirmed, nil)...)
}

// pool names what the letter that asks a site about its message comes out of; it is empty for what the site need not be
// asked about, as it has nothing that we could do anything about.
func (m confirmation) pool(mail *siteMail) string {
	means := m.means()
	// Where it answers somebody else, the subject is of whoever wrote to the site.
	about := means.exceptions ||
		!mail.foreign && (wording.AboutExceptions(m.msg.Subject) || refIn(m.msg.Subject) != "")
	switch {
	case mail.continues, m.msg.Reason != "", m.msg.ShortTerm, mail.command() != wording.None, about:
		return "confirm"
	case !mail.asksNothing(), means.said.Status, means.said.Person, means.withdrawal != wording.No:
		return "confirm other"
	}
	return ""
}

// askReviewer asks a reviewer to give an answer again that may have been meant for somebody else.
func (m confirmation) askReviewer(ctx context.Context, by intake.Reviewer, req *intake.Request) (intake.Conclusion, error) {
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyUnconfirmed, Ref: req.Ref,
		Folder: intake.RefusedBox}
	if may, err := m.mayAsk(ctx, "confirm", by.Address, by.Address); !may || err != nil {
		return c, err
	}
	code, err := m.out.NewCode(ctx, m.Work, req, by, intake.ToConfirm)
	if err != nil {
		return c, err
	}
	l := intake.Letter{Template: intake.LetterConfirm, To: by.Address, Ref: req.Ref, AnswersTo: m.msg.MessageID,
		Facts: m.FactsOfRequest(req)}
	l.Facts.Audience, l.Facts.Said, l.Facts.Command = intake.ToReviewer, m.msg.NewText, commandOf(m.message)
	l.Facts.Seed, l.Facts.CodeHash = code.Seed, code.CodeHash
	return c, m.out.Send(ctx, m.Work, l)
}

// commandOf returns the command of a message as its author could write it again.
func commandOf(m *message) string {
	d := m.msg.Decision
	words := []string{strings.ToUpper(d.Verb)}
	if d.Until != "" {
		words = append(words, "UNTIL", d.Until)
	}
	if d.Text != "" && d.Verb != "approve" {
		words = append(words, intake.BeforeCode(d.Text))
	}
	return strings.Join(words, " ")
}

// meantBy reports whether the message was meant for us by its site: also where it is in the site's own mailbox.
func (m confirmation) meantBy(site *intake.Site) bool { return m.confirmed || m.meant(m.oursAt(site)) }

// oursAt returns whether an address is one at which a site writes to us.
func (m confirmation) oursAt(site *intake.Site) func(addr string) bool {
	return func(addr string) bool { return m.IsOurs(addr) || m.Mailboxes[m.Mailbox].Site != "" && site.Has(addr) }
}

// toOthers reports whether the proof of the sender says that the message was written to others.
func (m confirmation) toOthers(site *intake.Site) bool {
	to := slices.Clone(m.msg.To)
	if m.covers("cc") {
		to = append(to, m.msg.Cc...)
	}
	ours := m.oursAt(site)
	return m.covers("to") && len(to) > 0 &&
		!slices.ContainsFunc(to, func(addr string) bool { return ours(intake.Canonical(addr)) })
}

// askSite asks a site whether a message of theirs was meant for us. It is set aside until they say so.
func (m confirmation) askSite(ctx context.Context, mail *siteMail) (intake.Conclusion, error) {
	c := intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: intake.WhyUnconfirmed, Folder: intake.Quarantine}
	site, to, pool := mail.site, mail.answerable(), m.pool(mail)
	if pool == "" {
		m.check("asks something", false, "it has nothing that a request has, and continues nothing: the site is not asked about it")
		return m.quarantine(ctx, m.Work, m.inbound, intake.WhyUnconfirmed, nil)
	}
	if may, err := m.mayAsk(ctx, pool, to, bySite(site)); !may || err != nil {
		return c, err
	}
	seed, hash, err := m.out.NewSeed()
	if err != nil {
		return c, err
	}
	if err := m.AskToConfirm(ctx, m.inbound.ID, hash); err != nil {
		return c, err
	}
	return c, m.out.Send(ctx, m.Work, intake.Letter{Template: intake.LetterConfirm, To: to,
		AnswersTo: m.msg.MessageID, Facts: intake.Facts{Audience: intake.ToSite, Said: m.said(), Site: m.FactsOfSite(site.ODSCode),
			ExceptionFacts: intake.ExceptionFacts{Ends: m.inbound.ReceivedAt.Add(m.Policy.LapseAfter)},
			ReviewFacts:    intake.ReviewFacts{Seed: seed, CodeHash: hash, Command: "CONFIRM"}}})
}

// answers handles a site's answer to the question whether a message was meant for us. mine is false if it is no
// such answer.
func (m confirmation) answers(ctx context.Context, mail *siteMail) (c intake.Conclusion, mine bool, err error) {
	if mail.foreign || m.toOthers(mail.site) {
		return c, false, nil
	}
	hashes, err := m.answeredCodes(ctx, mail.site)
	if err != nil {
		return c, true, err
	}
	for _, hash := range hashes {
		asked, err := m.Unconfirmed(ctx, hash)
		if errors.Is(err, intake.ErrNotFound) || err == nil && !mail.site.Has(asked.From) {
			continue
		}
		if err != nil {
			return c, true, err
		}
		c, err = m.confirms(ctx, mail, asked)
		return c, true, err
	}
	return c, false, nil
}

// answeredCodes returns the hashes of the codes of the letters that the message may answer: the one that it answers by its
// Message-ID, and those whose code is in the address that it was sent to, its subject or its author's own words. What
// is quoted may be anybody's.
func (m confirmation) answeredCodes(ctx context.Context, site *intake.Site) (hashes []string, err error) {
	if ids := m.answered(); len(ids) > 0 {
		letter, err := m.OutboundByMessageID(ctx, ids[0])
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		if err == nil && letter.Template == intake.LetterConfirm && site.Has(letter.To) {
			hashes = append(hashes, letter.Facts.CodeHash)
		}
	}
	own := *m.msg
	own.InReplyTo, own.References, own.Text = nil, nil, own.NewText
	for _, code := range codesIn(&own, m.covers) {
		hashes = append(hashes, outbox.HashCode(code))
	}
	return hashes, nil
}

// confirms goes on with the message that was asked about where a site's answer confirms it in time. If not, a person
// reads the answer.
func (m confirmation) confirms(ctx context.Context, mail *siteMail, asked *intake.Inbound) (intake.Conclusion, error) {
	inTime := m.Now.Sub(asked.ReceivedAt) < m.Policy.LapseAfter
	if m.check("confirms", confirms(m.msg.NewText), "it answers whether message %d was meant for us", asked.ID) &&
		m.check("in time", inTime, "it came %s after that message; %s are allowed", m.Now.Sub(asked.ReceivedAt).Round(time.Minute),
			m.Policy.LapseAfter) {
		return intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: asked.Ref, Folder: intake.Processed}, m.confirm(ctx, asked)
	}
	return mail.siteWrote(ctx, "", intake.User{}, fmt.Sprintf("It was asked whether message %d was meant for us, "+
		"and did not confirm it in time. If it was: mfabot requeue %d --as NAME", asked.ID, asked.ID))
}

// confirm notes that a message was meant for us. It is read again once this is on record.
func (m confirmation) confirm(ctx context.Context, asked *intake.Inbound) error {
	if err := m.Reopen(ctx, asked.ID); err != nil {
		return err
	}
	checks := append(slices.Clone(asked.Checks), intake.Check{Name: "confirmed", Passed: true,
		Result: fmt.Sprintf("message %d confirms it", m.inbound.ID)})
	c := asked.Conclusion
	c.Reason = intake.WhyConfirmed
	if err := m.Conclude(ctx, asked.ID, c, checks); err != nil {
		return err
	}
	return m.Record(ctx, intake.HistoryEntry{At: m.Now, Event: intake.EventInformation, By: m.from(),
		Text: fmt.Sprintf("message %d was meant for us", asked.ID)})
}

// takeConfirmed reads again what has been confirmed. What cannot be read for now stays for the next time.
func (in *Inbox) takeConfirmed(ctx context.Context) error {
	ids, err := in.store.Confirmed(ctx, maxConfirmed)
	if err != nil {
		return err
	}
	ask := newAsking(in)
	for _, id := range ids {
		err := takeAgainConfirmed(ctx, in, ask, id)
		if errors.Is(err, intake.ErrDatabase) || ctx.Err() != nil {
			return err
		}
		if err != nil { // other messages go on
			in.log.Error("a message that was confirmed cannot be read again", "message", id, "err", err)
		}
	}
	return nil
}

// takeAgainConfirmed reads again a message that has been confirmed, unless it has to wait. If it fails by itself it is
// quarantined.
func takeAgainConfirmed(ctx context.Context, in *Inbox, ask *asking, id int64) error {
	m, err := in.store.Message(ctx, id)
	if err != nil {
		return err
	}
	r := in.reader.read(ctx, ctx, m.Arrival)
	r.again, r.confirmed = true, true
	ask.before(ctx, []*reading{r})
	for r.wait == nil {
		_, err = in.concludeAgain(ctx, r, m, cmp.Or(m.From, "its author"))
		switch {
		case errors.Is(err, review.ErrUnasked):
			ask.settle(r, err)
		case err == nil, errors.Is(err, intake.ErrDatabase), ctx.Err() != nil, !r.fails(err):
			return err
		}
	}
	return r.wait
}

// maxConfirmed bounds the messages that are read again at a time.
const maxConfirmed = 50
