package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/notify/specimen"
	"mfabot/templates"
)

func newTemplates() *cobra.Command {
	return &cobra.Command{
		Use:   "templates DIR",
		Short: "Writes the emails' words to a folder, to change them",
		Long: `templates writes the files that the emails are made of to a folder: en/mail has one for each
email in English, en/shared the words that several have in common, and cy is Welsh. Change
what you like, remove the files that you do not change, and name the folder in mfabot.toml:
templates = "DIR". Each file that is there takes the place of the one that is built in; see
what becomes of it with mfabot preview. A file that exists is not overwritten.`,
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

// previewed is what is to be seen of an email.
type previewed struct{ template, language, reason, out string }

func newPreview(a *app) *cobra.Command {
	var p previewed
	c := &cobra.Command{
		Use:   "preview TEMPLATE",
		Short: "Shows an email as people would get it, with made-up facts",
		Long: `preview shows every kind of an email, with made-up facts and the words, the name and the
telephone number of this configuration. Without --out it prints the text; with it, it
writes the text and the page of each kind to a folder.`,
		Example: "  mfabot preview approved\n  mfabot preview warning --lang cy --out look",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := config.LoadBeside(a.configPath)
			if err != nil {
				return err
			}
			p.template = args[0]
			return preview(a.stdout, s, p)
		},
	}
	c.Flags().StringVar(&p.language, "lang", intake.English, "the `LANGUAGE`: en or cy")
	c.Flags().StringVar(&p.reason, "reason", "", "the `ID` of a reason of the policy, in the place of the made-up one")
	c.Flags().StringVar(&p.out, "out", "", "the `DIR`ectory to write to, created if it does not exist")
	return c
}

func preview(w io.Writer, s *config.Settings, p previewed) error {
	if p.language != intake.English && p.language != intake.Welsh {
		return usageError{fmt.Errorf("expected --lang en or cy, not %q", p.language)}
	}
	set, err := bot.Emails(s)
	if err != nil {
		return err
	}
	if names := set.Names(templates.English); !slices.Contains(names, p.template) {
		return usageError{fmt.Errorf("no email is called %q; there are: %s%s", p.template, strings.Join(names, ", "),
			intake.DidYouMean(p.template, names))}
	}
	service := intake.Service{Policy: s.Policy}
	reason := service.FactsOfReason(intake.Long, p.reason)
	if reason.Title == "" {
		reason = service.FactsOfReason(intake.Short, p.reason)
	}
	if p.reason != "" && reason.Title == "" {
		ids := append(s.Policy.LongTerm.IDs(), s.Policy.ShortTerm.IDs()...)
		return usageError{fmt.Errorf("the policy has no reason %q: expected one of %s%s", p.reason, strings.Join(ids, ", "),
			intake.DidYouMean(p.reason, ids))}
	}
	for _, sample := range specimen.Letters() {
		l := sample.Letter
		if string(l.Template) != p.template {
			continue
		}
		l.Facts.Language = p.language
		if p.reason != "" && l.Facts.Reason.ID != "" {
			l.Facts.Reason = reason
		}
		email, err := bot.NewPreview(s, set).Preview(l, specimen.Monday())
		if err != nil {
			return err
		}
		if err := showKind(w, sample.Name, email, p.out); err != nil {
			return err
		}
	}
	return nil
}

// showKind prints an email, or writes it to a folder.
func showKind(w io.Writer, kind string, e templates.Email, dir string) error {
	text := "Subject: " + e.Subject + "\n\n" + e.Text
	if dir == "" {
		fmt.Fprintf(w, "===== %s =====\n%s\n", kind, text)
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range map[string]string{kind + ".txt": text, kind + ".html": e.HTML} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, filepath.Join(dir, kind+".html"))
	return nil
}
