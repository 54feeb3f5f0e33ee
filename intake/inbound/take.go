package inbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
)

// Copies is what inbound needs to know about copies of messages, outside any transaction.
type Copies interface {
	// Unknown returns the UIDs that are not on record, ascending.
	Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Returned returns the UIDs that are on record as having left the mailbox, ascending.
	Returned(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Stuck returns the messages that are stuck in a mailbox.
	Stuck(ctx context.Context, mailbox string) ([]intake.Stuck, error)
	// Unfiled returns at most limit filings that are committed but not carried out yet, of UIDs above after, ascending.
	Unfiled(ctx context.Context, mailbox string, uidValidity, after uint32, limit int) ([]intake.Filing, error)
	// Filed records that copies have left their mailbox.
	Filed(ctx context.Context, filed []intake.Filing, now time.Time) error
	// Begun returns how often each message was begun without being finished.
	Begun(ctx context.Context, copies []intake.Copy) ([]int, error)
	// Mark returns a number that is remembered, or ErrNotFound.
	Mark(ctx context.Context, m intake.Mark) (int64, error)
	// Confirmed returns the IDs of at most limit messages that were confirmed and not read again yet.
	Confirmed(ctx context.Context, limit int) ([]int64, error)
	// Message returns a message of the ledger with its raw bytes.
	Message(ctx context.Context, id int64) (*intake.Inbound, error)
	// Begin records that messages are about to be read.
	Begin(ctx context.Context, copies []intake.Copy) error
	// Forgive clears the record that messages were begun.
	Forgive(ctx context.Context, copies []intake.Copy) error
}

// Take records a batch of messages with everything that follows from each, and returns where each copy goes. A message
// is recorded whole or not at all. One that cannot be handled yet is left out, to be fetched again. After an error
// nothing may be filed: it is the database's, or of what every message needs. A message that fails by itself is
// quarantined, and holds up no other.
//
// Each message is recorded as begun while it is read. If an earlier attempt crashed the program, the messages
// are taken one at a time, so that only the one that caused the crash is begun again and again. One that was
// begun three times is quarantined unread.
//
// A number is not a message: one that comes under the number of a message that has left the mailbox is only filed again if
// it is the same, and is another otherwise.
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
	return all, in.takeConfirmed(ctx)
}

func copiesOf(batch []intake.Arrival) []intake.Copy {
	var copies []intake.Copy
	for _, a := range batch {
		copies = append(copies, a.Copy)
	}
	return copies
}

// maxAttempts is how often handling a message may fail because of the message itself.
const maxAttempts = 3

// errPoison says that reading a message has crashed the program again and again.
var errPoison = errors.New("the program ended three times while reading this message, so it is no longer read")

// takeTogether takes messages, in as few transactions as may be. Once read, their attempts are cleared: a later crash is not
// caused by their content.
func (in *Inbox) takeTogether(ctx context.Context, batch []intake.Arrival, begun []int) (filings []intake.Filing, err error) {
	copies := copiesOf(batch)
	if err := in.store.Begin(ctx, copies); err != nil { // it may be recorded all the same, but nothing has crashed
		return nil, errors.Join(err, in.forgive(context.WithoutCancel(ctx), copies...))
	}
	readings := in.reader.readAll(ctx, batch, begun)
	begins, err := in.begins(ctx, batch[0].Mailbox)
	if err != nil {
		return nil, err
	}
	for _, r := range readings {
		r.begins = begins
	}
	if err := in.forgive(context.WithoutCancel(ctx), copies...); err != nil { // it is tried again with the next batch
		return nil, err
	}
	ask := newAsking(in)
	ask.before(ctx, readings)
	all := readings
	for size := len(readings); len(readings) > 0; {
		some, n, err := takeRead(ctx, in, readings[:min(size, len(readings))])
		switch {
		case err == nil:
			filings = append(filings, some...)
			if readings = readings[n:]; len(readings) > 0 && readings[0].asks != "" {
				ask.first(ctx, readings[0])
			}
		case errors.Is(err, intake.ErrDatabase), ctx.Err() != nil:
			return nil, err
		case size > 1: // it may be the fault of one of them
			in.log.Error("a batch failed, and is taken one by one", "err", err)
			size = 1
		default:
			if err := failedAlone(ctx, in, readings[0], err); err != nil {
				return nil, err
			}
			if readings[0].onRecord {
				readings = readings[1:]
			}
		}
	}
	return filings, tellOfHeld(ctx, in, all)
}

