package intake

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
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
	Address string // of the mailbox, where it is one
	Site    string // an ODS code, where the mailbox is one site's own
	Judge   Judge
}

// Config is what an Intake works by.
type Config struct {
	Policy    *Policy
	Holidays  Holidays // besides weekends
	Sites     *Sites   // to begin with; UseSites puts others in their place
	Reviewers Reviewers
	Mailboxes map[string]Mailbox // by name
	Address   string             // the service's own
	Operator  string             // gets alerts
	Auditor   string             // gets the checkpoints of the audit; empty for nobody
	Instance  string             // marks our own mail, as X-Mfabot
	Key       []byte             // makes the review codes, and is kept apart from the database; KeySize bytes at least
	Scanner   Scanner            // checks evidence for viruses; nil for none
	Directory Directory          // where MFA is enforced; nil: the operator is asked to do it
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

	mu         sync.Mutex
	unforgiven []Copy             // whose attempts are still to be taken back
	heldSince  map[Copy]time.Time // messages that wait
	accounts   map[string]known   // that were looked at, by address
	silentTo   time.Time          // accounts are not looked at, as the directory did not answer
	compareAt  time.Time          // the directory, not before
	comparedOn string             // the day when the directory was compared last
	purged     time.Time          // the last night whose purge is done
}

// New returns an Intake on a store.
func New(c Config, s Store) *Intake {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	in := &Intake{Config: c, store: s, parser: parser.New(c.Policy.Vocabulary()), heldSince: make(map[Copy]time.Time), accounts: make(map[string]known)}
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
		"Why: " + reason,
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
	return append(lines, "The message is stored and lies in the folder "+string(Quarantine)+". Nobody was answered.",
		"To see every check that was made: mfabot why "+id,
		"If it is genuine, put right what stopped it, and have it read again: mfabot requeue "+id,
		"If you have asked the site by another way and it did write it: mfabot requeue "+id+" --as NAME")
}
