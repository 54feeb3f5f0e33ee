package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/post"
)

func newDemo(a *app) *cobra.Command {
	var keep bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "The demonstration: the whole process on mail servers of its own, in a minute",
		Long: `demo starts an IMAP and an SMTP server in this process, writes the emails that
sites and reviewers would, moves the clock, and tells what happens. It leaves
every email in a folder, and touches nothing else.`,
		Example: "  mfabot demo\n  mfabot demo --keep   # and look into the mailboxes with a mail client",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.demo(c.Context(), keep)
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the servers up for a mail client, until interrupted")
	return c
}

func (a *app) demo(ctx context.Context, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "mfabot-demo-")
	if err != nil {
		return err
	}
	office, err := post.Embedded(ctx, storyAccounts())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	summary, err := playStory(ctx, office, dir, a.stdout)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if keep {
		fmt.Fprintf(a.stdout, "IMAP %s, SMTP %s, no encryption, password %s, accounts:\n", office.IMAPAddr, office.SMTPAddr, office.Password)
		for _, account := range storyAccounts() {
			fmt.Fprintln(a.stdout, "  "+plainAddress(account))
		}
		fmt.Fprintln(a.stdout, "Interrupt to stop.")
		<-ctx.Done()
	}
	fmt.Fprintf(a.stdout, "Every email, as .eml and .html: %s\n", filepath.Join(dir, "mail"))
	fmt.Fprintf(a.stdout, "demo: ok, %s\n", summary)
	return nil
}

// playStory plays all acts on an office, and leaves the emails and the database
// in dir. It returns the sums of the messages that went in and out.
func playStory(ctx context.Context, office *post.Office, dir string, out io.Writer) (summary string, err error) {
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o700); err != nil {
		return "", err
	}
	set, err := storySettings(office, filepath.Join(dir, "mfabot.db"))
	if err != nil {
		return "", err
	}
	clock := &storyClock{t: time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)}
	office.SetClock(clock.now)
	b, err := newBot(ctx, set, clock.now, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	s := &story{office: office, bot: b, clock: clock, out: out, files: &folder{dir: mail}, known: make(map[int64]bool)}
	for i, act := range acts() {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, act.title)
		if err := act.play(ctx, s); err != nil {
			return "", fmt.Errorf("%q: %w", act.title, err)
		}
	}
	fmt.Fprintln(out)
	return s.check(ctx)
}
