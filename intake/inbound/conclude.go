package inbound

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Ledger is what inbound needs of the ledger in a transaction.
type Ledger interface {
	// AddInbound puts a message in the ledger and sets its ID.
	AddInbound(ctx context.Context, m *intake.Inbound) error
	// Keep stores at most the first n bytes of a message, or all of one with evidence of a request, in place of what is
	// stored of it, and sets its Whole.
	Keep(ctx context.Context, m *intake.Inbound, n int) error
	// Earlier returns the message that has left the mailbox under the number of a copy, and whether it has one of the
	// digests or, if that is not empty, the core; else ErrNotFound.
	Earlier(ctx context.Context, c intake.Copy, digests [2]string, core string) (m *intake.Inbound, same bool, err error)
	// Unnumber takes the number from a message that has left its mailbox.
	Unnumber(ctx context.Context, id int64) error
	// AddStuck records that a message is stuck, in place of what is on record of it.
	AddStuck(ctx context.Context, s intake.Stuck) error
	// Unstick records that a message is no longer stuck.
	Unstick(ctx context.Context, c intake.Copy) error
	// Untold returns the stuck messages of a mailbox that the operator is to hear of and has not.
	Untold(ctx context.Context, mailbox string) ([]intake.Stuck, error)
	// ToldOfStuck records that the operator has heard of them.
	ToldOfStuck(ctx context.Context, mailbox string, now time.Time) error
	// Conclude sets the outcome of a message, and the results of the checks on it.
	Conclude(ctx context.Context, id int64, c intake.Conclusion, checks []intake.Check) error
	// Reopen clears the outcome of a quarantined or refused message, so that it can be concluded again. It returns
	// ErrStale for any other message.
	Reopen(ctx context.Context, id int64) error
	// Rewrite changes what identifies a message that is to be concluded: it is another one than was on record.
	Rewrite(ctx context.Context, m *intake.Inbound) error
	// AskToConfirm records the hash of the code by which a message can be confirmed.
	AskToConfirm(ctx context.Context, id int64, codeHash string) error
	// Unconfirmed returns the message that waits to be confirmed with a code, by its hash; else ErrNotFound.
	Unconfirmed(ctx context.Context, codeHash string) (*intake.Inbound, error)
	// SameContent finds the first message with this digest, or with this core if it is not empty, that had an
	// effect, or was refused in the same mailbox; else it returns ErrNotFound.
	SameContent(ctx context.Context, digest, core, mailbox string) (*intake.Inbound, error)
}

// takeOne records and handles one message, or undoes all of it.
func (in *Inbox) takeOne(ctx context.Context, tx Tx, r *reading) (c intake.Conclusion, err error) {
	err = tx.Savepoint(ctx, func() (err error) {
		defer caught(&err)
		c, err = recorded(ctx, in, tx, r)
		return err
	})
	return c, err
}

// recorded records and handles one message. If handling it fails because of the message itself, that is undone and the
// message quarantined.
func recorded(ctx context.Context, in *Inbox, tx Tx, r *reading) (intake.Conclusion, error) {
	m := &intake.Inbound{Arrival: r.Arrival, ReceivedAt: tx.Now}
	describe(m, r)
	if again, err := sameNumber(ctx, in, tx, r, m); again != nil || err != nil {
		return *cmp.Or(again, new(intake.Conclusion)), err
	}
	if err := tx.AddInbound(ctx, m); err != nil {
		return intake.Conclusion{}, err
	}
	c, err := in.conclude(ctx, tx, r, m)
	if err != nil {
		return c, err
	}
	return c, keep(ctx, in, tx, m, c)
}

// describe sets what identifies a message, from what was read.
func describe(m *intake.Inbound, r *reading) {
	m.Digest, m.Core, m.MessageID = storedDigest(r), coreDigest(r), r.msg.MessageID
	m.From, m.Subject = intake.Canonical(r.msg.From), intake.MaskCodes(r.msg.Subject)
}

