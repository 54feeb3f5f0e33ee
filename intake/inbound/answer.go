package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/wording"
)

// answer answers a message that changes nothing, unless a daily limit is reached. Answers to what
// others may have sent on can use up a quarter of them only.
func (in *Inbox) answer(ctx context.Context, m *message, l intake.Letter) error {
	if again, err := repeats(ctx, in.Service, m, "answered", l.Ref); again || err != nil {
		return err
	}
	if nothing, err := nothingNew(ctx, in, m, l); nothing || err != nil {
		return err
	}
	if m.verdict.BySignature && !m.meant(in.IsOurs) {
		n := max(in.Policy.AnswersADay/4, 1)
		if may, err := m.within(ctx, "sent on:"+l.To, n,
			"%s to %s is not sent: the limit is %d a day on what others may have sent on", l.Template, l.To, n); !may {
			return err
		}
	}
	if l.Facts.Audience != intake.ToReviewer && !l.Facts.LanguageAsked {
		l.Facts.Language = languageOf(in.Service, m)
	}
	unsent, err := in.out.Answer(ctx, m.Work, l, m.from())
	if unsent != "" {
		m.check("within the caps", false, "%s to %s is not sent: the limit is %s a day", l.Template, l.To, unsent)
	}
	return err
}

// nothingNew reports whether a message answers our letters, and brings nothing that would make our answer another than
// those before: a program, or somebody whom our letters do not help. The operator is told, once.
func nothingNew(ctx context.Context, in *Inbox, m *message, l intake.Letter) (bool, error) {
	if answersOften(in.Service, m.from()) || len(m.msg.InReplyTo)+len(m.msg.References) == 0 || len(m.msg.Evidence) > 0 ||
		m.command() != wording.None || m.means().said.Status && !m.means().thanks || m.means().withdrawal != wording.No {
		return false, nil
	}
	n, err := outbox.SentAlike(ctx, m.Work, l)
	if err != nil || n < sameLetters {
		return false, err
	}
	m.check("something new", false,
		"it answers our letters, and %s to %s, as it would be once more, was sent %d times: it is only recorded",
		l.Template, l.To, n)
	site, ofSite := in.siteOf(m.Mailbox, m.from())
	if !ofSite || l.Ref == "" || m.means().thanks {
		return true, nil
	}
	kind := intake.AlertNothingNew.About(l.Ref)
	told, err := m.CountLetters(ctx, []intake.Template{intake.LetterAlert}, in.Operator, intake.Why(kind), m.Now.Add(-outbox.AlikeFor))
	if err != nil || told > 0 {
		return true, err
	}
	return true, in.out.Alert(ctx, m.Work, kind, outbox.Cause{By: bySite(site), User: l.Facts.User,
		Site: in.FactsOfSite(site.ODSCode), Quote: outbox.Quote{Said: m.said(), Todo: []string{"Please call the site. " + numberOf(site)}}},
		"A site answers our letters, and says nothing that helps", "Reference: "+l.Ref,
		"Site: "+site.Name+" ("+site.ODSCode+")", "From: "+m.from(),
		fmt.Sprintf("Our letter (%s) was sent %d times and is not sent again: a program may be answering, or somebody does not "+
			"understand what is needed.", l.Template, n))
}

// sameLetters is how often a letter goes to somebody who answers it with nothing new.
const sameLetters = 2

// refuse concludes a message as refused, and answers it with the reason.
func (in *Inbox) refuse(ctx context.Context, m *message, l intake.Letter) (intake.Conclusion, error) {
	if l.To == m.from() {
		l.AnswersTo = m.msg.MessageID
	}
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: l.Facts.Why, Ref: l.Ref, Folder: intake.RefusedBox}
	return c, in.answer(ctx, m, l)
}

// passable reports whether another message from a site may be passed on to people today. Whoever has a copy
// of a signed message can send it again and again. What is about an active exception, by its reference, comes out of an
// allowance of that exception's own.
func (in *Inbox) passable(ctx context.Context, m *message, siteCode, active string) (bool, error) {
	n, name := in.Policy.AnswersADay, "passed on:"+siteCode
	if active != "" {
		name += ":" + active
	}
	if may, err := m.within(ctx, name, n,
		"it is recorded but not passed on: the limit is %d messages a day from one site", n); may || err != nil {
		return may, err
	}
	return false, in.out.Alert(ctx, m.Work, intake.AlertAnswers, outbox.Cause{By: "the site " + siteCode,
		Site: in.FactsOfSite(siteCode)}, "A site writes a lot", "Site: "+siteCode, "From: "+m.from(), notPassedOn)
}

// notPassedOn tells the operator that somebody writes more than a day allows.
const notPassedOn = "What it wrote is on record, and not passed on any more until there is room again: `mfabot inbound` lists it."

