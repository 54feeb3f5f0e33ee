package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/store"
)

// reportedSites and reportedReviewers are how many a report names at most.
const (
	reportedSites     = 10
	reportedReviewers = 20
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
				p, err := reported(s, first, last)
				if err != nil {
					return err
				}
				v, err := viewReport(ctx, db, s, p)
				switch {
				case err != nil:
					return err
				case asJSON:
					return printJSON(a.stdout, v)
				case asCSV:
					return printReportCSV(a.stdout, v.numbers(s))
				}
				return printReport(a.stdout, v.numbers(s))
			})(c, args)
		},
	}
	c.Flags().StringVar(&first, "from", "", "the first `DAY`, such as 2026-11-01")
	c.Flags().StringVar(&last, "to", "", "the last `DAY`, such as 2026-11-30")
	c.Flags().BoolVar(&asCSV, "csv", false, "CSV for a spreadsheet: section,name,value")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// reportedDays are the days of a report: from is the beginning of the first, and to the end of the last.
type reportedDays struct{ from, to, now time.Time }

// reported reads the days that a report is wanted of, in the policy's time zone.
func reported(s *config.Settings, first, last string) (p reportedDays, err error) {
	p.now = s.Now()
	y, m, d := p.now.In(s.Policy.Zone).Date()
	if first == "" {
		return reportedDays{time.Date(y, m-1, 1, 0, 0, 0, 0, s.Policy.Zone), time.Date(y, m, 1, 0, 0, 0, 0, s.Policy.Zone), p.now}, nil
	}
	if p.from, err = dayOf(s, "from", first, "2026-11-01"); err != nil {
		return p, err
	}
	begins := time.Date(y, m, d, 0, 0, 0, 0, s.Policy.Zone)
	if last != "" {
		if begins, err = dayOf(s, "to", last, "2026-11-30"); err != nil {
			return p, err
		}
	}
	if begins.Before(p.from) {
		return p, usageError{fmt.Errorf("expected --from %s no later than %s", first, cmp.Or(last, "today"))}
	}
	p.to = begins.AddDate(0, 0, 1)
	return p, nil
}

// reportNumber is one number of a report, as people have it.
type reportNumber struct{ section, name, value string }

// printReport prints a table, which is narrow enough for any layout.
func printReport(w io.Writer, numbers []reportNumber) error {
	t := newTable(w, false, layout.Column{Head: "SECTION"}, layout.Column{Head: "NAME", Least: 20}, layout.Column{Head: "VALUE"})
	widest := 0 // of the numbers, which end below each other
	for _, n := range numbers {
		if _, err := strconv.ParseFloat(n.value, 64); err == nil {
			widest = max(widest, len(n.value))
		}
	}
	before := ""
	for _, n := range numbers {
		section := n.section
		if section == before {
			section = ""
		}
		before = n.section
		if err := t.row(section, n.name, fmt.Sprintf("%*s", widest, n.value)); err != nil {
			return err
		}
	}
	return t.flush()
}

// printReportCSV prints CSV that Excel reads: it takes UTF-8 for what it is by its mark.
func printReportCSV(w io.Writer, numbers []reportNumber) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"section", "name", "value"}}
	for _, n := range numbers {
		rows = append(rows, []string{noFormula(n.section), noFormula(n.name), n.value})
	}
	return out.WriteAll(rows)
}

// noFormula has a spreadsheet take a text for a text, where it would take it for a formula.
func noFormula(text string) string {
	text = printable(text)
	if strings.IndexAny(strings.TrimSpace(text), "=+-@") == 0 {
		return "'" + text
	}
	return text
}
