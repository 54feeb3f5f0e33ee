package inbound

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/intake/wording"
	"mfabot/parser"
)

// inquiry is a site's message that may ask for nothing that a request is: where something stands, a person, or
// nothing at all.
type inquiry struct{ *siteMail }

// answered handles thanks, the commands STATUS, HELP, WELSH and ENGLISH, questions about what is on record, and calls for a person.
// mine is false for everything else, and for what says more than that and must be read for it.
func (m inquiry) answered(ctx context.Context, ref string) (c intake.Conclusion, mine bool, err error) {
	req, own, err := m.about(ctx, ref)
	if err != nil {
		return c, true, err
	}
	command, said := m.command(), m.means().said
	language := asksLanguage(m.siteMail)
	if m.bringsEvidence() || (command == wording.Status || language != "") && m.bringsForm() { // which is taken first
		command, language = wording.None, ""
	}
	thanks := !m.bringsEvidence() && m.means().thanks
	asks := !m.bringsEvidence() && !said.Request && (said.Status || said.Person) && m.means().withdrawal == wording.No
	if m.letter != nil && m.letter.Template == intake.LetterBelongs { // "OK" means yes there, and a question may follow it
		thanks, asks = thanks && m.means().acknowledges, false
	}
	if command != wording.Status && command != wording.Help && language == "" && !thanks && !asks {
		return c, false, nil
	}
	if req != nil && m.continues && req.PurgedAt.IsZero() {
		if err := m.remember(ctx, req); err != nil {
			return c, true, err
		}
	}
	switch {
	case command == wording.Status:
		m.check("question", true, "it asks what is on record of the site")
		if c, err = m.noted(ctx, ""); err == nil {
			err = m.tellAll(ctx, own)
		}
		return c, true, err
	case command == wording.Help:
		m.check("question", true, "it asks for a person")
		if c, err = m.noted(ctx, own); err == nil {
			err = m.toPerson(ctx, own, req)
		}
		return c, true, err
	case language != "":
		c, err = m.inLanguage(ctx, own, language)
		return c, true, err
	case thanks:
		m.check("thanks", true, "it only thanks or acknowledges")
		if req != nil && req.State == intake.NeedsInfo && m.continues {
			c, err = m.stillOpen(ctx, req)
		} else {
			c, err = m.noted(ctx, own)
		}
		return c, true, err
	}
	if own == "" {
		if req, own, err = m.about(ctx, refIn(m.msg.NewText)); err != nil {
			return c, true, err
		}
	}
	if own != "" {
		return m.inConversation(ctx, req, own, said)
	}
	return m.outsideConversation(ctx, said)
}

// stillOpen tells a site whose email answers nothing that the reviewer's question is open, once a day: what answers by
// itself has no more to say.
func (m inquiry) stillOpen(ctx context.Context, req *intake.Request) (intake.Conclusion, error) {
	c, err := m.noted(ctx, req.Ref)
	if err != nil {
		return c, err
	}
	tell, err := m.within(ctx, "still open:"+req.Ref, 1, "the site was told today that the question is still open")
	if err != nil || !tell {
		return c, err
	}
	f := m.FactsOfRequest(req)
	if err := review.Question(ctx, m.panel, m.Tx, req, &f); err != nil {
		return c, err
	}
	f.Audience, f.Why, f.Ends = intake.ToSite, intake.WhyStillOpen, req.LapsesAt
	f.Evidence = append(slices.DeleteFunc(f.Evidence, func(e intake.EvidenceFacts) bool { return !e.Counts }), cameWith(m.message)...)
	if err = review.SetRuns(ctx, m.panel, m.Tx, req, &f); err != nil {
		return c, err
	}
	return c, m.answer(ctx, m.message, intake.Letter{Template: intake.LetterQuestion, To: m.answerable(), Ref: req.Ref,
		AnswersTo: m.msg.MessageID, Facts: f})
}

// command returns the command of the message: in its text or, where that is empty, its subject.
func (m *message) command() wording.Command {
	if m.msg.NewText == "" && m.covers("subject") {
		return wording.CommandIn(m.msg.Subject)
	}
	return wording.CommandIn(m.msg.NewText)
}

// about returns the request that the message is about, and own, the reference of that request or of an exception
// without one; nil and empty where they are not the site's.
func (m inquiry) about(ctx context.Context, ref string) (req *intake.Request, own string, err error) {
	if ref == "" {
		return nil, "", nil
	}
	req, err = m.Request(ctx, ref)
	if err == nil && req.SiteCode == m.site.ODSCode {
		return req, ref, nil
	}
	if err != nil && !errors.Is(err, intake.ErrNotFound) {
		return nil, "", err
	}
	e, err := m.Exception(ctx, ref)
	if err == nil && e.SiteCode == m.site.ODSCode {
		return nil, ref, nil
	}
	if errors.Is(err, intake.ErrNotFound) {
		err = nil
	}
	return nil, "", err
}

