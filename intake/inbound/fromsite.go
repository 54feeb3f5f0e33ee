package inbound

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/intake/wording"
)

// siteMail is a message being handled that a site wrote.
type siteMail struct {
	*Inbox
	*message
	site *intake.Site
	conversation
	named
	gathered *[]*intake.Request // the requests that it begins, whose reviewers are asked together; nil where each is asked by itself
}

// fromSite handles what a site writes: a new request, or more about one it has made.
func (in *Inbox) fromSite(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	site, ok := in.siteOf(m.Mailbox, m.from())
	if !ok {
		return intake.Conclusion{}, false, nil
	}
	m.check("may ask", true, "%s writes for the site %s (%s)", m.from(), site.Name, site.ODSCode)
	if !m.either("framed by the author", m.framed(), "its parts are as the author divided them", badFraming) {
		c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyFraming, nil)
		return c, true, err
	}
	belongs, err := m.conversationOf(ctx, in.out, site)
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	if awaited, err := m.awaitedForm(ctx, belongs); err != nil {
		return intake.Conclusion{}, true, err
	} else if awaited != nil {
		read := *m.reading
		read.msg, m.reading = completing(m.msg, belongs, awaited), &read
	}
	if m.msg.QuotedForm != nil {
		m.check("form", false, "a form is quoted, in no answer to a letter that still asks for it: it does not count")
	}
	who, err := namedIn(ctx, in.panel, m, site)
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	mail, ref := &siteMail{Inbox: in, message: m, site: site, conversation: belongs, named: who}, belongs.ref
	asking := confirmation{in, m}
	if c, mine, err := asking.answers(ctx, mail); mine || err != nil {
		return c, true, err
	}
	if !m.either("meant for us", asking.meantBy(site), "its author wrote it to us",
		"nothing proves that its author wrote it to us") && !(mail.asksNothing() && m.means().thanks) {
		c, err := asking.askSite(ctx, mail)
		return c, true, err
	}
	if err := remember(ctx, mail); err != nil {
		return intake.Conclusion{}, true, err
	}
	if c, mine, err := encrypted(ctx, mail, ref); mine || err != nil {
		return c, true, err
	}
	if err := mail.dropLogos(ctx, ref); err != nil {
		return intake.Conclusion{}, true, err
	}
	for _, e := range m.evidence() {
		m.check("evidence", e.Counts, "%s: %s", e.Filename, cmp.Or(e.Why, "it counts"))
	}
	c, mine, err := inquiry{mail}.answered(ctx, ref)
	if mine || err != nil {
		return c, true, err
	}
	c, mine, err = mail.inConversation(ctx, ref)
	if mine || err != nil {
		return c, true, err
	}
	c, err = mail.outsideConversation(ctx, ref)
	return c, true, err
}

// languageOf is the language that a message asks for, or else is plainly in; empty for none. What our letters have ready to
// send says nothing of it.
func languageOf(s *intake.Service, m *message) string {
	if asked := languageAsked(s, m); asked != "" {
		return asked
	}
	return wording.LanguageOf(strings.NewReplacer(intake.AnswerBegun, " ", intake.AddressBegun, " ").Replace(m.msg.NewText))
}

// remember has letters to a site and its users be in the language that the site asks for, or else writes in.
func remember(ctx context.Context, m *siteMail) error {
	asked, language, n := asksLanguage(m) != "", languageOf(m.Service, m.message), intake.WroteEnglish
	switch {
	case language == "":
		return nil
	case asked && language == intake.Welsh:
		n = intake.AskedWelsh
	case asked:
		n = intake.AskedEnglish
	case language == intake.Welsh:
		n = intake.WroteWelsh
	}
	before, err := m.Mark(ctx, intake.MarkWelsh(m.site.ODSCode))
	if errors.Is(err, intake.ErrNotFound) {
		before, err = intake.WroteEnglish, nil
	}
	if err != nil || before == n || before >= intake.AskedEnglish && !asked {
		return err
	}
	return m.SetMark(ctx, intake.MarkWelsh(m.site.ODSCode), n)
}

