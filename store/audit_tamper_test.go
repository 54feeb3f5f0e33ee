package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/mattn/go-sqlite3"

	"mfabot/store"
)

// TestAuditBytes changes every byte of every column of every entry and head.
func TestAuditBytes(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	a.tamper()
	changes, refused := 0, 0
	for _, table := range auditTables {
		key := map[string]string{"audit": "hash", "audit_head": "rowid"}[table]
		number := map[string]string{"audit": "seq", "audit_head": "0"}[table]
		var columns []string
		for _, c := range a.column("SELECT name FROM pragma_table_info('" + table + "')") {
			columns = append(columns, c.(string))
		}
		for _, row := range a.column("SELECT rowid FROM " + table) {
			var ref string
			var n int64
			ok(t, a.raw.QueryRowContext(t.Context(), "SELECT ref, "+number+" FROM "+table+" WHERE rowid = $1", row).Scan(&ref, &n))
			for _, column := range columns {
				for _, other := range flipped(a.column("SELECT " + column + " FROM " + table + " WHERE rowid = " + fmt.Sprint(row))[0]) {
					changes++
					if !a.flip(table, key, column, row, other, ref, n) {
						refused++
					}
				}
			}
		}
	}
	t.Logf("%d changes, of which the database refused %d", changes, refused)
	if changes < 5_000 || refused > changes/20 {
		t.Errorf("%d changes, of which %d were refused", changes, refused)
	}
	same(t, "faults", []string(nil), a.check())
}

// flip changes one cell, looks whether that is found and named, and changes it
// back. It reports whether the database let it.
func (a *audited) flip(table, key, column string, row, other any, ref string, n int64) bool {
	a.t.Helper()
	ctx := a.t.Context()
	was := a.column(fmt.Sprintf("SELECT %s FROM %s WHERE rowid = %v", column, table, row))[0]
	if _, err := a.raw.ExecContext(ctx, "UPDATE "+table+" SET "+column+" = $1 WHERE rowid = $2", other, row); err != nil {
		var refused sqlite3.Error
		// A number that another entry has, or none.
		if !errors.As(err, &refused) ||
			refused.Code != sqlite3.ErrConstraint && refused.Code != sqlite3.ErrMismatch {
			a.t.Fatal(err)
		}
		return false
	}
	found := must(a.CheckAudit(ctx, secret, ""))(a.t)
	named := slices.ContainsFunc(found.Faults, func(f store.AuditFault) bool { return f.Ref == ref && f.First <= n && n <= f.Last })
	if !named {
		a.t.Errorf("%s of entry %d of %q, %q made %q: %q", column, n, ref, was, other, told(found.Faults))
	}
	at := row
	if column == "id" {
		at = other
	}
	_, err := a.raw.ExecContext(ctx, "UPDATE "+table+" SET "+column+" = $1 WHERE rowid = $2", was, at)
	ok(a.t, err)
	return true
}

// flipped are other values for a cell: each byte changed in several ways, or one
// added where there is none; and the same bytes as another type.
func flipped(value any) (out []any) {
	switch v := value.(type) {
	case int64:
		for shift := 0; shift < 64; shift += 8 {
			for _, mask := range []int64{0x01, 0x80, 0xff} {
				out = append(out, v^mask<<shift)
			}
		}
		return append(out, fmt.Sprint(v)+"x")
	case string:
		masks := []byte{0x01, 0x20, 0xff}
		for i := range v {
			several := masks
			if len(v) > 30 { // hashes: one way each, by turns
				several = masks[i%len(masks):][:1]
			}
			for _, mask := range several {
				b := []byte(v)
				b[i] ^= mask
				out = append(out, string(b))
			}
		}
		return append(out, v+"x", v+"\x00", []byte(v))
	}
	panic(fmt.Sprintf("%T", value))
}

// column reads one column.
func (a *audited) column(query string) (out []any) {
	a.t.Helper()
	rows, err := a.raw.QueryContext(a.t.Context(), query)
	ok(a.t, err)
	defer func() { ok(a.t, rows.Close()) }()
	for rows.Next() {
		var v any
		ok(a.t, rows.Scan(&v))
		out = append(out, v)
	}
	ok(a.t, rows.Err())
	return out
}

