package review

import (
	"context"
	"slices"

	"mfabot/intake"
)

// replace closes the exceptions whose place a new one takes, and tells the other sites that had them.
func (d *deciding) replace(ctx context.Context, earlier []intake.Exception, e *intake.Exception, by string) error {
	for _, old := range earlier {
		if err := d.SupersedeException(ctx, old.Ref, e.Ref, d.Now); err != nil {
			return err
		}
		if err := d.overtake(ctx, d.Tx, old.Ref); err != nil {
			return err
		}
		entry := intake.HistoryEntry{
			Ref: old.Ref, At: d.Now, Event: intake.EventSuperseded, By: by, Text: "by " + e.Ref,
		}
		if err := d.Record(ctx, entry); err != nil {
			return err
		}
		f := d.FactsOfException(&old)
		f.Elsewhere, f.Runs = e.Ref, e.EndsAt
		if err := d.tellLate(ctx, d.Tx, &old, f, intake.WhyReplaced); err != nil {
			return err
		}
	}
	return (&past{d.Panel, d.Tx, e}).tell(ctx, intake.LetterReplaced, "")
}

// past is an exception with those whose place it has taken, itself or by those between.
type past struct {
	*Panel
	Tx
	e *intake.Exception
}

// tell tells the other sites whose exceptions this one has replaced what becomes of it: they rely on it.
// They learn when it ends, and nothing of who asked for it or why. Of a decision their contacts hear too.
func (p *past) tell(ctx context.Context, t intake.Template, why intake.Why) error {
	former, err := p.sites(ctx)
	if err != nil {
		return err
	}
	for _, old := range former {
		f := p.FactsOfException(&old)
		f.Audience, f.Why, f.At, f.Ends, f.Elsewhere = intake.ToSite, why, p.Now, p.e.EndsAt, p.e.Ref
		if t == intake.LetterWarning {
			SetRenewBy(p.Service, old.Category, f.Ends, &f)
		}
		to := []string{f.Site.Mailbox}
		if site, ok := p.Sites.Now().ByCode(old.SiteCode); ok && (t == intake.LetterReplaced || t == intake.LetterRevoked) {
			to = append(to, site.Contacts...)
		}
		for i, addr := range to {
			if slices.Contains(to[:i], addr) {
				continue
			}
			if err := p.out.Send(ctx, p.Work, intake.Letter{Template: t, To: addr, Ref: old.Ref, Facts: f}); err != nil {
				return err
			}
		}
	}
	return nil
}

// addTo adds to the facts of an exception the latest one whose place it took.
func (p *past) addTo(ctx context.Context, f *intake.Facts) error {
	replaced, err := p.Replaced(ctx, p.e.Ref)
	if err == nil && len(replaced) > 0 {
		f.Former, f.FormerElsewhere = replaced[0].Ref, replaced[0].SiteCode != p.e.SiteCode
	}
	return err
}

// sites returns the latest exception of each other site among those whose place this one has taken.
func (p *past) sites(ctx context.Context) ([]intake.Exception, error) {
	replaced, err := p.Replaced(ctx, p.e.Ref)
	if err != nil {
		return nil, err
	}
	seen := []string{p.e.SiteCode, ""}
	var out []intake.Exception
	for _, old := range replaced {
		if !slices.Contains(seen, old.SiteCode) {
			seen = append(seen, old.SiteCode)
			out = append(out, old)
		}
	}
	return out, nil
}
