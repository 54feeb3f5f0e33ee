package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/token"
	"mfabot/store"
)

func newLogin(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "login [NAME]",
		Short: "Signs in to Microsoft 365 with a code, and keeps the sign-in",
		Long: `login is for an [oauth.NAME] table with a token_file: it prints an address and a code.
Somebody who may open the mailbox opens the address in a browser, on whatever machine,
enters the code and signs in. mfabot waits for that, and keeps the sign-in encrypted in
token_file. A bot that runs takes it by itself, within some minutes. NAME may be left out
where one table has a token_file.`,
		Example: "  mfabot login --config mfabot.toml\n  mfabot login m365",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := loadBeside(a.configPath)
			if err != nil {
				return err
			}
			source, err := signsIn(s, args)
			if err != nil {
				return err
			}
			if err := keyFor(c.Context(), s); err != nil {
				return err
			}
			err = source.Login(c.Context(), func(p token.Prompt) {
				fmt.Fprintf(a.stdout, "Open %s in a browser, and enter the code %s\n", printable(p.URL), printable(p.Code))
				fmt.Fprintf(a.stdout, "Sign in as somebody who may open the mailbox and send as %s, before %s.\nWaiting ...\n",
					s.Service.Address, p.Until.In(s.Policy.Zone).Format("15:04:05 MST"))
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "ok: [oauth.%s] is signed in. See that mail works: mfabot run --until-idle\n", source.Name())
			return nil
		},
	}
}

// signsIn is the table that somebody is to sign in for.
func signsIn(s *config.Settings, args []string) (*token.Source, error) {
	var able []*token.Source
	var names []string
	for _, source := range s.Tokens {
		if source.KeepsSignIn() {
			able, names = append(able, source), append(names, source.Name())
		}
	}
	for i, name := range names {
		if len(args) == 1 && args[0] == name || len(args) == 0 && len(able) == 1 {
			return able[i], nil
		}
	}
	if len(able) == 0 {
		return nil, config.Wrong(errors.New("no [oauth.NAME] table has a token_file: " +
			"with a client secret alone nobody signs in, see docs/microsoft365.md"))
	}
	return nil, usageError{fmt.Errorf("expected one of these: mfabot login %s", strings.Join(names, ", mfabot login "))}
}

// keyFor makes the key that encrypts the sign-in, as the first start does, where there is no database yet that needs another.
func keyFor(ctx context.Context, s *config.Settings) error {
	if s.Server != nil {
		if err := s.Server.Inspect(ctx); !errors.Is(err, store.ErrMissing) {
			return err
		}
	} else if _, err := os.Stat(s.Database); !errors.Is(err, fs.ErrNotExist) {
		return err // if there is no key beside it, that is said when the sign-in is kept
	}
	_, err := config.LoadKey(s.KeyFile())
	return err
}
