package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mfabot/store"
)

func newQueue(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "queue",
		Short:   "The requests that are not yet decided, longest waiting first",
		Example: "  mfabot queue\n  mfabot queue --json",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *settings) error {
			requests, err := db.Undecided(ctx)
			if err != nil {
				return err
			}
			if asJSON {
				for i := range requests {
					v, err := viewRequest(ctx, db, s, &requests[i], s.clock())
					if err != nil {
						return err
					}
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
				}
				return nil
			}
			t := newTable(a.stdout, "REF", "STATE", "USER", "SITE", "REASON", "WAITING")
			for _, r := range requests {
				t.row(r.Ref, string(r.State), orDash(r.Subject.Email), r.SiteCode, orDash(r.Reason), howLong(s.clock().Sub(r.WaitingSince)))
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// howLong shows a time of waiting to people: in days, or in hours and minutes.
func howLong(d time.Duration) string {
	if days := int(d.Hours() / 24); days > 0 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}
