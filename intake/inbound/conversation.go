package inbound

import (
	"context"
	"errors"
	"slices"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/parser"
)

// conversation is what a site's message belongs to.
type conversation struct {
	ref string // of the request or exception; empty for none
	// continues is set where the message answers a letter of ours to the site, or the message that began the
	// request, or has a letter's code in its own words and answers nobody else. If not, ref is only what the subject,
	// what is quoted or an older message says, which whoever wrote to the site may have put there.
	continues bool
	letter    *intake.Outbound // the letter that it answers; nil for none
	answers   bool             // it answers that letter by its Message-ID, and not by a code only
	foreign   bool             // it answers a message that is not ours
}

// conversationOf returns what a site's message belongs to.
func (m *message) conversationOf(ctx context.Context, out *outbox.Outbox, site *intake.Site) (conversation, error) {
	c, err := m.answeredBy(ctx, site)
	if err != nil {
		return conversation{}, err
	}
	if !c.continues {
		letter, own, err := m.codedBy(ctx, out, site)
		if err != nil {
			return conversation{}, err
		}
		if letter != nil {
			c.ref = letter.Ref
		}
		if own && !c.foreign {
			c.letter, c.continues = letter, true
		}
	}
	if c.ref == "" && m.covers("subject") {
		c.ref = refIn(m.msg.Subject)
	}
	if c.foreign {
		m.check("answers us", false, "it answers a message that is not ours: neither a reference nor a form in it says what it is about")
	}
	switch {
	case c.continues:
		m.check("continues", true, "it answers a letter of ours to the site about %s, or what began it, or has a letter's code", c.ref)
	case c.ref != "":
		m.check("continues", false, "it names %s, and neither answers a letter of ours to the site nor brings the code of "+
			"one in its own words",
			c.ref)
	}
	return c, nil
}

// answeredBy returns what a message belongs to by In-Reply-To and References. A letter of ours further up in
// the references says what it is about, but not that it is answered, where the nearest is somebody else's.
func (m *message) answeredBy(ctx context.Context, site *intake.Site) (c conversation, err error) {
	ids := m.answered()
	if len(ids) == 0 {
		return m.perhapsForeign(ctx, site)
	}
	for i, id := range ids {
		letter, err := outbox.LetterToSite(ctx, m, site, id)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return c, err
		}
		if err == nil {
			c.ref, c.continues = letter.Ref, !c.foreign
			if c.continues {
				c.letter, c.answers = letter, id == ids[0]
			}
			return c, nil
		}
		refs, err := m.RequestsBegunBy(ctx, site.ODSCode, id)
		if err != nil {
			return c, err
		}
		if len(refs) == 1 {
			c.ref, c.continues = refs[0], !c.foreign
			return c, nil
		}
		if i == 0 && len(refs) == 0 {
			if c.foreign, err = m.notOurs(ctx, id); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// perhapsForeign is answeredBy for a message of which the proof does not say what it answers. That continues
// nothing, but may well be somebody else's message: then a code is no answer either.
func (m *message) perhapsForeign(ctx context.Context, site *intake.Site) (c conversation, err error) {
	ids := slices.Concat(m.msg.InReplyTo, backwards(m.msg.References))
	if len(ids) == 0 {
		return c, nil
	}
	begun, err := m.RequestsBegunBy(ctx, site.ODSCode, ids[0])
	if err == nil && len(begun) == 0 {
		c.foreign, err = m.notOurs(ctx, ids[0])
	}
	return c, err
}

// notOurs reports whether no letter of ours has a Message-ID: also none about no request, such as the telephone number.
func (m *message) notOurs(ctx context.Context, id string) (bool, error) {
	_, err := m.OutboundByMessageID(ctx, id)
	if errors.Is(err, intake.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// codedBy returns the letter of ours whose code a message has, in its subject or its text; nil for none. Codes of
// several requests in one place say nothing. own is false where the code is only quoted.
func (m *message) codedBy(ctx context.Context, out *outbox.Outbox, site *intake.Site) (letter *intake.Outbound, own bool, err error) {
	places := []string{m.msg.NewText, m.msg.Text}
	if m.covers("subject") {
		places = slices.Insert(places, 0, m.msg.Subject)
	}
	for i, place := range places {
		var found []*intake.Outbound
		for _, code := range intake.FindCodes(place, maxCodes) {
			letter, err := out.LetterByCode(ctx, m.Work, site, code)
			if err != nil && !errors.Is(err, intake.ErrNotFound) {
				return nil, false, err
			}
			if err == nil {
				found = append(found, letter)
			}
		}
		if len(found) == 0 {
			continue
		}
		if slices.ContainsFunc(found, func(o *intake.Outbound) bool { return o.Ref != found[0].Ref }) {
			return nil, false, nil
		}
		return found[0], i < len(places)-1, nil
	}
	return nil, false, nil
}

// answersOne reports whether a message answers, by its Message-ID, a letter of ours of one of these templates. A code
// alone, which whoever saw the letter knows, is not enough where an answer counts for more than its own words.
func (c conversation) answersOne(of ...intake.Template) bool {
	return c.answers && slices.Contains(of, c.letter.Template)
}

// awaitedForm returns the request that still waits for an answer to the letter with the form that a message continues; nil
// where it continues none.
func (m *message) awaitedForm(ctx context.Context, c conversation) (*intake.Request, error) {
	if !c.continues || c.letter == nil || c.letter.Template != intake.LetterIncomplete {
		return nil, nil
	}
	req, err := m.Request(ctx, c.ref)
	if errors.Is(err, intake.ErrNotFound) || err == nil && req.State != intake.Incomplete {
		return nil, nil
	}
	return req, err
}

// formForOthers reports whether a message answers the letter with the form, which waits for it no longer, and brings one for
// other users below quote marks: the site is asked for them anew.
func (m *siteMail) formForOthers(req *intake.Request) bool {
	return m.answersOne(intake.LetterIncomplete) && m.msg.QuotedForm != nil && len(m.msg.QuotedForm.Subjects) > 0 &&
		!slices.ContainsFunc(m.msg.QuotedForm.Subjects, func(p parser.Person) bool {
			return intake.UserKey(p.Email) == intake.UserKey(req.User.Email)
		})
}

// codesIn returns the codes in a message, each once and the most reliable first: in what it answers, the
// address it was sent to, its subject, its text. Header fields that are not covered are skipped. Quoted text
// counts here, since a code alone proves nothing.
func codesIn(m *parser.Message, covered func(field string) bool) []string {
	var places []string
	for _, place := range []struct {
		field string
		words []string
	}{
		{"in-reply-to", m.InReplyTo}, {"references", backwards(m.References)}, {"to", m.To}, {"cc", m.Cc},
		{"subject", []string{m.Subject}},
	} {
		if covered(place.field) {
			places = append(places, place.words...)
		}
	}
	var out []string
	for _, s := range append(places, m.Text) {
		for _, code := range intake.FindCodes(s, maxCodes) {
			if len(out) < maxCodes && !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// maxCodes bounds the codes that are looked up for a message. All our Message-IDs look like codes, so a long
// conversation has many.
const maxCodes = 100