// repeats reports whether the author has written the same words about the same thing too often today for them to be
// answered, or shown to somebody, once more: what is which of the two. A program that answers every email without
// saying so would have us answer it without end, so what answers a letter is the same where only its numbers differ, and
// has few answers a day. A command asks for an answer every time.
func repeats(ctx context.Context, s *intake.Service, m *message, what, about string) (bool, error) {
	if m.msg.Withdraw || m.command() != wording.None {
		return false, nil
	}
	words, n := m.msg.NewText, sameADay
	if !answersOften(s, m.from()) && len(m.msg.InReplyTo)+len(m.msg.References) > 0 {
		words, n = withoutNumbers(words), sameReplyADay
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%q", m.from(), about, strings.Join(strings.Fields(words), " "))
	for _, a := range m.msg.Evidence {
		fmt.Fprintf(h, "\n%s", a.SHA256)
	}
	may, err := m.within(ctx, "same "+what+":"+hex.EncodeToString(h.Sum(nil)), n,
		"its words were %s today already: they are only recorded", what)
	return err == nil && !may, err
}

// answersOften reports whether an address is one of those who answer our letters in the same words every time: a
// reviewer's, or the operator's.
func answersOften(s *intake.Service, addr string) bool {
	_, reviewer := s.Reviewers.ByAddress(addr)
	return reviewer || addr == intake.Canonical(s.Operator)
}

// How often a day the same words are answered: in replies to letters, and in what answers nothing or is of those who answer often.
const (
	sameReplyADay = 3
	sameADay      = 20
)

// withoutNumbers returns a text without its digits.
func withoutNumbers(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
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
	about := outbox.About(in.Service, intake.User{}, why.site.ODSCode).Do("To have it read all the same: mfabot requeue "+id,
		"To reject all that the site has asked for: mfabot decide --site "+why.site.ODSCode+" reject REASON --as REVIEWER")
	if err := in.out.Alert(ctx, tx.Work, intake.AlertTooMany, about, "A site asks for more than a day allows",
		"Site: "+why.site.Name+" ("+why.site.ODSCode+")", "From: "+m.From, "Subject: "+m.Subject,
		"Mailbox: "+m.Mailbox+", message "+id+" in `mfabot inbound`", "Why: "+why.words,
		whereItLies(in, m, intake.WhyTooMany)+". The site was told that a person looks at it.",
		"Others of this site are not reported today; `mfabot inbound` lists them."); err != nil {
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

// mute has a message's author get no answer where the operator says so, or if it came too long ago: what became of it
// was settled in another way, or will be by the operator, who is told.
func mute(in *Inbox, m *message) {
	came := m.came(in.Service)
	old := !came.IsZero() && m.Now.Sub(came) > in.Policy.AnswerWithin
	if m.again || !old && !m.reading.Unanswered {
		return
	}
	m.check("of late", !old,
		"it came on %s; mail is answered within %d hours", orNever(in.Service, came), int(in.Policy.AnswerWithin.Hours()))
	m.Mute = &outbox.Mute{To: []string{m.from()}}
	if site, ok := in.siteOf(m.Mailbox, m.from()); ok {
		m.Mute.To = append(m.Mute.To, site.Mailboxes()...)
	}
}

// unanswerable is the error for a message that cannot be dealt with unless its author is answered, who is not to be. All
// that was done about it is undone.
type unanswerable struct {
	kept   intake.Template
	checks []intake.Check
}

func (e *unanswerable) Error() string {
	return "it needs an answer (" + string(e.kept) + "), and came too long ago for one"
}

// asks are the letters without whose answer nothing goes on, or without which their recipient would wait in vain.
var asks = []intake.Template{intake.LetterIncomplete, intake.LetterRejected, intake.LetterQuestion, intake.LetterAddress,
	intake.LetterNeedEvidence, intake.LetterBelongs, intake.LetterEncrypted, intake.LetterConfirm, intake.LetterSeveral}

// muted deals with the answers that a message's author did not get: where one was needed the message waits for the
// operator. Otherwise the operator is told.
func muted(ctx context.Context, in *Inbox, m *message, c intake.Conclusion) error {
	if m.Mute == nil || len(m.Mute.Kept) == 0 {
		return nil
	}
	var names []string
	for _, kept := range m.Mute.Kept {
		if slices.Contains(asks, kept) {
			return &unanswerable{kept, m.inbound.Checks}
		}
		names = append(names, string(kept))
	}
	m.check("answered", false, "%s was not sent to %s", strings.Join(names, ", "), m.from())
	if err := m.Record(ctx, intake.HistoryEntry{Ref: c.Ref, At: m.Now, Event: intake.EventUnanswered, By: m.from(),
		Text: strings.Join(names, ", ") + " was not sent: the message came too long ago, or was imported without answers"}); err != nil {
		return err
	}
	if c.Outcome == intake.OutcomeRefused {
		return nil // nothing was done, and its author knows as much as before
	}
	todo := fmt.Sprintf("Tell them yourself if they still wait for it: `mfabot why %d` says what was done.", m.inbound.ID)
	return in.out.Alert(ctx, m.Work, intake.AlertUnanswered, aboutAuthor(in, m.inbound).Do(todo),
		"An old message was read, and its author was not answered",
		"From: "+m.from(), "Subject: "+m.inbound.Subject, "Came: "+orNever(in.Service, m.came(in.Service)),
		"Reference: "+c.Ref, "Not sent: "+strings.Join(names, ", "))
}