// inConversation answers a question in a conversation about a request or exception. While somebody waits for what
// the site writes, whatever else it says is read as that first.
func (m inquiry) inConversation(ctx context.Context, req *intake.Request, ref string, said wording.Meaning) (
	c intake.Conclusion, mine bool, err error,
) {
	m.check("question", true, "it asks about %s", ref)
	waited := req != nil && (req.State == intake.Pending || req.State == intake.NeedsInfo || req.State == intake.Incomplete)
	if said.More && waited && m.continues {
		if req.State != intake.Pending && !said.Person {
			return c, false, nil // its answer is told where it stands
		}
		if c, err = m.continued(ctx, req); err != nil {
			return c, true, err
		}
	} else if c, err = m.noted(ctx, ref); err != nil {
		return c, true, err
	}
	if said.Person || said.More && !waited {
		return c, true, m.toPerson(ctx, ref, req)
	}
	return c, true, m.tellStatus(ctx, ref, "")
}

// outsideConversation answers a question that is about no request or exception by its subject and what it answers.
// Where it may ask for an exception as well, it is read as a request.
func (m inquiry) outsideConversation(ctx context.Context, said wording.Meaning) (c intake.Conclusion, mine bool, err error) {
	reasoned := m.msg.Reason != "" || m.msg.ShortTerm
	if reasoned && !said.Status {
		return c, false, nil
	}
	if reasoned { // it asks for somebody anew, unless something is on record of them
		var f intake.StatusFacts
		for _, user := range m.users {
			known, err := m.standing().OfUser(ctx, &f, user.Email)
			if err != nil {
				return c, true, err
			}
			if !known {
				return c, false, nil
			}
		}
	}
	m.check("question", true, "it asks for nothing that a request is")
	if c, err = m.noted(ctx, ""); err != nil {
		return c, true, err
	}
	if said.Person || said.More {
		err = m.toPerson(ctx, "", nil)
	}
	if err == nil && said.Status && !said.Person {
		err = m.tellStatus(ctx, "", "")
	}
	return c, true, err
}

// languageAsked returns the language that a message asks for letters in, of those that the policy has; empty for none.
func languageAsked(s *intake.Service, m *message) string {
	command := m.command()
	switch {
	case len(s.Policy.Welsh) == 0:
		return ""
	case command == wording.InWelsh:
		return intake.Welsh
	case command == wording.InEnglish:
		return intake.English
	}
	return ""
}

// asksLanguage is languageAsked of a site, which may have been asked for a language by a reviewer: then only capitals, as our letters
// have them, are no answer to that.
func asksLanguage(m *siteMail) string {
	line, _, _ := strings.Cut(strings.TrimSpace(m.msg.NewText), "\n")
	if m.letter != nil && m.letter.Template == intake.LetterQuestion && line != strings.ToUpper(line) {
		return ""
	}
	return languageAsked(m.Service, m.message)
}

// inLanguage tells a site in a language what it was last told about the same, or else all that is on record of it: first what the
// message is about.
func (m inquiry) inLanguage(ctx context.Context, own, language string) (intake.Conclusion, error) {
	m.check("question", true, "it asks for our letters in another language (%s)", language)
	c, err := m.noted(ctx, own)
	if err != nil {
		return c, err
	}
	o, err := letterMeant(ctx, m.out, m.message, m.site.Has)
	if err != nil {
		return c, err
	}
	if o == nil {
		m.check("a letter", false, "no letter to the site is known that it means: it is told all that is on record of it")
		return c, m.tellAll(ctx, own)
	}
	return c, sayAgain(ctx, m.Inbox, m.message, o, m.answerable(), language)
}

// letterMeant returns the letter of ours that a message answers or whose code stands in its own words, or rather the newest about
// the same; nil for none that can still be had. theirs reports whether letters to an address are its author's to read.
func letterMeant(ctx context.Context, out *outbox.Outbox, m *message, theirs func(addr string) bool) (*intake.Outbound, error) {
	ids, places := m.answered(), []string{m.msg.NewText}
	if m.covers("subject") {
		places = append(places, m.msg.Subject)
	}
	for _, place := range places {
		for _, code := range intake.FindCodes(place, maxCodes) {
			ids = append(ids, outbox.IDByCode(out, code))
		}
	}
	for _, id := range ids {
		o, err := m.OutboundByMessageID(ctx, id)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		if err == nil && outbox.Readable(o) && theirs(o.To) {
			return outbox.Newest(ctx, m.Work, o)
		}
	}
	return nil, nil
}

