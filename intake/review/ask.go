package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// News is what a message from its site has just added to a request.
type News struct {
	InboundID int64           // the message
	Said      string          // the words of it that reviewers are shown; may be empty
	Was       *intake.Request // the request before the message; nil if the message opened it
}

// AskReviewers sends each reviewer a review email with the evidence and a code of their own.
func (p *Panel) AskReviewers(ctx context.Context, tx Tx, req *intake.Request, news *News) error {
	l, err := p.ReviewLetter(ctx, tx, req, news)
	if err != nil {
		return err
	}
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return err
	}
	for _, r := range p.Concerned(req, reviews) {
		if err := p.AskReviewer(ctx, tx, req, r, l); err != nil {
			return err
		}
	}
	return p.NeedReviewers(ctx, tx, req)
}

// AskReviewer sends one reviewer a review email with a code of their own.
func (p *Panel) AskReviewer(ctx context.Context, tx Tx, req *intake.Request, r intake.Reviewer, l intake.Letter) error {
	review, err := p.out.NewCode(ctx, tx.Work, req, r, intake.ToDecide)
	if err != nil {
		return err
	}
	l.To, l.Facts.Seed, l.Facts.CodeHash = r.Address, review.Seed, review.CodeHash
	l.Facts.Named = slices.ContainsFunc(req.Senders, r.Has)
	return p.out.Send(ctx, tx.Work, l)
}

// ReviewLetter returns the review email for a request, with no recipient or code yet. news is nil unless a
// message has just changed the request.
func (p *Panel) ReviewLetter(ctx context.Context, tx Tx, req *intake.Request, news *News) (intake.Letter, error) {
	f := p.FactsOfRequest(req)
	f.Audience, f.Latest = intake.ToReviewer, tx.Now.Add(p.Policy.LongTerm.Duration)
	if news != nil {
		f.Said = news.Said
	}
	need, err := needOf(ctx, p.Service, tx, req)
	if err != nil {
		return intake.Letter{}, err
	}
	need.tell(&f)
	if err := p.addPast(ctx, tx, req, news, &f); err != nil {
		return intake.Letter{}, err
	}
	fit, unsent := fitting(req.Counting())
	if f.Changed, err = p.changed(ctx, tx, req, news); err != nil {
		return intake.Letter{}, err
	}
	f.Evidence = intake.ListEvidence(req, unsent)
	for i, e := range f.Evidence {
		f.Evidence[i].New = e.Counts && len(f.Changed) > 0 && e.InboundID == news.InboundID
	}
	var attach []intake.Attachment
	for _, e := range fit {
		attach = append(attach, intake.Attachment{
			InboundID: e.InboundID, Part: e.Part, Filename: e.Filename, MediaType: e.MediaType,
		})
	}
	return intake.Letter{Template: intake.LetterReview, Ref: req.Ref, Facts: f, Attach: attach}, nil
}

// attachable bounds the evidence in one letter, in bytes. Encoding adds a third, which still passes servers
// that accept 25 MB.
const attachable = 18 << 20

// fitting divides evidence into what fits in one letter and the rest, both in order of arrival. The newest
// message's evidence is taken first.
func fitting(evidence []intake.Evidence) (fit, unsent []intake.Evidence) {
	order := slices.Clone(evidence)
	slices.SortStableFunc(order, func(a, b intake.Evidence) int { return cmp.Compare(b.InboundID, a.InboundID) })
	left := int64(attachable)
	var taken []intake.Evidence
	for _, e := range order {
		if e.Size <= left {
			left -= e.Size
			taken = append(taken, e)
		}
	}
	for _, e := range evidence {
		if slices.Contains(taken, e) {
			fit = append(fit, e)
		} else {
			unsent = append(unsent, e)
		}
	}
	return fit, unsent
}

// NeedReviewers tells the operator if a request has too few reviewers to decide it.
func (p *Panel) NeedReviewers(ctx context.Context, tx Tx, req *intake.Request) error {
	need, err := needOf(ctx, p.Service, tx, req)
	have := len(p.Deciding(req))
	if err != nil || have >= need.approvals {
		return err
	}
	about := outbox.About(p.Service, req.User, req.SiteCode).
		Do("Add a reviewer, then decide with: mfabot decide " + req.Ref + " approve|reject|info --as REVIEWER")
	return p.out.Alert(ctx, tx.Work, intake.AlertNoReviewer, about, "A request has too few reviewers to decide on it",
		"Reference: "+req.Ref, "Site: "+p.FactsOfSite(req.SiteCode).Name,
		fmt.Sprintf("It needs %d. %d may decide; ", need.approvals, have)+
			"the others are barred from it: it is for them, was written by them, or is from their own site. "+
			"All of them are where the site has left the register, and mfabot did not keep who belonged to it.")
}

// need is what a request needs to be approved.
type need struct {
	approvals int  // reviewers who must approve it, at least 1
	foreign   bool // its user is of a domain that is new to its site
	agreed    int  // reviewers who have, where it takes more than one
}

// needOf returns what a request needs as things are now.
func needOf(ctx context.Context, s *intake.Service, tx Tx, req *intake.Request) (need, error) {
	reason, _ := s.Policy.LongTerm.Reason(req.Reason)
	n := need{approvals: max(reason.Approvals, 1)}
	users, err := tx.UsersOf(ctx, req.SiteCode)
	if err != nil {
		return n, err
	}
	own := []string{req.SiteAddress} // where the register no longer has the site
	if site, ok := s.Sites.Now().ByCode(req.SiteCode); ok {
		own = site.Mailboxes()
	}
	n.foreign = s.ForeignTo(req.User.Email, own, users)
	if n.foreign && s.Policy.ForeignDomain == intake.ForeignTwoApprovals {
		n.approvals = max(n.approvals, 2)
	}
	if n.approvals == 1 {
		return n, nil
	}
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return n, err
	}
	n.agreed = len(approvalsOf(s, req, reviews, tx.Now))
	return n, nil
}

// tell adds to a letter to a reviewer how many must approve, if that is more than one, how many have, and whether the
// domain is new.
func (n need) tell(f *intake.Facts) {
	f.Foreign, f.Approvals, f.Agreed = n.foreign, n.several(), n.agreed
}

// several returns how many must approve, if that is more than one; else 0.
func (n need) several() int {
	if n.approvals > 1 {
		return n.approvals
	}
	return 0
}
