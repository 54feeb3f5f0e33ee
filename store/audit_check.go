package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
)

// Audited is the result of checking the audit.
type Audited struct {
	Entries     int64
	Chains      int64
	Checkpoints int64
	Sealed      bool   // the seals were checked as well
	Root        string // of all entries, as they are
	Rooted      Rooted // where a root was asked for
	Faults      []AuditFault
	Short       *AuditFault // of these, that it is not the database that had come as far as was noted; nil for none
	Rows        []Refused   // of what the bot acts on, those that it did not write so, and what is missing
	Beside      []string    // what others have added to the schema, and that changes nothing: no fault
}

// Whole reports whether nothing is wrong.
func (a *Audited) Whole() bool { return len(a.Faults) == 0 && len(a.Rows) == 0 }

// Foreign reports whether all of it was sealed with another key than the one that was given: then nothing else is told.
func (a *Audited) Foreign() bool { return slices.Contains(a.Rows, foreign()) }

// foreign stands for all rows, where another key sealed them.
func foreign() Refused { return Refused{"*", Everything, OtherKey} }

// Rooted is the part of the audit that a root covers.
type Rooted struct {
	Entries int64     // how many, from the first on; 0 for none
	At      time.Time // when the last of them was recorded
}

// AuditFault is something in the audit that the bot did not write, or something it wrote that is gone.
type AuditFault struct {
	Ref   string // of the chain; Everything for that of all entries
	First int64  // the number of an entry in the chain; 0 for the chain as such
	Last  int64  // the number of the last entry, where there are several
	Of    int64  // how many entries the chain has, or had
	What  Fault
}

// Everything is the reference of the chain of all entries.
const Everything = everything

// Fault says what is wrong in the audit.
type Fault string

// The faults.
const (
	Changed      Fault = "changed"
	Removed      Fault = "removed"
	Inserted     Fault = "inserted"
	OutOfOrder   Fault = "out of order"
	Blanked      Fault = "its words were taken away, and not by mfabot"
	HeadChanged  Fault = "head changed"
	HeadRemoved  Fault = "head missing"
	ChainMissing Fault = "there is no entry of it"
	SealsGone    Fault = "it was sealed, and no seal is there any more"
	WrongKey     Fault = "no head was sealed with this key"
	Unfit        Fault = "not the checkpoint of the entries before it"
	Unsealed     Fault = "not as mfabot wrote it"
	OtherKey     Fault = "sealed with another key"
	NotInAudit   Fault = "the audit does not say so"
	ChainUnfit   Fault = "the audit of it is not as mfabot wrote it"
	NoLonger     Fault = "the audit says that it is over"
	RowMissing   Fault = "the audit says that it is active, and it is not there"
	RowsGone     Fault = "rows were removed"
	RowsAdded    Fault = "rows were added"
	SchemaOther  Fault = "not as mfabot makes it"
	OlderCopy    Fault = "missing: an older copy of the database was put in its place"
	OtherCourse  Fault = "not the one that mfabot had come to: a copy that went on from before it was put in the database's place"
	OtherPast    Fault = "not those that mfabot had written: an older copy was put in its place, or entries were taken out or put in"
	OtherName    Fault = "the name of the installation was changed"
	UnknownRoot  Fault = "no entries, up to any of them, have this root"
)

// CheckAudit checks the whole audit as it is at one moment, whoever else uses the database, and the rows that the
// bot acts on: their seals, their number, and whether those are exempt who are by the audit. The key is the
// one that Seal and SealRows were given. Seals are not checked without it, nor before anything was sealed. A root,
// unless empty, is looked for.
func (s *Store) CheckAudit(ctx context.Context, key SealKey, root string) (found *Audited, err error) {
	begun, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, err
	}
	defer func() { _ = begun.Rollback() }()
	db := reading{begun, new(sealing)}
	c := &auditCheck{key: newAuditKey(key.Secret), used: key.Used, wanted: root, noted: valueOf(key.Noted),
		chains: make(map[string]*chain), seen: make(map[string]bool), exempt: make(map[string]standing), active: make(map[string]standing)}
	if err := c.readHeads(ctx, db); err != nil {
		return nil, err
	}
	c.all = c.chainOf(everything)
	if s.Walked != nil {
		if c.walk.entries, err = value[int64](ctx, db, `SELECT COUNT(*) FROM audit`); err != nil {
			return nil, err
		}
		c.walk.tell = s.Walked
		c.walk.tell(0, 2*c.walk.entries)
	}
	if err := c.readChains(ctx, db); err != nil {
		return nil, err
	}
	if err := c.readEntries(ctx, db); err != nil {
		return nil, err
	}
	refs, err := c.readRefs(ctx, db)
	if err != nil {
		return nil, err
	}
	c.finish(refs)
	if key.Noted != nil {
		short, err := shortOf(ctx, db, *key.Noted)
		if err != nil {
			return nil, err
		}
		if short == nil && c.noted.Root != "" && c.atNoted != c.noted.Root {
			short = otherPast(c.noted, c.all.last)
		}
		if short != nil {
			c.found.Faults, c.found.Short = append(c.found.Faults, *short), short
		}
	}
	c.found.Rows, err = c.checkRows(ctx, db, key)
	if err != nil {
		return nil, err
	}
	if c.found.Foreign() { // its entries cannot be told from changed ones
		c.found.Faults, c.found.Short = nil, nil
		return &c.found, nil
	}
	other, beside, err := otherSchema(ctx, db)
	c.found.Beside = beside
	for _, name := range other {
		c.found.Rows = append(c.found.Rows, Refused{"schema", name, SchemaOther})
	}
	return &c.found, err
}

