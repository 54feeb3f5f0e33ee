package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"mfabot/templates"
)

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Reads the configuration, policy, sites and templates and says all that is wrong",
		Long: `check reads mfabot.toml and the files it names, and says with file, line and key
all that is wrong with them. It connects to nothing and changes nothing.`,
		Example: "  mfabot check --config mfabot.toml",
		Args:    usage(cobra.NoArgs),
		RunE: func(_ *cobra.Command, _ []string) error {
			s, err := loadSettings(a.configPath)
			if err != nil {
				return err
			}
			set, err := templates.New(s.Policy.Zone)
			if err != nil {
				return err
			}
			if err := s.untrusting(a.configPath); err != nil {
				return err
			}
			for _, m := range s.Mailboxes {
				if m.Trust.AllowUnauthenticated {
					fmt.Fprintf(a.stderr, "mfabot: warning: mailbox %q believes every sender (allow_unauthenticated = true): anybody can approve\n", m.Name)
				}
			}
			if s.ClockOffset != 0 {
				fmt.Fprintf(a.stderr, "mfabot: warning: the clock is moved by %s (testing.clock_offset)\n", s.ClockOffset)
			}
			fmt.Fprintf(a.stdout, "ok: %d mailboxes, %d sites, %d reviewers, %d emails, policy %q\n",
				len(s.Mailboxes), s.Sites.Len(), len(s.Reviewers), len(set.Names()), s.Policy.Name)
			return nil
		},
	}
}
