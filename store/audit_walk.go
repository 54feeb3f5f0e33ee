package store

import (
	"encoding/json"
	"slices"
	"strings"

	"mfabot/intake"
)

// auditCheck walks through the audit: chain by chain first, of which it keeps none, and then through all entries in the
// order they were written.
type auditCheck struct {
	walk        walk
	key         auditKey
	used        bool   // something was sealed with it before
	wanted      string // a root; empty for none
	noted       Noted  // how far it had come; nothing where that is not known
	atNoted     string // the root of the entries up to the noted one, as they are
	found       Audited
	all         *chain  // that of all entries
	checkpoints *chain  // that of the checkpoints
	firsts      numbers // of each chain, the first entry among all
	fitted      string  // the root, if the last checkpoint's is right
	heads       int
	sealed      int                 // of the heads, those that have a seal
	misfits     int                 // and those that have one that does not fit
	wrong       []AuditFault        // of these, those of chains in which nothing else is wrong
	ends        []AuditFault        // what is wrong at the ends of the chains
	lacking     int64               // how many entries are missing, by the heads of their chains
	missing     []string            // the references of what must have a chain and has none
	exempt      map[string]standing // who is, by reference, as the chains say in the end
	moments     map[int64]*moment   // by the number of a checkpoint
}

func newAuditCheck(key SealKey, root string) *auditCheck {
	c := &auditCheck{key: newAuditKey(key.Secret), used: key.Used, wanted: root,
		all: newChain(everything), checkpoints: newChain(intake.CheckpointRef),
		firsts: make(numbers), exempt: make(map[string]standing), moments: make(map[int64]*moment)}
	if key.Noted != nil {
		c.noted = *key.Noted
	}
	return c
}

// moment is who is exempt when a checkpoint is made, as the entries before it say.
//
// Only the newest checkpoint is compared with that, and the one whose root is asked for: for each of ten years it would be
// everybody, again and again. Nothing is lost by it. What a checkpoint says is sealed, as all entries before it are, so
// that nobody without the key changes either. It can only be wrong from the beginning, where somebody had changed the audit
// while the bot made it, and has put all back since: the check of that day sees it, as the checkpoint is then the newest.
type moment struct {
	stands standing // the exception of the chain at hand
	exempt activeRoot
}

// numbers is a set of numbers. It is small where they are close together.
type numbers map[int64]uint64

func (n numbers) add(i int64)      { n[i>>6] |= 1 << (i & 63) }
func (n numbers) has(i int64) bool { return n[i>>6]&(1<<(i&63)) != 0 }

// chain is one chain, as far as the walk has come.
type chain struct {
	head    head      // as it is stored
	named   bool      // its reference is a text
	known   bool      // there is a head
	last    int64     // the number of the last entry
	lastID  int64     // and that among all
	begun   bool      // there is an entry
	firstID int64     // of its entries, the first among all
	hashes  [2]string // what the next entry may follow: the hash of the last one, as it is stored and as it should be
	torn    bool      // entries are missing here: what the next one follows is not known
	mac     string    // the seal that the head should have
	stands  standing  // the exception, if there is one
	gaps    []gap
	faulty  map[int64]bool // the numbers that were reported; 0 for the chain as such
	faults  int            // how many faults there were of other chains before it
}

// gap is a run of numbers without entries.
type gap struct{ first, last int64 }

func newChain(ref string) *chain {
	return &chain{head: head{ref: ref}, named: true, faulty: make(map[int64]bool)}
}

// of is how many entries the chain has, or had.
func (ch *chain) of() int64 { return max(ch.head.length, ch.last) }

// fault notes what is wrong, as it is come upon. How many entries the chain has is not known by then.
func (c *auditCheck) fault(ch *chain, first, last int64, what Fault) {
	ch.faulty[first] = true
	c.found.Faults = append(c.found.Faults, AuditFault{ch.head.ref, first, last, 0, what})
}

// open begins a chain.
func (c *auditCheck) open(ref string, named bool) *chain {
	switch {
	case named && ref == everything:
		return c.all
	case named && ref == intake.CheckpointRef:
		return c.checkpoints
	}
	ch := newChain(ref)
	ch.named, ch.faults = named, len(c.found.Faults)
	return ch
}

// headed gives a chain its head, of these columns. A value of a type that the bot never writes matches nothing, and the
// bot finds no head by such a reference.
func (c *auditCheck) headed(ch *chain, values []any) {
	if !ch.named {
		return
	}
	ch.known = true
	ch.head.length, _ = values[0].(int64)
	ch.head.hash, _ = values[1].(string)
	ch.head.mac, _ = values[2].(string)
	c.heads++
	if ch.head.mac != "" {
		c.sealed++
	}
}

// close ends a chain. That of all entries and that of the checkpoints go on when all are walked through.
func (c *auditCheck) close(ch *chain) {
	if ch == nil {
		return
	}
	if ch.begun && ch.named {
		c.firsts.add(ch.firstID)
	}
	for _, m := range c.moments {
		if m.stands.until != 0 {
			m.exempt.add(ch.head.ref, m.stands)
		}
		m.stands = standing{}
	}
	if ch.stands.until != 0 && !ch.stands.over {
		c.exempt[ch.head.ref] = ch.stands
	}
	if ch == c.all || ch == c.checkpoints {
		return
	}
	if ch.named {
		c.end(ch)
	}
	for i := ch.faults; i < len(c.found.Faults); i++ {
		c.found.Faults[i].Of = ch.of()
	}
}

