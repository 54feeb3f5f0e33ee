package main

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

// list is what the flags of a list say.
type list struct {
	known       []string // what --state may name
	states      []string
	site, since string
	limit, page int
	asJSON      bool
}

// pageLength is how many rows a table shows where nobody says how many. As JSON all are printed then.
const pageLength = 40

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
}

// checked is a command that is run where the flags are right.
func (l *list) checked(do body) body {
	return func(c *cobra.Command, args []string) error {
		for _, state := range l.states {
			if !slices.Contains(l.known, state) {
				return usageError{fmt.Errorf("no state %q: expected %s", state, strings.Join(l.known, ", "))}
			}
		}
		switch {
		case c.Flags().Changed("limit") && l.limit < 1:
			return usageError{errors.New("expected --limit 1 or more")}
		case l.page < 1:
			return usageError{errors.New("expected --page 1 or more")}
		case l.limit == 0 && (!l.asJSON || l.page > 1):
			l.limit = pageLength
		}
		return do(c, args)
	}
}

// listing is what is asked of the database.
func (l *list) listing(s *config.Settings) (out store.Listing, err error) {
	out = store.Listing{States: l.states, Site: strings.ToUpper(l.site), First: l.limit*l.page + 1}
	if l.limit == 0 {
		out.First = 500
	}
	if l.since != "" {
		if out.Since, err = dayOf(s, "since", l.since, "2026-11-02"); err != nil {
			return out, err
		}
	}
	if site, ok := s.Sites.ByCode(out.Site); ok {
		out.Addresses = slices.Concat([]string{site.Mailbox}, site.Aliases, site.Contacts)
	} else {
		out.Addresses = []string{out.Site} // which is nobody's address
	}
	return out, nil
}

// shownRow is a row of a list, as JSON and as a table have it.
type shownRow struct {
	view  any
	cells []string
}

// printList prints the page of the rows that was asked for. A table says below whether there are more. what is what the
// rows are: "exceptions".
func printList[T any](a *app, l *list, what string, header []string, rows iter.Seq2[T, error], show func(T) (shownRow, error)) error {
	t := newTable(a.stdout, header...)
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
		if !l.asJSON {
			t.row(row.cells...)
		} else if err := printJSON(a.stdout, row.view); err != nil {
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
	_, err := fmt.Fprintf(a.stdout, "these are %d of more %s; the next: --page %d; or --limit %d\n", l.limit, what, l.page+1, 5*l.limit)
	return err
}

// none says that there is nothing to show.
func (l *list) none(a *app, what string) error {
	said := "no " + what + " on record"
	switch {
	case l.page > 1:
		said = fmt.Sprintf("no %s on page %d", what, l.page)
	case len(l.states) > 0 || l.site != "" || l.since != "":
		said = "no such " + what
	}
	_, err := fmt.Fprintln(a.stdout, said)
	return err
}

// dayOf is when the day that a flag names begins, in the policy's time zone.
func dayOf(s *config.Settings, flag, day, example string) (time.Time, error) {
	begins, err := time.ParseInLocation(time.DateOnly, day, s.Policy.Zone)
	if err != nil {
		return begins, usageError{fmt.Errorf("--%s %q: expected a day such as %s", flag, day, example)}
	}
	return begins, nil
}
