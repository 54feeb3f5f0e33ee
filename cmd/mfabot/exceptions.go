package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"mfabot/store"
)

func newExceptions(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "exceptions",
		Short:   "The exceptions, active and past, by their start",
		Example: "  mfabot exceptions\n  mfabot exceptions --json | jq 'select(.state == \"active\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *settings) error {
			exceptions, err := db.Exceptions(ctx)
			if err != nil {
				return err
			}
			now := s.clock()
			t := newTable(a.stdout, "REF", "STATE", "USER", "SITE", "REASON", "STARTS", "ENDS", "NEXT NOTICE")
			for _, e := range exceptions {
				v := viewException(s, e, now)
				if asJSON {
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
					continue
				}
				t.row(e.Ref, v.State, e.Subject.Email, orDash(e.SiteCode), e.Reason, s.moment(e.StartsAt), s.moment(v.over()), s.moment(v.NextNoticeAt))
			}
			if asJSON {
				return nil
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// over is when an exception ends, or did.
func (v exceptionView) over() time.Time {
	if !v.ClosedAt.IsZero() {
		return v.ClosedAt
	}
	return v.EndsAt
}