// failedAlone notes that a message failed by itself. It returns why if trying once more is of no use.
func failedAlone(ctx context.Context, in *Inbox, r *reading, why error) error {
	unknown, err := in.store.Unknown(ctx, r.Mailbox, r.UIDValidity, []uint32{r.UID})
	switch {
	case err != nil:
		return err
	case len(unknown) == 0: // somebody else fetched it too
		in.log.Warn("a message is on record already", "mailbox", r.Mailbox, "uid", r.UID)
		r.onRecord = true
		return nil
	case !r.fails(why):
		return why
	}
	return nil
}

// heldFor is how long a transaction goes on to the next message: others wait for it to end.
const heldFor = time.Second

// takeRead takes messages that were read in one transaction, up to the first that asks for what only the directory
// knows, or until it has lasted long enough, and returns how many. One that waits is left out.
func takeRead(ctx context.Context, in *Inbox, readings []*reading) (filings []intake.Filing, n int, err error) {
	begun := in.Clock()
	var taken []func() // a line of the log each, once it is so
	err = in.update(ctx, func(tx Tx) error {
		filings, n, taken = filings[:0], 0, nil
		for _, r := range readings {
			if n > 0 && in.Clock().Sub(begun) >= heldFor {
				return nil
			}
			if r.wait != nil {
				in.log.Error("a message is held back", "mailbox", r.Mailbox, "uid", r.UID, "err", r.wait)
				n++
				continue
			}
			c, err := in.takeOne(ctx, tx, r)
			if first := new(review.AskFirst); errors.As(err, &first) {
				r.asks = first.User
				return nil
			}
			if err != nil {
				return fmt.Errorf("message %d of mailbox %s: %w", r.UID, r.Mailbox, err)
			}
			n++
			taken = append(taken, func() {
				in.log.Info("message", "mailbox", r.Mailbox, "uid", r.UID, "from", r.msg.From,
					"outcome", c.Outcome, "reason", c.Reason, "ref", c.Ref)
			})
			filings = append(filings, intake.Filing{Copy: r.Copy, Folder: c.Folder})
		}
		return nil
	})
	if err == nil {
		for _, line := range taken {
			line()
		}
	}
	return filings, n, err
}

// fails notes that a message failed by itself: it is quarantined and, if that fails too, held back. It reports whether
// that is worth a try.
func (r *reading) fails(err error) bool {
	switch {
	case r.failed == nil:
		r.failed = err
	case r.wait == nil:
		r.wait = err
	default:
		return false
	}
	return true
}

// maxHeld bounds the messages that an alert lists.
const maxHeld = 10

// tellOfHeld tells the operator of messages that cannot be handled yet.
func tellOfHeld(ctx context.Context, in *Inbox, readings []*reading) error {
	var lines []string
	n := 0
	for _, r := range readings {
		if r.wait == nil {
			continue
		}
		if n++; n > maxHeld {
			continue
		}
		line := "In " + r.Mailbox + ", from " + r.msg.From
		if !r.waits.since.IsZero() {
			line += ": waits since " + in.Moment(r.waits.since) + ", and can wait until " + in.Moment(r.waits.until)
		}
		lines = append(lines, line+". Cause: "+r.wait.Error())
	}
	if n == 0 {
		return nil
	}
	headline := "1 message waits in the inbox"
	if n > 1 {
		headline = fmt.Sprintf("%d messages wait in the inbox", n)
	}
	if n > maxHeld {
		lines = append(lines, fmt.Sprintf("And %d more.", n-maxHeld))
	}
	todo := outbox.Cause{}.Do("Mend the cause. Each is handled as soon as that is over. One that waits longer than it can is set " +
		"aside, and has to be read again with `mfabot requeue`.")
	return in.update(ctx, func(tx Tx) error { return in.out.Alert(ctx, tx.Work, intake.AlertHeld, todo, headline, lines...) })
}

