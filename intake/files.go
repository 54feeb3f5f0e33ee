package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mfabot/parser"
)

// Restrict lets only those files of a message count as evidence that the policy
// accepts, and says why for the others.
func (p *Policy) Restrict(m *parser.Message) {
	for i := range m.Evidence {
		a := &m.Evidence[i]
		switch {
		case !a.Counts:
		case a.Size > p.MaxEvidence:
			a.Counts, a.Why = false, fmt.Sprintf("The file is larger than %d MB, which is not accepted: send a smaller copy.", p.MaxEvidence>>20)
		case !slices.ContainsFunc(p.EvidenceTypes, func(t string) bool { return matchesType(a.MediaType, t) }):
			a.Counts, a.Why = false, "Files of this kind are not accepted: send the document as PDF."
		}
	}
}

// matchesType reports whether a media type is accepted, or one of image/*.
func matchesType(media, accepted string) bool {
	if family, all := strings.CutSuffix(accepted, "*"); all {
		return strings.HasPrefix(media, family)
	}
	return media == accepted
}

// logoSize is below what the picture of a letter has, in bytes.
const logoSize = 150 << 10

// dropLogos stops small pictures from counting that the site's mail about other
// users had as well: those of its signature. ref is the request that the message
// continues; empty for none.
func (in *Inbox) dropLogos(ctx context.Context, t *turn, site *Site, ref string) error {
	about := ""
	req, err := t.Request(ctx, ref)
	switch {
	case err == nil:
		about = req.Subject.Email
	case !errors.Is(err, ErrNotFound):
		return err
	}
	if subjects := in.subjects(t, site); about == "" && len(subjects) > 0 {
		about = subjects[0].Email
	}
	if about == "" {
		return nil
	}
	for i := range t.msg.Evidence {
		a := &t.msg.Evidence[i]
		if !a.Counts || !strings.HasPrefix(a.MediaType, "image/") || a.Size >= logoSize {
			continue
		}
		seen, err := t.SeenFile(ctx, site.ODSCode, a.SHA256, about, t.inbound.ID)
		if err != nil {
			return err
		}
		if seen {
			a.Counts, a.Why = false, "The same picture came with your site's mail about somebody else, as that of a signature does: if it is evidence, send it as PDF."
		}
	}
	return nil
}
