package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"mfabot/templates"
)

func newTemplates(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "templates DIR",
		Short: "Writes the emails' words to a folder, to change them",
		Long: `templates writes the files that the emails are made of to a folder: mail has one for each
email, shared the words that several have in common. Change what you like, remove the
files that you do not change, and name the folder in mfabot.toml: templates = "DIR".
Each file that is there takes the place of the one that is built in. A file that exists
is not overwritten.`,
		Example: "  mfabot templates words",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			err := os.CopyFS(args[0], templates.Files())
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("nothing is overwritten: %w", err)
			}
			return err
		},
	}
}
