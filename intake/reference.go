package intake

import (
	"errors"
	"slices"
	"time"
)

// Reference is what retention needs to know about a request with its exception, or about a short-term
// exception.
type Reference struct {
	Ref      string
	Ending   Ending    // empty while open or active
	ClosedAt time.Time // zero while open or active
	Held     bool      // it is under a legal hold
	Waiting  bool      // letters about it are unsent, or the directory has not been told
	Purged   bool      // its personal data is gone
}

// settled reports whether a reference is over and done with, so that its retention period runs.
func (r Reference) settled() bool { return r.Ending != "" && !r.Held && !r.Waiting }

// KeptMessage is what retention needs to know about a message in the ledger.
type KeptMessage struct {
	ID         int64
	Outcome    Outcome
	ReceivedAt time.Time
	Size       int64    // bytes
	HasRaw     bool     // the raw message is still kept
	Holds      []string // references that it began or brought evidence for
	Names      []string // references that it is about, according to the ledger
}

// Belongs returns, sorted, the references that a message is kept with. With none, its own outcome decides how
// long it is kept.
func (m KeptMessage) Belongs() []string {
	refs := slices.Clone(m.Holds)
	if m.Outcome != OutcomeIgnored && m.Outcome != OutcomeRefused && m.Outcome != OutcomeQuarantined {
		refs = append(refs, m.Names...)
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

// Loose is what belongs to no reference, or to one whose personal data is gone: letters, and entries of the audit.
type Loose struct{ Letters, Entries []int64 }

// Traces is where an address occurs.
type Traces struct {
	Refs     []string // requests and exceptions for them
	Asked    []string // requests that they made, or get the letters about
	Messages []int64  // messages from them
	Letters  []int64  // letters to them
	Queued   int      // unsent letters to them, or that name them
}

// Hold is a legal hold: nothing about a reference is purged or erased until it is released.
type Hold struct {
	Ref    string
	At     time.Time // since when
	By     string    // who placed it
	Reason string
}

// ErrBusy says that another process is in the way at the moment.
var ErrBusy = errors.New(
	"the deleted data is still in the write-ahead log beside the database, since another process is reading it")
