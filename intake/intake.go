package intake

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"mfabot/parser"
)

// Judge says whether the sender that a message names did send it. An error says
// that this cannot be known for the moment, as while a name server is down.
type Judge interface {
	Judge(ctx context.Context, m *parser.Message, raw []byte) (Verdict, error)
}

// Verdict is how a sender was judged.
type Verdict struct {
	Authentic bool
	Checks    []Check
	// Uncovered are the header fields, in lower case, that the proof says nothing
	// of, so that somebody else may have written them: a signature covers the
	// fields that it lists (RFC 6376, section 5.4).
	Uncovered []string
}

// Check is one check made on a message, and how it came out.
type Check struct {
	Name   string `json:"check"`
	Passed bool   `json:"passed"`
	Result string `json:"result"` // in words
}

// Mailbox is what the domain must know of a watched mailbox.
type Mailbox struct {
	Site  string // an ODS code, where the mailbox is one site's own
	Judge Judge
}

// Config is what an Intake works by.
type Config struct {
	Policy    *Policy
	Sites     *Sites // to begin with; UseSites puts others in their place
	Reviewers Reviewers
	Mailboxes map[string]Mailbox // by name
	Address   string             // the service's own
	Operator  string             // gets alerts
	Instance  string             // marks our own mail, as X-Mfabot
	Key       []byte             // makes the review codes, and is kept apart from the database; KeySize bytes at least
	Scanner   Scanner            // checks evidence for viruses; nil for none
	Clock     func() time.Time
	Random    io.Reader // crypto/rand where nil
	Log       *slog.Logger
}

// Intake does what is to be done with each message, and what falls due as time
// passes. It is safe for concurrent use.
type Intake struct {
	Config
	store    Store
	parser   *parser.Parser
	register atomic.Pointer[Sites]
}

// New returns an Intake on a store.
func New(c Config, s Store) *Intake {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	in := &Intake{Config: c, store: s, parser: parser.New(c.Policy.Vocabulary())}
	in.UseSites(c.Sites)
	return in
}

// UseSites puts another register of sites in place of the one in use.
func (in *Intake) UseSites(s *Sites) { in.register.Store(s) }

func (in *Intake) sites() *Sites { return in.register.Load() }

// now is the time of a transaction: read once in each, in whole seconds of UTC.
func (in *Intake) now() time.Time { return in.Clock().UTC().Truncate(time.Second) }

// Unknown returns those of a mailbox's UIDs that are not on record, ascending.
func (in *Intake) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return in.store.Unknown(ctx, mailbox, uidValidity, uids)
}

// Unfiled returns filings that are committed and not yet carried out.
func (in *Intake) Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]Filing, error) {
	return in.store.Unfiled(ctx, mailbox, uidValidity, limit)
}

