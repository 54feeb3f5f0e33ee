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
	// request, or has a letter's code. If not, ref is only what the subject or an older message says, which
	// whoever wrote to the site may have put there.
	continues bool
	letter    *intake.Outbound // the letter that it answers; nil for none
	foreign   bool             // it answers a message that is not ours
}

// conversationOf returns what a site's message belongs to.
func (m *message) conversationOf(ctx context.Context, out *outbox.Outbox, site *intake.Site) (conversation, error) {
	c, err := m.answeredBy(ctx, site)
	if err != nil {
		return conversation{}, err
	}
	if !c.continues {
		letter, err := m.codedBy(ctx, out, site)
		if err != nil {
			return conversation{}, err
		}
		if letter != nil {
			c.ref, c.letter, c.continues = letter.Ref, letter, true
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
		m.check("continues", false, "it names %s, and neither answers a letter of ours to the site nor has the code of one", c.ref)
	}
	return c, nil
}

// answeredBy returns what a message belongs to by In-Reply-To and References. A letter of ours further up in
// the references says what it is about, but not that it is answered, where the nearest is somebody else's.
func (m *message) answeredBy(ctx context.Context, site *intake.Site) (c conversation, err error) {
	for i, id := range m.answered() {
		letter, err := outbox.LetterToSite(ctx, m, site, id)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return c, err
		}
		if err == nil {
			c.ref, c.continues = letter.Ref, !c.foreign
			if c.continues {
				c.letter = letter
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
			_, err := m.OutboundByMessageID(ctx, id) // one about no request, such as the telephone number
			if c.foreign = errors.Is(err, intake.ErrNotFound); err != nil && !c.foreign {
				return c, err
			}
		}
	}
	return c, nil
}

// codedBy returns the letter of ours whose code a message has, in its subject or its text; nil for none. Codes of
// several requests in one place say nothing.
func (m *message) codedBy(ctx context.Context, out *outbox.Outbox, site *intake.Site) (*intake.Outbound, error) {
	places := []string{m.msg.Text}
	if m.covers("subject") {
		places = []string{m.msg.Subject, m.msg.Text}
	}
	for _, place := range places {
		var found []*intake.Outbound
		for _, code := range intake.FindCodes(place, maxCodes) {
			letter, err := out.LetterByCode(ctx, m.Work, site, code)
			if err != nil && !errors.Is(err, intake.ErrNotFound) {
				return nil, err
			}
			if err == nil {
				found = append(found, letter)
			}
		}
		if len(found) == 0 {
			continue
		}
		if slices.ContainsFunc(found, func(o *intake.Outbound) bool { return o.Ref != found[0].Ref }) {
			return nil, nil
		}
		return found[0], nil
	}
	return nil, nil
}

// askedForForm reports whether a message answers a letter with the form.
func (c conversation) askedForForm() bool {
	return c.continues && c.letter != nil && c.letter.Template == intake.LetterIncomplete
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