// conclude handles a recorded message and sets its outcome. A failure is retried: somebody else may have been
// faster, which changes what there is to do.
func (in *Inbox) conclude(ctx context.Context, tx Tx, r *reading, m *intake.Inbound) (intake.Conclusion, error) {
	if r.failed != nil {
		return unhandled(ctx, in, tx, r, m, r.failed)
	}
	c, own, err := in.try(ctx, tx, r, m)
	for n := 1; own != nil && n < maxAttempts; n++ {
		c, own, err = in.try(ctx, tx, r, m)
	}
	if many := new(tooMany); errors.As(err, &many) {
		m.Checks = many.checks
		c, err = setAside(ctx, in, tx, m, many)
	}
	if kept := new(unanswerable); errors.As(err, &kept) {
		m.Checks = kept.checks
		c, err = in.quarantine(ctx, tx.Work, m, intake.WhyNeedsAnswer, kept)
	}
	if own != nil {
		return unhandled(ctx, in, tx, r, m, own)
	}
	if err != nil {
		return intake.Conclusion{}, err
	}
	return c, tx.Conclude(ctx, m.ID, c, m.Checks)
}

// unhandled quarantines a message that cannot be handled.
func unhandled(ctx context.Context, in *Inbox, tx Tx, r *reading, m *intake.Inbound, why error) (intake.Conclusion, error) {
	in.log.Error("a message could not be handled", "mailbox", r.Mailbox, "uid", r.UID, "err", why)
	m.Checks = append(m.Checks, intake.Check{Name: "handled", Result: why.Error()})
	c, err := in.quarantine(ctx, tx.Work, m, intake.WhyFailed, why)
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
		defer caught(&err)
		read := &message{Tx: tx.Tx, Ledger: tx.Ledger, Requests: tx.Requests, reading: r, inbound: m}
		mute(in, read)
		if c, err = in.handle(ctx, read); err != nil {
			return err
		}
		return muted(ctx, in, read, c)
	})
	if intake.IsRule(err) || errors.As(err, new(*panicked)) {
		own = err
	}
	return c, own, err
}

// panicked is the error of a panic.
type panicked struct{ error }

// caught makes a panic an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = &panicked{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
	}
}

// quarantine sets a message aside and tells the operator.
func (in *Inbox) quarantine(ctx context.Context, w outbox.Work, m *intake.Inbound, reason intake.Why,
	cause error) (intake.Conclusion, error) {
	err := in.out.Alert(ctx, w, reason.Alert(), aboutAuthor(in, m).Do(asideTodo(in, m, reason)...), "A message was set aside",
		asideLines(in, m, reason, cause)...)
	return intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: reason, Folder: intake.Quarantine}, err
}

// aboutAuthor is the cause of an alert about a message in the name of a site, proven or not.
func aboutAuthor(in *Inbox, m *intake.Inbound) outbox.Cause {
	site, ok := in.siteOf(m.Mailbox, m.From)
	if !ok {
		return outbox.Cause{}
	}
	return outbox.About(in.Service, intake.User{}, site.ODSCode)
}

// The most that is stored of a message that nothing was done with, in bytes: its header, within a bound, and the
// beginning of its body. Whoever likes can send such messages, as large and as many as they like: they must not fill
// the disk. All of it stays in the mailbox.
const (
	maxHeader = 256 << 10
	maxBody   = 64 << 10
	maxFaulty = 1 << 20 // in place of maxBody, of what could not be read or handled, which may show a fault of ours
)

// storedOf is how many bytes of a message are stored.
func storedOf(in *Inbox, m *intake.Inbound, c intake.Conclusion) int {
	if !briefly(in, m, c) {
		return len(m.Raw)
	}
	body := maxBody
	if c.Reason == intake.WhyUnreadable || c.Reason == intake.WhyFailed {
		body = maxFaulty
	}
	return min(len(m.Raw), min(max(bytes.Index(m.Raw, []byte("\r\n\r\n")), 0), maxHeader)+body)
}

// briefly reports whether a message is from nobody who can ask for anything, or nothing was done with it. One that may
// be confirmed is needed as a whole, without its mailbox.
func briefly(in *Inbox, m *intake.Inbound, c intake.Conclusion) bool {
	// The others changed something, or a site was asked what they are about.
	//exhaustive:ignore
	switch c.Outcome {
	case intake.OutcomeIgnored, intake.OutcomeRefused:
		return true
	case intake.OutcomeQuarantined:
		return c.Reason != intake.WhyUnconfirmed && c.Reason != intake.WhyConfirmed
	case intake.OutcomeInformation:
		_, reviewer := in.Reviewers.ByAddress(m.From)
		_, site := in.siteOf(m.Mailbox, m.From)
		return !reviewer && !site
	}
	return false
}