// chained checks the next entry of its chain. whole says that its columns hold what belongs there.
func (c *auditCheck) chained(ch *chain, e *entry, whole bool) {
	if !ch.begun || e.id < ch.firstID {
		ch.begun, ch.firstID = true, e.id
	}
	for id, m := range c.moments {
		switch {
		case e.id >= id:
		case e.until != 0:
			m.stands = standing{until: e.until, whom: e.whom}
		case e.ends():
			m.stands = standing{}
		}
	}
	if !ch.named {
		ch.last = max(ch.last, e.seq)
	}
	if !ch.named || e.seq <= ch.last || ch == c.all {
		c.fault(ch, e.seq, e.seq, Inserted)
		return
	}
	ch.passTo(e.seq)
	if what := c.state(ch, e, whole); what != "" && e.seq <= ch.head.length { // those beyond are reported as inserted
		c.fault(ch, e.seq, e.seq, what)
	}
	ch.lastID = e.id
	ch.stands = ch.stands.after(e)
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
	c.all.passTo(e.id)
	c.all.mac = c.key.seal(c.all.mac, everything, e.id, e.hash)
	if c.firsts.has(e.id) {
		c.found.Chains++
	}
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
	var says intake.Checkpoint
	if c.checkpoints.faulty[e.seq] || json.Unmarshal([]byte(e.text), &says) != nil {
		return
	}
	m := c.moments[e.id]
	if says.Root != c.fitted || says.Entries != e.id-1 || says.Chains != c.found.Chains ||
		says.Active != "" && m != nil && says.Active != m.exempt.String() {
		c.fault(c.checkpoints, e.seq, e.seq, Unfit)
	}
	c.fitted = says.Root
}

// finish compares the ends of those chains with their heads that go on to the end, and brings what is wrong into order.
func (c *auditCheck) finish() {
	if ch := c.checkpoints; ch.known || ch.begun {
		c.end(ch)
	}
	slices.SortStableFunc(c.ends, byRef)
	c.found.Faults = append(c.found.Faults, c.ends...)
	for _, ref := range c.missing {
		c.found.Faults = append(c.found.Faults, AuditFault{Ref: ref, What: ChainMissing})
	}
	c.endOfAll()
	if c.found.Sealed {
		c.seals()
	}
	if c.wanted != "" && c.found.Rooted.Entries == 0 {
		c.fault(c.all, 0, 0, UnknownRoot)
	}
	for i, f := range c.found.Faults {
		for _, ch := range []*chain{c.all, c.checkpoints} {
			if f.Ref == ch.head.ref {
				c.found.Faults[i].Of = ch.of()
			}
		}
	}
}

func byRef(a, b AuditFault) int { return strings.Compare(a.Ref, b.Ref) }

// end compares the end of a chain with its head, and its seal. Where the head's hash is that of the last entry, none is
// missing at the end: it is the length that was changed.
func (c *auditCheck) end(ch *chain) {
	fault := func(first, last int64, what Fault) {
		ch.faulty[first] = true
		c.ends = append(c.ends, AuditFault{ch.head.ref, first, last, ch.of(), what})
	}
	h := ch.head
	fits := slices.Contains(ch.hashes[:], h.hash)
	upTo := ch.last
	switch {
	case !ch.known:
		fault(0, 0, HeadRemoved)
	case fits != (ch.last == h.length):
		fault(0, 0, HeadChanged)
	case ch.last < h.length:
		ch.gaps = append(ch.gaps, gap{ch.last + 1, h.length})
		upTo = h.length
	case ch.last > h.length:
		fault(h.length+1, ch.last, Inserted)
		upTo = h.length
	}
	for _, g := range ch.gaps {
		if g.last = min(g.last, upTo); g.first <= g.last {
			fault(g.first, g.last, Removed)
			c.lacking += g.last - g.first + 1
		}
	}
	c.unsealed(ch)
}

// unsealed notes a chain whose seal does not fit. Whether that is told depends on the others: see seals.
func (c *auditCheck) unsealed(ch *chain) {
	if !c.found.Sealed || !ch.known || ch.mac == ch.head.mac {
		return
	}
	c.misfits++
	if len(ch.faulty) == 0 {
		c.wrong = append(c.wrong, AuditFault{ch.head.ref, 0, 0, ch.of(), HeadChanged})
	}
}

// endOfAll reports entries that no chain misses: those of a chain that was cut off together with its head, or
// removed with all it had. Anything else wrong with the chain of all entries follows from what was reported,
// and is itself reported only where nothing was.
func (c *auditCheck) endOfAll() {
	all, missing := c.all, c.lacking
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
	c.unsealed(c.all)
	const several = 3 // heads: that all of them are wrong is not because one chain was rewritten
	if len(c.found.Faults) == 0 && c.misfits == c.heads && c.heads >= several {
		c.fault(c.all, 0, 0, WrongKey)
		return
	}
	slices.SortFunc(c.wrong, byRef)
	for _, w := range c.wrong {
		if w.Ref != everything || len(c.found.Faults) == 0 {
			c.found.Faults = append(c.found.Faults, w)
		}
	}
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
