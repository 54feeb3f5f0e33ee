package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// The views are what --json prints. Their fields are relied on from outside:
// they are added to, and never renamed.

type inboundView struct {
	ID          int64     `json:"id"`
	Mailbox     string    `json:"mailbox"`
	UIDValidity uint32    `json:"uidvalidity"`
	UID         uint32    `json:"uid"`
	MessageID   string    `json:"message_id,omitempty"`
	From        string    `json:"from,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	ReceivedAt  time.Time `json:"received_at"`
	Size        int64     `json:"size"`
	Outcome     string    `json:"outcome"`
	Reason      string    `json:"reason,omitempty"`
	Ref         string    `json:"ref,omitempty"`
	Folder      string    `json:"folder"`
}

func viewInbound(m intake.Inbound) inboundView {
	return inboundView{ID: m.ID, Mailbox: m.Mailbox, UIDValidity: m.UIDValidity, UID: m.UID, MessageID: m.MessageID, From: m.From,
		Subject: m.Subject, ReceivedAt: m.ReceivedAt, Size: m.Size, Outcome: string(m.Outcome), Reason: m.Reason, Ref: m.Ref,
		Folder: string(m.Folder)}
}

// whyView is a message of the ledger with the checks that were made on it.
type whyView struct {
	inboundView
	Checks []intake.Check `json:"checks"`
}

func viewWhy(m intake.Inbound) whyView {
	return whyView{inboundView: viewInbound(m), Checks: m.Checks}
}

type siteView struct {
	ODSCode string `json:"ods_code"`
	Name    string `json:"name,omitempty"`
}

// viewSite is nil for an exception without a site.
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

type personView struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
}

type evidenceView struct {
	Filename     string `json:"filename"`
	MediaType    string `json:"media_type,omitempty"`
	DeclaredType string `json:"declared_type,omitempty"`
	Size         int64  `json:"size"`
	SHA256       string `json:"sha256"`
	Counts       bool   `json:"counts"`
	Why          string `json:"why,omitempty"`
	Purged       bool   `json:"purged,omitempty"` // not kept any more
}

type historyView struct {
	At    time.Time `json:"at"`
	Event string    `json:"event"`
	By    string    `json:"by,omitempty"`
	Text  string    `json:"text,omitempty"`
}

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
	EndsAt        time.Time      `json:"ends_at,omitzero"` // of the exception that it would renew, while that is active
	Evidence      []evidenceView `json:"evidence,omitempty"`
	Reviewers     []reviewerView `json:"reviewers,omitempty"`
	Exception     *exceptionView `json:"exception,omitempty"`
	Hold          *holdView      `json:"hold,omitempty"`
	PurgedAt      time.Time      `json:"purged_at,omitzero"` // when the personal data was deleted
	History       []historyView  `json:"history,omitempty"`
}

// holdView is a legal hold.
type holdView struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// viewHold is nil where there is none.
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

func viewRequest(ctx context.Context, db *store.Store, s *settings, r *intake.Request, now time.Time) (requestView, error) {
	v := requestView{Ref: r.Ref, State: string(r.State), Subject: personView(r.Subject), Site: viewSite(s.Sites, r.SiteCode), Reason: r.Reason,
		Justification: r.Justification, AuthMethod: r.AuthMethod, RequestedBy: r.RequestedBy, Sender: strings.Join(r.Senders, ", "), ReceivedAt: r.ReceivedAt,
		WaitingSince: r.WaitingSince, Renews: r.Renews, PurgedAt: r.PurgedAt}
	for _, e := range r.Evidence {
		v.Evidence = append(v.Evidence, evidenceView{Filename: e.Filename, MediaType: e.MediaType, DeclaredType: e.DeclaredType,
			Size: e.Size, SHA256: e.SHA256, Counts: e.Counts, Why: e.Why, Purged: e.Purged})
	}
	var err error
	if v.Reviewers, err = viewReviewers(ctx, db, s, r, now); err != nil {
		return v, err
	}
	e, err := db.Exception(ctx, r.Ref)
	switch {
	case err == nil:
		view := viewException(s, *e, now)
		v.Exception = &view
	case !errors.Is(err, intake.ErrNotFound):
		return v, err
	}
	if v.EndsAt, err = endOfRenewed(ctx, db, r, now); err != nil {
		return v, err
	}
	if v.Hold, err = viewHold(ctx, db, r.Ref); err != nil {
		return v, err
	}
	v.History, err = viewHistory(ctx, db, r.Ref)
	return v, err
}

// endOfRenewed is the end of the exception that a request would renew; zero where
// there is none that is active.
func endOfRenewed(ctx context.Context, db *store.Store, r *intake.Request, now time.Time) (time.Time, error) {
	if r.Renews == "" {
		return time.Time{}, nil
	}
	e, err := db.Exception(ctx, r.Renews)
	if err != nil || e.StateAt(now) != intake.Active {
		return time.Time{}, err
	}
	return e.EndsAt, nil
}

func viewHistory(ctx context.Context, db *store.Store, ref string) ([]historyView, error) {
	entries, err := db.History(ctx, ref)
	var out []historyView
	for _, e := range entries {
		out = append(out, historyView{At: e.At, Event: e.Event, By: e.By, Text: e.Text})
	}
	return out, err
}

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
	ClosedAt     time.Time     `json:"closed_at,omitzero"` // when it ended, was revoked or superseded
	Hold         *holdView     `json:"hold,omitempty"`
	PurgedAt     time.Time     `json:"purged_at,omitzero"`  // when the personal data was deleted
	Directory    string        `json:"directory,omitempty"` // waiting: it has not taken the start, or the end, yet
	History      []historyView `json:"history,omitempty"`

	GrantedLately int `json:"granted_lately,omitempty"` // short-term ones of the user, this one included, where grant points it out
}

func viewException(s *settings, e intake.Exception, now time.Time) exceptionView {
	v := exceptionView{Ref: e.Ref, Category: string(e.Category), Subject: personView(e.Subject), Site: viewSite(s.Sites, e.SiteCode),
		Reason: e.Reason, Note: e.Note, State: string(e.StateAt(now)), GrantedBy: e.GrantedBy, StartsAt: e.StartsAt, EndsAt: e.EndsAt, ClosedAt: e.ClosedAt, PurgedAt: e.PurgedAt}
	if e.StateAt(now) == intake.Active {
		v.NextNoticeAt = e.NextNoticeAt
	}
	return v
}

type outboundView struct {
	ID        int64     `json:"id"`
	MessageID string    `json:"message_id"`
	Ref       string    `json:"ref,omitempty"`
	Template  string    `json:"template"`
	To        []string  `json:"to"`
	Subject   string    `json:"subject"`
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	DueAt     time.Time `json:"due_at"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	LastError string    `json:"last_error,omitempty"`

	BouncedAt    time.Time `json:"bounced_at,omitzero"`
	BounceStatus string    `json:"bounce_status,omitempty"` // such as 5.1.1
	StandsFor    int64     `json:"stands_for,omitempty"`    // the id of the message in whose place it goes to another address
}

// notThere is the answer to a reference that nothing has.
func notThere(ref string, err error) error {
	if errors.Is(err, intake.ErrNotFound) {
		return fmt.Errorf("there is no request or exception %q: expected a reference such as LT-2026-00042 or ST-2026-00007; `mfabot queue` and `mfabot exceptions` list them", ref)
	}
	return err
}

// noRequest is notThere where a request is needed, and a short-term exception is none.
func noRequest(ctx context.Context, db *store.Store, ref string, err error) error {
	if !errors.Is(err, intake.ErrNotFound) {
		return err
	}
	if _, other := db.Exception(ctx, ref); other == nil {
		return fmt.Errorf("%s is a short-term exception: it has no evidence, and nobody decides on it", ref)
	}
	return notThere(ref, err)
}

// noException is notThere where an exception is needed, and a request has none.
func noException(ctx context.Context, db *store.Store, ref string, err error) error {
	if !errors.Is(err, intake.ErrNotFound) {
		return err
	}
	if r, other := db.Request(ctx, ref); other == nil {
		return fmt.Errorf("%s is %s: there is no exception to end", ref, r.State)
	}
	return notThere(ref, err)
}

// orDash shows an absent value in a table.
func orDash(s string) string { return cmp.Or(s, "-") }
