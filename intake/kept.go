package intake

import (
	"errors"
	"slices"
	"time"
)

// Reference is a request with its exception, or a short-term exception, as
// retention sees it.
type Reference struct {
	Ref      string
	Ending   Ending    // empty while it is open or active
	ClosedAt time.Time // when it ended; zero while it is open or active
	Held     bool      // it is under a legal hold
	Waiting  bool      // letters about it are still to be sent, or the directory to be told
	Purged   bool      // its personal data is gone
}

// settled reports whether all about a reference is over, so that its time counts.
func (r Reference) settled() bool { return r.Ending != "" && !r.Held && !r.Waiting }

// KeptMessage is a message of the ledger as retention sees it.
type KeptMessage struct {
	ID         int64
	Outcome    Outcome
	ReceivedAt time.Time
	Size       int64    // bytes
	HasRaw     bool     // the raw message is kept
	Holds      []string // the references that it began or brought evidence for
	Names      []string // the references that it is about, as the ledger says
}

// Belongs returns the references with which a message is kept, in order; none
// where its own outcome says how long it is.
func (m KeptMessage) Belongs() []string {
	refs := slices.Clone(m.Holds)
	if m.Outcome != OutcomeIgnored && m.Outcome != OutcomeRefused && m.Outcome != OutcomeQuarantined {
		refs = append(refs, m.Names...)
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

// Traces is where an address stands.
type Traces struct {
	Refs     []string // of which they are the user
	Asked    []string // that they asked for, or are answered about
	Messages []int64  // that they wrote
	Letters  []int64  // to them
	Queued   int      // letters to them, or that name them, still to be sent
}

// Hold is a legal hold: what concerns a reference is neither purged nor erased
// until it is released.
type Hold struct {
	Ref    string
	At     time.Time // since when
	By     string    // who placed it
	Reason string
}

// ErrBusy says that another process is in the way for the moment.
var ErrBusy = errors.New("what was deleted is still in the write-ahead log beside the database, since another process reads there")
