package store

import (
	"context"
	"database/sql"
	"encoding/json"
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
//
// It holds one chain at a time, those who are exempt, and what is wrong: the years that the audit goes back cost time only.
func (s *Store) CheckAudit(ctx context.Context, key SealKey, root string) (found *Audited, err error) {
	begun, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return nil, err
	}
	defer func() { _ = begun.Rollback() }()
	db := reading{begun, new(sealing)}
	c := newAuditCheck(key, root)
	if s.Walked != nil {
		if c.walk.entries, err = value[int64](ctx, db, `SELECT COUNT(*) FROM audit`); err != nil {
			return nil, err
		}
		c.walk.tell = s.Walked
		c.walk.tell(0, 2*c.walk.entries)
	}
	for _, step := range []func(context.Context, querier) error{
		c.readSealed, c.readCheckpoints, c.readChains, c.readHeads, c.readEntries, c.readMissing,
	} {
		if err := step(ctx, db); err != nil {
			return nil, err
		}
	}
	c.finish()
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
	other, beside, err := s.engine.otherSchema(ctx, db)
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

// NewestEntry returns how far the audit has come; nil where it has no entry that mfabot could have written.
func (db auditReader) NewestEntry(ctx context.Context) (*Noted, error) { return newestEntry(ctx, db) }

func newestEntry(ctx context.Context, db querier) (*Noted, error) {
	var instance, id, hash, at, root any
	err := first(ctx, db, func(row scanner) error { return row.Scan(&instance, &id, &hash, &at, &root) }, `
		SELECT (SELECT id FROM instance), id, hash, at,
			(SELECT h.hash FROM audit_head AS h WHERE h.ref = '*' AND h.length = audit.id) FROM audit ORDER BY audit.id DESC LIMIT 1`)
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

// readSealed sees whether there are seals to check.
func (c *auditCheck) readSealed(ctx context.Context, db querier) error {
	var begun, sealed bool
	err := first(ctx, db, func(row scanner) error { return row.Scan(&begun, &sealed) }, `
		SELECT EXISTS (SELECT 1 FROM audit_head), NOT `+neverSealed)
	c.found.Sealed = c.key != nil && begun && (c.used || sealed)
	return err
}

// readCheckpoints finds the checkpoints that are compared with who is exempt: see auditCheck.moments.
func (c *auditCheck) readCheckpoints(ctx context.Context, db querier) error {
	var asked, newest int64
	err := each(ctx, db, func(row scanner) error {
		var id, text any
		if err := row.Scan(&id, &text); err != nil {
			return err
		}
		newest, _ = id.(int64)
		var says intake.Checkpoint
		if c.wanted != "" && asked == 0 && json.Unmarshal([]byte(asText(text)), &says) == nil && says.Root == c.wanted {
			asked = newest
		}
		return nil
	}, `SELECT id, text FROM audit WHERE ref = $1 ORDER BY seq`, intake.CheckpointRef)
	for _, id := range []int64{asked, newest} {
		if id != 0 {
			c.moments[id] = &moment{exempt: newActiveRoot()}
		}
	}
	return err
}

// readChains reads all entries chain by chain, an entry at a time, since there may be many. One whose reference is no text
// is of no chain that the bot finds.
func (c *auditCheck) readChains(ctx context.Context, db querier) error {
	var ch *chain
	err := eachRow(ctx, db, func(row scanner) error {
		var values, dest [18]any
		for i := range values {
			dest[i] = &values[i]
		}
		if err := row.Scan(dest[:]...); err != nil {
			return err
		}
		e, whole := entryOf([14]any(values[:14]))
		if _, named := values[1].(string); ch == nil || ch.head.ref != e.ref || ch.named != named {
			c.close(ch)
			ch = c.open(e.ref, named)
			if values[14] != nil {
				c.headed(ch, values[15:])
			}
		}
		c.chained(ch, &e, whole)
		c.walk.step()
		return nil
	}, `SELECT a.id, a.ref, a.seq, a.at, a.event, a.by, a.text, a.salt, a.digest, a.hash, a.redacted, a.until, a.whom, a.command,
			h.ref, h.length, h.hash, h.mac
		FROM audit AS a LEFT JOIN audit_head AS h ON h.ref = a.ref ORDER BY a.ref, a.seq`)
	c.close(ch)
	return err
}

// readHeads reads the heads of chains of which there is no entry: that of all entries, and those of chains that are gone.
func (c *auditCheck) readHeads(ctx context.Context, db querier) error {
	return eachRow(ctx, db, func(row scanner) error {
		var ref any
		values := make([]any, 3)
		if err := row.Scan(&ref, &values[0], &values[1], &values[2]); err != nil {
			return err
		}
		if name, named := ref.(string); named {
			ch := c.open(name, named)
			c.headed(ch, values)
			c.close(ch)
		}
		return nil
	}, `SELECT ref, length, hash, mac FROM audit_head
		WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.ref = audit_head.ref) ORDER BY ref`)
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

// readMissing finds what must have a chain and has none.
func (c *auditCheck) readMissing(ctx context.Context, db querier) (err error) {
	const gone = ` WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.ref = it.ref)
			AND NOT EXISTS (SELECT 1 FROM audit_head WHERE audit_head.ref = it.ref) `
	c.missing, err = collect(ctx, db, scanValue[string], `
		SELECT ref FROM request AS it`+gone+`UNION SELECT ref FROM exception AS it`+gone+`ORDER BY ref`)
	return err
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
	return r.found(ctx, db)
}
