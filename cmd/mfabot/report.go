package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/intake/report"
	"mfabot/store"
)

func newReport(a *app) *cobra.Command {
	var first, last string
	var asCSV, asJSON bool
	c := &cobra.Command{
		Use:   "report",
		Short: "Numbers for the service owner: what came, how fast it was decided, what waits",
		Long: `report counts what came in, was decided and ended on the days from --from to --to, both included: last month
where neither is said, and until today where only --from is. What waits is counted as it is now. No user is named.`,
		Example: "  mfabot report\n  mfabot report --from 2026-04-01 --to 2026-06-30 --csv > report.csv",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case asCSV && asJSON:
				return usageError{errors.New("expected --csv or --json, not both")}
			case first == "" && last != "":
				return usageError{errors.New("expected --from DAY with --to")}
			}
			return a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
				days, err := reported(s, first, last)
				if err != nil {
					return err
				}
				service := &intake.Service{Policy: s.Policy, Holidays: s.Holidays, Sites: intake.NewRegister(s.Sites),
					Reviewers: s.Reviewers}
				r, err := (&report.Counter{Service: service, Counts: db}).Report(ctx, days)
				switch {
				case err != nil:
					return err
				case asJSON:
					return printJSON(a.stdout, r)
				case asCSV:
					return r.WriteCSV(a.stdout)
				}
				return printReport(a.stdout, r.Numbers())
			})(c, args)
		},
	}
	c.Flags().StringVar(&first, "from", "", "the first `DAY`, such as 2026-11-01")
	c.Flags().StringVar(&last, "to", "", "the last `DAY`, such as 2026-11-30")
	c.Flags().BoolVar(&asCSV, "csv", false, "CSV for a spreadsheet: section,name,value")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// reported reads the days that a report is wanted of, in the policy's time zone.
func reported(s *config.Settings, first, last string) (d report.Days, err error) {
	d.Now = s.Now()
	y, m, today := d.Now.In(s.Policy.Zone).Date()
	if first == "" {
		return report.Month(d.Now, -1, s.Policy.Zone), nil
	}
	if d.From, err = dayOf(s, "from", first, "2026-11-01"); err != nil {
		return d, err
	}
	begins := time.Date(y, m, today, 0, 0, 0, 0, s.Policy.Zone)
	if last != "" {
		if begins, err = dayOf(s, "to", last, "2026-11-30"); err != nil {
			return d, err
		}
	}
	if begins.Before(d.From) {
		return d, usageError{fmt.Errorf("expected --from %s no later than %s", first, cmp.Or(last, "today"))}
	}
	d.To = begins.AddDate(0, 0, 1)
	return d, nil
}

// printReport prints a table, which is narrow enough for any layout.
func printReport(w io.Writer, numbers []report.Number) error {
	t := newTable(w, false, layout.Column{Head: "SECTION"}, layout.Column{Head: "NAME", Least: 20, Wrap: true},
		layout.Column{Head: "VALUE"})
	widest := 0 // of the numbers, which end below each other
	for _, n := range numbers {
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			widest = max(widest, len(n.Value))
		}
	}
	before := ""
	for _, n := range numbers {
		section := n.Section
		if section == before {
			section = ""
		}
		before = n.Section
		if err := t.row(section, n.Name, fmt.Sprintf("%*s", widest, n.Value)); err != nil {
			return err
		}
	}
	return t.flush()
}