// inConversation handles what a site writes about a request or exception of its own. mine is false if the
// message is not about one.
func (m *siteMail) inConversation(ctx context.Context, ref string) (c intake.Conclusion, mine bool, err error) {
	if ref == "" {
		return intake.Conclusion{}, false, nil
	}
	req, err := m.Request(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) {
		e, err := m.Exception(ctx, ref)
		if err == nil && e.SiteCode == m.site.ODSCode {
			if c, mine, err := shortTerm(ctx, m, e); mine || err != nil {
				return c, true, err
			}
			m.keepAsked(e.User, "")
		}
		if errors.Is(err, intake.ErrNotFound) || (err == nil && (e.SiteCode != m.site.ODSCode || !m.asksNothing())) {
			return intake.Conclusion{}, false, nil
		}
		if err == nil {
			c, err = m.siteWrote(ctx, ref, e.User, nothingDone)
		}
		return c, true, err
	}
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	fix := correctionOf(m, req)
	m.keepAsked(req.User, fix.says.Address)
	if req.SiteCode != m.site.ODSCode || m.asksAnew(req) && !fix.plain() && !(fix.says.Unclear && fix.asked) {
		return intake.Conclusion{}, false, nil
	}
	if (belonging{m}).unsure(req) {
		telling, err := belonging{m}.changesNothing(ctx, req)
		if err != nil || !telling {
			if err == nil {
				c, err = belonging{m}.ask(ctx, req)
			}
			return c, true, err
		}
	} else if m.letter != nil && m.letter.Template == intake.LetterBelongs {
		if c, mine, err = (belonging{m}).answered(ctx, req, m.letter); mine || err != nil {
			return c, true, err
		}
	}
	if m.formForOthers(req) {
		return c, false, nil
	}
	c, err = m.continued(ctx, req)
	return c, true, err
}

// outsideConversation handles what a site writes that is not about one of its requests or exceptions.
func (m *siteMail) outsideConversation(ctx context.Context, ref string) (intake.Conclusion, error) {
	if m.msg.Withdraw || m.command() == wording.Withdraw {
		return m.withdrawUnnamed(ctx, ref)
	}
	if c, mine, err := (takingBack{m}).unasked(ctx, ref); mine || err != nil {
		return c, err
	}
	if (inquiry{m}).forAPerson() {
		m.check("question", true, "it asks for nothing that a request is")
		return m.siteWrote(ctx, "", intake.User{}, nothingDone)
	}
	return m.newRequests(ctx)
}

// siteOf returns the site that a message in a mailbox speaks for, by its author: the owner of the shared mailbox it comes from or, in a
// site's own watched mailbox, that site if the author belongs to it.
func (in *Inbox) siteOf(mailbox, from string) (*intake.Site, bool) {
	if own := in.Mailboxes[mailbox].Site; own != "" {
		site, ok := in.Sites.Now().ByCode(own)
		return site, ok && site.Has(from)
	}
	return in.Sites.Now().ByMailbox(from)
}

// asksAnew reports whether a message in an old conversation is about users other than its request's: people
// start a new request by answering an old email. What answers a question, or remarks on something while reviewers
// decide, is told them as that, and counts so only with new evidence.
func (m *siteMail) asksAnew(req *intake.Request) bool {
	people := m.people()
	same := func(addr string) bool { return intake.UserKey(addr) == intake.UserKey(req.User.Email) }
	if req.User.Email == "" || len(people) == 0 || slices.ContainsFunc(people, same) {
		return false
	}
	_, reasoned := m.Policy.LongTerm.Reason(m.msg.Reason)
	// Only while an answer is expected is naming somebody else not a request.
	//exhaustive:ignore
	switch req.State {
	case intake.NeedsInfo:
		return m.bringsNew(req)
	case intake.Pending:
		return m.bringsNew(req) || reasoned || m.msg.ShortTerm
	}
	return true
}

