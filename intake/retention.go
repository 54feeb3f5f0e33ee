package intake

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Ending is how a reference ended, as far as it matters to retention.
type Ending string

// The endings. What is open or active has none.
const (
	EndingApproved  Ending = "approved" // and the exception is over
	EndingRejected  Ending = "rejected"
	EndingWithdrawn Ending = "withdrawn"
	EndingLapsed    Ending = "lapsed"
	EndingShortTerm Ending = "short_term" // and the exception is over
)

// Otherwise is the key for what does not belong to a request, or has no key of its own.
const Otherwise = "other"

// Retention says how long things are kept, by rule: a group, and what became of the thing, as in
// evidence.rejected. It is immutable.
//
// The groups are messages: raw messages that do not belong to a request, counted from their arrival;
// evidence: raw messages that belong to one, counted from its end; personal: names, addresses and words,
// counted from the request's end or, without a request, from when they arrived.
type Retention map[string]time.Duration

// The groups of rules.
const (
	keepMessages = "messages"
	keepEvidence = "evidence"
	KeepPersonal = "personal"
)

// RuleOf returns the name of a rule, such as evidence.rejected.
func RuleOf(group, key string) string { return group + "." + key }

// ShortestOfRaw returns how long every raw message is kept, whatever became of it.
func (r Retention) ShortestOfRaw() time.Duration { return r.shortest(keepMessages, keepEvidence) }

// ShortestOfPerson returns how long names, addresses and words are kept, whatever became of the request.
func (r Retention) ShortestOfPerson() time.Duration { return r.shortest(KeepPersonal) }

// Shortest returns how long everything is kept.
func (r Retention) Shortest() time.Duration {
	return r.shortest(keepMessages, keepEvidence, KeepPersonal)
}

func (r Retention) shortest(groups ...string) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for name, keep := range r {
		if group, _, _ := strings.Cut(name, "."); slices.Contains(groups, group) {
			shortest = min(shortest, keep)
		}
	}
	return shortest
}

// Fate is what a rule says about a thing.
type Fate struct {
	Rule  string    // such as evidence.rejected
	Since time.Time // when its time began
	Due   time.Time // when its time is over
}

// later returns the later of two fates: what belongs to several references is kept as long as any of them.
func (f Fate) later(g Fate) Fate {
	if g.Due.After(f.Due) {
		return g
	}
	return f
}

func (r Retention) fate(group, key string, since time.Time) Fate {
	return Fate{Rule: RuleOf(group, key), Since: since, Due: since.Add(r[RuleOf(group, key)])}
}

// OfRaw returns how long a raw message is kept; ok is false while that is open. refs are the references, by
// name.
func (r Retention) OfRaw(m KeptMessage, refs map[string]Reference) (f Fate, ok bool) {
	for _, ref := range slices.Concat(m.Holds, m.Names) {
		if refs[ref].Held {
			return Fate{}, false
		}
	}
	belongs := m.Belongs()
	for _, name := range belongs {
		ref, known := refs[name]
		if !known { // it names a reference that does not exist
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

// OfLedger returns how long the personal data of a message in the ledger is kept; ok is false while that is
// open, or its raw message is still kept. What belongs to references goes with the last of them, the rest by
// itself.
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

// later returns the later of two moments: what arrived after a request's end is kept from its own arrival.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// OfPerson returns how long the personal data of a reference is kept; ok is false while that is open, or the
// data is gone.
func (r Retention) OfPerson(ref Reference) (f Fate, ok bool) {
	return r.fate(KeepPersonal, string(ref.Ending), ref.ClosedAt), ref.settled() && !ref.Purged
}

type retentionFile struct {
	Messages, Evidence, Personal map[string]string
}

// groups returns the rules as they are in a policy file, by group and key.
func (r retentionFile) groups() map[string]map[string]string {
	return map[string]map[string]string{keepMessages: r.Messages, keepEvidence: r.Evidence, KeepPersonal: r.Personal}
}

// readRetention reads the retention rules. The embedded policy, which has every key, provides the defaults.
func readRetention(f *TOMLFile, raw, embedded retentionFile) Retention {
	r, given := make(Retention), raw.groups()
	for group, keys := range embedded.groups() {
		for key, text := range keys {
			if own, ok := given[group][key]; ok {
				text = own
			}
			r[RuleOf(group, key)] = readDuration(f, "retention."+RuleOf(group, key), text)
		}
		for _, key := range slices.Sorted(maps.Keys(given[group])) {
			if _, known := keys[key]; !known {
				f.Bad("retention."+RuleOf(group, key), "there is no such key here: expected one of %s",
					strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		group, key, _ := strings.Cut(name, ".")
		if group == keepMessages {
			key = Otherwise
		}
		if personal := RuleOf(KeepPersonal, key); r[personal] < r[name] && r[personal] > 0 {
			f.Bad("retention."+personal, "expected at least as long as retention.%s", name)
		}
	}
	return r
}
