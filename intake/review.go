package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// deciding are the reviewers who may decide on a request, without those who are
// deputies only.
func (s *Service) deciding(req *Request) []Reviewer {
	site, _ := s.Sites.Now().ByCode(req.SiteCode)
	return slices.DeleteFunc(s.Reviewers.Regular(), func(r Reviewer) bool { return r.Barred(req, site) })
}

// concerned are those who may decide on a request, with the deputies who were asked:
// who was asked once hears of what changes.
func (s *Service) concerned(req *Request, reviews []ReviewRecord) []Reviewer {
	site, _ := s.Sites.Now().ByCode(req.SiteCode)
	return slices.DeleteFunc(slices.Clone(s.Reviewers), func(r Reviewer) bool { return r.Barred(req, site) || (r.Standby && !wasAsked(r, reviews)) })
}

// wasAsked reports whether a reviewer was given a code to decide on a request, as
// it is or was.
func wasAsked(r Reviewer, reviews []ReviewRecord) bool {
	return slices.ContainsFunc(reviews, func(v ReviewRecord) bool { return v.Reviewer == r.Address && v.Purpose == ToDecide })
}

// News is what a message of its site has just brought to a request.
type News struct {
	InboundID int64    // the message
	Said      string   // what reviewers are shown of its words; empty for nothing
	Was       *Request // the request as it was before; nil for one that the message began
}

// askReviewers sends each reviewer a review email with the evidence and a code of their own.
func (p *Panel) askReviewers(ctx context.Context, tx ReviewTx, req *Request, news *News) error {
	l, err := p.reviewLetter(ctx, tx, req, news)
	if err != nil {
		return err
	}
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return err
	}
	for _, r := range p.concerned(req, reviews) {
		if err := p.askReviewer(ctx, tx, req, r, l); err != nil {
			return err
		}
	}
	return p.needReviewers(ctx, tx, req)
}

// askReviewer sends one reviewer a review email with a code of their own.
func (p *Panel) askReviewer(ctx context.Context, tx ReviewTx, req *Request, r Reviewer, l Letter) error {
	review, err := p.out.newCode(ctx, tx.Work, req, r, ToDecide)
	if err != nil {
		return err
	}
	l.To, l.Facts.Seed, l.Facts.CodeHash = r.Address, review.Seed, review.TokenHash
	return p.out.send(ctx, tx.Work, l)
}

// reviewLetter is the review email of a request, to nobody yet. news is nil where no
// message has just changed the request.
func (p *Panel) reviewLetter(ctx context.Context, tx ReviewTx, req *Request, news *News) (Letter, error) {
	f := p.requestFacts(req)
	f.Audience, f.Latest, f.Approvals = ToReviewer, tx.Now.Add(p.Policy.LongTerm.Duration), p.severalFor(req)
	if news != nil {
		f.Said = news.Said
	}
	err := p.addPast(ctx, tx, req, news, &f)
	if err != nil {
		return Letter{}, err
	}
	fit, unsent := fitting(req.Counting())
	if f.Changed, err = p.changed(ctx, tx, req, news); err != nil {
		return Letter{}, err
	}
	f.Evidence = evidenceFacts(req, unsent)
	for i, e := range f.Evidence {
		f.Evidence[i].New = e.Counts && len(f.Changed) > 0 && e.InboundID == news.InboundID
	}
	var attach []Attachment
	for _, e := range fit {
		attach = append(attach, Attachment{InboundID: e.InboundID, Part: e.Part, Filename: e.Filename, MediaType: e.MediaType})
	}
	return Letter{Template: Review, Ref: req.Ref, Facts: f, Attach: attach}, nil
}

// addPast adds to the facts for a reviewer what happened before, and the end of the
// exception that the request would renew.
func (p *Panel) addPast(ctx context.Context, tx ReviewTx, req *Request, news *News, f *Facts) (err error) {
	if f.History, err = p.reviewHistory(ctx, tx, req, news); err != nil || req.Renews == "" {
		return err
	}
	f.Runs, err = p.runs(ctx, tx, req)
	return err
}

// severalFor is how many reviewers must approve a request, where it is more than one.
func (s *Service) severalFor(req *Request) int {
	if r, ok := s.Policy.LongTerm.Reason(req.Reason); ok && r.Approvals > 1 {
		return r.Approvals
	}
	return 0
}

// changed names what the message in hand changed of a request on which reviewers
// were asked to decide before.
func (p *Panel) changed(ctx context.Context, tx ReviewTx, req *Request, news *News) ([]string, error) {
	if news == nil || news.Was == nil {
		return nil, nil
	}
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	return req.changes(news.Was), nil
}