// What is stored in a day of the messages of one sender that are stored briefly, and of all strangers together, in
// pieces of maxBody bytes. Of what comes above that, as of any message, the first maxLeast bytes are stored.
const (
	piecesOfSender    = 64
	piecesOfStrangers = 1024
	maxLeast          = 8 << 10
)

// keep stores what is stored of a message.
func keep(ctx context.Context, in *Inbox, tx Tx, m *intake.Inbound, c intake.Conclusion) error {
	n := storedOf(in, m, c)
	if n <= maxLeast || !briefly(in, m, c) {
		return tx.Keep(ctx, m, n)
	}
	day := func(of string, pieces int64) intake.Allowance {
		return intake.Allowance{Name: "stored:" + of, Burst: pieces * intake.OneLetter, Refill: pieces * intake.OneLetter}
	}
	of := []intake.Allowance{day(m.From, piecesOfSender)}
	if !in.Registered(m.From) || c.Reason == intake.WhyUnauthenticated {
		of = []intake.Allowance{day("strangers", piecesOfStrangers), day(outbox.Organisation(m.From), piecesOfSender)}
	}
	for range (n + maxBody - 1) / maxBody {
		for _, a := range of {
			err := tx.Spend(ctx, a, tx.Now)
			if errors.Is(err, intake.ErrSpent) {
				return tx.Keep(ctx, m, maxLeast)
			}
			if err != nil {
				return err
			}
		}
	}
	return tx.Keep(ctx, m, n)
}

// asideLines tells the operator about a message that was set aside.
func asideLines(in *Inbox, m *intake.Inbound, reason intake.Why, cause error) []string {
	from := m.From
	if from == "" {
		from = "nobody that can be named"
	}
	lines := []string{
		"From: " + from,
		"Subject: " + m.Subject,
		"Mailbox: " + m.Mailbox + ", message " + strconv.FormatInt(m.ID, 10) + " in `mfabot inbound`",
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
	return append(lines, whereItLies(in, m, reason)+". Nobody was answered.")
}

// asideTodo tells the operator what to do about a message that was set aside for a reason; at last, how to vouch for its author.
func asideTodo(in *Inbox, m *intake.Inbound, reason intake.Why) []string {
	id := strconv.FormatInt(m.ID, 10)
	return append(askFirst(in, m, reason),
		"If a setting of ours was wrong, put it right and have it checked again: mfabot requeue "+id,
		"To see every check that was made: mfabot why "+id,
		"If the site says on the telephone that it wrote it, vouch for it: mfabot requeue "+id+" --as NAME")
}

// askFirst says how the operator finds out whether a message is genuine; empty for one that was set aside for another reason than
// doubt about that.
func askFirst(in *Inbox, m *intake.Inbound, reason intake.Why) []string {
	doubts := []intake.Why{intake.WhyUnauthenticated, intake.WhyUnclearSender, intake.WhyUnconfirmed, intake.WhyOld, intake.WhyFraming}
	if !slices.Contains(doubts, reason) {
		return nil
	}
	site, ok := in.siteOf(m.Mailbox, m.From)
	if !ok {
		return []string{"Ask first: ring whom it names as its author. Take the number from a list of your own, never from the message."}
	}
	return []string{"Ring the site first, " + site.Name + " (" + site.ODSCode + "), and ask whether it wrote this. " + numberOf(site)}
}

// numberOf says at which number the operator reaches a site: never at one that a message gives.
func numberOf(site *intake.Site) string {
	if site.Telephone == "" {
		return "Take the number from a list of your own, never from the message."
	}
	return "Its number is " + site.Telephone + ", whatever the message says."
}

// whereItLies tells the operator where a message that was set aside can be read again.
func whereItLies(in *Inbox, m *intake.Inbound, reason intake.Why) string {
	c := intake.Conclusion{Outcome: intake.OutcomeQuarantined, Reason: reason}
	if len(m.Raw) <= maxLeast || !briefly(in, m, c) {
		return "The message is stored and lies in the folder " + string(intake.Quarantine)
	}
	return "The message lies in the folder " + string(intake.Quarantine) + ", and perhaps only its beginning is stored: leave it there " +
		"as long as it may be needed"
}
