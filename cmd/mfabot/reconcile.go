package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake/enforce"
)

func newReconcile(a *app) *cobra.Command {
	var fix, asJSON bool
	var as string
	c := &cobra.Command{
		Use:   "reconcile [--fix --as NAME]",
		Short: "Compares the directory with the exceptions, and corrects it",
		Long: `reconcile lists every member of the directory's group without an active exception, and
every active exception that is not applied. With --fix it removes the former from the
group and applies the latter. It exits with 1 as long as anything differs.`,
		Example: "  mfabot reconcile\n  mfabot reconcile --fix --as \"Asha Patel\"",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			if fix != (as != "") {
				return usageError{errors.New("expected --fix and --as NAME together: who corrects it goes on record")}
			}
			need := bot.Looking
			if fix {
				need = bot.Existing
			}
			return a.withBotOn(need, func(ctx context.Context, b *bot.Bot, _ []string) error {
				d, err := b.Enforcer.Drift(ctx)
				if err != nil {
					return err
				}
				if err := a.printDrift(b, d, asJSON); err != nil || d.Empty() {
					return err
				}
				if !fix {
					return errors.New("the directory differs from the exceptions; to correct it: mfabot reconcile --fix --as NAME")
				}
				return mend(ctx, b, d, as)
			})(c, args)
		},
	}
	c.Flags().BoolVar(&fix, "fix", false, "correct what differs")
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who corrects it")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// mend makes the directory agree with the exceptions, and compares again.
func mend(ctx context.Context, b *bot.Bot, d enforce.Drift, as string) error {
	if err := b.Enforcer.Mend(ctx, d, as); err != nil {
		return err
	}
	for _, e := range d.Unapplied {
		if _, err := b.Enforcer.Enforce(ctx, e.Ref); err != nil {
			return err
		}
	}
	left, err := b.Enforcer.Drift(ctx)
	if err == nil && !left.Empty() {
		err = errors.New("the directory still differs: mfabot reconcile")
	}
	return err
}

// driftView is one difference: a member without an exception, or an exception without a member.
type driftView struct {
	Kind      string         `json:"kind"` // stray, unapplied
	Member    string         `json:"member,omitempty"`
	Addresses []string       `json:"addresses,omitempty"`
	Name      string         `json:"name,omitempty"`
	Exception *exceptionView `json:"exception,omitempty"`
}

// printDrift prints the differences between the directory and the exceptions.
func (a *app) printDrift(b *bot.Bot, d enforce.Drift, asJSON bool) error {
	for _, m := range d.Strays {
		v := driftView{Kind: "stray", Member: m.ID, Addresses: m.Addresses, Name: m.Name}
		if !asJSON {
			if err := say(a.stdout, "exempt without an active exception: ", m.String()); err != nil {
				return err
			}
		} else if err := printJSON(a.stdout, v); err != nil {
			return err
		}
	}
	now := b.Clock()
	for _, e := range d.Unapplied {
		v := viewException(b.Settings, e, now)
		if !asJSON {
			fmt.Fprintf(a.stdout, "active and not exempt: %s for %s, until %s\n", e.Ref, e.User.Email,
				moment(b.Settings, e.EndsAt))
		} else if err := printJSON(a.stdout, driftView{Kind: "unapplied", Exception: &v}); err != nil {
			return err
		}
	}
	if d.Empty() && !asJSON {
		fmt.Fprintln(a.stdout, "the directory exempts everybody with an active exception, and nobody else")
	}
	return nil
}
