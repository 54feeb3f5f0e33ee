package inbound

import (
	"context"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// tellNamed tells the operator, and a reviewer who was asked already, that a site's message names that
// reviewer as who sent it (Sender). Anybody can write such a field, so that it bars nobody: it would let a site
// choose who decides. Whoever is asked from now on is told in the review email.
func tellNamed(ctx context.Context, m *siteMail, req *intake.Request) error {
	named, ok := m.Reviewers.ByAddress(m.msg.Sender)
	if !ok || m.Barred(named, req) {
		return nil
	}
	if err := m.out.AlertBy(ctx, m.Work, intake.AlertNamed, outbox.Cause{By: bySite(m.site)}, "A site's email names a reviewer as its sender",
		"Reference: "+req.Ref, "Site: "+m.site.Name+" ("+m.site.ODSCode+")", "From: "+m.from(),
		"Sender: "+named.Address,
		"The field Sender proves nothing. The reviewer is told, and may decide all the same.",
		"Ask the reviewer. If they did write it, have another reviewer decide."); err != nil {
		return err
	}
	if req.State != intake.Pending || m.bringsNew(req) {
		return nil
	}
	reviews, err := m.Reviews(ctx, req.Ref)
	if err != nil || !intake.WasAsked(named, reviews) {
		return err
	}
	l, err := m.panel.ReviewLetter(ctx, m.Tx, req, nil)
	if err != nil {
		return err
	}
	return m.panel.AskReviewer(ctx, m.Tx, req, named, l)
}
