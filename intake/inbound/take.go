package inbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
)

// Copies is the copies of messages, as far as no transaction is needed.
type Copies interface {
	Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]intake.Filing, error)
	Filed(ctx context.Context, filed []intake.Filing, now time.Time) error
	// Begun returns how often each message was begun and not ended.
	Begun(ctx context.Context, copies []intake.Copy) ([]int, error)
	// Begin puts on record that messages are about to be dealt with.
	Begin(ctx context.Context, copies []intake.Copy) error
	// Forgive forgets that messages were begun.
	Forgive(ctx context.Context, copies []intake.Copy) error
}

// Take puts a batch of messages on record with all that follows from each, in one
// transaction, and returns where each copy goes. One that cannot be dealt with yet
// is left out, to be brought again. After an error nothing may be filed.
//
// Each message is on record as begun while it is read. Where the program ended on
// some of them before, each is taken by itself, so that only the one whose doing it
// was is begun time and again. One that was begun three times is quarantined unread.
func (in *Inbox) Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error) {
	if err := in.forgive(ctx); err != nil {
		return nil, err
	}
	begun, err := in.store.Begun(ctx, copiesOf(batch))
	if err != nil {
		return nil, err
	}
	size := len(batch)
	if slices.ContainsFunc(begun, func(n int) bool { return n > 0 }) {
		size = 1
	}
	var all []intake.Filing
	for ; len(batch) > 0; batch, begun = batch[size:], begun[size:] {
		filings, err := in.takeTogether(ctx, batch[:size], begun)
		if err != nil {
			return nil, err
		}
		all = append(all, filings...)
	}
	return all, nil
}

func copiesOf(batch []intake.Arrival) []intake.Copy {
	var copies []intake.Copy
	for _, a := range batch {
		copies = append(copies, a.Copy)
	}
	return copies
}

// maxAttempts is how often dealing with a message may fail for a reason of its own.
const maxAttempts = 3

// errPoison says that the program ended, time and again, while it read a message.
var errPoison = errors.New("the program ended three times while it read this message, which is not read any more")

// takeTogether takes messages in one transaction. Once they are read they are begun
// no more: when the program ends after that, it is not for what is in them.
func (in *Inbox) takeTogether(ctx context.Context, batch []intake.Arrival, begun []int) (filings []intake.Filing, err error) {
	copies := copiesOf(batch)
	if err := in.store.Begin(ctx, copies); err != nil { // which may be on record all the same, and the program has not ended
		return nil, errors.Join(err, in.forgive(context.WithoutCancel(ctx), copies...))
	}
	readings := in.reader.readAll(ctx, batch, begun)
	if err := in.forgive(context.WithoutCancel(ctx), copies...); err != nil { // or the next time
		return nil, err
	}
	err = in.update(ctx, func(tx Tx) error {

		filings = filings[:0]
		for _, r := range readings {
			if r.held != nil {
				in.log.Error("a message is held back", "mailbox", r.Mailbox, "uid", r.UID, "err", r.held)
				if err := in.out.Alert(ctx, tx.Work, intake.AlertHeld, "Messages wait in the inbox", "Cause: "+r.held.Error(),
					"They are dealt with as soon as that is over. Nothing is lost."); err != nil {
					return err
				}
				continue
			}
			c, err := in.takeOne(ctx, tx, r)
			if err != nil {
				return fmt.Errorf("message %d of mailbox %s: %w", r.UID, r.Mailbox, err)
			}
			in.log.Info("message", "mailbox", r.Mailbox, "uid", r.UID, "from", r.msg.From, "outcome", c.Outcome, "reason", c.Reason, "ref", c.Ref)
			filings = append(filings, intake.Filing{Copy: r.Copy, Folder: c.Folder})
		}
		return nil
	})
	return filings, err
}

// forgive takes the attempts at messages back, with those that could not be taken
// back before.
func (in *Inbox) forgive(ctx context.Context, copies ...intake.Copy) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.unforgiven = append(in.unforgiven, copies...)
	if len(in.unforgiven) == 0 {
		return nil
	}
	err := in.store.Forgive(ctx, in.unforgiven)
	if err == nil {
		in.unforgiven = nil
	}
	return err
}
