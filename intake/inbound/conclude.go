package inbound

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Ledger is what inbound needs of the ledger in a transaction.
type Ledger interface {
	// AddInbound stores a message with its raw bytes and sets its ID.
	AddInbound(ctx context.Context, m *intake.Inbound) error
	// Conclude sets the outcome of a message, and the results of the checks on it.
	Conclude(ctx context.Context, id int64, c intake.Conclusion, checks []intake.Check) error
	// Reopen clears the outcome of a quarantined message, so that it can be concluded again. It returns
	// ErrStale for any other message.
	Reopen(ctx context.Context, id int64) error
	// AskToConfirm records the hash of the code by which a message can be confirmed.
	AskToConfirm(ctx context.Context, id int64, codeHash string) error
	// Unconfirmed returns the message that waits to be confirmed with a code, by its hash; else ErrNotFound.
	Unconfirmed(ctx context.Context, codeHash string) (*intake.Inbound, error)
	// SameContent finds the first message with this digest, or with this core if it is not empty, that had an
	// effect, or was refused in the same mailbox; else it returns ErrNotFound.
	SameContent(ctx context.Context, digest, core, mailbox string) (*intake.Inbound, error)
}

// takeOne records and handles one message. If that fails because of the message itself, it is undone and the
// message quarantined; an error is never the message's fault.
func (in *Inbox) takeOne(ctx context.Context, tx Tx, r *reading) (intake.Conclusion, error) {
	m := &intake.Inbound{Arrival: r.Arrival, Digest: storedDigest(r), Core: coreDigest(r), MessageID: r.msg.MessageID,
		From: intake.Canonical(r.msg.From), Subject: intake.MaskCodes(r.msg.Subject), ReceivedAt: tx.Now}
	if err := tx.AddInbound(ctx, m); err != nil {
		return intake.Conclusion{}, err
	}
	return in.conclude(ctx, tx, r, m)
}

// conclude handles a recorded message and sets its outcome. A failure is retried: somebody else may have been
// faster, which changes what there is to do.
func (in *Inbox) conclude(ctx context.Context, tx Tx, r *reading, m *intake.Inbound) (intake.Conclusion, error) {
	c, own, err := in.try(ctx, tx, r, m)
	for n := 1; own != nil && n < maxAttempts; n++ {
		c, own, err = in.try(ctx, tx, r, m)
	}
	if own != nil {
		in.log.Error("a message could not be handled", "mailbox", r.Mailbox, "uid", r.UID, "err", own)
		m.Checks = append(m.Checks, intake.Check{Name: "handled", Result: own.Error()})
		c, err = in.quarantine(ctx, tx.Work, m, intake.WhyFailed, own)
	}
	if err != nil {
		return intake.Conclusion{}, err
	}
	return c, tx.Conclude(ctx, m.ID, c, m.Checks)
}

// try handles a message, and undoes all of it if that fails. own is the failure if the message itself caused
// it.
func (in *Inbox) try(ctx context.Context, tx Tx, r *reading, m *intake.Inbound) (c intake.Conclusion, own, err error) {
	m.Checks = nil
	err = tx.Savepoint(ctx, func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				own = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				err = own
			}
		}()
		c, err = in.handle(ctx, &message{Tx: tx.Tx, Ledger: tx.Ledger, Requests: tx.Requests, reading: r, inbound: m})
		if intake.IsRule(err) {
			own = err
		}
		return err
	})
	return c, own, err
}

// quarantine sets a message aside and tells the operator.
func (in *Inbox) quarantine(ctx context.Context, w outbox.Work, m *intake.Inbound, reason intake.Why,
	cause error) (intake.Conclusion, error) {
	err := in.out.Alert(ctx, w, reason.Alert(), "A message was set aside", asideLines(m, reason, cause)...)
	return intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: reason, Folder: intake.Quarantine}, err
}

// asideLines tells the operator about a message that was set aside.
func asideLines(m *intake.Inbound, reason intake.Why, cause error) []string {
	from := m.From
	if from == "" {
		from = "nobody that can be named"
	}
	lines := []string{
		"From: " + from,
		"Subject: " + m.Subject,
		"Mailbox: " + m.Mailbox + ", message " + strconv.FormatInt(m.ID, 10) + " of the ledger",
		"Why: " + string(reason),
	}
	if cause != nil {
		first, _, _ := strings.Cut(cause.Error(), "\n")
		lines = append(lines, "Cause: "+first)
	}
	for _, check := range m.Checks {
		if !check.Passed {
			lines = append(lines, "What stopped it: "+check.Name+": "+check.Result)
		}
	}
	id := strconv.FormatInt(m.ID, 10)
	return append(lines, "The message is stored and lies in the folder "+string(intake.Quarantine)+
		". Nobody was answered.",
		"To see every check that was made: mfabot why "+id,
		"If it is genuine, put right what stopped it, and have it read again: mfabot requeue "+id,
		"If you have asked the site by another way and it did write it: mfabot requeue "+id+" --as NAME")
}
