package inbound

import (
	"context"
	"errors"
	"slices"

	"mfabot/intake"
)

// maxListed bounds the requests, and the exceptions, that a site is told of in one letter.
const maxListed = 50

// standing looks up what is on record of a site: nothing of any other.
type standing struct{ *siteMail }

// ofSite adds a site's undecided requests and active exceptions.
func (m standing) ofSite(ctx context.Context, f *intake.StatusFacts) error {
	refs, err := m.OpenRequests(ctx, m.site.ODSCode, "")
	if err != nil {
		return err
	}
	f.RequestsMore = max(0, len(refs)-maxListed)
	for _, ref := range refs[:len(refs)-f.RequestsMore] {
		req, err := m.Request(ctx, ref)
		if err != nil {
			return err
		}
		if err := m.add(ctx, f, req); err != nil {
			return err
		}
	}
	active, err := m.ActiveAt(ctx, m.site.ODSCode, m.Now)
	if err != nil {
		return err
	}
	f.RunningMore = max(0, len(active)-maxListed)
	for _, e := range active[:len(active)-f.RunningMore] {
		if err := m.addException(ctx, f, &e); err != nil {
			return err
		}
	}
	return nil
}

// ofUsers is ofUser for several. It notes those of whom there is nothing.
func (m standing) ofUsers(ctx context.Context, f *intake.StatusFacts, users []intake.User) error {
	for _, user := range users[:min(len(users), maxListed)] {
		known, err := m.ofUser(ctx, f, user.Email)
		if err != nil {
			return err
		}
		if !known {
			f.Unknown = append(f.Unknown, user.Email)
		}
	}
	return nil
}

// ofUser adds all that the site ever asked for a user and has not been forgotten, and reports whether there is any.
func (m standing) ofUser(ctx context.Context, f *intake.StatusFacts, addr string) (bool, error) {
	requests, err := m.RequestsFor(ctx, addr)
	if err != nil {
		return false, err
	}
	found := false
	for _, r := range requests {
		if r.SiteCode != m.site.ODSCode || len(f.Requests) >= maxListed {
			continue
		}
		found = true
		if err := m.add(ctx, f, &r); err != nil {
			return found, err
		}
	}
	exceptions, err := m.ExceptionsOf(ctx, addr)
	if err != nil {
		return found, err
	}
	for _, e := range exceptions {
		if e.SiteCode == m.site.ODSCode && e.StateAt(m.Now) == intake.Active && len(f.Running) < maxListed {
			found = true
			if err := m.addException(ctx, f, &e); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// ofRef adds one request or exception, if it is the site's.
func (m standing) ofRef(ctx context.Context, f *intake.StatusFacts, ref string) error {
	req, err := m.Request(ctx, ref)
	if err != nil && !errors.Is(err, intake.ErrNotFound) {
		return err
	}
	if err == nil && req.SiteCode == m.site.ODSCode {
		if err := m.add(ctx, f, req); err != nil {
			return err
		}
	}
	e, err := m.Exception(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) || err == nil && (e.SiteCode != m.site.ODSCode || e.StateAt(m.Now) != intake.Active) {
		return nil
	}
	if err != nil {
		return err
	}
	return m.addException(ctx, f, e)
}

// add adds where a request stands. One that was granted is told as its exception while that is active.
func (m standing) add(ctx context.Context, f *intake.StatusFacts, req *intake.Request) error {
	if slices.ContainsFunc(f.Requests, func(s intake.StandingFacts) bool { return s.Ref == req.Ref }) {
		return nil
	}
	s := intake.StandingFacts{Ref: req.Ref, User: req.User, Reason: m.FactsOfReason(intake.Long, req.Reason).Title,
		State: string(req.State), Received: req.ReceivedAt, Since: req.WaitingSince, Lapses: req.LapsesAt}
	if req.State == intake.Approved {
		e, err := m.Exception(ctx, req.Ref)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return err
		}
		if err == nil {
			state := e.StateAt(m.Now)
			if state == intake.Active {
				return m.addException(ctx, f, e)
			}
			s.State, s.Since = string(state), e.Over()
		}
	}
	if req.State == intake.Pending {
		reviews, err := m.Reviews(ctx, req.Ref)
		if err != nil {
			return err
		}
		s.Asked = m.asked(reviews)
	}
	f.Requests = append(f.Requests, s)
	return nil
}

// asked returns the reviewers who can decide with a code that they have, each once, with the time of the first.
func (m standing) asked(reviews []intake.Review) []intake.AskedFacts {
	var out []intake.AskedFacts
	var seen []string
	for _, r := range reviews {
		by, ok := m.Reviewers.ByAddress(r.Reviewer)
		if !ok || !r.VoidAt.IsZero() || !r.DecidedAt.IsZero() || r.Purpose != intake.ToDecide || slices.Contains(seen, by.Address) {
			continue
		}
		seen = append(seen, by.Address)
		out = append(out, intake.AskedFacts{Name: by.Name, At: r.CreatedAt})
	}
	return out
}

// addException adds an active exception, with the renewal that is asked for.
func (m standing) addException(ctx context.Context, f *intake.StatusFacts, e *intake.Exception) error {
	if slices.ContainsFunc(f.Running, func(r intake.EndingFacts) bool { return r.Ref == e.Ref }) {
		return nil
	}
	renewal, err := m.Renewing(ctx, e.Ref)
	if err != nil {
		return err
	}
	todos, err := m.AskedActions(ctx, "", e.User.Email)
	byHand := slices.ContainsFunc(todos, func(a intake.Action) bool { return a.Kind == intake.ToApply })
	f.Running = append(f.Running, intake.EndingFacts{Ref: e.Ref, User: e.User, Ends: e.EndsAt, Renewal: renewal, ByHand: byHand})
	return err
}
