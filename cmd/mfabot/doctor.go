package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/doctor"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/templates"
)

func newDoctor(a *app) *cobra.Command {
	var asJSON, send bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Tries every connection, and says what is wrong and how to mend it",
		Long: `doctor tries all that mfabot needs: the files, the disk, the database and its key, the
mail servers up to the log-in, the folders and the rights on them, who is believed by what
the mailboxes really hold, the clocks, clamd, and the directory. Each line is ok, or says
what was found and how to mend it. A check that needs another that is not ok is not tried.

It may be used while the bot runs. It reads mail without a trace. It makes the folders that
mail is filed into where they are missing, as run does, and puts one message of its own into
one of them, moves it, and removes it. With --send it sends one email to the service's own
address and waits for it, at most a minute: how long it took, and whether it is proven. The
bot files it and answers nothing.

The last line counts what is wrong apart from what was not tried. The exit status is 0
if every check is ok, 1 if one is not, and 2 if the configuration is
wrong: then mfabot check says what.`,
		Example: "  mfabot doctor\n  mfabot doctor --send\n  mfabot doctor --json | jq 'select(.ok | not)'",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := config.Load(a.configPath)
			if err != nil {
				return err
			}
			return examine(c.Context(), a.stdout, doctor.New(s, doctor.Surroundings{Send: send}), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	c.Flags().BoolVar(&send, "send", false, "send one email to the service's own address, and wait for it")
	return c
}

// examine prints what a doctor finds, as it is found.
func examine(ctx context.Context, w io.Writer, d *doctor.Doctor, asJSON bool) error {
	var failed error
	counts, err := d.Examine(ctx, func(l doctor.Line) {
		switch {
		case failed != nil:
		case asJSON:
			failed = printJSON(w, viewDoctor{l.Check, l.State == doctor.OK, printable(l.Found), printable(l.Mend)})
		default:
			failed = printLine(w, l)
		}
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	case counts[doctor.Wrong]+counts[doctor.NotTried] > 0:
		return errors.New(outOf(counts))
	}
	if !asJSON {
		_, err = fmt.Fprintf(w, "all %s are ok\n", templates.Counted(counts[doctor.OK], "check"))
	}
	return err
}

// outOf says how many checks are wrong, and apart from them how many could not be tried.
func outOf(counts map[doctor.State]int) string {
	wrong, untried := counts[doctor.Wrong], counts[doctor.NotTried]
	all := " of " + templates.Counted(counts[doctor.OK]+wrong+untried, "check")
	is, was := "are", "were"
	if wrong == 1 {
		is = "is"
	}
	if untried == 1 {
		was = "was"
	}
	switch {
	case untried == 0:
		return fmt.Sprintf("%d%s %s wrong", wrong, all, is)
	case wrong == 0:
		return fmt.Sprintf("%d%s %s not tried", untried, all, was)
	}
	return fmt.Sprintf("%d%s %s wrong, and %d %s not tried", wrong, all, is, untried, was)
}

// viewDoctor is a check as other programs read it.
type viewDoctor struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Found string `json:"found"`
	Mend  string `json:"mend,omitempty"`
}

// doctorWidth is how wide the output of doctor is at most, and beside its first column.
const (
	doctorWidth   = 80
	doctorColumns = 11
)

// printLine prints a check for people: how it came out, what was found, and below that how to mend it.
func printLine(w io.Writer, l doctor.Line) error {
	screen := screenOf(w, false)
	if screen.Width == 0 || screen.Width > doctorWidth {
		screen.Width = doctorWidth
	}
	begins := screen.Painted(doctorColours(l.State), fmt.Sprintf("%-*s", doctorColumns, l.State))
	indent := strings.Repeat(" ", doctorColumns)
	for _, part := range [][2]string{{"", l.Check + ": " + strings.TrimPrefix(l.Found, "not tried: ")}, {"> ", l.Mend}} {
		for _, line := range layout.Wrapped(printable(part[1]), screen.Width-doctorColumns-len(part[0])) {
			if _, err := fmt.Fprintln(w, begins+part[0]+line); err != nil {
				return err
			}
			begins, part[0] = indent, strings.Repeat(" ", len(part[0]))
		}
	}
	return nil
}

// doctorColours are the colours of how a check came out.
func doctorColours(state doctor.State) layout.Colour {
	switch state {
	case doctor.OK:
		return layout.Green
	case doctor.Wrong:
		return layout.Red
	case doctor.NotTried:
		return layout.Yellow
	}
	return layout.None
}