// forgive clears the attempts at messages, and those that could not be cleared before.
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

// Again says who has a message read again, and whether they vouch for its sender, having checked by other means.
type Again struct {
	By      string
	Vouches bool
}

// TakeAgain processes a quarantined or refused message again and returns its new outcome. Nobody can vouch for a reviewer.
func (in *Inbox) TakeAgain(ctx context.Context, m *intake.Inbound, as Again) (intake.Conclusion, error) {
	return in.takeAgain(ctx, in.reader.read(ctx, ctx, m.Arrival), m, as)
}

// TakeOriginal is TakeAgain for a message in whose place another is on record, whose bytes m has now.
func (in *Inbox) TakeOriginal(ctx context.Context, m *intake.Inbound, as Again) (intake.Conclusion, error) {
	m.Size = int64(len(m.Raw))
	r := in.reader.read(ctx, ctx, m.Arrival)
	r.original = true
	return in.takeAgain(ctx, r, m, as)
}

func (in *Inbox) takeAgain(ctx context.Context, r *reading, m *intake.Inbound, as Again) (intake.Conclusion, error) {
	r.again, r.allowed = true, true
	if r.wait != nil {
		return intake.Conclusion{}, fmt.Errorf("message %d cannot be processed yet: %w", m.ID, r.wait)
	}
	if as.Vouches {
		if err := in.reader.vouch(ctx, m.ID, r, as.By); err != nil {
			return intake.Conclusion{}, err
		}
	}
	return in.concludeAgain(ctx, r, m, as.By)
}

// concludeAgain concludes a quarantined or refused message anew. by is who has it read again.
func (in *Inbox) concludeAgain(ctx context.Context, r *reading, m *intake.Inbound, by string) (intake.Conclusion, error) {
	var c intake.Conclusion
	was := m.Conclusion
	again := func(tx Tx) (err error) {
		m.Checks = nil
		if err := tx.Reopen(ctx, m.ID); err != nil {
			return err
		}
		if r.original {
			describe(m, r)
			if err := tx.Rewrite(ctx, m); err != nil {
				return err
			}
		}
		if c, err = in.conclude(ctx, tx, r, m); err != nil {
			return err
		}
		if err := keep(ctx, in, tx, m, c); err != nil {
			return err
		}
		return tx.Record(ctx, intake.HistoryEntry{Ref: c.Ref, At: tx.Now, Event: intake.EventRequeued, By: by,
			Text: fmt.Sprintf("message %d, %s before (%s)", m.ID, was.Outcome, was.Reason)})
	}
	err := in.panel.Users.Asking(ctx, func() error { return in.update(ctx, again) })
	return c, err
}

// vouch makes a message count as proven, since somebody vouches for its sender.
func (r *reader) vouch(ctx context.Context, id int64, m *reading, as string) error {
	if _, reviewer := r.Reviewers.ByAddress(m.msg.From); reviewer || m.msg.From == "" {
		return errors.New("nobody can vouch for a reviewer, or for a message without exactly one author: " +
			"`mfabot decide` records what a reviewer decided")
	}
	m.msg.Automatic = false                           // this vouches for a person, too
	if err := r.scan(ctx, m.msg, m.Raw); err != nil { // only a proven sender's files are
		return fmt.Errorf("the files of message %d cannot be checked: %w", id, err)
	}
	m.confirmed = true // and that the message was meant for us
	m.verdict = intake.Verdict{Authentic: true,
		Checks: []intake.Check{{Name: "vouched", Passed: true, Result: as + " vouches for the sender"}}}
	return nil
}
