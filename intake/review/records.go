package review

import (
	"context"
	"errors"

	"mfabot/intake"
)

// maxRecords bounds what a review email lists of a user.
const maxRecords = 30

// records looks up all that is known of a request's user.
type records struct {
	*Panel
	Tx
	req *intake.Request
}

// others tells reviewers of every other request and exception of a request's user, of whatever site, the
// newest first. more is how many are left out.
func (p *records) others(ctx context.Context) (out []intake.RecordFacts, more int, err error) {
	req := p.req
	if req.User.Email == "" {
		return nil, 0, nil
	}
	requests, err := p.RequestsFor(ctx, req.User.Email)
	if err != nil {
		return nil, 0, err
	}
	exceptions, err := p.ExceptionsOf(ctx, req.User.Email)
	if err != nil {
		return nil, 0, err
	}
	granted := make(map[string]bool)
	for _, e := range exceptions {
		granted[e.Ref] = true
		state := e.StateAt(p.Now)
		r := intake.RecordFacts{Ref: e.Ref, Site: p.FactsOfSite(e.SiteCode), State: string(state), Category: e.Category,
			Reason: p.FactsOfReason(e.Category, e.Reason).Title, Starts: e.StartsAt, Ends: e.EndsAt, At: e.ClosedAt,
			Other: e.SiteCode != req.SiteCode}
		if !r.At.IsZero() {
			r.At = e.Over()
		}
		if state == intake.Revoked {
			if r.Text, err = p.lastSaid(ctx, e.Ref, intake.EventRevoke); err != nil {
				return nil, 0, err
			}
		}
		out = append(out, r)
	}
	for _, other := range requests {
		if other.Ref == req.Ref || granted[other.Ref] {
			continue
		}
		r := intake.RecordFacts{Ref: other.Ref, Site: p.FactsOfSite(other.SiteCode), State: string(other.State),
			Category: intake.Long, Reason: p.FactsOfReason(intake.Long, other.Reason).Title, Starts: other.ReceivedAt,
			At: other.WaitingSince, Other: other.SiteCode != req.SiteCode}
		if other.State == intake.Rejected {
			if r.Text, err = p.lastSaid(ctx, other.Ref, intake.EventReject); err != nil {
				return nil, 0, err
			}
		}
		out = append(out, r)
	}
	more = max(0, len(out)-maxRecords)
	return out[:len(out)-more], more, nil
}

// weighed tells reviewers what they weigh besides the request: who wrote, how many exceptions the site has, what else came
// in the same email, and why the exception was needed that would be renewed.
func (p *records) weighed(ctx context.Context, f *intake.Facts) error {
	req := p.req
	f.Writer = req.Writer
	active, err := p.ActiveAt(ctx, req.SiteCode, p.Now)
	if err != nil {
		return err
	}
	n := len(active)
	f.SiteActive = &n
	begun, err := p.RequestsFrom(ctx, req.InboundID)
	if err != nil {
		return err
	}
	for _, other := range begun {
		if other.Ref != req.Ref {
			f.Together = append(f.Together, intake.TogetherFacts{Ref: other.Ref, User: other.User})
		}
	}
	if req.Renews == "" {
		return nil
	}
	before, err := p.Request(ctx, req.Renews)
	if errors.Is(err, intake.ErrNotFound) { // somebody else than us has changed it
		return nil
	}
	if err == nil {
		f.Before = intake.BeforeFacts{Ref: before.Ref, Reason: p.FactsOfReason(intake.Long, before.Reason).Title,
			Justification: before.Justification}
	}
	return err
}

// maxSameFiles bounds what a review email lists of other users' requests with the same file.
const maxSameFiles = 10

// sameFiles tells reviewers which of the evidence came with other users' requests too, of whatever site. Who sends one
// letter for several users in one message says so there.
func (p *records) sameFiles(ctx context.Context) (out []intake.SameFile, err error) {
	for _, e := range p.req.Counting() {
		others, err := p.WithFile(ctx, e.SHA256, p.req.Ref)
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			theirs := other.User.Email == "" || intake.UserKey(other.User.Email) == intake.UserKey(p.req.User.Email)
			if !theirs && len(out) < maxSameFiles {
				out = append(out, intake.SameFile{Filename: e.Filename, Ref: other.Ref, User: other.User,
					Site: p.FactsOfSite(other.SiteCode), At: other.ReceivedAt})
			}
		}
	}
	return out, nil
}

// lastSaid returns what a decision's author wrote with the latest event of a kind; empty for one that was
// automatic.
func (p *records) lastSaid(ctx context.Context, ref string, on intake.Event) (string, error) {
	entries, err := p.History(ctx, ref)
	said := ""
	for _, h := range entries {
		if h.Event == on {
			said = h.Text
		}
		if h.Event == intake.EventNoEvidence && on == intake.EventReject {
			said = ""
		}
	}
	return said, err
}
