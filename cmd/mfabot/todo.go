package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
	"mfabot/templates"
)

// todoView is something that a person must do by hand.
type todoView struct {
	ID      int64     `json:"id"`
	Ref     string    `json:"ref"`
	What    string    `json:"what"` // exempt, end, call
	User    string    `json:"user"`
	Site    *siteView `json:"site,omitempty"`
	Since   time.Time `json:"since"`
	Overdue bool      `json:"overdue"`
}

// todoWords say what a person must do.
var todoWords = map[intake.ActionKind]string{intake.ToApply: "exempt", intake.ToRemove: "end", intake.ToCall: "call"}

func viewTodo(t *intake.Action, now time.Time) todoView {
	return todoView{ID: t.ID, Ref: t.Ref, What: todoWords[t.Kind], User: t.User, Since: t.CreatedAt, Overdue: t.Overdue(now)}
}

// doneWords say what is so once it is done.
var doneWords = map[intake.ActionKind]string{intake.ToApply: "%s is exempt", intake.ToRemove: "%s is exempt no longer",
	intake.ToCall: "who had to know of the exception of %s was told"}

func newTodo(a *app) *cobra.Command {
	var asJSON, wide bool
	c := &cobra.Command{
		Use:   "todo",
		Short: "What a person must do by hand, longest waiting first",
		Long: `todo lists what a person must do by hand: where no directory is connected, exempt a user
or end an exemption, and call somebody about an exception whose email reached nobody. Each
stays on the list until somebody says that it is done: with done, or by a reply to the
email that asked for it. The operator's email of each working morning says them again.
What waits for longer than a day is overdue: then /readyz says so, and [alarm] is told.`,
		Example: "  mfabot todo\n  mfabot todo --json | jq 'select(.overdue)'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			todos, err := db.AskedActions(ctx, "", "")
			if err != nil {
				return err
			}
			now := s.Now()
			t := newTable(a.stdout, wide, layout.Column{Head: "ID", Number: true}, layout.Column{Head: "REF"}, layout.Column{Head: "WHAT"},
				layout.Column{Head: "USER"}, layout.Column{Head: "SITE", Weight: 2}, layout.Column{Head: "SINCE", Weight: 1},
				layout.Column{Head: "WAITING", Colour: stateColour})
			for _, todo := range todos {
				v := viewTodo(&todo, now)
				site := ""
				e, err := db.Exception(ctx, todo.Ref)
				if err != nil && !errors.Is(err, intake.ErrNotFound) {
					return err
				}
				if err == nil {
					v.Site, site = viewSite(s.Sites, e.SiteCode), e.SiteCode
				}
				if asJSON {
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
					continue
				}
				waiting := templates.HowLong(now.Sub(v.Since))
				if v.Overdue {
					waiting += ", overdue"
				}
				if err := t.row(strconv.FormatInt(v.ID, 10), v.Ref, v.What, v.User, orDash(site), moment(s, v.Since), waiting); err != nil {
					return err
				}
			}
			switch {
			case asJSON:
				return nil
			case len(todos) == 0:
				return say(a.stdout, "", "nothing is to be done by hand")
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	wideFlag(c, &wide)
	return c
}

func newDone(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "done ID... --as NAME",
		Short: "Says that what a person must do by hand is done",
		Long: `done takes something off the list of what is to be done by hand (todo). Where a user is
exempt from now on, the user and the site are told that it works. Of several, all are
taken off or none.

A reply to the email that asked for it does the same, if it begins with DONE.`,
		Example: "  mfabot done 12 --as \"Jo Hill\"\n  mfabot done 12 13 --as \"Jo Hill\"",
		Args:    usage(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			ids, err := idsGiven(args, "a to-do", "todo")
			if err != nil {
				return err
			}
			if strings.TrimSpace(as) == "" {
				return usageError{errors.New("expected --as NAME, who did it")}
			}
			return a.withBot(func(ctx context.Context, b *bot.Bot, _ []string) error {
				all, err := b.Desk.Done(ctx, strings.TrimSpace(as), ids...)
				if err != nil {
					return err
				}
				for _, todo := range all {
					now := fmt.Sprintf(doneWords[todo.Kind], printable(todo.User))
					fmt.Fprintf(a.stdout, "to-do %d is done: %s (%s)\n", todo.ID, now, todo.Ref)
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().StringVar(&as, "as", "", "the `NAME` of who did it")
	return c
}
