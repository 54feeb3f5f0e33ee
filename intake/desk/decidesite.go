package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/parser"
)

// SiteByHand is a decision on the open requests of a site: all or none of those on which the reviewer may decide. There
// is no approval of many at once: each is of one user's evidence, which somebody has to have looked at, and what the
// review email points out about one, such as another site's exception, is lost in a list. Turning down or asking gives
// nobody an exception.
type SiteByHand struct {
	Site string   // an ODS code
	Verb string   // reject or info
	Text string   // the reason or question
	As   string   // the reviewer's address
	Refs []string // the requests that were looked at: it is about these alone, unless there are none
}

// Decidable returns the requests that a decision would be about, oldest first, and those that it would leave out, as the
// reviewer must not decide on them.
func (d *Desk) Decidable(ctx context.Context, s SiteByHand) (all, barred []*intake.Request, err error) {
	by, err := authorOf(d, s)
	if err != nil {
		return nil, nil, err
	}
	return all, barred, d.update(ctx, func(tx Tx) error {
		found, err := decidableOf(ctx, d, tx, s.Site, s.Verb)
		if err == nil {
			all, barred, err = parted(d, by, found)
		}
		return err
	})
}

// parted parts requests into those on which a reviewer may decide, and others. It is an error if there are none of the first.
func parted(d *Desk, by intake.Reviewer, all []*intake.Request) (may, barred []*intake.Request, err error) {
	var refs []string
	for _, req := range all {
		if d.Barred(by, req) {
			barred, refs = append(barred, req), append(refs, req.Ref)
		} else {
			may = append(may, req)
		}
	}
	if len(may) == 0 {
		return nil, nil, fmt.Errorf("%s must not decide on %s: it is for them, by them or from their own site: nothing was changed",
			by.Address, strings.Join(refs, ", "))
	}
	return may, barred, nil
}

// authorOf returns the reviewer whose decision it is, or an error if it can be nobody's.
func authorOf(d *Desk, s SiteByHand) (intake.Reviewer, error) {
	by, ok := d.Reviewers.ByAddress(s.As)
	text := strings.TrimSpace(s.Text)
	switch {
	case !ok:
		return by, d.Reviewers.NotReviewer(s.As)
	case by.Standby:
		return by, fmt.Errorf("%s is only a deputy: expected a reviewer", by.Address)
	case s.Verb != "reject" && s.Verb != "info":
		return by, intake.Miswrittenf("%q cannot be decided of many at once: expected reject or info", s.Verb)
	case s.Verb == "reject" && text == "":
		return by, intake.Miswritten("reject needs a reason: the site is told it")
	case text == "":
		return by, intake.Miswritten("info needs a question for the site")
	}
	return by, nil
}

func decidableOf(ctx context.Context, d *Desk, tx Tx, code, verb string) ([]*intake.Request, error) {
	refs, err := tx.OpenRequests(ctx, code, "")
	if err != nil {
		return nil, err
	}
	var all []*intake.Request
	for _, ref := range refs {
		req, err := tx.Request(ctx, ref)
		if err != nil {
			return nil, err
		}
		if verb == "reject" || req.State == intake.Pending {
			all = append(all, req)
		}
	}
	_, known := d.Sites.Now().ByCode(code)
	switch {
	case len(all) > 0:
		return all, nil
	case !known && len(refs) == 0:
		return nil, intake.Miswrittenf("the site %q has no open request, and is not in the register of sites: is the ODS code right?", code)
	case len(refs) == 0:
		return nil, fmt.Errorf("the site %q has no open request: nothing was changed", code)
	}
	return nil, fmt.Errorf("all open requests of the site %q wait for the site itself: nothing was changed", code)
}

// DecideSite decides on the open requests of a site in one go, but for those on which the reviewer must not decide: all
// are rejected for one reason, for the day when a site's mailbox is in the wrong hands, or the site is asked one
// question about each that waits for reviewers. It returns the references.
func (d *Desk) DecideSite(ctx context.Context, s SiteByHand) (refs []string, err error) {
	by, err := authorOf(d, s)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(s.Text)
	decide := func(tx Tx) error {
		refs = nil
		all, err := decidableOf(ctx, d, tx, s.Site, s.Verb)
		if err != nil {
			return err
		}
		open := len(all)
		if all, _, err = parted(d, by, all); err != nil {
			return err
		}
		if all, err = lookedAt(all, s.Refs); err != nil {
			return err
		}
		for _, req := range all {
			refs = append(refs, req.Ref)
		}
		if s.Verb == "reject" {
			site := d.FactsOfSite(s.Site)
			site.Mailbox = cmp.Or(site.Mailbox, all[len(all)-1].SiteAddress)
			return review.RejectAll(ctx, d.panel, tx.Tx, review.Rejection{Site: site, Requests: all, Open: open, By: by, Reason: text})
		}
		for _, ref := range refs {
			h := ByHand{Ref: ref, Verb: s.Verb, Text: text, As: s.As}
			if _, err := d.decideIn(ctx, tx, by, &parser.Decision{Verb: s.Verb, Text: text}, h); err != nil {
				return err
			}
		}
		return nil
	}
	err = d.panel.Users.Asking(ctx, func() error { return d.update(ctx, decide) })
	return refs, err
}

// lookedAt returns those of the requests that were looked at, which is all where nothing says so. It is an error if one can be
// decided on no more.
func lookedAt(all []*intake.Request, refs []string) ([]*intake.Request, error) {
	if len(refs) == 0 {
		return all, nil
	}
	seen := slices.DeleteFunc(slices.Clone(all), func(r *intake.Request) bool { return !slices.Contains(refs, r.Ref) })
	if len(seen) < len(refs) {
		return nil, errors.New("the requests of the site have changed since they were listed: nothing was changed; look at them again")
	}
	return seen, nil
}
