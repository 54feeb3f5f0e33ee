package main

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

// list is what the flags of a list say.
type list struct {
	known       []string // what --state may name
	states      []string
	site, since string
	limit, page int
	asJSON      bool
	wide        bool
}

// pageLength is how many rows a table shows where nobody says how many. As JSON all are printed then.
const pageLength = 40

// mostRows is the largest number of rows, and of pages, that can be asked for.
const mostRows = 1_000_000

var errBadLimit = fmt.Errorf("expected --limit 1 or more, and %d at most", mostRows)

// readAtOnce is how many rows are in memory at most, whichever page is asked for.
const readAtOnce = 500

// flags gives a command the flags of a list.
func (l *list) flags(c *cobra.Command) {
	c.Flags().StringSliceVar(&l.states, "state", nil, "only those of a `STATE`: "+strings.Join(l.known, ", "))
	_ = c.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(l.known, cobra.ShellCompDirectiveNoFileComp))
	c.Flags().StringVar(&l.site, "site", "", "only those of the site with this `ODS` code")
	c.Flags().StringVar(&l.since, "since", "", "only those of this `DAY`, such as 2026-11-02, and later")
	c.Flags().IntVar(&l.limit, "limit", 0, fmt.Sprintf("how `MANY` are shown at most: %d in a table, all as "+
		"JSON, where it is left out", pageLength))
	c.Flags().IntVar(&l.page, "page", 1, "which `PAGE` of so many is shown")
	c.Flags().BoolVar(&l.asJSON, "json", false, "one JSON object a line")
	wideFlag(c, &l.wide)
}

// checked is a command that is run where the flags are right.
func (l *list) checked(do body) body {
	return func(c *cobra.Command, args []string) error {
		for _, state := range l.states {
			if !slices.Contains(l.known, state) {
				return usageError{fmt.Errorf("no state %q: expected %s%s", state, strings.Join(l.known, ", "),
					intake.DidYouMean(state, l.known))}
			}
		}
		switch {
		case c.Flags().Changed("limit") && (l.limit < 1 || l.limit > mostRows):
			return usageError{errBadLimit}
		case l.page < 1 || l.page > mostRows:
			return usageError{fmt.Errorf("expected --page 1 or more, and %d at most", mostRows)}
		case l.limit == 0 && (!l.asJSON || l.page > 1):
			l.limit = pageLength
		}
		return do(c, args)
	}
}

// listing is what is asked of the database.
func (l *list) listing(ctx context.Context, db *store.Store, s *config.Settings) (out store.Listing, err error) {
	out = store.Listing{States: l.states, Site: strings.ToUpper(l.site), First: readAtOnce}
	if l.limit > 0 {
		out.First = min(l.limit*l.page+1, readAtOnce)
	}
	if l.since != "" {
		if out.Since, err = dayOf(s, "since", l.since, "2026-11-02"); err != nil {
			return out, err
		}
	}
	if site, ok := s.Sites.ByCode(out.Site); ok {
		out.Addresses = slices.Concat([]string{site.Mailbox}, site.Aliases, site.Contacts)
		return out, nil
	}
	out.Addresses = []string{out.Site} // which is nobody's address
	if out.Site == "" {
		return out, nil
	}
	for _, err := range look(ctx, db, s, []store.Sought{{Sites: []string{out.Site}}}, 1) {
		return out, err // of a site that was in the register before something is on record
	}
	return out, intake.NotASite(l.site)
}

// shownRow is a row of a list, as JSON and as a table have it.
type shownRow struct {
	view  any
	cells []string
}

// printList prints the page of the rows that was asked for. A table says below whether there are more. what is what the
// rows are: "exceptions".
func printList[T any](a *app, l *list, what string, columns []layout.Column, rows iter.Seq2[T, error],
	show func(T) (shownRow, error)) error {
	if l.limit == 0 { // all of it, which is to take no more memory than a page: garbage is collected twice as often
		defer debug.SetGCPercent(debug.SetGCPercent(50))
	}
	t := newTable(a.stdout, l.wide, columns...)
	n, more := 0, false
	for v, err := range rows {
		if err != nil {
			return err
		}
		if n++; n <= l.limit*(l.page-1) {
			continue
		}
		if more = l.limit > 0 && n > l.limit*l.page; more {
			break
		}
		row, err := show(v)
		if err != nil {
			return err
		}
		if l.asJSON {
			err = printJSON(a.stdout, row.view)
		} else {
			err = t.row(row.cells...)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case l.asJSON:
		return nil
	case n <= l.limit*(l.page-1):
		return l.none(a, what)
	}
	if err := t.flush(); err != nil || !more {
		return err
	}
	these := fmt.Sprintf("these are %d", l.limit)
	if l.limit == 1 {
		these = "this is 1"
	}
	return say(a.stdout, "", fmt.Sprintf("%s, and there are more %s; the next: --page %d; or --limit %d", these, what, l.page+1, 5*l.limit))
}

// none says that there is nothing to show, and where there may be.
func (l *list) none(a *app, what string) error {
	asked := l.asked()
	said := "no " + what
	switch {
	case l.page > 1:
		said += fmt.Sprintf(" on page %d: leave out --page to see the first", l.page)
	case len(asked) == 1:
		said += fmt.Sprintf(" with %s: leave that out to see others", asked[0])
	case len(asked) > 1:
		said += fmt.Sprintf(" with %s: leave some of that out to see others", strings.Join(asked, " "))
	default:
		said += " on record"
	}
	return say(a.stdout, "", said)
}

// asked are the flags that narrow a list, as they were given.
func (l *list) asked() (flags []string) {
	for _, flag := range [][2]string{{"state", strings.Join(l.states, ",")}, {"site", l.site}, {"since", l.since}} {
		if flag[1] != "" {
			flags = append(flags, "--"+flag[0]+" "+flag[1])
		}
	}
	return flags
}

// dayOf is when the day that a flag names begins, in the policy's time zone.
func dayOf(s *config.Settings, flag, day, example string) (time.Time, error) {
	begins, err := time.ParseInLocation(time.DateOnly, day, s.Policy.Zone)
	if err != nil {
		return begins, usageError{fmt.Errorf("--%s %q: expected a day such as %s", flag, day, example)}
	}
	return begins, nil
}