// needReviewers tells the operator when a request has too few reviewers.
func (p *Panel) needReviewers(ctx context.Context, tx ReviewTx, req *Request) error {
	reason, _ := p.Policy.LongTerm.Reason(req.Reason)
	need, have := max(reason.Approvals, 1), len(p.deciding(req))
	if have >= need {
		return nil
	}
	return p.out.alert(ctx, tx.Work, "no-reviewer", "A request has too few reviewers to decide on it",
		"Reference: "+req.Ref, "Site: "+p.siteFacts(req.SiteCode).Name,
		fmt.Sprintf("It needs %d. %d may decide; the others are barred from it: it is for them, was written by them, or is from their own site.", need, have),
		"Add a reviewer, then decide with: mfabot decide "+req.Ref+" approve|reject|info --as REVIEWER")
}

// attachable bounds the evidence in one letter, in bytes: a third more when it is
// encoded, it still passes servers that take 25 MB.
const attachable = 18 << 20

// fitting divides evidence into what one letter can bring and the rest, both in
// the order of arrival. Where not all fits, the newest message's goes first.
func fitting(evidence []Evidence) (fit, unsent []Evidence) {
	order := slices.Clone(evidence)
	slices.SortStableFunc(order, func(a, b Evidence) int { return cmp.Compare(b.InboundID, a.InboundID) })
	left := int64(attachable)
	var taken []Evidence
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

// reviewHistory is what happened to a request before the message in hand, and to
// the exception that it would renew, in words for reviewers; and in brief to those
// that this has renewed.
func (p *Panel) reviewHistory(ctx context.Context, tx ReviewTx, req *Request, news *News) ([]HistoryFacts, error) {
	chain, err := p.renewed(ctx, tx, req)
	if err != nil {
		return nil, err
	}
	var out []HistoryFacts
	for _, ref := range chain {
		entries, err := tx.History(ctx, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, told(entries, ref, ref != req.Renews)...)
	}
	entries, err := tx.History(ctx, req.Ref)
	if err != nil {
		return nil, err
	}
	if news != nil { // of which the letter speaks by itself
		entries = entries[:max(len(entries)-1, 0)]
	}
	return append(out, told(entries, "", false)...), nil
}

// told puts entries of a history into words for reviewers; in brief what was decided
// and how it ended. ref names whose they are.
func told(entries []HistoryEntry, ref string, inBrief bool) []HistoryFacts {
	var out []HistoryFacts
	for _, e := range entries {
		words, known := eventWords[e.Event]
		if !known || (inBrief && !words.brief) {
			continue
		}
		h := HistoryFacts{Ref: ref, At: e.At, Event: words.said, By: e.By}
		if words.quote {
			h.Text = e.Text
		}
		out = append(out, h)
	}
	return out
}

// eventWords are what reviewers are told of a request's history, whether the words
// that came with it are quoted, and whether it is told of in brief; a request's own
// words are its justification.
var eventWords = map[string]struct {
	said         string
	quote, brief bool
}{
	string(Complete):      {"the site asked for it", false, false},
	string(Unclear):       {"the site asked for it, and something was missing", false, false},
	string(NoEvidence):    {"rejected automatically for lack of evidence", false, false},
	string(Resubmit):      {"the site sent evidence", true, false},
	string(AddMore):       {"the site sent more evidence", true, false},
	string(Approval):      {"approved by one reviewer", false, false},
	string(Approve):       {"approved", false, true},
	string(Reject):        {"rejected", true, true},
	string(Ask):           {"a reviewer asked the site", true, false},
	string(Answer):        {"the site answered", true, false},
	"information":         {"the site wrote", true, false},
	eventRemindSite:       {"the site was reminded", false, false},
	string(Warning):       {"the user and the site were warned of the end", false, false},
	string(HasEnded):      {"the exception ended", false, true},
	string(Revoke):        {"the exception was ended early", true, true},
	string(WasSuperseded): {"the exception was superseded", false, true},
}

// tellReviewers tells everybody who was asked that nothing is left to decide.
// Where an exception came of it, each gets a token to end it with.
func (p *Panel) tellReviewers(ctx context.Context, tx ReviewTx, req *Request, f Facts, answersTo string) error {
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil {
		return err
	}
	f.Audience = ToReviewer
	for _, r := range p.concerned(req, reviews) {
		if !wasAsked(r, reviews) {
			continue
		}
		l := Letter{Template: Decided, To: r.Address, Ref: req.Ref, Facts: f}
		if f.By == r.Name {
			l.AnswersTo = answersTo
		}
		if req.State == IsApproved {
			review, err := p.out.newCode(ctx, tx.Work, req, r, ToRevoke)
			if err != nil {
				return err
			}
			l.Facts.Seed, l.Facts.CodeHash = review.Seed, review.TokenHash
		}
		if err := p.out.send(ctx, tx.Work, l); err != nil {
			return err
		}
	}
	return nil
}
