package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/parser"
)

// reading is a message as it was read, before anything is done with it.
type reading struct {
	Arrival
	msg     *parser.Message // never nil
	err     error           // of reading it; msg is then empty
	held    error           // why it cannot be dealt with yet
	verdict Verdict
}

// Take puts a batch of messages on record with all that follows from each, in one
// transaction, and returns where each copy goes. One that cannot be dealt with yet
// is left out, to be brought again. After an error nothing may be filed.
//
// Each message is on record as begun while it is read. Where the program ended on
// some of them before, each is taken by itself, so that only the one whose doing it
// was is begun time and again. One that was begun three times is quarantined unread.
func (in *Inbox) Take(ctx context.Context, batch []Arrival) ([]Filing, error) {
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
	var all []Filing
	for ; len(batch) > 0; batch, begun = batch[size:], begun[size:] {
		filings, err := in.takeTogether(ctx, batch[:size], begun)
		if err != nil {
			return nil, err
		}
		all = append(all, filings...)
	}
	return all, nil
}

func copiesOf(batch []Arrival) []Copy {
	var copies []Copy
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
func (in *Inbox) takeTogether(ctx context.Context, batch []Arrival, begun []int) (filings []Filing, err error) {
	copies := copiesOf(batch)
	if err := in.store.Begin(ctx, copies); err != nil { // which may be on record all the same, and the program has not ended
		return nil, errors.Join(err, in.forgive(context.WithoutCancel(ctx), copies...))
	}
	readings := in.readAll(ctx, batch, begun)
	if err := in.forgive(context.WithoutCancel(ctx), copies...); err != nil { // or the next time
		return nil, err
	}
	err = in.update(ctx, func(tx InboundTx) error {

		filings = filings[:0]
		for _, r := range readings {
			if r.held != nil {
				in.log.Error("a message is held back", "mailbox", r.Mailbox, "uid", r.UID, "err", r.held)
				if err := in.out.alert(ctx, tx.Work, kindHeld, "Messages wait in the inbox", "Cause: "+r.held.Error(),
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
			filings = append(filings, Filing{Copy: r.Copy, Folder: c.Folder})
		}
		return nil
	})
	return filings, err
}

// forgive takes the attempts at messages back, with those that could not be taken
// back before.
func (in *Inbox) forgive(ctx context.Context, copies ...Copy) error {
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

// Judging senders may wait for a name server, which may be a sender's own: so much
// at a time, and for so long in all, whatever a batch holds.
const (
	judgedAtOnce = 16
	judgedWithin = 30 * time.Second
)

// readAll reads messages side by side. One that was begun too often is not read.
func (in *Inbox) readAll(ctx context.Context, batch []Arrival, begun []int) []*reading {
	judging, cancel := context.WithTimeout(ctx, judgedWithin)
	defer cancel()
	readings := make([]*reading, len(batch))
	var g errgroup.Group
	g.SetLimit(judgedAtOnce)
	for i, a := range batch {
		if begun[i] >= maxAttempts {
			readings[i] = &reading{Arrival: a, msg: &parser.Message{}, err: errPoison}
			continue
		}
		g.Go(func() error {
			readings[i] = in.read(ctx, judging, a)
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return readings
}

// read parses a message, judges its sender for as long as judging lasts, and has the
// files of one who is proven checked. It touches no database, so that none is held
// while a key is looked up.
func (in *Inbox) read(ctx, judging context.Context, a Arrival) (r *reading) {
	r = &reading{Arrival: a, msg: &parser.Message{}}
	defer func() {
		if p := recover(); p != nil {
			r.msg, r.err = &parser.Message{}, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			in.log.Error("a message could not be read", "mailbox", a.Mailbox, "uid", a.UID, "err", r.err)
		}
	}()
	m, err := in.parser.Parse(bytes.NewReader(a.Raw))
	if err != nil {
		r.err = err
		return r
	}
	r.msg = m
	in.Policy.Restrict(m)
	var unsure error
	r.verdict, unsure = in.judges[a.Mailbox].Judge(judging, m, a.Raw)
	if !in.registered(m.From) {
		unsure = nil
	}
	if unsure != nil {
		r.held, _ = in.hold(a.Copy, unsure, judgeFor)
		return r
	}
	if r.verdict.Authentic {
		r.held, r.err = in.hold(a.Copy, in.scan(ctx, m, a.Raw), scanFor)
	}
	return r
}

// How long a message is held back that cannot be dealt with for the moment, since it
// was first tried. After that one whose sender cannot be judged counts as not
// proven, since a name server that never answers may be the sender's own; and one
// whose files cannot be checked is set aside. Strangers are not waited for at all.
const (
	judgeFor = 4 * time.Hour
	scanFor  = 24 * time.Hour
)

// hold returns why a message is held back, as long as it may be, and then why it
// could not be dealt with.
func (in *Inbox) hold(c Copy, why error, atMost time.Duration) (held, failed error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := in.Now()
	since, waiting := in.heldSince[c]
	switch {
	case why == nil:
		delete(in.heldSince, c)
	case !waiting:
		in.heldSince[c] = now
		return why, nil
	case now.Sub(since) < atMost:
		return why, nil
	default:
		delete(in.heldSince, c)
	}
	return nil, why
}

// registered reports whether an address is a reviewer's or a site's.
func (s *Service) registered(addr string) bool {
	_, reviewer := s.Reviewers.ByAddress(addr)
	_, site := s.Sites.Now().ByMailbox(addr)
	return reviewer || site || len(s.Sites.Now().OfContact(addr)) > 0
}

// takeOne records one message. What fails for a reason of the message's own is
// undone and the message quarantined; an error is the surroundings' fault.
func (in *Inbox) takeOne(ctx context.Context, tx InboundTx, r *reading) (Conclusion, error) {
	m := &Inbound{Arrival: r.Arrival, Digest: contentDigest(r.msg, &r.Arrival), MessageID: r.msg.MessageID, From: Canonical(r.msg.From),
		Subject: MaskCodes(r.msg.Subject), ReceivedAt: tx.Now}
	if err := tx.AddInbound(ctx, m); err != nil {
		return Conclusion{}, err
	}
	return in.conclude(ctx, tx, r, m)
}

// conclude does what is to be done with a message on record, and sets its outcome.
// What fails is tried again: somebody else may have been faster, and have left
// something else to do.
func (in *Inbox) conclude(ctx context.Context, tx InboundTx, r *reading, m *Inbound) (Conclusion, error) {
	c, own, err := in.try(ctx, tx, r, m)
	for n := 1; own != nil && n < maxAttempts; n++ {
		c, own, err = in.try(ctx, tx, r, m)
	}
	if own != nil {
		in.log.Error("a message could not be handled", "mailbox", r.Mailbox, "uid", r.UID, "err", own)
		m.Checks = append(m.Checks, Check{Name: "handled", Result: own.Error()})
		c, err = in.quarantine(ctx, tx.Work, m, becauseFailed, own)
	}
	if err != nil {
		return Conclusion{}, err
	}
	return c, tx.Conclude(ctx, m.ID, c, m.Checks)
}

// try handles a message, and undoes all of it when it fails; own is then the
// failure, where it is the message's own.
func (in *Inbox) try(ctx context.Context, tx InboundTx, r *reading, m *Inbound) (c Conclusion, own, err error) {
	m.Checks = nil
	err = tx.Savepoint(ctx, func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				own = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				err = own
			}
		}()
		c, err = in.handle(ctx, &turn{ReviewTx: tx.ReviewTx, Ledger: tx.Ledger, Asking: tx.Asking, reading: r, inbound: m})
		if isRule(err) {
			own = err
		}
		return err
	})
	return c, own, err
}

// isRule reports whether an error is about what a message asks for, and not a
// fault of the database: it must not hold up the other messages.
func isRule(err error) bool {
	return errors.Is(err, ErrNotNow) || errors.Is(err, ErrStale) || errors.Is(err, ErrNotFound)
}
