package main

import (
	"context"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// exceptionView is an exception, in the state that it has now.
type exceptionView struct {
	Ref          string        `json:"ref"`
	Category     string        `json:"category"`
	Subject      personView    `json:"subject"`
	Site         *siteView     `json:"site,omitempty"`
	Reason       string        `json:"reason"`
	Note         string        `json:"note,omitempty"`
	State        string        `json:"state"`
	GrantedBy    string        `json:"granted_by,omitempty"`
	StartsAt     time.Time     `json:"starts_at"`
	EndsAt       time.Time     `json:"ends_at"`
	NextNoticeAt time.Time     `json:"next_notice_at,omitzero"`
	ClosedAt     time.Time     `json:"closed_at,omitzero"` // when it ended, was revoked or was superseded
	Hold         *holdView     `json:"hold,omitempty"`
	PurgedAt     time.Time     `json:"purged_at,omitzero"`  // when the personal data was deleted
	Directory    string        `json:"directory,omitempty"` // waiting: it has not taken the start or the end yet
	SwitchedOn   *changeView   `json:"switched_on,omitempty"`
	SwitchedOff  *changeView   `json:"switched_off,omitempty"`
	Todos        []todoView    `json:"todos,omitempty"` // what a person has still to do by hand
	History      []historyView `json:"history,omitempty"`

	GrantedLately int `json:"granted_lately,omitempty"` // short-term ones of the user, with this one, if grant points that out

	over time.Time // when it ends or ended, as every letter says it
}

func viewException(s *config.Settings, e intake.Exception, now time.Time) exceptionView {
	v := exceptionView{Ref: e.Ref, Category: string(e.Category), Subject: personView(e.User),
		Site: viewSite(s.Sites, e.SiteCode), Reason: e.Reason, Note: e.Note, State: string(e.StateAt(now)),
		GrantedBy: e.GrantedBy, StartsAt: e.StartsAt, EndsAt: e.EndsAt, ClosedAt: e.ClosedAt, PurgedAt: e.PurgedAt, over: e.Over()}
	if e.StateAt(now) == intake.Active {
		v.NextNoticeAt = e.NextNoticeAt
	}
	return v
}

// changeView is a change that was made where MFA is enforced.
type changeView struct {
	At time.Time `json:"at"`
	By string    `json:"by,omitempty"` // who made it by hand; empty for the directory
}

// addChanges adds whether the user is exempt where MFA is enforced: when that was switched on and off, which the history says,
// and what somebody or the directory has still to do.
func (v *exceptionView) addChanges(ctx context.Context, db *store.Store, history []historyView, now time.Time) error {
	for _, h := range history {
		//exhaustive:ignore
		switch intake.Event(h.Event) {
		case intake.EventApplied:
			v.SwitchedOn, v.SwitchedOff = &changeView{h.At, h.By}, nil
		case intake.EventRemoved:
			v.SwitchedOff = &changeView{h.At, h.By}
		}
	}
	open, err := db.OpenActions(ctx, v.Ref)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		v.Directory = "waiting"
	}
	todos, err := db.AskedActions(ctx, v.Ref, "")
	for _, t := range todos {
		v.Todos = append(v.Todos, viewTodo(&t, now))
	}
	return err
}
