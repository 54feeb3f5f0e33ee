// Package demo is the demonstration: it plays the whole process on mail servers of its own, with people who
// write, the bot that answers, and a clock that moves. It is not part of the bot. Its people and their sites
// serve the tests of the whole program as well.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/post"
)

// Run plays the story on mail servers in this process, tells it on out, and leaves every email in a new
// folder. With keep it leaves the servers running until ctx ends.
func Run(ctx context.Context, out io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "mfabot-demo-")
	if err != nil {
		return err
	}
	office, err := post.Embedded(ctx, Accounts())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, office.Close()) }()
	summary, err := Play(ctx, office, dir, out)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if keep {
		fmt.Fprintf(out, "IMAP %s, SMTP %s, no encryption, password %s, accounts:\n", office.IMAPAddr, office.SMTPAddr,
			office.Password)
		for _, account := range Accounts() {
			fmt.Fprintln(out, "  "+post.Bare(account))
		}
		fmt.Fprintln(out, "Interrupt to stop.")
		<-ctx.Done()
	}
	fmt.Fprintf(out, "Every email, as .eml and .html: %s\n", filepath.Join(dir, "mail"))
	fmt.Fprintf(out, "demo: ok, %s\n", summary)
	return nil
}

// Play plays all acts on an office, tells them on out, and leaves the emails and the database in dir. It
// returns how many messages went in and out, and fails if they do not add up.
func Play(ctx context.Context, office *post.Office, dir string, out io.Writer) (summary string, err error) {
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o700); err != nil {
		return "", err
	}
	set, err := Settings(office, filepath.Join(dir, "mfabot.db"))
	if err != nil {
		return "", err
	}
	clock := NewClock(time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC))
	office.SetClock(clock.Now)
	b, err := bot.New(ctx, set, bot.Surroundings{Clock: clock.Now, Log: slog.New(slog.DiscardHandler)})
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
