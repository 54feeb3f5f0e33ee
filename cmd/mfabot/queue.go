package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

func newQueue(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "queue",
		Short:   "The undecided requests: renewals by the end of the exception, then the longest waiting",
		Example: "  mfabot queue\n  mfabot queue --json",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			requests, err := db.Undecided(ctx)
			if err != nil {
				return err
			}
			now := s.Now()
			ends, err := nearestFirst(ctx, db, requests, now)
			if err != nil {
				return err
			}
			views := make([]requestView, len(requests))
			for i := range requests {
				if views[i], err = viewRequest(ctx, db, s, &requests[i], now); err != nil {
					return err
				}
			}
			if !asJSON {
				return a.printQueue(s, views, ends, now)
			}
			for _, v := range views {
				if err := printJSON(a.stdout, v); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// nearestFirst moves the requests that would renew an active exception to the front, the nearest end first.
// It returns these ends; zero for the other requests, which keep their order.
func nearestFirst(ctx context.Context, db *store.Store, requests []intake.Request, now time.Time) ([]time.Time, error) {
	byRef := make(map[string]time.Time)
	for i := range requests {
		end, err := endOfRenewed(ctx, db, &requests[i], now)
		if err != nil {
			return nil, err
		}
		byRef[requests[i].Ref] = end
	}
	slices.SortStableFunc(requests, func(a, b intake.Request) int {
		x, y := byRef[a.Ref], byRef[b.Ref]
		switch {
		case x.IsZero() == y.IsZero():
			return x.Compare(y)
		case x.IsZero():
			return 1
		}
		return -1
	})
	ends := make([]time.Time, len(requests))
	for i, r := range requests {
		ends[i] = byRef[r.Ref]
	}
	return ends, nil
}

// printQueue shows the requests in a table, and below it whom they are waiting for, if one of those is away
// or was reminded. ends are the ends of the exceptions that they would renew.
func (a *app) printQueue(s *config.Settings, requests []requestView, ends []time.Time, now time.Time) error {
	t := newTable(a.stdout, "REF", "STATE", "USER", "SITE", "REASON", "WAITING", "RENEWS", "ENDS")
	var below []string
	for i, r := range requests {
		t.row(r.Ref, r.State, orDash(r.Subject.Email), r.Site.ODSCode, orDash(r.Reason),
			howLong(now.Sub(r.WaitingSince)), orDash(r.Renews), moment(s, ends[i]))
		var undecided []string
		telling := false
		for _, v := range r.Reviewers {
			if v.Decision == "" {
				undecided = append(undecided, v.state())
				telling = telling || v.Away || v.Reminded > 0
			}
		}
		if telling {
			below = append(below, r.Ref+" is waiting for "+strings.Join(undecided, "; "))
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, line := range below {
		fmt.Fprintln(a.stdout, printable(line))
	}
	return nil
}

// howLong shows a waiting time to people: in days, or in hours and minutes.
func howLong(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}