// TestAuditTampered: what is done to the audit is found and named.
func TestAuditTampered(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	a.keep()
	const cut = "UPDATE audit_head SET length = length - 1, " +
		"hash = (SELECT hash FROM audit AS e WHERE e.ref = audit_head.ref AND e.seq = length - 1) WHERE ref = "
	for name, c := range map[string]struct {
		do   []string
		want []string // among the lines told
	}{
		"the first of all":     {[]string{"DELETE FROM audit WHERE id = 1"}, []string{"LT-2026-00001 1-1 of 3: removed"}},
		"one in the middle":    {[]string{"DELETE FROM audit WHERE id = 2"}, []string{"LT-2026-00001 2-2 of 3: removed"}},
		"the last of a chain":  {[]string{"DELETE FROM audit WHERE id = 4"}, []string{"LT-2026-00001 3-3 of 3: removed"}},
		"the last of all":      {[]string{"DELETE FROM audit WHERE id = 11"}, []string{"LT-2026-00003 2-2 of 2: removed"}},
		"the last two":         {[]string{"DELETE FROM audit WHERE id IN (2, 4)"}, []string{"LT-2026-00001 2-3 of 3: removed"}},
		"all of a chain":       {[]string{"DELETE FROM audit WHERE ref = 'LT-2026-00001'"}, []string{"LT-2026-00001 1-3 of 3: removed"}},
		"a checkpoint":         {[]string{"DELETE FROM audit WHERE id = 6"}, []string{"checkpoint 1-1 of 2: removed"}},
		"the last checkpoint":  {[]string{"DELETE FROM audit WHERE id = 10"}, []string{"checkpoint 2-2 of 2: removed"}},
		"everything":           {[]string{"DELETE FROM audit"}, []string{"LT-2026-00001 1-3 of 3: removed", "checkpoint 1-2 of 2: removed"}},
		"a chain and its head": {[]string{"DELETE FROM audit WHERE ref = 'LT-2026-00002'", "DELETE FROM audit_head WHERE ref = 'LT-2026-00002'"}, []string{"* 7-8 of 11: removed"}},
		"the last and from the head": {[]string{"DELETE FROM audit WHERE id = 8", cut + "'LT-2026-00002'"},
			[]string{"* 8-8 of 11: removed", "LT-2026-00002 0-0 of 1: head changed"}},
		"the last of all and from the head": {[]string{"DELETE FROM audit WHERE id = 11", cut + "'LT-2026-00003'"},
			[]string{"* 11-11 of 11: removed", "LT-2026-00003 0-0 of 1: head changed"}},
		"the head of a chain":       {[]string{"DELETE FROM audit_head WHERE ref = 'LT-2026-00002'"}, []string{"LT-2026-00002 0-0 of 2: head missing"}},
		"the head of all":           {[]string{"DELETE FROM audit_head WHERE ref = '*'"}, []string{"* 0-0 of 11: head missing"}},
		"all heads":                 {[]string{"DELETE FROM audit_head"}, []string{"LT-2026-00002 0-0 of 2: head missing", "* 0-0 of 11: head missing"}},
		"all seals":                 {[]string{"UPDATE audit_head SET mac = ''"}, []string{"* 0-0 of 11: " + string(store.SealsGone)}},
		"two of a chain swapped":    {swap(2, 4), []string{"LT-2026-00001 2-2 of 3: changed", "LT-2026-00001 3-3 of 3: out of order"}},
		"two of two chains swapped": {swap(4, 8), []string{"LT-2026-00001 3-3 of 3: changed", "LT-2026-00002 2-2 of 2: out of order"}},
		"two contents swapped": {[]string{"UPDATE audit SET (event, by, text, salt, digest) = (SELECT event, by, text, salt, digest FROM kept_audit WHERE id = 12 - audit.id) WHERE id IN (4, 8)"},
			[]string{"LT-2026-00001 3-3 of 3: changed", "LT-2026-00002 2-2 of 2: changed"}},
		"one added at the end":        {[]string{forged(12, "LT-2026-00001", 4)}, []string{"LT-2026-00001 4-4 of 4: inserted"}},
		"one added before":            {[]string{forged(0, "LT-2026-00001", 0)}, []string{"LT-2026-00001 0-0 of 3: inserted"}},
		"one added to no chain":       {[]string{forged(12, "LT-2026-00008", 1)}, []string{"LT-2026-00008 0-0 of 1: head missing"}},
		"one added under the star":    {[]string{forged(12, "*", 12)}, []string{"* 12-12 of 12: inserted"}},
		"one put in place of another": {[]string{"DELETE FROM audit WHERE id = 2", forged(2, "LT-2026-00001", 2)}, []string{"LT-2026-00001 2-2 of 3: changed"}},
		"one squeezed in": {[]string{"UPDATE audit SET id = -id - 1, seq = CASE ref WHEN 'LT-2026-00001' THEN -seq - 1 ELSE seq END WHERE id > 1",
			"UPDATE audit SET id = -id, seq = abs(seq) WHERE id < 0", forged(2, "LT-2026-00001", 2)},
			[]string{"LT-2026-00001 2-2 of 4: changed", "LT-2026-00001 0-0 of 4: head changed"}},
		"a head that was before":  {[]string{"UPDATE audit_head SET length = 1 WHERE ref = 'LT-2026-00002'"}, []string{"LT-2026-00002 0-0 of 2: head changed"}},
		"another root":            {[]string{"UPDATE audit SET text = replace(text, '\"root\":\"', '\"root\":\"0') WHERE id = 6"}, []string{"checkpoint 1-1 of 2: changed"}},
		"what was redacted":       {[]string{"UPDATE audit SET text = 'No signal.' WHERE id = 3"}, []string{"LT-2026-00003 1-1 of 2: changed"}},
		"a redaction, unmarked":   {[]string{"UPDATE audit SET redacted = '' WHERE id = 3"}, []string{"LT-2026-00003 1-1 of 2: " + string(store.Blanked)}},
		"a mark of redaction":     {[]string{"UPDATE audit SET redacted = 'x' WHERE id = 1"}, []string{"LT-2026-00001 1-1 of 3: changed"}},
		"the words of a decision": {[]string{"UPDATE audit SET event = 'approve', text = '' WHERE id = 8"}, []string{"LT-2026-00002 2-2 of 2: changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			a.tamper(c.do...)
			got := a.check()
			for _, want := range c.want {
				if !slices.Contains(got, want) {
					t.Errorf("told is %q, want %q among it", got, want)
				}
			}
			a.undo()
		})
	}
}