// ShortOf returns what is wrong with a database whose audit had come so far; nil where it is that, and may have gone on.
func (db auditReader) ShortOf(ctx context.Context, noted Noted) (*AuditFault, error) {
	return shortOf(ctx, db, noted)
}

func shortOf(ctx context.Context, db querier, noted Noted) (*AuditFault, error) {
	var instance, last, hash any // of whatever type: others may have written them
	err := first(ctx, db, func(row scanner) error { return row.Scan(&instance, &last, &hash) }, `
		SELECT (SELECT id FROM instance), (SELECT MAX(id) FROM audit), (SELECT hash FROM audit WHERE id = $1)`, noted.Entry)
	if err != nil {
		return nil, err
	}
	newest, _ := last.(int64)
	switch {
	case newest < noted.Entry:
		return &AuditFault{Everything, newest + 1, noted.Entry, noted.Entry, OlderCopy}, nil
	case asText(hash) != noted.Hash:
		return &AuditFault{Everything, noted.Entry, noted.Entry, newest, OtherCourse}, nil
	case asText(instance) != noted.Instance:
		return &AuditFault{Ref: Everything, What: OtherName}, nil
	case noted.Root == "":
		return nil, nil
	}
	return goneOnFrom(ctx, db, noted)
}

// goneOnFrom compares the head of all entries with what follows from the noted root, and the entries since: whoever puts a row
// with the noted hash into an older copy has not the root that goes with it. Where they have put that there as well, the walk
// through all entries finds it.
func goneOnFrom(ctx context.Context, db querier, noted Noted) (*AuditFault, error) {
	const ofHead = 0
	var head, now struct {
		length int64
		hash   string
	}
	now.length, now.hash = noted.Entry, noted.Root
	gap := false
	err := each(ctx, db, func(row scanner) error {
		var part int64
		var number, hash any
		if err := row.Scan(&part, &number, &hash); err != nil {
			return err
		}
		n, _ := number.(int64)
		if part == ofHead {
			head.length, head.hash = n, asText(hash)
			return nil
		}
		gap = gap || n != now.length+1
		now.length, now.hash = n, hashOfAll(now.hash, asText(hash))
		return nil
	}, `
		SELECT 0, length, hash FROM audit_head WHERE ref = '*'
		UNION ALL SELECT 1, id, hash FROM audit WHERE id > $1 ORDER BY 1, 2`, noted.Entry)
	if err != nil || !gap && head == now {
		return nil, err
	}
	return otherPast(noted, now.length), nil
}

// otherPast says of a database with so many entries that those up to the noted one are not the noted ones.
func otherPast(noted Noted, entries int64) *AuditFault {
	return &AuditFault{Everything, 1, noted.Entry, entries, OtherPast}
}

// valueOf is what is noted; nothing where that is not known.
func valueOf(n *Noted) (v Noted) {
	if n != nil {
		v = *n
	}
	return v
}

// NewestEntry returns how far the audit has come; nil where it has no entry that mfabot could have written.
func (db auditReader) NewestEntry(ctx context.Context) (*Noted, error) { return newestEntry(ctx, db) }

