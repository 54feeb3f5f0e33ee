package main

import (
	"context"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

// notYet says what the directory has still to do about an exception.
//
//exhaustive:ignore
var notYet = map[intake.ActionKind]string{intake.ToApply: ", not applied yet", intake.ToRemove: ", not removed yet"}

func newExceptions(a *app) *cobra.Command {
	l := &list{known: []string{string(intake.Active), string(intake.Ended), string(intake.Revoked), string(intake.Superseded)}}
	c := &cobra.Command{
		Use:     "exceptions",
		Short:   "The exceptions, active and past, the newest first",
		Example: "  mfabot exceptions --state active --site FX101\n  mfabot exceptions --since 2026-11-02 --json",
		Args:    usage(cobra.NoArgs),
		RunE: l.checked(a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			wanted, err := l.listing(ctx, db, s)
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
			columns := []layout.Column{{Head: "REF"}, {Head: "STATE", Colour: stateColour}, {Head: "USER"}, {Head: "SITE", Weight: 4},
				{Head: "REASON", Weight: 3}, {Head: "STARTS", Weight: 2}, {Head: "ENDS"}, {Head: "NEXT NOTICE", Weight: 1}}
			return printList(a, l, "exceptions", columns, db.ListExceptions(ctx, wanted, now), func(e intake.Exception) (shownRow, error) {
				v := viewException(s, e, now)
				state := v.State
				if kind := waiting[e.Ref]; kind != "" {
					v.Directory = "waiting"
					state += notYet[kind]
				}
				return shownRow{v, []string{e.Ref, state, e.User.Email, orDash(e.SiteCode), e.Reason, moment(s, e.StartsAt),
					moment(s, v.over), moment(s, v.NextNoticeAt)}}, nil
			})
		})),
	}
	l.flags(c)
	return c
}
