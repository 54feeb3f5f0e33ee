package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mfabot/intake"
)

// auditCheck walks through the audit: chain by chain first, and then through all entries in the order they
// were written.
type auditCheck struct {
	walk    walk
	key     auditKey
	used    bool   // something was sealed with it before
	wanted  string // a root; empty for none
	noted   Noted  // how far it had come; nothing where that is not known
	found   Audited
	chains  map[string]*chain // by reference
	all     *chain            // that of all entries
	seen    map[string]bool   // the references of the entries so far
	atNoted string            // the root of the entries up to the noted one, as they are
	fitted  string            // the root, if the last checkpoint's is right
	heads   int
	sealed  int                 // of the heads, those that have a seal
	exempt  map[string]standing // by reference, as the entries say
	active  map[string]standing // of these, those that have begun and are not over yet at an entry
}

// chain is one chain, as far as the walk has come.
type chain struct {
	head   head      // as it is stored
	known  bool      // there is a head
	last   int64     // the number of the last entry
	lastID int64     // and that among all
	hashes [2]string // what the next entry may follow: the hash of the last one, as it is stored and as it should be
	torn   bool      // entries are missing here: what the next one follows is not known
	mac    string    // the seal that the head should have
	gaps   []gap
	faulty map[int64]bool // the numbers that were reported; 0 for the chain as such
}

// gap is a run of numbers without entries.
type gap struct{ first, last int64 }

func (c *auditCheck) chainOf(ref string) *chain {
	ch := c.chains[ref]
	if ch == nil {
		ch = &chain{head: head{ref: ref}, faulty: make(map[int64]bool)}
		c.chains[ref] = ch
	}
	return ch
}

func (c *auditCheck) fault(ch *chain, first, last int64, what Fault) {
	ch.faulty[first] = true
	c.found.Faults = append(c.found.Faults, AuditFault{ch.head.ref, first, last, 0, what})
}

// chained checks the next entry of its chain. whole says that its columns hold what belongs there.
func (c *auditCheck) chained(e *entry, whole bool) {
	ch := c.chainOf(e.ref)
	if e.seq <= ch.last || ch == c.all {
		c.fault(ch, e.seq, e.seq, Inserted)
		return
	}
	ch.passTo(e.seq)
	if what := c.state(ch, e, whole); what != "" && e.seq <= ch.head.length { // those beyond are reported as inserted
		c.fault(ch, e.seq, e.seq, what)
	}
	ch.lastID = e.id
	if s := c.exempt[e.ref].after(e); s.until != 0 {
		c.exempt[e.ref] = s
	}
	ch.mac = c.key.seal(ch.mac, e.ref, e.seq, e.hash)
}

// ends reports whether an exception is over with an entry.
func (e *entry) ends() bool {
	return slices.Contains([]intake.Event{intake.EventEnded, intake.EventRevoke, intake.EventSuperseded}, intake.Event(e.event))
}

// written moves on to the next of all entries.
func (c *auditCheck) written(e *entry) {
	if e.ref == intake.CheckpointRef {
		c.checkpoint(e)
	}
	switch {
	case e.until != 0:
		c.active[e.ref] = standing{until: e.until, whom: e.whom}
	case e.ends():
		delete(c.active, e.ref)
	}
	c.all.passTo(e.id)
	c.all.mac = c.key.seal(c.all.mac, everything, e.id, e.hash)
	c.seen[e.ref] = true
	c.found.Entries++
	c.found.Root, c.fitted = hashOfAll(c.found.Root, e.hash), hashOfAll(c.fitted, e.hash)
	if e.id == c.noted.Entry {
		c.atNoted = c.found.Root
	}
	if c.found.Root == c.wanted {
		c.found.Rooted = Rooted{Entries: c.found.Entries, At: fromUnix(e.at)}
	}
}

// passTo moves on to a higher number.
func (ch *chain) passTo(n int64) {
	if n > ch.last+1 {
		ch.gaps = append(ch.gaps, gap{ch.last + 1, n - 1})
		ch.torn = true
	}
	ch.last = n
}

