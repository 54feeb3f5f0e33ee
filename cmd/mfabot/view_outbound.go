package main

import (
	"context"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/intake"
	"mfabot/intake/enforce"
)

// outboundView is a letter, sent or still to be sent.
type outboundView struct {
	ID        int64     `json:"id"`
	MessageID string    `json:"message_id"`
	Ref       string    `json:"ref,omitempty"`
	Refs      []string  `json:"refs,omitempty"` // of several exceptions of which it warns together
	Template  string    `json:"template"`
	To        []string  `json:"to"`
	WentTo    string    `json:"went_to,omitempty"` // who got it, or will, in the place of To: in a trial
	Subject   string    `json:"subject"`
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	DueAt     time.Time `json:"due_at"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	LastError string    `json:"last_error,omitempty"`

	BouncedAt    time.Time `json:"bounced_at,omitzero"`
	BounceStatus string    `json:"bounce_status,omitempty"` // such as 5.1.1
	StandsFor    int64     `json:"stands_for,omitempty"`    // the ID of the letter that it replaces, to another address
}

// viewOutbound shows a letter to the operator: one that was sent as it was, and one that waits as it would go out now.
// Its Message-ID is the one it is sent with, by which it can be found in mailboxes and on mail servers. That of a
// review email contains its code.
func viewOutbound(ctx context.Context, b *bot.Bot, o intake.Outbound) (outboundView, error) {
	o = b.Outbox.WithCode(o)
	o.Facts.Code = "" // the code in the subject is for its reviewer only
	subject, wentTo, err := saidBy(ctx, b, o)
	due := o.DueAt
	if o.HeldUntil.After(due) {
		due = o.HeldUntil
	}
	var refs []string
	if o.Template == intake.LetterWarnings {
		refs = o.Refs()
	}
	return outboundView{ID: o.ID, MessageID: o.MessageID, Ref: o.Ref, Refs: refs, Template: string(o.Template), To: []string{o.To},
		WentTo: wentTo, Subject: subject, State: string(o.State), Attempts: o.Attempts, DueAt: due, SentAt: o.SentAt,
		LastError: o.LastError,
		BouncedAt: o.BouncedAt, BounceStatus: o.BounceStatus, StandsFor: o.StandsFor}, err
}

// saidBy is the subject of a letter, and who gets it in the place of its recipient. Of one that was sent they are those it was
// sent with, unless it is from before they were kept.
func saidBy(ctx context.Context, b *bot.Bot, o intake.Outbound) (subject, instead string, err error) {
	if o.SentAs.Subject != "" {
		return o.SentAs.Subject, o.SentAs.To, nil
	}
	if o.State == intake.Queued {
		instead = b.Composer.Instead(o.To)
		if o, err = enforce.WithChange(ctx, b.Enforcer, o); err != nil {
			return "", "", err
		}
	}
	at := o.SentAt
	if at.IsZero() {
		at = b.Clock()
	}
	subject, err = b.Composer.Subject(o.Letter, at)
	return subject, instead, err
}
