package inbound

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/parser"
)

// evidence returns the attachments that the message brings, whether or not they count.
func (m *message) evidence() []intake.Evidence {
	out := slices.Clone(m.joined)
	for _, a := range m.msg.Evidence {
		out = append(out, intake.Evidence{InboundID: m.inbound.ID, Part: a.Part, Filename: a.Filename, MediaType: a.MediaType,
			DeclaredType: a.DeclaredType, Size: a.Size, SHA256: a.SHA256, Counts: a.Counts, Why: a.Why})
	}
	return out
}

// bringsEvidence reports whether the message has an attachment that counts.
func (m *message) bringsEvidence() bool {
	return slices.ContainsFunc(m.evidence(), func(e intake.Evidence) bool { return e.Counts })
}

// bringsNew reports whether the message has evidence that the request lacks.
func (m *message) bringsNew(req *intake.Request) bool {
	return slices.ContainsFunc(m.evidence(), func(e intake.Evidence) bool { return e.Counts && !req.HasFile(e.SHA256) })
}

// cameWith tells letters what the message brings.
func cameWith(m *message) []intake.EvidenceFacts {
	var out []intake.EvidenceFacts
	for _, e := range m.evidence() {
		out = append(out, intake.EvidenceFacts{Filename: e.Filename, Size: e.Size, Counts: e.Counts, Why: e.Why})
	}
	return out
}

// missed tells letters what the message brings that its author may take for evidence, and that does not count.
func missed(m *message) []intake.EvidenceFacts {
	var out []intake.EvidenceFacts
	for _, a := range m.msg.Evidence {
		if !a.Counts && !a.IsAside() {
			out = append(out, intake.EvidenceFacts{Filename: a.Filename, Size: a.Size, Why: a.Why})
		}
	}
	return out
}

// refuseOwn stops letters of ours from counting as evidence, by who wrote the message that is attached.
func refuseOwn(s *intake.Service, m *parser.Message) {
	for i := range m.Evidence {
		if a := &m.Evidence[i]; a.Counts && a.Author != "" && s.IsOurs(intake.Canonical(a.Author)) {
			a.Counts, a.Why = false, parser.WhyOwn
		}
	}
}

// encrypted answers a site's message of which nothing could be read, whatever it answers. mine is false for any other.
func encrypted(ctx context.Context, m *siteMail, ref string) (c intake.Conclusion, mine bool, err error) {
	if !m.msg.Encrypted {
		return c, false, nil
	}
	m.check("not encrypted", false, "nothing in it could be read")
	_, own, err := inquiry{m}.about(ctx, ref)
	if err != nil {
		return c, true, err
	}
	if own != "" {
		if err := m.Record(ctx, intake.HistoryEntry{Ref: own, At: m.Now, Event: intake.EventInformation, By: m.from(),
			Text: "It was encrypted: nothing in it could be read."}); err != nil {
			return c, true, err
		}
	}
	f := intake.Facts{Audience: intake.ToSite, Why: intake.WhyEncrypted, Site: m.FactsOfSite(m.site.ODSCode)}
	f.Evidence = cameWith(m.message)
	c, err = m.refuse(ctx, m.message, intake.Letter{Template: intake.LetterEncrypted, To: m.answerable(), Ref: own,
		AnswersTo: m.msg.MessageID, Facts: f})
	return c, true, err
}

// logoSize is less than the size of any legible picture of a document, in bytes.
const logoSize = 150 << 10

// dropLogos stops small pictures from counting as evidence if the site's mail about other users had them too:
// they belong to its signature. ref is the request that the message continues; empty for none.
func (m *siteMail) dropLogos(ctx context.Context, ref string) error {
	about := ""
	req, err := m.Request(ctx, ref)
	switch {
	case err == nil:
		about = req.User.Email
	case !errors.Is(err, intake.ErrNotFound):
		return err
	}
	if about == "" && len(m.users) > 0 {
		about = m.users[0].Email
	}
	if about == "" {
		return nil
	}
	for i := range m.msg.Evidence {
		a := &m.msg.Evidence[i]
		if !a.Counts || !strings.HasPrefix(a.MediaType, "image/") || a.Size >= logoSize {
			continue
		}
		seen, err := m.SeenFile(ctx, m.site.ODSCode, a.SHA256, about, m.inbound.ID)
		if err != nil {
			return err
		}
		if seen {
			a.Counts, a.Why = false, "The same picture came with your site's mail about somebody else, "+
				"as that of a signature does: if it is evidence, send it as PDF."
		}
	}
	return nil
}
