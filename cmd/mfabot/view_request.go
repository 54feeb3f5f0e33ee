package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// requestView is a request with all about it.
type requestView struct {
	Ref           string         `json:"ref"`
	State         string         `json:"state"`
	Subject       personView     `json:"subject"`
	Site          *siteView      `json:"site,omitempty"`
	Reason        string         `json:"reason,omitempty"`
	Justification string         `json:"justification,omitempty"`
	AuthMethod    string         `json:"auth_method_registered,omitempty"`
	RequestedBy   string         `json:"requested_by"`
	Sender        string         `json:"sender,omitempty"`
	ReceivedAt    time.Time      `json:"received_at"`
	WaitingSince  time.Time      `json:"waiting_since"`
	Renews        string         `json:"renews,omitempty"`
	Corrects      string         `json:"corrects,omitempty"` // the exception that has the wrong address
	EndsAt        time.Time      `json:"ends_at,omitzero"`   // of the exception that it would renew, while that is active
	Evidence      []evidenceView `json:"evidence,omitempty"`
	Reviewers     []reviewerView `json:"reviewers,omitempty"`
	Exception     *exceptionView `json:"exception,omitempty"`
	Hold          *holdView      `json:"hold,omitempty"`
	PurgedAt      time.Time      `json:"purged_at,omitzero"` // when the personal data was deleted
	History       []historyView  `json:"history,omitempty"`
}

// viewOfRequest is a request by itself.
func viewOfRequest(s *config.Settings, r *intake.Request) requestView {
	return requestView{Ref: r.Ref, State: string(r.State), Subject: personView(r.User),
		Site: viewSite(s.Sites, r.SiteCode), Reason: r.Reason, Justification: r.Justification, AuthMethod: r.AuthMethod,
		RequestedBy: r.RequestedBy, Sender: strings.Join(r.Senders, ", "), ReceivedAt: r.ReceivedAt,
		WaitingSince: r.WaitingSince, Renews: r.Renews, Corrects: r.Corrects, PurgedAt: r.PurgedAt}
}

// viewRequest reads what belongs to a request, and shows its state at now.
func viewRequest(ctx context.Context, db *store.Store, s *config.Settings, r *intake.Request, now time.Time) (requestView, error) {
	v := viewOfRequest(s, r)
	v.Evidence = viewEvidence(r.Evidence)
	var err error
	if v.Reviewers, err = viewReviewers(ctx, db, s, r, now); err != nil {
		return v, err
	}
	if v.History, err = viewHistory(ctx, db, r.Ref); err != nil {
		return v, err
	}
	e, err := db.Exception(ctx, r.Ref)
	switch {
	case err == nil:
		view := viewException(s, *e, now)
		if err := view.addChanges(ctx, db, v.History, now); err != nil {
			return v, err
		}
		v.Exception = &view
	case !errors.Is(err, intake.ErrNotFound):
		return v, err
	}
	if v.EndsAt, err = endOfRenewed(ctx, db, r, now); err != nil {
		return v, err
	}
	v.Hold, err = viewHold(ctx, db, r.Ref)
	return v, err
}

// endOfRenewed is the end of the exception that a request would renew; zero if no such exception is active.
func endOfRenewed(ctx context.Context, db *store.Store, r *intake.Request, now time.Time) (time.Time, error) {
	if r.Renews == "" {
		return time.Time{}, nil
	}
	e, err := db.Exception(ctx, r.Renews)
	if errors.Is(err, intake.ErrNotFound) { // somebody else wrote it
		return time.Time{}, nil
	}
	if err != nil || e.StateAt(now) != intake.Active {
		return time.Time{}, err
	}
	return e.EndsAt, nil
}

// siteView is the site of a request or exception.
type siteView struct {
	ODSCode string `json:"ods_code"`
	Name    string `json:"name,omitempty"`
}

// viewSite returns nil for an exception without a site.
func viewSite(sites *intake.Sites, code string) *siteView {
	if code == "" {
		return nil
	}
	v := &siteView{ODSCode: code}
	if site, ok := sites.ByCode(code); ok {
		v.Name = site.Name
	}
	return v
}

// personView is a user.
type personView struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
}

// evidenceView is an attachment of a request.
type evidenceView struct {
	Filename     string `json:"filename"`
	MediaType    string `json:"media_type,omitempty"`
	DeclaredType string `json:"declared_type,omitempty"`
	Size         int64  `json:"size"`
	SHA256       string `json:"sha256"`
	Counts       bool   `json:"counts"`
	Why          string `json:"why,omitempty"`
	Purged       bool   `json:"purged,omitempty"` // no longer kept
}

func viewEvidence(files []intake.Evidence) (out []evidenceView) {
	for _, e := range files {
		out = append(out, evidenceView{Filename: e.Filename, MediaType: e.MediaType, DeclaredType: e.DeclaredType,
			Size: e.Size, SHA256: e.SHA256, Counts: e.Counts, Why: e.Why, Purged: e.Purged})
	}
	return out
}

// historyView is an entry of the audit.
type historyView struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	By    string    `json:"by,omitempty"`
	Text  string    `json:"text,omitempty"`
	// Command is who typed the command that did it, and on which machine.
	Command string `json:"command,omitempty"`
}

func viewHistory(ctx context.Context, db *store.Store, ref string) ([]historyView, error) {
	entries, err := db.History(ctx, ref)
	var out []historyView
	for _, e := range entries {
		out = append(out, historyView{At: e.At, Event: string(e.Event), By: e.By, Text: e.Text, Command: e.Command})
	}
	return out, err
}

// holdView is a legal hold.
type holdView struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// viewHold returns nil if there is no hold.
func viewHold(ctx context.Context, db *store.Store, ref string) (*holdView, error) {
	h, err := db.HoldOn(ctx, ref)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &holdView{At: h.At, By: h.By, Reason: h.Reason}, nil
}
