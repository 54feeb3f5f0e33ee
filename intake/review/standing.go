package review

import (
	"context"
	"errors"
	"slices"

	"mfabot/intake"
)

// Standing looks up what is on record of a site: nothing of any other.
type Standing struct {
	*Panel
	Tx
	SiteCode string
}

// OfSite adds a site's undecided requests and active exceptions.
func (m Standing) OfSite(ctx context.Context, f *intake.StatusFacts) error {
	return m.ofSite(ctx, f, func(intake.Exception) bool { return true })
}

// ofSite is OfSite with only those exceptions that it tells of.
func (m Standing) ofSite(ctx context.Context, f *intake.StatusFacts, tells func(intake.Exception) bool) error {
	refs, err := m.OpenRequests(ctx, m.SiteCode, "")
	if err != nil {
		return err
	}
	f.RequestsMore = max(0, len(refs)-mostListed)
	for _, ref := range refs[:len(refs)-f.RequestsMore] {
		req, err := m.Request(ctx, ref)
		if err != nil {
			return err
		}
		if err := m.add(ctx, f, req); err != nil {
			return err
		}
	}
	active, err := m.ActiveAt(ctx, m.SiteCode, m.Now)
	if err != nil {
		return err
	}
	active = slices.DeleteFunc(active, func(e intake.Exception) bool { return !tells(e) })
	f.RunningMore = max(0, len(active)-mostListed)
	for _, e := range active[:len(active)-f.RunningMore] {
		if err := m.addException(ctx, f, &e); err != nil {
			return err
		}
	}
	return nil
}

// OfUsers is OfUser for several. It notes those of whom there is nothing.
func (m Standing) OfUsers(ctx context.Context, f *intake.StatusFacts, users []intake.User) error {
	for _, user := range users[:min(len(users), mostListed)] {
		known, err := m.OfUser(ctx, f, user.Email)
		if err != nil {
			return err
		}
		if !known {
			f.Unknown = append(f.Unknown, user.Email)
		}
	}
	return nil
}

// OfUser adds all that the site ever asked for a user and has not been forgotten, and reports whether there is any.
func (m Standing) OfUser(ctx context.Context, f *intake.StatusFacts, addr string) (bool, error) {
	requests, err := m.RequestsFor(ctx, addr)
	if err != nil {
		return false, err
	}
	found := false
	for _, r := range requests {
		if r.SiteCode != m.SiteCode || len(f.Requests) >= mostListed {
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
		if e.SiteCode == m.SiteCode && e.StateAt(m.Now) == intake.Active && len(f.Running) < mostListed {
			found = true
			if err := m.addException(ctx, f, &e); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// OfRef adds one request or exception, if it is the site's.
func (m Standing) OfRef(ctx context.Context, f *intake.StatusFacts, ref string) error {
	req, err := m.Request(ctx, ref)
	if err != nil && !errors.Is(err, intake.ErrNotFound) {
		return err
	}
	if err == nil && req.SiteCode == m.SiteCode {
		if err := m.add(ctx, f, req); err != nil {
			return err
		}
	}
	e, err := m.Exception(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) || err == nil && (e.SiteCode != m.SiteCode || e.StateAt(m.Now) != intake.Active) {
		return nil
	}
	if err != nil {
		return err
	}
	return m.addException(ctx, f, e)
}

// add adds where a request stands. One that was granted is told as its exception while that is active.
func (m Standing) add(ctx context.Context, f *intake.StatusFacts, req *intake.Request) error {
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
		s.Asked = m.stillAsked(reviews)
	}
	f.Requests = append(f.Requests, s)
	return nil
}

// stillAsked returns the reviewers who can decide with a code that they have, each once, with the time of the first.
func (m Standing) stillAsked(reviews []intake.Review) []intake.AskedFacts {
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
func (m Standing) addException(ctx context.Context, f *intake.StatusFacts, e *intake.Exception) error {
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
