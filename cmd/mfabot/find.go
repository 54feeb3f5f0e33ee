package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

func newFind(a *app) *cobra.Command {
	var asJSON bool
	limit := 40
	c := &cobra.Command{
		Use:   "find WORDS",
		Short: "Every request and exception of a user, site, reference or name",
		Long: "Every request and exception, open and closed, that has all the words: in its reference, in the user's name or address,\n" +
			"or in the ODS code, the name, the mailbox or a contact of its site. Parts of words will do. Capitals and accents do not\n" +
			"matter. The newest come first. A request and the exception that came of it have one reference, and are two rows.",
		Example: "  mfabot find holm\n  mfabot find sian \"high street\"\n  mfabot find FX101 --limit 200 --json",
		Args:    usage(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			words := strings.Fields(intake.Folded(strings.Join(args, " ")))
			switch {
			case len(words) == 0:
				return usageError{errors.New("expected words to look for, such as a name, an address, a site or a reference")}
			case limit < 1 || limit > mostRows:
				return usageError{errBadLimit}
			}
			return a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
				var all []store.Sought
				for _, word := range words {
					all = append(all, store.Sought{Word: word, Sites: s.Sites.Having(word)})
				}
				found, more, err := look(ctx, db, s, all, limit)
				if err != nil {
					return err
				}
				if err := printFound(a.stdout, found, asJSON); err != nil || asJSON {
					return err
				}
				fmt.Fprintln(a.stdout, foundWords(len(found), more, limit))
				return nil
			})(c, args)
		},
	}
	c.Flags().IntVar(&limit, "limit", limit, "how `MANY` are shown at most")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// foundRequest is a request that was found, and foundException an exception.
type (
	foundRequest struct {
		Kind     string `json:"kind"`
		Category string `json:"category"`
		requestView
	}
	foundException struct {
		Kind string `json:"kind"`
		exceptionView
	}
)

// finding is either, as it is shown.
type finding struct {
	at   time.Time // when it came or started
	view any
	row  []string
}

// look finds the newest requests and exceptions that have all words. more reports whether there are others.
func look(ctx context.Context, db *store.Store, s *config.Settings, all []store.Sought, limit int) (found []finding, more bool, err error) {
	requests, err := db.FindRequests(ctx, all, limit+1)
	if err != nil {
		return nil, false, err
	}
	exceptions, err := db.FindExceptions(ctx, all, limit+1)
	found = newestFirst(s, requests, exceptions)
	return found[:min(len(found), limit)], len(found) > limit, err
}

// newestFirst shows requests and exceptions together.
func newestFirst(s *config.Settings, requests []intake.Request, exceptions []intake.Exception) (out []finding) {
	now := s.Now()
	for _, e := range exceptions {
		v := viewException(s, e, now)
		out = append(out, finding{e.StartsAt, foundException{"exception", v}, []string{"exception", v.Ref, v.State,
			userShown(v.Subject), siteShown(v.Site), orDash(v.Reason), "until " + day(s, v.over)}})
	}
	for _, r := range requests {
		v := viewOfRequest(s, &r)
		out = append(out, finding{r.ReceivedAt, foundRequest{"request", string(intake.Long), v}, []string{"request", v.Ref, v.State,
			userShown(v.Subject), siteShown(v.Site), orDash(v.Reason), "since " + day(s, v.WaitingSince)}})
	}
	slices.SortStableFunc(out, func(x, y finding) int { return y.at.Compare(x.at) })
	return out
}

// printFound prints what was found: one object a line, or a table, which there is none of nothing.
func printFound(w io.Writer, found []finding, asJSON bool) error {
	t := newTable(w, "KIND", "REF", "STATE", "USER", "SITE", "REASON", "WHEN")
	for _, f := range found {
		if asJSON {
			if err := printJSON(w, f.view); err != nil {
				return err
			}
			continue
		}
		t.row(f.row...)
	}
	if asJSON || len(found) == 0 {
		return nil
	}
	return t.flush()
}

// userShown is a user in a table: the address, or the name as long as there is none.
func userShown(p personView) string { return orDash(cmp.Or(p.Email, p.Name)) }

// siteShown is a site in a table.
func siteShown(v *siteView) string {
	if v == nil {
		return "-"
	}
	return v.ODSCode
}

// day shows a day to people, in the policy's time zone.
func day(s *config.Settings, t time.Time) string { return t.In(s.Policy.Zone).Format(time.DateOnly) }

// foundWords says how many were found, and how to see more.
func foundWords(n int, more bool, limit int) string {
	switch {
	case more:
		return fmt.Sprintf("the newest %d; there are more: say more words, or --limit %d", n, 5*limit)
	case n == 0:
		return "nothing on record has all these words"
	case n == 1:
		return "1 found"
	}
	return fmt.Sprintf("%d found", n)
}
