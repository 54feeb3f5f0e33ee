package intake

import (
	"slices"
	"time"
)

// Ending is how a reference ended, as retention tells them apart.
type Ending string

// The endings. Of no ending is what is open or active.
const (
	EndingApproved  Ending = "approved" // and its exception is over
	EndingRejected  Ending = "rejected"
	EndingWithdrawn Ending = "withdrawn"
	EndingLapsed    Ending = "lapsed"
	EndingShortTerm Ending = "short_term" // and over
)

// Otherwise is the key for what belongs to no request, or has no key of its own.
const Otherwise = "other"

// Retention is how long things are kept, by rule: a group and what became of the
// thing, as evidence.rejected. It is immutable.
//
// The groups are messages: raw messages that belong to no request, from their
// arrival; evidence: raw messages that belong to one, from its end; personal: names,
// addresses and words, from its end too, or from when they were written.
type Retention map[string]time.Duration

// The groups of rules.
const (
	keepMessages = "messages"
	keepEvidence = "evidence"
	KeepPersonal = "personal"
)

func RuleOf(group, key string) string { return group + "." + key }

// Fate is what a rule says of a thing.
type Fate struct {
	Rule  string    // such as evidence.rejected
	Since time.Time // that its time counts from
	Due   time.Time // when its time is over
}

// later is the fate of what is kept for both.
func (f Fate) later(g Fate) Fate {
	if g.Due.After(f.Due) {
		return g
	}
	return f
}

func (r Retention) fate(group, key string, since time.Time) Fate {
	return Fate{Rule: RuleOf(group, key), Since: since, Due: since.Add(r[RuleOf(group, key)])}
}

// OfRaw is until when a raw message is kept; not ok while there is no saying. refs
// are the references, by name.
func (r Retention) OfRaw(m KeptMessage, refs map[string]Reference) (f Fate, ok bool) {
	for _, ref := range slices.Concat(m.Holds, m.Names) {
		if refs[ref].Held {
			return Fate{}, false
		}
	}
	belongs := m.Belongs()
	for _, name := range belongs {
		ref, known := refs[name]
		if !known { // it names a reference that there is not
			continue
		}
		if !ref.settled() {
			return Fate{}, false
		}
		f = f.later(r.fate(keepEvidence, string(ref.Ending), later(ref.ClosedAt, m.ReceivedAt)))
	}
	if f.Rule != "" {
		return f, true
	}
	key := string(m.Outcome)
	if _, own := r[RuleOf(keepMessages, key)]; !own {
		key = Otherwise
	}
	return r.fate(keepMessages, key, m.ReceivedAt), true
}

// OfLedger is until when the personal data of a message in the ledger is kept: what
// belongs to references goes with the last of them, and the rest by itself.
func (r Retention) OfLedger(m KeptMessage, refs map[string]Reference) (f Fate, ok bool) {
	for _, name := range slices.Concat(m.Holds, m.Names) {
		if refs[name].Held {
			return Fate{}, false
		}
	}
	for _, name := range m.Belongs() {
		ref, known := refs[name]
		if !known {
			continue
		}
		if !ref.Purged {
			return Fate{}, false
		}
		f = f.later(r.fate(KeepPersonal, string(ref.Ending), later(ref.ClosedAt, m.ReceivedAt)))
	}
	if f.Rule == "" {
		f = r.fate(KeepPersonal, Otherwise, m.ReceivedAt)
	}
	return f, !m.HasRaw
}

// later is the later of two moments: what came when all was over is kept from then on.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// OfPerson is until when the personal data of a reference is kept.
func (r Retention) OfPerson(ref Reference) (f Fate, ok bool) {
	return r.fate(KeepPersonal, string(ref.Ending), ref.ClosedAt), ref.settled() && !ref.Purged
}
