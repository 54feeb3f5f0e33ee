package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

// absenceView is a reviewer who is away now.
type absenceView struct {
	Reviewer   string    `json:"reviewer"`
	Name       string    `json:"name,omitempty"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until,omitzero"` // left out where only a command ends it
	Deputy     string    `json:"deputy,omitempty"`
	DeputyAway bool      `json:"deputy_away,omitempty"`
	KnownBy    string    `json:"known_by"` // command, automatic-reply, refusal
	By         string    `json:"by,omitempty"`
	Waiting    int       `json:"waiting"` // requests that wait for the reviewer's decision
}

// The ways in which an absence is known.
const (
	byCommand   = "command"
	byAutomatic = "automatic-reply"
	byRefusal   = "refusal"
)

func newAbsences(a *app) *cobra.Command {
	var asJSON, wide bool
	c := &cobra.Command{
		Use:   "absences",
		Short: "The reviewers who are away: until when, who stands in, and how that is known",
		Long: `absences lists the reviewers who are away now. That is known from a command (delegate), from
an automatic reply of theirs, or since their mailbox refuses our emails. Requests that
wait for them wait for who stands in as well. To end an absence: delegate REVIEWER --end.`,
		Example: "  mfabot absences\n  mfabot absences --json | jq 'select(.deputy == null)'",
		Args:    usage(cobra.NoArgs),
		RunE: a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
			away, err := viewAbsences(ctx, db, s)
			if err != nil {
				return err
			}
			t := newTable(a.stdout, wide, layout.Column{Head: "REVIEWER"}, layout.Column{Head: "SINCE", Weight: 3},
				layout.Column{Head: "UNTIL"},
				layout.Column{Head: "STANDS IN"}, layout.Column{Head: "KNOWN BY", Weight: 2},
				layout.Column{Head: "WAITING", Number: true, Weight: 1})
			for _, v := range away {
				if asJSON {
					if err := printJSON(a.stdout, v); err != nil {
						return err
					}
					continue
				}
				if err := t.row(v.Reviewer, moment(s, v.Since), v.until(s), v.standsIn(), v.known(), fmt.Sprint(v.Waiting)); err != nil {
					return err
				}
			}
			switch {
			case asJSON:
				return nil
			case len(away) == 0:
				_, err := fmt.Fprintln(a.stdout, "no reviewer is away")
				return err
			}
			return t.flush()
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	wideFlag(c, &wide)
	return c
}

// until says when an absence ends.
func (v absenceView) until(s *config.Settings) string {
	if v.Until.IsZero() {
		return "--end"
	}
	return moment(s, v.Until)
}

// standsIn says who decides in the place of who is away.
func (v absenceView) standsIn() string {
	switch {
	case v.Deputy == "":
		return "nobody"
	case v.DeputyAway:
		return v.Deputy + ", away too"
	}
	return v.Deputy
}

// known says how an absence is known.
func (v absenceView) known() string {
	switch v.KnownBy {
	case byCommand:
		return strings.TrimSuffix("delegate, by "+v.By, ", by ")
	case byRefusal:
		return "their mailbox refuses us"
	}
	return "automatic reply"
}

// viewAbsences are the reviewers who are away now, the longest first.
func viewAbsences(ctx context.Context, db *store.Store, s *config.Settings) (out []absenceView, err error) {
	all, err := db.Absences(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	all = slices.DeleteFunc(all, func(a intake.Absence) bool {
		_, still := s.Reviewers.ByAddress(a.Reviewer)
		return !still || !a.At(now)
	})
	slices.SortFunc(all, func(x, y intake.Absence) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Reviewer, y.Reviewer))
	})
	for _, a := range all {
		r, _ := s.Reviewers.ByAddress(a.Reviewer)
		v := absenceView{Reviewer: r.Address, Name: r.Name, Since: a.Since, Until: a.Until}
		if deputy, may := s.Reviewers.ByAddress(cmp.Or(a.Deputy, r.Deputy)); may {
			v.Deputy = deputy.Address
			v.DeputyAway = slices.ContainsFunc(all, func(o intake.Absence) bool { return o.Reviewer == deputy.Address })
		}
		if v.KnownBy, v.By, err = howKnown(ctx, db, a); err != nil {
			return nil, err
		}
		waiting, err := db.OpenReviews(ctx, r.Address)
		if err != nil {
			return nil, err
		}
		v.Waiting = len(waiting)
		out = append(out, v)
	}
	return out, nil
}

// howKnown says how an absence is known, by what was recorded when it began, and of a command who gave it.
func howKnown(ctx context.Context, db *store.Store, a intake.Absence) (how, by string, err error) {
	recorded, err := db.HistoryAt(ctx, intake.EventAway, a.Since)
	how = byAutomatic
	if a.ByHand {
		how = byCommand
	}
	for _, e := range recorded {
		switch why, ours := strings.CutPrefix(e.Text, a.Reviewer+" is away: "); {
		case ours && a.ByHand:
			by = e.By
		case ours && strings.HasPrefix(why, intake.AwayRefusing):
			how = byRefusal
		}
	}
	return how, by, err
}
