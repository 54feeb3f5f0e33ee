package main

import (
	"time"

	"mfabot/intake"
)

// inboundView is a message of the ledger.
type inboundView struct {
	ID          int64     `json:"id"` // 0 of a message that is not handed over
	Mailbox     string    `json:"mailbox"`
	UIDValidity uint32    `json:"uidvalidity"`
	UID         uint32    `json:"uid"` // 0 where another message has the number now
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
		Subject: m.Subject, ReceivedAt: m.ReceivedAt, Size: m.Size, Outcome: string(m.Outcome), Reason: string(m.Reason), Ref: m.Ref,
		Folder: string(m.Folder)}
}

// viewStuck is a message that a mail server does not hand over: it has no other outcome yet, and is in no folder of ours.
func viewStuck(s intake.Stuck) inboundView {
	return inboundView{Mailbox: s.Mailbox, UIDValidity: s.UIDValidity, UID: s.UID, ReceivedAt: s.Since, Size: s.Size,
		Outcome: string(s.Step), Reason: s.Cause}
}

// whyView is a message of the ledger with the checks that were made on it.
type whyView struct {
	inboundView
	Checks []intake.Check `json:"checks"`
}

func viewWhy(m intake.Inbound) whyView {
	return whyView{inboundView: viewInbound(m), Checks: m.Checks}
}
