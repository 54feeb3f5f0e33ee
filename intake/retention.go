package intake

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Ending is how a reference ended, as retention tells them apart.
type Ending string

// The endings. Of no ending is what is open or active.
const (
	OfApproved  Ending = "approved" // and its exception is over
	OfRejected  Ending = "rejected"
	OfWithdrawn Ending = "withdrawn"
	OfLapsed    Ending = "lapsed"
	OfShortTerm Ending = "short_term" // and over
)

// otherwise is the key for what belongs to no request, or has no key of its own.
const otherwise = "other"

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
	keepPersonal = "personal"
)

type retentionFile struct {
	Messages, Evidence, Personal map[string]string
}

// groups are the rules as a policy file has them, by group and key.
func (r retentionFile) groups() map[string]map[string]string {
	return map[string]map[string]string{keepMessages: r.Messages, keepEvidence: r.Evidence, keepPersonal: r.Personal}
}

// readRetention reads the rules. A key that is left out is as in the embedded
// policy, which has them all.
func readRetention(f *TOMLFile, raw retentionFile) Retention {
	var embedded policyFile
	if _, err := DecodeTOML("policy.toml", embeddedPolicy, &embedded); err != nil {
		f.Bad("retention", "the embedded policy cannot be read: %v", err)
	}
	r, given := make(Retention), raw.groups()
	for group, keys := range embedded.Retention.groups() {
		for key, text := range keys {
			if own, ok := given[group][key]; ok {
				text = own
			}
			r[ruleOf(group, key)] = readDuration(f, "retention."+ruleOf(group, key), text)
		}
		for _, key := range slices.Sorted(maps.Keys(given[group])) {
			if _, known := keys[key]; !known {
				f.Bad("retention."+ruleOf(group, key), "there is no such key here: expected one of %s", strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		group, key, _ := strings.Cut(name, ".")
		if group == keepMessages {
			key = otherwise
		}
		if personal := ruleOf(keepPersonal, key); r[personal] < r[name] && r[personal] > 0 {
			f.Bad("retention."+personal, "expected at least as long as retention.%s", name)
		}
	}
	return r
}

func ruleOf(group, key string) string { return group + "." + key }

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

// belongs returns the references with which a message is kept, in order; none
// where its own outcome says how long it is.
func (m KeptMessage) belongs() []string {
	refs := slices.Clone(m.Holds)
	if m.Outcome != AsIgnored && m.Outcome != AsRefused && m.Outcome != AsQuarantined {
		refs = append(refs, m.Names...)
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

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
	return Fate{Rule: ruleOf(group, key), Since: since, Due: since.Add(r[ruleOf(group, key)])}
}

// ofRaw is until when a raw message is kept; not ok while there is no saying. refs
// are the references, by name.
func (r Retention) ofRaw(m KeptMessage, refs map[string]Reference) (f Fate, ok bool) {
	for _, ref := range slices.Concat(m.Holds, m.Names) {
		if refs[ref].Held {
			return Fate{}, false
		}
	}
	belongs := m.belongs()
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
	if _, own := r[ruleOf(keepMessages, key)]; !own {
		key = otherwise
	}
	return r.fate(keepMessages, key, m.ReceivedAt), true
}

// ofLedger is until when the personal data of a message in the ledger is kept: what
// belongs to references goes with the last of them, and the rest by itself.
func (r Retention) ofLedger(m KeptMessage, refs map[string]Reference) (f Fate, ok bool) {
	for _, name := range slices.Concat(m.Holds, m.Names) {
		if refs[name].Held {
			return Fate{}, false
		}
	}
	for _, name := range m.belongs() {
		ref, known := refs[name]
		if !known {
			continue
		}
		if !ref.Purged {
			return Fate{}, false
		}
		f = f.later(r.fate(keepPersonal, string(ref.Ending), later(ref.ClosedAt, m.ReceivedAt)))
	}
	if f.Rule == "" {
		f = r.fate(keepPersonal, otherwise, m.ReceivedAt)
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

// ofPerson is until when the personal data of a reference is kept.
func (r Retention) ofPerson(ref Reference) (f Fate, ok bool) {
	return r.fate(keepPersonal, string(ref.Ending), ref.ClosedAt), ref.settled() && !ref.Purged
}
