package inbound

import (
	"context"
	"errors"
	"strings"

	"mfabot/intake"
)

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