// state moves on to the next entry of a chain and returns what is wrong with it. One that follows a changed
// entry may follow it as it was or as it is, so that only the changed one is reported.
func (c *auditCheck) state(ch *chain, e *entry, whole bool) Fault {
	should := e.hashAfter(ch.hashes[0])
	if e.hash != should && e.hashAfter(ch.hashes[1]) == e.hash {
		should = e.hash
	}
	if ch.torn {
		should, ch.torn = e.hash, false
	}
	ch.hashes = [2]string{e.hash, should}
	blank := e.salt == "" && e.by == "" && e.text == "" && e.command == ""
	switch {
	case e.hash != should && e.id <= ch.lastID:
		return OutOfOrder
	case e.hash != should, !whole:
		return Changed
	case blank && c.found.Sealed && e.redacted != c.key.redaction(e.hash):
		return Blanked
	case !blank && (e.digest != e.contentDigest() || e.redacted != ""):
		return Changed
	}
	return ""
}

// checkpoint compares a checkpoint with the entries before it. Later entries are then compared starting from
// what it says, so that a change is reported once. A checkpoint that was itself changed says nothing.
func (c *auditCheck) checkpoint(e *entry) {
	c.found.Checkpoints++
	ch := c.chainOf(e.ref)
	var says intake.Checkpoint
	if ch.faulty[e.seq] || json.Unmarshal([]byte(e.text), &says) != nil {
		return
	}
	if says.Root != c.fitted || says.Entries != e.id-1 || says.Chains != int64(len(c.seen)) ||
		says.Active != "" && says.Active != rootOf(c.active) {
		c.fault(ch, e.seq, e.seq, Unfit)
	}
	c.fitted = says.Root
}

// finish compares the ends of the chains with their heads. Each of refs must have a chain.
func (c *auditCheck) finish(refs []string) {
	c.found.Chains = int64(len(c.seen))
	missing := int64(0)
	for _, ref := range slices.Sorted(maps.Keys(c.chains)) {
		if ref != everything {
			missing += c.end(c.chains[ref])
		}
	}
	for _, ref := range refs {
		if c.chains[ref] == nil {
			c.fault(c.chainOf(ref), 0, 0, ChainMissing)
		}
	}
	c.endOfAll(missing)
	if c.found.Sealed {
		c.seals()
	}
	if c.wanted != "" && c.found.Rooted.Entries == 0 {
		c.fault(c.all, 0, 0, UnknownRoot)
	}
	for i, f := range c.found.Faults {
		ch := c.chains[f.Ref]
		c.found.Faults[i].Of = max(ch.head.length, ch.last)
	}
}

// end compares the end of a chain with its head and returns how many entries are missing. Where the head's
// hash is that of the last entry, none is missing at the end: it is the length that was changed.
func (c *auditCheck) end(ch *chain) (missing int64) {
	h := ch.head
	fits := slices.Contains(ch.hashes[:], h.hash)
	upTo := ch.last
	switch {
	case !ch.known:
		c.fault(ch, 0, 0, HeadRemoved)
	case fits != (ch.last == h.length):
		c.fault(ch, 0, 0, HeadChanged)
	case ch.last < h.length:
		ch.gaps = append(ch.gaps, gap{ch.last + 1, h.length})
		upTo = h.length
	case ch.last > h.length:
		c.fault(ch, h.length+1, ch.last, Inserted)
		upTo = h.length
	}
	for _, g := range ch.gaps {
		if g.last = min(g.last, upTo); g.first <= g.last {
			c.fault(ch, g.first, g.last, Removed)
			missing += g.last - g.first + 1
		}
	}
	return missing
}

// endOfAll reports entries that no chain misses: those of a chain that was cut off together with its head, or
// removed with all it had. Anything else wrong with the chain of all entries follows from what was reported,
// and is itself reported only where nothing was.
func (c *auditCheck) endOfAll(missing int64) {
	all := c.all
	fits := all.head.hash == c.found.Root
	if all.known && all.last < all.head.length && !fits {
		all.gaps = append(all.gaps, gap{all.last + 1, all.head.length})
	}
	for _, g := range all.gaps {
		missing -= g.last - g.first + 1
	}
	if missing < 0 {
		for _, g := range all.gaps {
			c.fault(all, g.first, g.last, Removed)
		}
	}
	switch {
	case !all.known && all.last > 0:
		c.fault(all, 0, 0, HeadRemoved)
	case len(c.found.Faults) == 0 && (!fits || all.last != all.head.length):
		c.fault(all, 0, 0, HeadChanged)
	}
}

