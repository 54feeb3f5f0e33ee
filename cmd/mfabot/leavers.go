package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake/desk"
)

func newLeavers(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "leavers FILE --as NAME",
		Short: "Ends the exceptions of people who have left, and closes the requests for them",
		Long: `leavers ends the exceptions of people who have left, and closes the requests for them.
The file has one email address a line, or is CSV as a spreadsheet saves it, with a header that has a
column called user or email. All of it is done, or none.`,
		Example: "  mfabot leavers leavers.csv --as \"Asha Patel\"",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.TrimSpace(as) == "" {
				return usageError{errors.New("expected --as NAME, who says that they have left")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, args []string) error {
				emails, err := leaversIn(args[0])
				if err != nil {
					return err
				}
				leavers, err := b.Desk.Leave(ctx, emails, as)
				if err != nil {
					return err
				}
				var revoked []string
				for _, l := range leavers {
					fmt.Fprintf(a.stdout, "%s: %s\n", l.Email, doneAbout(l))
					revoked = append(revoked, l.Revoked...)
				}
				return a.tellDirectory(ctx, b, revoked...)
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of the person who says so")
	return c
}

// leaversIn reads a file of people who have left.
func leaversIn(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return desk.ReadLeavers(file, f)
}

// doneAbout says what was done about somebody who has left.
func doneAbout(l desk.Leaver) string {
	var done []string
	for _, ref := range l.Revoked {
		done = append(done, ref+" is revoked")
	}
	for _, ref := range l.TakenBack {
		done = append(done, ref+" is withdrawn")
	}
	if len(done) == 0 {
		return "no active exception and no open request"
	}
	return strings.Join(done, ", ")
}