// sayAgain sends a letter again as it stands on record, in a language. It decides nothing.
func sayAgain(ctx context.Context, in *Inbox, m *message, o *intake.Outbound, to, language string) error {
	l := o.Letter
	l.To, l.AnswersTo = to, m.msg.MessageID
	l.Facts.Language, l.Facts.LanguageAsked = language, true
	m.check("a letter", true, "%s was sent to it as %s: it is sent again in that language", l.Template, o.MessageID)
	return in.answer(ctx, m, l)
}

// forAPerson reports whether a message that continues nothing is for a person to read: it is clearly no request, has no
// word for an exception and nothing that makes a request, or only asks or tells something.
func (m inquiry) forAPerson() bool {
	if m.silent() || m.bringsEvidence() {
		return false
	}
	if m.means().asksForNothing() {
		return true
	}
	if m.msg.Reason != "" || m.msg.ShortTerm {
		return false
	}
	said := m.means().said
	return len(m.users)+len(m.refused) == 0 && !m.means().exceptions && !wording.AboutExceptions(m.msg.Subject) ||
		!said.Request && m.means().kind != parser.KindRequest && (said.Asks || said.Tells)
}

// toPerson passes on what a site wrote to a person. req may be nil.
func (m inquiry) toPerson(ctx context.Context, ref string, req *intake.Request) error {
	var user intake.User
	if req != nil {
		user = req.User
	}
	return remark(m).toPerson(ctx, ref, user, nothingDone)
}

// askedAbout returns the users whom a question is about: those for whom it asks, else whoever its words name.
func (m inquiry) askedAbout() []intake.User {
	if len(m.users) > 0 {
		return m.users
	}
	var out []intake.User
	for _, addr := range addressesIn(m.msg.NewText) {
		if intake.IsAddress(addr) && !m.panel.IsOurs(addr) && !slices.Contains(m.site.Mailboxes(), addr) {
			out = append(out, intake.User{Email: addr})
		}
	}
	return out
}

// bringsForm reports whether the site has filled in a form for somebody.
func (m inquiry) bringsForm() bool {
	return slices.ContainsFunc(m.people(), m.msg.AsksInForm)
}

// standing looks up what is on record of the site.
func (m inquiry) standing() review.Standing {
	return review.Standing{Panel: m.panel, Tx: m.Tx, SiteCode: m.site.ODSCode}
}

// tellAll tells a site all that is on record of it: first what the message is about, if first names that.
func (m inquiry) tellAll(ctx context.Context, first string) error {
	look, f := m.standing(), m.statusFacts("")
	if first != "" {
		if err := look.OfRef(ctx, &f.StatusFacts, first); err != nil {
			return err
		}
	}
	if err := look.OfSite(ctx, &f.StatusFacts); err != nil {
		return err
	}
	return m.sendStatus(ctx, "", f)
}

// tellStatus tells a site what is on record of it: about one reference or, if that is empty, about the users that
// the message names or, without any, about all. why is set where the site did not ask for it.
func (m inquiry) tellStatus(ctx context.Context, ref string, why intake.Why) error {
	look, f, users := m.standing(), m.statusFacts(why), m.askedAbout()
	var err error
	switch {
	case ref != "":
		err = look.OfRef(ctx, &f.StatusFacts, ref)
	case len(users) > 0:
		err = look.OfUsers(ctx, &f.StatusFacts, users)
	default:
		err = look.OfSite(ctx, &f.StatusFacts)
	}
	if err != nil {
		return err
	}
	if ref != "" && len(f.Requests) == 1 {
		f.User = f.Requests[0].User
	} else if ref != "" && len(f.Running) == 1 {
		f.User = f.Running[0].User
	}
	return m.sendStatus(ctx, ref, f)
}

// statusFacts returns what letters about what is on record say of the site itself.
func (m inquiry) statusFacts(why intake.Why) intake.Facts {
	return intake.Facts{Audience: intake.ToSite, Why: why, Site: m.FactsOfSite(m.site.ODSCode), At: m.Now}
}

// sendStatus answers the message with what is on record.
func (m inquiry) sendStatus(ctx context.Context, ref string, f intake.Facts) error {
	return m.answer(ctx, m.message, intake.Letter{Template: intake.LetterStatus, To: m.answerable(), Ref: ref,
		AnswersTo: m.msg.MessageID, Facts: f})
}
