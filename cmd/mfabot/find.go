package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

func newFind(a *app) *cobra.Command {
	var asJSON, wide bool
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
				n, more, err := printFound(a.stdout, look(ctx, db, s, all, limit), limit, asJSON, wide)
				if err != nil || asJSON {
					return err
				}
				return say(a.stdout, "", foundWords(n, more, limit))
			})(c, args)
		},
	}
	c.Flags().IntVar(&limit, "limit", limit, "how `MANY` are shown at most")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	wideFlag(c, &wide)
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
	view any
	row  []string
}

// look finds the requests and exceptions that have all words, the newest first, of which limit are wanted.
func look(ctx context.Context, db *store.Store, s *config.Settings, all []store.Sought, limit int) iter.Seq2[finding, error] {
	first := min(limit, readAtOnce) + 1
	return newestFirst(s, db.FindRequests(ctx, all, first), db.FindExceptions(ctx, all, first))
}

// newestFirst shows requests and exceptions together, where the newest of each come first.
func newestFirst(s *config.Settings, requests iter.Seq2[intake.Request, error],
	exceptions iter.Seq2[intake.Exception, error],
) iter.Seq2[finding, error] {
	return func(yield func(finding, error) bool) {
		now := s.Now()
		next, stop := iter.Pull2(requests)
		defer stop()
		r, err, more := next()
		for e, failed := range exceptions {
			for err == nil && failed == nil && more && r.ReceivedAt.After(e.StartsAt) {
				if !yield(requestFound(s, &r), nil) {
					return
				}
				r, err, more = next()
			}
			if failed = cmp.Or(err, failed); !yield(exceptionFound(s, e, now), failed) || failed != nil {
				return
			}
		}
		for more && yield(requestFound(s, &r), err) && err == nil {
			r, err, more = next()
		}
	}
}

func exceptionFound(s *config.Settings, e intake.Exception, now time.Time) finding {
	v := viewException(s, e, now)
	return finding{foundException{"exception", v}, []string{"exception", v.Ref, v.State, userShown(v.Subject), siteShown(v.Site),
		orDash(v.Reason), "until " + day(s, v.over)}}
}

func requestFound(s *config.Settings, r *intake.Request) finding {
	v := viewOfRequest(s, r)
	return finding{foundRequest{"request", string(intake.Long), v}, []string{"request", v.Ref, v.State, userShown(v.Subject),
		siteShown(v.Site), orDash(v.Reason), "since " + day(s, v.WaitingSince)}}
}

// printFound prints what was found, at most limit of it: one object a line, or a table, which there is none of nothing. It returns
// how many there were, and whether there are others.
func printFound(w io.Writer, found iter.Seq2[finding, error], limit int, asJSON, wide bool) (n int, more bool, err error) {
	t := newTable(w, wide, layout.Column{Head: "KIND", Weight: 2}, layout.Column{Head: "REF"},
		layout.Column{Head: "STATE", Colour: stateColour}, layout.Column{Head: "USER"}, layout.Column{Head: "SITE", Weight: 3},
		layout.Column{Head: "REASON", Weight: 1}, layout.Column{Head: "WHEN"})
	for f, err := range found {
		if err != nil {
			return n, false, err
		}
		if more = n == limit; more {
			break
		}
		n++
		if asJSON {
			err = printJSON(w, f.view)
		} else {
			err = t.row(f.row...)
		}
		if err != nil {
			return n, false, err
		}
	}
	if asJSON || n == 0 {
		return n, more, nil
	}
	return n, more, t.flush()
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
