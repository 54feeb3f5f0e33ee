package inbound

import (
	"context"

	"mfabot/intake"
)

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