// TestAuditTold: each is told of once, in the order of the chains, and nothing else is.
func TestAuditTold(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	a.keep()
	for name, c := range map[string]struct{ do, want []string }{
		"ends, and a chain of which there is the head alone": {
			[]string{"DELETE FROM audit WHERE ref = 'LT-2026-00002'", "DELETE FROM audit WHERE id IN (4, 11)"},
			[]string{"checkpoint 1-1 of 2: " + string(store.Unfit), "checkpoint 2-2 of 2: " + string(store.Unfit),
				"LT-2026-00001 3-3 of 3: removed", "LT-2026-00002 1-2 of 2: removed", "LT-2026-00003 2-2 of 2: removed"}},
		"the first of a chain after its second": {swap(5, 9),
			[]string{" 1-1 of 2: changed", " 2-2 of 2: out of order", "checkpoint 1-1 of 2: " + string(store.Unfit),
				"checkpoint 2-2 of 2: " + string(store.Unfit)}},
		"the first of a chain made its last": {[]string{"UPDATE audit SET seq = 9 WHERE id = 5"},
			[]string{" 3-9 of 9: inserted", " 1-1 of 9: removed"}},
		"a reference that is no text": {[]string{"UPDATE audit SET ref = CAST(ref AS BLOB) WHERE id = 8"},
			[]string{"LT-2026-00002 2-2 of 2: inserted", "LT-2026-00002 2-2 of 2: removed"}},
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			a.tamper(c.do...)
			found := must(a.CheckAudit(t.Context(), secret, ""))(t)
			same(t, "told", c.want, told(found.Faults))
			if name == "a reference that is no text" {
				same(t, "chains", int64(5), found.Chains)
			}
			a.undo()
		})
	}
}

// swap exchanges the places of two entries.
func swap(one, two int) []string {
	return []string{fmt.Sprintf("UPDATE audit SET id = -%d WHERE id = %[1]d", one),
		fmt.Sprintf("UPDATE audit SET id = %d WHERE id = %d", one, two),
		fmt.Sprintf("UPDATE audit SET id = %d WHERE id = -%d", two, one)}
}

func forged(id int, ref string, seq int) string {
	return fmt.Sprintf("INSERT INTO audit SELECT %d, '%s', %d, at, event, by, text, salt, digest, hash, redacted, command, until, whom "+
		"FROM kept_audit WHERE id = 1", id, ref, seq)
}

// TestOlderCopyFilledUp: an older copy that was given the row that is noted is told from the database all the same: by the head of all
// entries, and where that was put there too by the walk through them.
func TestOlderCopyFilledUp(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	ctx := t.Context()
	noted := must(a.NewestEntry(ctx))(t)
	key := secret
	key.Noted = noted
	a.tamper()
	for _, statement := range []string{
		`CREATE TABLE kept AS SELECT * FROM audit_head`,
		`DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id DESC LIMIT 3 OFFSET 1)`,
		`UPDATE audit_head SET (length, hash) = (length - 4, 'of before') WHERE ref = '*'`,
	} {
		must(a.raw.ExecContext(ctx, statement))(t)
	}
	want := &store.AuditFault{Ref: store.Everything, First: 1, Last: noted.Entry, Of: noted.Entry, What: store.OtherPast}
	same(t, "as it is followed", want, must(a.ShortOf(ctx, *noted))(t))
	must(a.raw.ExecContext(ctx, `
		UPDATE audit_head SET (length, hash) = (SELECT length, hash FROM kept WHERE ref = '*') WHERE ref = '*'`))(t)
	same(t, "as it is followed, with the head", (*store.AuditFault)(nil), must(a.ShortOf(ctx, *noted))(t))
	same(t, "in the audit's check", want, must(a.CheckAudit(ctx, key, ""))(t).Short)
}
