package main

import (
	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/demo"
)

func newDemo(a *app) *cobra.Command {
	var keep bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Shows the whole process on mail servers of its own, in a minute",
		Long: `demo starts an IMAP and an SMTP server in this process, writes the emails that sites and
reviewers would write, moves the clock, and tells what happens. It leaves every email in
a folder, and touches nothing else.`,
		Example: "  mfabot demo\n  mfabot demo --keep   # then look into the mailboxes with a mail client",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return demo.Run(c.Context(), a.stdout, keep)
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the servers running for a mail client, until interrupted")
	return c
}
