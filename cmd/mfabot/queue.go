package main

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
	"mfabot/templates"
)

func newQueue(a *app) *cobra.Command {
	l := &list{known: []string{string(intake.Incomplete), string(intake.Pending), string(intake.NeedsInfo)}}
	c := &cobra.Command{
		Use:     "queue",
		Short:   "The undecided requests: renewals by the end of the exception, then the longest waiting",
		Example: "  mfabot queue\n  mfabot queue --state needs-info --json",
		Args:    usage(cobra.NoArgs),
		RunE: l.checked(a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			wanted, err := l.listing(ctx, db, s)
			if err != nil {
				return err
			}
			requests, err := db.Undecided(ctx)
			if err != nil {
				return err
			}
			requests = slices.DeleteFunc(requests, func(r intake.Request) bool {
				return len(l.states) > 0 && !slices.Contains(l.states, string(r.State)) ||
					l.site != "" && r.SiteCode != wanted.Site || r.ReceivedAt.Before(wanted.Since)
			})
			now := s.Now()
			ends, err := nearestFirst(ctx, db, requests, now)
			if err != nil {
				return err
			}
			var below []string
			columns := []layout.Column{{Head: "REF"}, {Head: "STATE", Weight: 5}, {Head: "USER"}, {Head: "SITE", Weight: 4},
				{Head: "REASON", Weight: 2}, {Head: "WAITING"}, {Head: "RENEWS", Weight: 1}, {Head: "ENDS", Weight: 3}}
			if err := printList(a, l, "undecided requests", columns, eachOf(requests), func(r intake.Request) (shownRow, error) {
				v, err := viewRequest(ctx, db, s, &r, now)
				if err != nil {
					return shownRow{}, err
				}
				if waiting := waitsFor(v); waiting != "" {
					below = append(below, waiting)
				}
				return shownRow{v, []string{r.Ref, v.State, orDash(v.Subject.Email), r.SiteCode, orDash(v.Reason),
					templates.HowLong(now.Sub(v.WaitingSince)), orDash(v.Renews), moment(s, ends[r.Ref])}}, nil
			}); err != nil || l.asJSON {
				return err
			}
			for _, line := range below {
				if err := say(a.stdout, "", line); err != nil {
					return err
				}
			}
			return nil
		})),
	}
	l.flags(c)
	return c
}

// eachOf are values that are there already.
func eachOf[T any](values []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// nearestFirst moves the requests that would renew an active exception to the front, the nearest end first. It returns
// these ends by reference; the other requests keep their order.
func nearestFirst(ctx context.Context, db *store.Store, requests []intake.Request, now time.Time) (map[string]time.Time, error) {
	ends := make(map[string]time.Time)
	for i := range requests {
		end, err := endOfRenewed(ctx, db, &requests[i], now)
		if err != nil {
			return nil, err
		}
		ends[requests[i].Ref] = end
	}
	slices.SortStableFunc(requests, func(a, b intake.Request) int {
		x, y := ends[a.Ref], ends[b.Ref]
		switch {
		case x.IsZero() == y.IsZero():
			return x.Compare(y)
		case x.IsZero():
			return 1
		}
		return -1
	})
	return ends, nil
}

// waitsFor says whom a request waits for, if one of those is away or was reminded.
func waitsFor(r requestView) string {
	var undecided []string
	telling := false
	for _, v := range r.Reviewers {
		if v.Decision == "" {
			undecided = append(undecided, v.state())
			telling = telling || v.Away || v.Reminded > 0
		}
	}
	if !telling {
		return ""
	}
	return r.Ref + " is waiting for " + strings.Join(undecided, "; ")
}