// Filed records that copies have left their mailbox.
func (in *Intake) Filed(ctx context.Context, filed []Filing) error {
	return in.store.Filed(ctx, filed, in.now())
}

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
// is left out, to be brought again. On an error nothing was recorded, and nothing
// may be filed.
func (in *Intake) Take(ctx context.Context, batch []Arrival) ([]Filing, error) {
	readings := make([]*reading, len(batch))
	for i, a := range batch {
		readings[i] = in.read(ctx, a)
	}
	var filings []Filing
	err := in.store.Update(ctx, func(tx Tx) error {
		now := in.now()
		filings = filings[:0]
		for _, r := range readings {
			if r.held != nil {
				in.Log.Error("a message is held back", "mailbox", r.Mailbox, "uid", r.UID, "err", r.held)
				continue
			}
			c, err := in.takeOne(ctx, tx, now, r)
			if err != nil {
				return fmt.Errorf("message %d of mailbox %s: %w", r.UID, r.Mailbox, err)
			}
			in.Log.Info("message", "mailbox", r.Mailbox, "uid", r.UID, "from", r.msg.From, "outcome", c.Outcome, "reason", c.Reason, "ref", c.Ref)
			filings = append(filings, Filing{Copy: r.Copy, Folder: c.Folder})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return filings, nil
}

// read parses a message and judges its sender. It touches no database, so that
// none is held while a key is looked up.
func (in *Intake) read(ctx context.Context, a Arrival) (r *reading) {
	r = &reading{Arrival: a, msg: &parser.Message{}}
	defer func() {
		if p := recover(); p != nil {
			r.msg, r.err = &parser.Message{}, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			in.Log.Error("a message could not be read", "mailbox", a.Mailbox, "uid", a.UID, "err", r.err)
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
	r.verdict, unsure = in.Mailboxes[a.Mailbox].Judge.Judge(ctx, m, a.Raw)
	if in.now().Sub(a.ArrivedAt) > patience {
		unsure = nil
	}
	r.held = errors.Join(in.scan(ctx, m, a.Raw), unsure)
	return r
}

// patience is how long a message waits for its sender to be judged. After that it
// counts as not proven: a name server that never answers may be the sender's own.
const patience = 4 * time.Hour

// takeOne records one message. What fails for a reason of the message's own is
// undone and the message quarantined; an error is the surroundings' fault.
func (in *Intake) takeOne(ctx context.Context, tx Tx, now time.Time, r *reading) (Conclusion, error) {
	m := &Inbound{Arrival: r.Arrival, Digest: contentDigest(r.msg, &r.Arrival), MessageID: r.msg.MessageID, From: Canonical(r.msg.From),
		Subject: maskCodes(r.msg.Subject), ReceivedAt: now}
	if err := tx.AddInbound(ctx, m); err != nil {
		return Conclusion{}, err
	}
	return in.conclude(ctx, tx, now, r, m)
}

// conclude does what is to be done with a message on record, and sets its outcome.
// Where somebody else was faster, it looks again at what they have left.
func (in *Intake) conclude(ctx context.Context, tx Tx, now time.Time, r *reading, m *Inbound) (Conclusion, error) {
	c, own, err := in.try(ctx, tx, now, r, m)
	if errors.Is(own, ErrStale) {
		c, own, err = in.try(ctx, tx, now, r, m)
	}
	if own != nil {
		in.Log.Error("a message could not be handled", "mailbox", r.Mailbox, "uid", r.UID, "err", own)
		m.Checks = append(m.Checks, Check{Name: "handled", Result: own.Error()})
		c, err = in.quarantine(ctx, tx, now, m, becauseFailed, own)
	}
	if err != nil {
		return Conclusion{}, err
	}
	return c, tx.Conclude(ctx, m.ID, c, m.Checks)
}

// try handles a message, and undoes all of it when it fails; own is then the
// failure, where it is the message's own.
func (in *Intake) try(ctx context.Context, tx Tx, now time.Time, r *reading, m *Inbound) (c Conclusion, own, err error) {
	m.Checks = nil
	err = tx.Savepoint(ctx, func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				own = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				err = own
			}
		}()
		c, err = in.handle(ctx, &turn{Tx: tx, now: now, reading: r, inbound: m})
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

// quarantine sets a message aside and tells the operator of it.
func (in *Intake) quarantine(ctx context.Context, tx Tx, now time.Time, m *Inbound, reason string, cause error) (Conclusion, error) {
	err := in.alert(ctx, tx, now, reason, "A message was set aside", asideLines(m, reason, cause)...)
	return Conclusion{Outcome: AsQuarantined, Reason: reason, Folder: Quarantine}, err
}

// asideLines are what the operator needs to know of a message that was set aside.
func asideLines(m *Inbound, reason string, cause error) []string {
	from := m.From
	if from == "" {
		from = "nobody that can be named"
	}
	lines := []string{
		"From: " + from,
		"Subject: " + m.Subject,
		"Mailbox: " + m.Mailbox + ", message " + strconv.FormatInt(m.ID, 10) + " of the ledger",
		"Reason: " + reason,
	}
	if cause != nil {
		first, _, _ := strings.Cut(cause.Error(), "\n")
		lines = append(lines, "Cause: "+first)
	}
	for _, check := range m.Checks {
		lines = append(lines, "Checked: "+check.Name+": "+check.Result)
	}
	id := strconv.FormatInt(m.ID, 10)
	return append(lines, "The message is stored and lies in the folder "+string(Quarantine)+". Nobody was answered.",
		"To see every check that was made: mfabot why "+id,
		"If it is genuine, put right what stopped it, and have it read again: mfabot requeue "+id)
}
