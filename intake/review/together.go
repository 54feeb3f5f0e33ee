package review

import (
	"context"
	"slices"

	"mfabot/intake"
)

// asking is a request that a reviewer is to be asked to decide.
type asking struct {
	req       *intake.Request
	inPlaceOf string // the name of the reviewer in whose place the deputy is asked; empty for none
	days      int    // working days since that reviewer was asked
}

// maxRecordsTogether bounds what a review email about several requests lists of each user.
const maxRecordsTogether = 5

// AskTogether asks the reviewers to decide requests that one message began. Where they are many, each reviewer gets
// one review email, with the evidence attached once.
func AskTogether(ctx context.Context, p *Panel, tx Tx, all []*intake.Request, inboundID int64) error {
	for _, r := range p.Reviewers.Regular() {
		var mine []asking
		for _, req := range all {
			if !p.Barred(r, req) {
				mine = append(mine, asking{req: req})
			}
		}
		if err := askOne(ctx, p, tx, r, mine, &News{InboundID: inboundID}); err != nil {
			return err
		}
	}
	for _, req := range all {
		if err := p.NeedReviewers(ctx, tx, req); err != nil {
			return err
		}
	}
	return nil
}

// AskAgain asks one reviewer to decide requests for which the codes that they had are too old.
func AskAgain(ctx context.Context, p *Panel, tx Tx, r intake.Reviewer, all []*intake.Request) error {
	mine := make([]asking, len(all))
	for i, req := range all {
		mine[i] = asking{req: req}
	}
	return askOne(ctx, p, tx, r, mine, nil)
}

// askOne asks a reviewer to decide requests: in one review email where they are many. news is what one message brought;
// nil for none.
func askOne(ctx context.Context, p *Panel, tx Tx, r intake.Reviewer, all []asking, news *News) error {
	if len(all) >= p.Policy.Review.TogetherFrom {
		return p.askOfSeveral(ctx, tx, r, all, "")
	}
	for _, a := range all {
		l, err := p.ReviewLetter(ctx, tx, a.req, news)
		if err != nil {
			return err
		}
		if err := p.AskReviewer(ctx, tx, a.req, r, l); err != nil {
			return err
		}
	}
	return nil
}

// askOfSeveral sends a reviewer one review email about several requests: with a code for each, and one that decides
// all that are then still as they are now. Neither is its Message-ID, so that a reply to the email decides nothing.
func (p *Panel) askOfSeveral(ctx context.Context, tx Tx, r intake.Reviewer, all []asking, why intake.Why) error {
	letter, err := letterOfSeveral(ctx, p, tx, r, all, why)
	if err != nil {
		return err
	}
	return p.out.Send(ctx, tx.Work, letter)
}

// letterOfSeveral returns the email that askOfSeveral sends.
func letterOfSeveral(
	ctx context.Context, p *Panel, tx Tx, r intake.Reviewer, all []asking, why intake.Why,
) (letter intake.Letter, err error) {
	seed, hash, err := p.out.NewSeed()
	if err != nil {
		return letter, err
	}
	f := intake.Facts{Audience: intake.ToReviewer, Why: why, At: tx.Now,
		ReviewFacts: intake.ReviewFacts{AllSeed: seed, AllHash: hash, Latest: tx.Now.Add(p.Policy.LongTerm.Duration)},
		DigestFacts: intake.DigestFacts{UndecidedTotal: len(all)}}
	var evidence []intake.Evidence
	for _, a := range all {
		review, err := p.out.NewCodeTogether(ctx, tx.Work, a.req, r, intake.ToDecide, hash)
		if err != nil {
			return letter, err
		}
		u, err := togetherFacts(ctx, p, tx, a)
		if err != nil {
			return letter, err
		}
		u.Seed, u.CodeHash, u.Named = review.Seed, review.CodeHash, slices.ContainsFunc(a.req.Senders, r.Has)
		f.Undecided = append(f.Undecided, u)
		for _, e := range a.req.Evidence {
			if !slices.Contains(evidence, e) {
				evidence = append(evidence, e)
			}
		}
	}
	if first := all[0].req; !slices.ContainsFunc(all, func(a asking) bool { return a.req.InboundID != first.InboundID }) {
		if err := (&records{p, tx, first}).weighed(ctx, &f); err != nil {
			return letter, err
		}
		f.Site, f.RequestedBy, f.ReceivedAt = p.FactsOfSite(first.SiteCode), first.RequestedBy, first.ReceivedAt
		f.Before, f.Together = intake.BeforeFacts{}, nil // they are all in the letter
	}
	shared := intake.Request{Evidence: evidence}
	fit, unsent := fitting(shared.Counting())
	f.Evidence = intake.ListEvidence(&shared, unsent)
	letter = intake.Letter{Template: intake.LetterReviews, To: r.Address, Facts: f}
	for _, e := range fit {
		letter.Attach = append(letter.Attach, intake.Attachment{
			InboundID: e.InboundID, Part: e.Part, Filename: e.Filename, MediaType: e.MediaType})
	}
	return letter, nil
}

// togetherFacts returns what a review email about several requests says of one of them, without its code.
func togetherFacts(ctx context.Context, p *Panel, tx Tx, a asking) (u intake.UndecidedFacts, err error) {
	req := a.req
	u = intake.UndecidedFacts{Ref: req.Ref, User: req.User, Site: p.FactsOfSite(req.SiteCode),
		Reason: p.FactsOfReason(intake.Long, req.Reason).Title, Days: a.days, InPlaceOf: a.inPlaceOf,
		Justification: req.Justification, AuthMethod: req.AuthMethod, Renews: req.Renews}
	if u.Runs, err = p.renewedEnds(ctx, tx, req); err != nil {
		return u, err
	}
	need, err := needOf(ctx, p.Service, tx, req)
	if err != nil {
		return u, err
	}
	u.Foreign, u.Approvals, u.Agreed = need.foreign, need.several(), need.agreed
	for _, e := range req.Counting() {
		u.Files = append(u.Files, e.Filename)
	}
	if u.Records, u.RecordsMore, err = (&records{p, tx, req}).others(ctx); err != nil {
		return u, err
	}
	if u.SameFiles, err = (&records{p, tx, req}).sameFiles(ctx); err != nil {
		return u, err
	}
	if more := len(u.Records) - maxRecordsTogether; more > 0 {
		u.Records, u.RecordsMore = u.Records[:maxRecordsTogether], u.RecordsMore+more
	}
	return u, nil
}