// keepAsked leaves out whom an answer in a conversation about a user only mentions: anybody else counts if the message
// asks for them in so many words, or in the form. right is what puts right the user's own address; empty for none.
func (m *siteMail) keepAsked(about intake.User, right string) {
	if !m.continues || about.Email == "" {
		return
	}
	mentioned := func(addr, name string) bool {
		return intake.UserKey(addr) != intake.UserKey(about.Email) && addr != right && m.writes(addr) &&
			!m.msg.AsksInForm(addr) &&
			!wording.AsksFor(m.msg.NewText, wording.Person{Address: addr, Name: name}, wording.Person{Address: about.Email,
				Name: about.Name})
	}
	all := len(m.users) + len(m.refused)
	m.users = slices.DeleteFunc(slices.Clone(m.users), func(u intake.User) bool { return mentioned(u.Email, u.Name) })
	m.refused = slices.DeleteFunc(slices.Clone(m.refused), func(r intake.RefusedUser) bool { return mentioned(r.Email, "") })
	if n := all - len(m.users) - len(m.refused); n > 0 {
		m.check("user", true, "it is about %s: %d other addresses in it are only mentioned", about.Email, n)
	}
}

// writes reports whether an address stands in the author's own text, and not in a form of ours that is quoted below.
func (m *message) writes(address string) bool {
	return strings.Contains(strings.ToLower(m.msg.NewText), address)
}

// asksNothing reports whether a message has nothing that makes a request: it may be thanks for a notice about
// a short-term exception.
func (m *siteMail) asksNothing() bool {
	return len(m.people()) == 0 && !m.bringsEvidence() && m.msg.Reason == "" && !m.msg.ShortTerm
}

// named are those that a site's message names as users.
type named struct {
	users   []intake.User        // whom it may ask for
	refused []intake.RefusedUser // whom it asks for in vain
}

// namedIn returns those that a message names. The site's own addresses and ours stand in many a message: they count
// only where it names nobody else.
func namedIn(ctx context.Context, s *review.Panel, m *message, site *intake.Site) (n named, err error) {
	var aside []intake.RefusedUser
	seen := make(map[string]bool)
	for _, p := range m.msg.Subjects {
		user := intake.User{Email: intake.Canonical(p.Email), Name: plainName(p.Name)}
		key := intake.UserKey(p.Email)
		if !intake.IsAddress(user.Email) || seen[key] {
			continue
		}
		seen[key] = true
		why, err := unfit(ctx, s, m, site, user.Email)
		if err != nil {
			return n, err
		}
		switch {
		case why == "":
			n.users = append(n.users, user)
		case s.IsOurs(key), slices.Contains(site.Mailboxes(), user.Email), slices.Contains(site.Mailboxes(), key):
			aside = append(aside, intake.RefusedUser{Email: user.Email, Why: why})
		default:
			n.refused = append(n.refused, intake.RefusedUser{Email: user.Email, Why: why})
		}
	}
	if len(n.users)+len(n.refused) == 0 {
		n.refused = aside
	}
	return n, nil
}

// unfit says why a site can ask for no exception for a user; empty if it can.
func unfit(ctx context.Context, s *review.Panel, m *message, site *intake.Site, user string) (intake.Why, error) {
	why, err := s.Users.Unfit(user)
	if err != nil || why != "" || s.Policy.ForeignDomain != intake.ForeignRefuse {
		return why, err
	}
	had, err := m.UsersOf(ctx, site.ODSCode)
	if err == nil && s.ForeignTo(user, site.Mailboxes(), had) {
		why = intake.WhyForeignDomain
	}
	return why, err
}

// people returns the addresses of all persons that a message names, whom it may ask for or not: no mailbox and none
// of the service's addresses.
func (n named) people() []string {
	var out []string
	for _, user := range n.users {
		out = append(out, user.Email)
	}
	for _, r := range n.refused {
		if r.Why != intake.WhySharedMailbox && r.Why != intake.WhyServiceAddress {
			out = append(out, r.Email)
		}
	}
	return out
}

// plainName returns a user's name without what looks like a reference or a code: it stands in the subjects of our letters,
// which are read for those when the letters are answered.
func plainName(name string) string { return refForm.ReplaceAllString(intake.MaskCodes(name), "…") }

// refsIn returns the references, such as LT-2026-00042, in a subject. People who type one leave out the brackets. An
// address may look like one.
func refsIn(subject string) []string {
	return refForm.FindAllString(strings.ToUpper(addressForm.ReplaceAllString(subject, " ")), -1)
}

// refIn returns the first reference in a subject; empty for none.
func refIn(subject string) string {
	if refs := refsIn(subject); len(refs) > 0 {
		return refs[0]
	}
	return ""
}

var refForm = regexp.MustCompile(`(?i)\b(?:LT|ST)-[0-9]{4}-[0-9]{5,}\b`)
