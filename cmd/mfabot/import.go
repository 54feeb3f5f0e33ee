package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/parser"
	"mfabot/templates"
)

func newImport(a *app) *cobra.Command {
	var since, as string
	var noAnswers, dryRun bool
	c := &cobra.Command{
		Use:   "import --since DATE [--as NAME]",
		Short: "Reads mail that lay in a mailbox before mfabot did",
		Long: `import reads what came on that day or later, and before the day from which on the bot
reads the mailbox: since in mfabot.toml, or else the day of the first start. The bot
leaves such mail where it is. Each message is dealt with as if it had come now: reviewers
are asked about requests. Its author is answered only if it came within answer_within of
the policy, and not at all with --no-answers; the operator is told whom to answer. What
cannot go on without an answer is set aside in the folder Quarantine: requeue reads it
again, and then its author is answered.

It works beside the bot, which sends the emails; without one they wait for the next start.
With --dry-run it lists those messages, and changes nothing.`,
		Example: "  mfabot import --since 2026-10-19 --dry-run\n  mfabot import --since 2026-10-19 --no-answers",
		Args:    usage(cobra.NoArgs),
		RunE: a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
			begins, _, err := b.Settings.Policy.DayOf(since)
			if err != nil {
				return usageError{fmt.Errorf("--since: expected a day such as 2026-10-19, not %q", since)}
			}
			var told strings.Builder // which does not go between the line of a gauge
			what := bot.Import{Since: begins.UTC(), Unanswered: noAnswers, By: nameGiven(as), Tell: func(mailbox string, n int) error {
				fmt.Fprintf(&told, "mailbox %s: %s read\n", printable(mailbox), templates.Counted(n, "older message"))
				return nil
			}}
			if dryRun {
				return listOld(ctx, a.stdout, b, what)
			}
			g, stop := gauge(a.stderr)
			g.Begin("older messages read", 0)
			what.Count = g.Add
			err = b.Import(ctx, what)
			stop()
			_, unsaid := io.WriteString(a.stdout, told.String())
			return errors.Join(tryAgain(err, "mfabot import --since "+since), unsaid)
		}),
	}
	c.Flags().StringVar(&since, "since", "", "the first `DATE` to read, such as 2026-10-19")
	c.Flags().StringVar(&as, "as", "", "your `NAME`, for the record (default: your login name)")
	c.Flags().BoolVar(&noAnswers, "no-answers", false, "answer none of the authors")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "list the messages, and change nothing")
	_ = c.MarkFlagRequired("since") // it is there
	return c
}

// listOld lists what an import would read.
func listOld(ctx context.Context, w io.Writer, b *bot.Bot, what bot.Import) error {
	read := parser.New(b.Settings.Policy.Vocabulary())
	t := newTable(w, false, layout.Column{Head: "CAME"}, layout.Column{Head: "FROM"}, layout.Column{Head: "SUBJECT", Least: 14})
	n := 0
	what.List = func(_ string, m intake.Arrival) error {
		n++
		msg, err := read.Parse(bytes.NewReader(m.Raw))
		if err != nil {
			msg = &parser.Message{Subject: "it cannot be read: " + err.Error()}
		}
		return t.row(moment(b.Settings, m.At), orDash(msg.From), msg.Subject)
	}
	what.Tell = func(string, int) error { return nil }
	err := errors.Join(b.Import(ctx, what), t.flush())
	if err == nil {
		_, err = fmt.Fprintln(w, templates.Counted(n, "older message"))
	}
	return err
}