func newestEntry(ctx context.Context, db querier) (*Noted, error) {
	var instance, id, hash, at, root any
	err := first(ctx, db, func(row scanner) error { return row.Scan(&instance, &id, &hash, &at, &root) }, `
		SELECT (SELECT id FROM instance), id, hash, at,
			(SELECT h.hash FROM audit_head AS h WHERE h.ref = '*' AND h.length = audit.id) FROM audit ORDER BY id DESC LIMIT 1`)
	if errors.Is(err, intake.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := &Noted{Instance: asText(instance), Hash: asText(hash), Root: asText(root)}
	n.Entry, _ = id.(int64)
	when, known := at.(int64)
	if n.At = fromUnix(when); !known || n.Hash == "" {
		return nil, nil
	}
	return n, nil
}

// readHeads reads the heads. A value of a type that the bot never writes matches nothing, and the bot finds
// no head by such a reference.
func (c *auditCheck) readHeads(ctx context.Context, db querier) error {
	err := eachRow(ctx, db, func(row scanner) error {
		var name, length, hash, mac any
		if err := row.Scan(&name, &length, &hash, &mac); err != nil {
			return err
		}
		ref, named := name.(string)
		if !named {
			return nil
		}
		ch := c.chainOf(ref)
		ch.known = true
		ch.head.length, _ = length.(int64)
		ch.head.hash, _ = hash.(string)
		ch.head.mac, _ = mac.(string)
		c.heads++
		if ch.head.mac != "" {
			c.sealed++
		}
		c.found.Sealed = c.found.Sealed || c.used || ch.head.mac != "" || ref == intake.CheckpointRef
		return nil
	}, `SELECT ref, length, hash, mac FROM audit_head`)
	c.found.Sealed = c.found.Sealed && c.key != nil
	return err
}

// readChains reads one chain after the other, an entry at a time, since there may be many.
func (c *auditCheck) readChains(ctx context.Context, db querier) error {
	return eachRow(ctx, db, func(row scanner) error {
		var values, dest [14]any
		for i := range values {
			dest[i] = &values[i]
		}
		if err := row.Scan(dest[:]...); err != nil {
			return err
		}
		e, whole := entryOf(values)
		c.chained(&e, whole)
		c.walk.step()
		return nil
	}, `SELECT id, ref, seq, at, event, by, text, salt, digest, hash, redacted, until, whom, command FROM audit ORDER BY ref, seq`)
}

// readEntries reads all entries in the order they were written. readChains has seen by then that their
// columns hold what belongs there, or has reported that they do not.
func (c *auditCheck) readEntries(ctx context.Context, db querier) error {
	return eachRow(ctx, db, func(row scanner) error {
		var values [14]any
		if err := row.Scan(&values[0], &values[1], &values[2], &values[3], &values[4], &values[6], &values[9], &values[11],
			&values[12]); err != nil {
			return err
		}
		e, _ := entryOf(values)
		c.written(&e)
		c.walk.step()
		return nil
	}, `SELECT id, ref, seq, at, event, CASE WHEN ref = 'checkpoint' THEN text ELSE '' END, hash, until, whom FROM audit ORDER BY id`)
}

// eachRow is each, but asks ctx itself whether it has ended: the driver would start a goroutine for every row.
func eachRow(ctx context.Context, db querier, do func(scanner) error, query string) error {
	return each(context.WithoutCancel(ctx), db, func(row scanner) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return do(row)
	}, query)
}

// entryOf returns an entry as it is stored, and whether every column holds what belongs there: SQLite accepts
// text where a number should be.
func entryOf(values [14]any) (e entry, whole bool) {
	whole = true
	number := func(i int) int64 {
		n, fits := values[i].(int64)
		whole = whole && fits
		return n
	}
	text := func(i int) string {
		_, fits := values[i].(string)
		whole = whole && fits
		return asText(values[i])
	}
	e = entry{id: number(0), ref: text(1), seq: number(2), at: number(3), event: text(4), by: text(5), text: text(6),
		salt: text(7), digest: text(8), hash: text(9), redacted: text(10), until: number(11), whom: text(12), command: text(13)}
	return e, whole
}

// asText is a value that is a text; empty for any other.
func asText(v any) string {
	if b, bytes := v.([]byte); bytes {
		return string(b)
	}
	s, _ := v.(string)
	return s
}

// readRefs returns the references that must have a chain.
func (c *auditCheck) readRefs(ctx context.Context, db querier) ([]string, error) {
	return collect(ctx, db, scanValue[string], `SELECT ref FROM request UNION SELECT ref FROM exception ORDER BY ref`)
}

// checkRows checks the rows that the bot acts on.
func (c *auditCheck) checkRows(ctx context.Context, db querier, key SealKey) ([]Refused, error) {
	if begun, err := key.goesOn(ctx, db); err != nil || begun {
		return nil, err
	}
	r := &rowCheck{key: newRowKey(key.Secret), audit: c}
	for _, kind := range sealedKinds() {
		if err := r.check(ctx, db, kind); err != nil {
			return nil, err
		}
	}
	if r.key == nil || r.sealed == 0 && !key.Rows {
		return nil, nil
	}
	return r.found(), nil
}
