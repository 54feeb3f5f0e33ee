package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"mfabot/intake"
)

func newReconcile(a *app) *cobra.Command {
	var fix, asJSON bool
	var as string
	c := &cobra.Command{
		Use:   "reconcile [--fix --as NAME]",
		Short: "Compares the directory with the exceptions, and mends what differs",
		Long: `reconcile lists every member of the directory's group who has no active exception,
and every active exception that is not applied. With --fix the former are taken out
and the latter applied. It exits with 1 while anything differs.`,
		Example: "  mfabot reconcile\n  mfabot reconcile --fix --as \"Asha Patel\"",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			if fix != (as != "") {
				return usageError{errors.New("expected --fix and --as NAME together: who mends it goes on record")}
			}
			return a.withBot(func(ctx context.Context, b *bot, _ []string) error {
				d, err := b.intake.Drift(ctx)
				if err != nil {
					return err
				}
				if err := a.printDrift(b, d, asJSON); err != nil || d.Empty() {
					return err
				}
				if !fix {
					return errors.New("the directory differs from the exceptions; to mend it: mfabot reconcile --fix --as NAME")
				}
				return b.mend(ctx, d, as)
			})(c, args)
		},
	}
	c.Flags().BoolVar(&fix, "fix", false, "mend what differs")
	c.Flags().StringVar(&as, "as", "", "the `NAME` of who mends it")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// mend makes the directory what the exceptions say, and looks again.
func (b *bot) mend(ctx context.Context, d intake.Drift, as string) error {
	if err := b.intake.Mend(ctx, d, as); err != nil {
		return err
	}
	for _, e := range d.Unapplied {
		if _, err := b.intake.Enforce(ctx, e.Ref); err != nil {
			return err
		}
	}
	left, err := b.intake.Drift(ctx)
	if err == nil && !left.Empty() {
		err = errors.New("the directory differs still: mfabot reconcile")
	}
	return err
}

// driftView is one difference: a member without an exception, or an exception
// without a member.
type driftView struct {
	Kind      string         `json:"kind"` // stray, unapplied
	Member    string         `json:"member,omitempty"`
	Addresses []string       `json:"addresses,omitempty"`
	Name      string         `json:"name,omitempty"`
	Exception *exceptionView `json:"exception,omitempty"`
}

func (a *app) printDrift(b *bot, d intake.Drift, asJSON bool) error {
	for _, m := range d.Strays {
		if !asJSON {
			fmt.Fprintf(a.stdout, "exempt without an active exception: %s\n", printable(m.String()))
		} else if err := printJSON(a.stdout, driftView{Kind: "stray", Member: m.ID, Addresses: m.Addresses, Name: m.Name}); err != nil {
			return err
		}
	}
	now := b.clock()
	for _, e := range d.Unapplied {
		v := viewException(b.settings, e, now)
		if !asJSON {
			fmt.Fprintf(a.stdout, "active and not exempt: %s for %s, until %s\n", e.Ref, e.Subject.Email, b.settings.moment(e.EndsAt))
		} else if err := printJSON(a.stdout, driftView{Kind: "unapplied", Exception: &v}); err != nil {
			return err
		}
	}
	if d.Empty() && !asJSON {
		fmt.Fprintln(a.stdout, "the directory exempts whoever has an active exception, and nobody else")
	}
	return nil
}

// tellDirectory has the directory make at once the changes that a command brought
// about, and says how that went. The bot goes on with what fails.
func (a *app) tellDirectory(ctx context.Context, b *bot, refs ...string) error {
	if b.settings.Directory == nil || len(refs) == 0 {
		return nil
	}
	waiting := 0
	for _, ref := range refs {
		_, failed := b.intake.Enforce(ctx, ref)
		if failed != nil {
			fmt.Fprintln(a.stderr, "mfabot:", failed)
		}
		open, err := b.store.OpenActions(ctx, ref)
		if err != nil {
			return err
		}
		waiting += len(open)
	}
	switch {
	case waiting == 0 && len(refs) == 1:
		fmt.Fprintln(a.stdout, "The directory has taken the change.")
	case waiting == 0:
		fmt.Fprintln(a.stdout, "The directory has taken the changes.")
	case len(refs) == 1:
		fmt.Fprintln(a.stdout, "The directory has not taken the change yet: the bot goes on trying.")
	default:
		fmt.Fprintf(a.stdout, "The directory has not taken %d of %d changes yet: the bot goes on trying.\n", waiting, len(refs))
	}
	return nil
}
