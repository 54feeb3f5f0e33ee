package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"mfabot/intake"
)

// Audited is what a check of the audit found.
type Audited struct {
	Entries     int64
	Chains      int64
	Checkpoints int64
	Sealed      bool   // the seals were checked as well
	Root        string // over all entries, as they are
	Rooted      Rooted // where a root was given
	Faults      []AuditFault
}

// Rooted is how much of the audit a root is of.
type Rooted struct {
	Entries int64     // the first so many; 0 where it is of none
	At      time.Time // when the last of them was recorded
}

// AuditFault is something in the audit that the bot has not written, or that it
// wrote and is gone.
type AuditFault struct {
	Ref   string // of the chain; Everything for that of all entries
	First int64  // the number of an entry in the chain; 0 where it is about none
	Last  int64  // of several, the last one
	Of    int64  // how many the chain has, or had
	What  Fault
}

// Everything is the reference of the chain of all entries.
const Everything = everything

// Fault is what is wrong in the audit, in words.
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
	UnknownRoot  Fault = "no entries, up to any of them, have this root"
)

// CheckAudit goes through all of the audit as it is at one moment, whoever else
// uses the database. The key is the one that Seal was given; without it the seals
// are not checked, and neither are they before anything was sealed. A root, unless
// it is empty, is looked for.
func (s *Store) CheckAudit(ctx context.Context, key SealKey, root string) (found *Audited, err error) {
	begun, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = begun.Rollback() }()
	c := &auditCheck{key: newAuditKey(key.Secret), used: key.Used, wanted: root, chains: make(map[string]*chain), seen: make(map[string]bool)}
	if err := c.readHeads(ctx, begun); err != nil {
		return nil, err
	}
	c.all = c.chainOf(everything)
	if err := c.readChains(ctx, begun); err != nil {
		return nil, err
	}
	if err := c.readEntries(ctx, begun); err != nil {
		return nil, err
	}
	refs, err := c.readRefs(ctx, begun)
	if err != nil {
		return nil, err
	}
	c.finish(refs)
	return &c.found, nil
}

// readHeads reads the heads. A value of another type than the bot writes fits
// nothing, and by such a reference the bot finds no head.
func (c *auditCheck) readHeads(ctx context.Context, q querier) error {
	err := eachRow(ctx, q, func(row scanner) error {
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

// readChains reads one chain after the other, an entry at a time, as they may be
// many.
func (c *auditCheck) readChains(ctx context.Context, q querier) error {
	return eachRow(ctx, q, func(row scanner) error {
		var cells, dest [11]any
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := row.Scan(dest[:]...); err != nil {
			return err
		}
		e, whole := entryOf(cells)
		c.chained(&e, whole)
		return nil
	}, `SELECT id, ref, seq, at, event, by, text, salt, digest, hash, redacted FROM audit ORDER BY ref, seq`)
}

// readEntries reads all entries as they were written. What must be read of them was
// found in their chains to hold what belongs there, or else was told of.
func (c *auditCheck) readEntries(ctx context.Context, q querier) error {
	return eachRow(ctx, q, func(row scanner) error {
		var cells [11]any
		if err := row.Scan(&cells[0], &cells[1], &cells[2], &cells[3], &cells[6], &cells[9]); err != nil {
			return err
		}
		e, _ := entryOf(cells)
		c.written(&e)
		return nil
	}, `SELECT id, ref, seq, at, CASE WHEN ref = 'checkpoint' THEN text ELSE '' END, hash FROM audit ORDER BY id`)
}

// eachRow reads the rows of a query one by one. Whether ctx has ended is asked here:
// the driver would start a goroutine a row.
func eachRow(ctx context.Context, q querier, do func(scanner) error, query string) (err error) {
	rows, err := q.QueryContext(context.WithoutCancel(ctx), query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := errors.Join(ctx.Err(), do(rows)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// entryOf is an entry as it is stored, and whether every column holds what belongs
// there: SQLite takes a text where a number should be.
func entryOf(cells [11]any) (e entry, whole bool) {
	whole = true
	number := func(i int) int64 {
		n, fits := cells[i].(int64)
		whole = whole && fits
		return n
	}
	text := func(i int) string {
		s, fits := cells[i].(string)
		whole = whole && fits
		if b, bytes := cells[i].([]byte); bytes {
			return string(b)
		}
		return s
	}
	e = entry{id: number(0), ref: text(1), seq: number(2), at: number(3), event: text(4), by: text(5), text: text(6),
		salt: text(7), digest: text(8), hash: text(9), redacted: text(10)}
	return e, whole
}

// readRefs returns what must have a chain.
func (c *auditCheck) readRefs(ctx context.Context, q querier) ([]string, error) {
	scan := func(row scanner) (ref string, err error) {
		err = row.Scan(&ref)
		return ref, err
	}
	return collect(ctx, q, scan, `SELECT ref FROM request UNION SELECT ref FROM exception ORDER BY ref`)
}
