package retain

import (
	"context"
	"time"

	"mfabot/intake"
)

// pageSize bounds what is looked at at once, and deleted in one transaction where it is loose.
const pageSize = 200

// step is one kind of what is deleted, in the order in which it is: raw messages first, and the personal data of references
// before that of the messages that belong to them.
type step int

const (
	rawMessages step = iota
	references
	ledger
	looseLetters
	looseEntries
	nothingLeft
)

// walk is how far a purge has come: it looks at a page of what may be due, and then at the next. It is not on record, as what is
// deleted is not due again: a purge can be stopped at any moment and start over.
type walk struct {
	at   time.Time // what is due then is deleted
	step step
	id   int64  // of the last message, letter or entry of the step that was looked at
	ref  string // the same of the references
}

func (w walk) over() bool { return w.step == nothingLeft }

// page is what a walk comes to: what of it is due, and how it goes on.
type page struct {
	due   []Purge
	loose intake.Loose
	next  walk
}

// look reads the page at which a walk has come.
func (k *Keeper) look(ctx context.Context, w walk) (p page, err error) {
	p.next = w
	seen := 0
	switch w.step {
	case rawMessages, ledger:
		seen, err = k.lookAtMessages(ctx, w, &p)
	case references:
		seen, err = k.lookAtReferences(ctx, w, &p)
	case looseLetters:
		p.loose.Letters, err = k.store.LooseLetters(ctx, w.id, k.loose(w.at).Since, pageSize)
		seen, p.next.id = len(p.loose.Letters), last(p.loose.Letters)
	case looseEntries:
		p.loose.Entries, err = k.store.LooseEntries(ctx, w.id, k.loose(w.at).Since, pageSize)
		seen, p.next.id = len(p.loose.Entries), last(p.loose.Entries)
	case nothingLeft:
		return p, nil
	}
	// A page that does not go further is of references that somebody else has written, as bytes: they come again and again.
	if seen < pageSize || p.next.id <= w.id && p.next.ref <= w.ref {
		p.next = walk{at: w.at, step: w.step + 1}
	}
	return p, err
}

func last(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return ids[len(ids)-1]
}

// lookAtMessages finds what is due of the messages of a page: their raw messages, or else what the ledger says of them.
func (k *Keeper) lookAtMessages(ctx context.Context, w walk, p *page) (seen int, err error) {
	keep, read, shortest := k.Policy.Retention, k.store.RawMessages, k.Policy.Retention.ShortestOfRaw()
	if w.step == ledger {
		read, shortest = k.store.KeptMessages, keep.ShortestOfPerson()
	}
	messages, err := read(ctx, w.id, w.at.Add(-shortest), pageSize)
	if err != nil {
		return 0, err
	}
	for _, m := range messages {
		refs, err := referencesOf(ctx, k.store, m)
		if err != nil {
			return 0, err
		}
		f, ok := k.fateOf(m, refs, w)
		if ok && !f.Due.After(w.at) {
			due := Purge{Fate: f, Refs: m.Belongs(), Message: m.ID, Ledger: w.step == ledger}
			if !due.Ledger {
				due.Bytes = m.Size
			}
			p.due = append(p.due, due)
		}
		p.next.id = m.ID
	}
	return len(messages), nil
}

// fateOf returns what the rules say of a message at a step of a walk, which by the last of them has dealt with what was before
// it: its raw message, and the personal data of its references.
func (k *Keeper) fateOf(m intake.KeptMessage, refs map[string]intake.Reference, w walk) (intake.Fate, bool) {
	keep := k.Policy.Retention
	raw, ok := keep.OfRaw(m, refs)
	if w.step == rawMessages {
		return raw, ok
	}
	m.HasRaw = m.HasRaw && !(ok && !raw.Due.After(w.at))
	for name, r := range refs {
		if f, ok := keep.OfPerson(r); ok && !f.Due.After(w.at) {
			r.Purged = true
			refs[name] = r
		}
	}
	return keep.OfLedger(m, refs)
}

// lookAtReferences finds of which references of a page the personal data is due.
func (k *Keeper) lookAtReferences(ctx context.Context, w walk, p *page) (seen int, err error) {
	refs, err := k.store.References(ctx, w.ref, w.at.Add(-k.Policy.Retention.ShortestOfPerson()), pageSize)
	for _, r := range refs {
		if f, ok := k.Policy.Retention.OfPerson(r); ok && !f.Due.After(w.at) {
			p.due = append(p.due, Purge{Fate: f, Refs: []string{r.Ref}, Personal: true})
		}
		p.next.ref = r.Ref
	}
	return len(refs), err
}
