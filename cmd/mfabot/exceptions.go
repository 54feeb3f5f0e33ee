package main

import (
	"context"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// notYet says what the directory has still to do about an exception.
var notYet = map[intake.ActionKind]string{intake.ToApply: ", not applied yet", intake.ToRemove: ", not removed yet"}

func newExceptions(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "exceptions",
		Short:   "The exceptions, active and past, by start",
		Example: "  mfabot exceptions\n  mfabot exceptions --json | jq 'select(.state == \"active\")'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			exceptions, err := db.Exceptions(ctx)
			if err != nil {
				return err
			}
			open, err := db.OpenActions(ctx, "")
			if err != nil {
				return err
			}
			waiting := make(map[string]intake.ActionKind)
			for _, action := range open {
				waiting[action.Ref] = action.Kind
			}
			now := s.Now()
			t := newTable(a.stdout, "REF", "STATE", "USER", "SITE", "REASON", "STARTS", "ENDS", "NEXT NOTICE")
			for _, e := range exceptions {
				v := viewException(s, e, now)
				state := v.State
				if kind := waiting[e.Ref]; kind != "" {
					v.Directory = "waiting"
					state += notYet[kind]
				}
				if asJSON {
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
					continue
				}
				t.row(e.Ref, state, e.User.Email, orDash(e.SiteCode), e.Reason, moment(s, e.StartsAt),
					moment(s, v.over()), moment(s, v.NextNoticeAt))
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