// seals compares the seals of those chains in which nothing else is wrong.
func (c *auditCheck) seals() {
	if c.sealed == 0 {
		c.fault(c.all, 0, 0, SealsGone)
		return
	}
	const several = 3 // heads: that all of them are wrong is not because one chain was rewritten
	var wrong []*chain
	for _, ref := range slices.Sorted(maps.Keys(c.chains)) {
		if ch := c.chains[ref]; ch.known && ch.mac != ch.head.mac {
			wrong = append(wrong, ch)
		}
	}
	if len(c.found.Faults) == 0 && len(wrong) == c.heads && c.heads >= several {
		c.fault(c.all, 0, 0, WrongKey)
		return
	}
	for _, ch := range wrong {
		if len(ch.faulty) == 0 && (ch != c.all || len(c.found.Faults) == 0) {
			c.fault(ch, 0, 0, HeadChanged)
		}
	}
}

// rowCheck walks through the rows that the bot acts on.
type rowCheck struct {
	key    rowKey
	audit  *auditCheck
	sealed int // the rows with a seal of whatever key
	ours   int // those with one of this key
	faults []Refused
	counts map[string]int64 // of the rows of each table
	tally  map[string]int64 // of the rows that there should be, where the tally fits
	there  map[string]bool  // the exceptions, by reference
}

// check goes through the rows of a kind.
func (r *rowCheck) check(ctx context.Context, db querier, kind sealedKind) error {
	if r.counts == nil {
		r.counts, r.tally, r.there = make(map[string]int64), make(map[string]int64), make(map[string]bool)
	}
	return eachRow(ctx, db, func(row scanner) error {
		all, err := cellsOf(row)
		if err != nil {
			return err
		}
		mark, _, sealed := strings.Cut(text(all, "seal"), ":")
		if sealed {
			r.sealed++
		}
		if r.key != nil && mark == r.key.mark() {
			r.ours++
		}
		what := r.key.fault(kind, all)
		if what == "" {
			what = r.against(kind, all)
		}
		if what != "" {
			r.faults = append(r.faults, Refused{kind.table, fmt.Sprint(all[kind.key]), what})
		}
		if what == "" || !r.madeUp(kind, all) {
			r.counts[kind.table]++
		}
		return nil
	}, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`, kind.stored(), kind.table, kind.key))
}

// madeUp reports whether the audit knows nothing of an exception: such a row must not take the place of one that is gone.
func (r *rowCheck) madeUp(kind sealedKind, row cells) bool {
	_, known := r.audit.exempt[text(row, "ref")]
	return kind.table == exceptions().table && !known
}

// against compares a row whose seal fits with the audit, and keeps the tallies.
func (r *rowCheck) against(kind sealedKind, row cells) Fault {
	switch kind.table {
	case tallies().table:
		r.tally[text(row, "name")], _ = row["n"].(int64)
	case exceptions().table:
		ref := text(row, "ref")
		r.there[ref] = true
		ends, _ := row["ends_at"].(int64)
		if text(row, "state") == string(intake.Active) {
			return r.audit.exempt[ref].doubt(ends, r.audit.key.user(ref, text(row, "subject_email")))
		}
	}
	return ""
}

// found returns what is wrong, with what is missing.
func (r *rowCheck) found() []Refused {
	if r.sealed > 0 && r.ours == 0 {
		return []Refused{foreign()}
	}
	for _, kind := range sealedKinds() {
		want, known := r.tally[kind.table]
		switch have := r.counts[kind.table]; {
		case kind.table == tallies().table:
			if want := int64(len(sealedKinds()) - 2); have < want { // marks have none, nor has the tally itself
				r.faults = append(r.faults, Refused{kind.table, Everything, RowsGone})
			}
		case known && have < want:
			r.faults = append(r.faults, Refused{kind.table, Everything, RowsGone})
		case known && have > want:
			r.faults = append(r.faults, Refused{kind.table, Everything, RowsAdded})
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(r.audit.exempt)) {
		if says := r.audit.exempt[ref]; !says.over && !r.there[ref] && !r.refused(ref) {
			r.faults = append(r.faults, Refused{exceptions().table, ref, RowMissing})
		}
	}
	return r.faults
}

// refused reports whether an exception is among what is wrong already.
func (r *rowCheck) refused(ref string) bool {
	return slices.ContainsFunc(r.faults, func(f Refused) bool { return f.Table == exceptions().table && f.Key == ref })
}

// walk is how far a check has come through the entries, for who wants to know: each of them is read twice.
type walk struct {
	entries, read int64
	tell          func(done, total int64)
}

// step tells of every thousandth entry, so that it costs nothing.
func (w *walk) step() {
	if w.read++; w.tell != nil && w.read%1000 == 0 {
		w.tell(w.read, 2*w.entries)
	}
}
