package inbound

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"mfabot/intake"
)

// answer answers a message that changes nothing, unless a daily limit is reached. Answers to what
// others may have sent on can use up a quarter of them only.
func (in *Inbox) answer(ctx context.Context, m *message, l intake.Letter) error {
	if m.verdict.BySignature && !m.meant(in.IsOurs) {
		n := max(in.Policy.AnswersADay/4, 1)
		if may, err := m.within(ctx, "sent on:"+l.To, n,
			"%s to %s is not sent: the limit is %d a day on what others may have sent on", l.Template, l.To, n); !may {
			return err
		}
	}
	unsent, err := in.out.Answer(ctx, m.Work, l, m.from())
	if unsent != "" {
		m.check("within the caps", false, "%s to %s is not sent: the limit is %s a day", l.Template, l.To, unsent)
	}
	return err
}

// refuse concludes a message as refused, and answers it with the reason.
func (in *Inbox) refuse(ctx context.Context, m *message, l intake.Letter) (intake.Conclusion, error) {
	if l.To == m.from() {
		l.AnswersTo = m.msg.MessageID
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: l.Facts.Why, Ref: l.Ref, Folder: intake.RefusedBox}
	return c, in.answer(ctx, m, l)
}

// passable reports whether another message from a site may be passed on to people today. Whoever has a copy
// of a signed message can send it again and again.
func (in *Inbox) passable(ctx context.Context, m *message, siteCode string) (bool, error) {
	n := in.Policy.AnswersADay
	if may, err := m.within(ctx, "passed on:"+siteCode, n,
		"it is recorded but not passed on: the limit is %d messages a day from one site", n); may || err != nil {
		return may, err
	}
	return false, in.out.Alert(ctx, m.Work, intake.AlertAnswers, "A site writes a lot",
		"Site: "+siteCode, "From: "+m.from(),
		"What it wrote is on record, and not passed on any more until there is room again: "+
			"`mfabot inbound` lists it.")
}

// tooMany is the error for a message that asks for more than a day allows its site. All that was done about the
// message is undone.
type tooMany struct {
	site   *intake.Site
	to     string // where the site reads our answer
	words  string
	checks []intake.Check
}

func (e *tooMany) Error() string { return e.words }

// spendOfSite takes one of the most things, such as new requests, that a day allows a message's site, unless the
// operator lets the message through. If none is left it returns a *tooMany.
func spendOfSite(ctx context.Context, m *siteMail, things string, most int) error {
	if m.allowed {
		return nil
	}
	words := fmt.Sprintf("%d %s of one site in a day are the most, about half of them at once", most, things)
	may, err := m.within(ctx, things+":"+m.site.ODSCode, most, "%s", words)
	if may || err != nil {
		return err
	}
	return &tooMany{m.site, m.answerable(), words, m.inbound.Checks}
}

// setAside quarantines a message that asks for more than a day allows its site. Once a day the operator and the
// site are told.
func setAside(ctx context.Context, in *Inbox, tx Tx, m *intake.Inbound, why *tooMany) (intake.Conclusion, error) {
	c := intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: intake.WhyTooMany, Folder: intake.Quarantine}
	err := tx.Spend(ctx, intake.NewAllowance("told of too many:"+why.site.ODSCode, 1), tx.Now)
	if errors.Is(err, intake.ErrSpent) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	id := strconv.FormatInt(m.ID, 10)
	if err := in.out.Alert(ctx, tx.Work, intake.AlertTooMany, "A site asks for more than a day allows",
		"Site: "+why.site.Name+" ("+why.site.ODSCode+")", "From: "+m.From, "Subject: "+m.Subject,
		"Mailbox: "+m.Mailbox+", message "+id+" of the ledger", "Why: "+why.words,
		"The message is stored and lies in the folder "+string(intake.Quarantine)+". The site was told that a person looks at it.",
		"Others of this site are not reported today; `mfabot inbound` lists them.",
		"To have it read all the same: mfabot requeue "+id,
		"To reject all that the site has asked for: mfabot decide --site "+why.site.ODSCode+" reject REASON --as REVIEWER",
	); err != nil {
		return c, err
	}
	return c, in.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterTooMany, To: why.to, AnswersTo: m.MessageID,
		Facts: intake.Facts{Audience: intake.ToSite, Site: in.FactsOfSite(why.site.ODSCode)}})
}

// fromStranger refuses mail from an address that may not make requests. The answer says how to make one, and
// names the sender's site if there is just one.
func (in *Inbox) fromStranger(ctx context.Context, m *message) (intake.Conclusion, error) {
	m.check("may ask", false, "%s is neither a reviewer nor the shared mailbox of a site", m.from())
	f := intake.Facts{Audience: intake.ToSender, Why: intake.WhyNotRegistered, Reasons: in.Reasons(intake.Short)}
	if sites := in.Sites.Now().OfContact(m.from()); len(sites) > 0 {
		f.Why = intake.WhyPersonalMailbox
		if len(sites) == 1 {
			f.Site = in.FactsOfSite(sites[0].ODSCode)
		}
	}
	if own := in.Mailboxes[m.Mailbox].Site; own != "" {
		f.Why, f.Site = intake.WhyNotContact, in.FactsOfSite(own)
	}
	return in.refuse(ctx, m, intake.Letter{Template: intake.LetterRefused, To: m.from(), Facts: f})
}
