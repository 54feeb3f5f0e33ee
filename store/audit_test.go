package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"mfabot/intake"
	"mfabot/store"
)

// secret is the key that the tests' audit is sealed with.
var secret = store.SealKey{Secret: []byte(strings.Repeat("k", intake.KeySize))}

// audited is a database with some of everything in its audit, and a way around the
// program.
type audited struct {
	*store.Store
	t   *testing.T
	raw *sql.DB // of somebody who may write to the file
}

// newAudited records entries of two requests and of none, over two days. The
// first three are of LT-2026-00001, and one of them is redacted.
func newAudited(t *testing.T) *audited {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	a := &audited{Store: inFile(file)(t), t: t}
	ok(t, a.Seal(t.Context(), secret))
	a.record("LT-2026-00001", "complete", "pharmacy@corner.test", "A tremor.\n✓")
	a.record("LT-2026-00001", "approve", "asha@helpdesk.test", "")
	a.record("LT-2026-00003", "complete", "pharmacy@corner.test", "No signal.")
	a.Command = "root on mail1"
	a.record("LT-2026-00001", "revoke", "Asha Patel", "left")
	same(t, "who typed them", []string{"", "", "root on mail1"}, typists(must(a.History(t.Context(), "LT-2026-00001"))(t)))
	a.Command = ""
	a.record("", "unanswered", "sue@elsewhere.test", "the daily limit")
	a.checkpoint("2026-03-02")
	a.record("LT-2026-00002", "complete", "pharmacy@corner.test", "Arthritis.")
	a.record("LT-2026-00002", "reject", "asha@helpdesk.test", "no evidence")
	a.record("", "unanswered", "", "")
	a.checkpoint("2026-03-03")
	do(t, a.Store, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Redact(ctx, "LT-2026-00003")) })
	a.record("LT-2026-00003", "purged", "", "its time was over")

	raw, err := sql.Open("sqlite3", "file:"+file+"?_synchronous=OFF&_busy_timeout=10000")
	ok(t, err)
	raw.SetMaxOpenConns(1)
	t.Cleanup(func() { ok(t, raw.Close()) })
	a.raw = raw
	return a
}

func typists(entries []intake.HistoryEntry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Command)
	}
	return out
}

func (a *audited) record(ref, event, by, text string) {
	a.t.Helper()
	do(a.t, a.Store, func(ctx context.Context, tx *store.Tx) {
		ok(a.t, tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: noon, Event: intake.Event(event), By: by, Text: text}))
	})
}

func (a *audited) checkpoint(day string) {
	a.t.Helper()
	do(a.t, a.Store, func(ctx context.Context, tx *store.Tx) {
		c := must(tx.AuditNow(ctx))(a.t)
		c.Day = day
		text, err := json.Marshal(c)
		ok(a.t, err)
		ok(a.t, tx.Record(ctx, intake.HistoryEntry{Ref: intake.CheckpointRef, At: noon, Event: "checkpoint", Text: string(text)}))
		same(a.t, "last checkpoint", c, must(tx.LastCheckpoint(ctx))(a.t))
	})
}

func (a *audited) check() []string {
	a.t.Helper()
	return told(must(a.CheckAudit(a.t.Context(), secret, ""))(a.t).Faults)
}

// told is faults as short lines.
func told(faults []store.AuditFault) []string {
	var out []string
	for _, f := range faults {
		out = append(out, fmt.Sprintf("%s %d-%d of %d: %s", f.Ref, f.First, f.Last, f.Of, f.What))
	}
	return out
}

// tamper runs statements on the file as somebody does who may write to it.
func (a *audited) tamper(statements ...string) {
	a.t.Helper()
	for _, s := range append([]string{"DROP TRIGGER IF EXISTS audit_keep", "DROP TRIGGER IF EXISTS audit_redact"}, statements...) {
		_, err := a.raw.ExecContext(a.t.Context(), s)
		ok(a.t, err)
	}
}

// auditTables is what a copy is kept of, to undo what was done.
var auditTables = []string{"audit", "audit_head"}

func (a *audited) keep() {
	a.t.Helper()
	for _, t := range auditTables {
		a.tamper("CREATE TABLE kept_" + t + " AS SELECT * FROM " + t)
	}
}

func (a *audited) undo() {
	a.t.Helper()
	for _, t := range auditTables {
		a.tamper("DELETE FROM "+t, "INSERT INTO "+t+" SELECT * FROM kept_"+t)
	}
	if faults := a.check(); len(faults) > 0 {
		a.t.Fatalf("not undone: %q", faults)
	}
}

func TestAuditWhole(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	found := must(a.CheckAudit(t.Context(), secret, ""))(t)
	same(t, "faults", []string(nil), told(found.Faults))
	same(t, "entries", int64(11), found.Entries)
	same(t, "chains", int64(5), found.Chains)
	same(t, "checkpoints", int64(2), found.Checkpoints)
	same(t, "sealed", true, found.Sealed)

	found = must(a.CheckAudit(t.Context(), store.SealKey{}, ""))(t)
	same(t, "faults without the key", []string(nil), told(found.Faults))
	same(t, "sealed without the key", false, found.Sealed)

	found = must(a.CheckAudit(t.Context(), store.SealKey{Secret: []byte("another key")}, ""))(t)
	if len(found.Faults) == 0 {
		t.Error("with another key the audit is whole")
	}
	empty := newSQLite(t)(t)
	same(t, "of an empty one", &store.Audited{}, must(empty.CheckAudit(t.Context(), secret, ""))(t))
}

// TestAuditRedacted: what a purge takes away is gone, and nothing else is.
func TestAuditRedacted(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	same(t, "history", []intake.HistoryEntry{{Ref: "LT-2026-00003", At: noon, Event: "complete"},
		{Ref: "LT-2026-00003", At: noon, Event: "purged", Text: "its time was over"}}, must(a.History(t.Context(), "LT-2026-00003"))(t))
	do(t, a.Store, func(ctx context.Context, tx *store.Tx) {
		for _, ref := range []string{"LT-2026-00003", "LT-2026-00001", "", "LT-2026-00009"} {
			ok(t, tx.Redact(ctx, ref))
		}
	})
	a.record("LT-2026-00001", "purged", "", "")
	same(t, "faults", []string(nil), a.check())
}

// TestAuditGuarded: the database itself refuses what is no redaction.
func TestAuditGuarded(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	blank := "UPDATE audit SET by = '', text = '', salt = ''"
	for _, statement := range []string{
		"DELETE FROM audit WHERE id = 1",
		"UPDATE audit SET event = 'reject' WHERE id = 2",
		"UPDATE audit SET text = 'other' WHERE id = 1",
		"UPDATE audit SET by = '', text = '' WHERE id = 1",
		"UPDATE audit SET salt = '' WHERE id = 1",
		blank + ", at = 0 WHERE id = 1",
		blank + ", event = 'reject' WHERE id = 1",
		blank + ", hash = '' WHERE id = 1",
		blank + ", digest = '' WHERE id = 1",
		blank + ", ref = '' WHERE id = 1",
		blank + ", seq = 99 WHERE id = 1",
		blank + ", id = 99 WHERE id = 1",
		"UPDATE audit SET redacted = 'x' WHERE id = 3", // which is redacted already
	} {
		_, err := a.raw.ExecContext(t.Context(), statement)
		var refused sqlite3.Error
		if !errors.As(err, &refused) || refused.Code != sqlite3.ErrConstraint {
			t.Errorf("%s: %v", statement, err)
		}
	}
	same(t, "faults", []string(nil), a.check())
	_, err := a.raw.ExecContext(t.Context(), blank+" WHERE id = 1")
	ok(t, err)
	same(t, "taken away by somebody else", []string{"LT-2026-00001 1-1 of 3: " + string(store.Blanked)}, a.check())
}

// TestAuditRewritten: somebody who knows how hashes are made changes an entry and all
// that follows from it. The bot goes on afterwards, and that hides nothing.
func TestAuditRewritten(t *testing.T) {
	t.Parallel()
	for _, later := range []bool{false, true} {
		a := newAudited(t)
		root := must(a.CheckAudit(t.Context(), secret, ""))(t).Root
		a.tamper("UPDATE audit SET at = at + 1 WHERE id = 8")
		for _, statement := range store.Rehashed(t.Context(), a.raw) {
			a.tamper(statement)
		}
		if later {
			a.record("LT-2026-00002", "complete", "pharmacy@corner.test", "again")
		}
		of := map[bool]int{false: 2, true: 3}[later]
		got := a.check()
		for _, want := range []string{fmt.Sprintf("LT-2026-00002 0-0 of %d: head changed", of),
			"checkpoint 2-2 of 2: " + string(store.Unfit)} {
			if !slices.Contains(got, want) {
				t.Errorf("later %v: told is %q, want %q among it", later, got, want)
			}
		}
		for _, key := range []store.SealKey{secret, {}} {
			found := must(a.CheckAudit(t.Context(), key, root))(t)
			if !slices.Contains(told(found.Faults), fmt.Sprintf("* 0-0 of %d: %s", of+9, store.UnknownRoot)) {
				t.Errorf("later %v: told is %q of a root that is known elsewhere", later, told(found.Faults))
			}
		}
	}
}

// TestAuditOldCopy: entries that were cut off, with a head as it was before, leave
// a gap among all entries.
func TestAuditOldCopy(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	a.keep()
	a.record("LT-2026-00002", "revoke", "asha@helpdesk.test", "left")
	a.record("LT-2026-00001", "complete", "pharmacy@corner.test", "again")
	a.tamper("DELETE FROM audit WHERE ref = 'LT-2026-00002' AND seq > 2",
		"UPDATE audit_head SET (length, hash, mac) = (SELECT length, hash, mac FROM kept_audit_head AS k WHERE k.ref = audit_head.ref) WHERE ref = 'LT-2026-00002'")
	same(t, "faults", []string{"* 12-12 of 13: removed"}, a.check())
}

// TestAuditGoesOn: the bot records what happens whatever was done to the audit, and
// that mends nothing.
func TestAuditGoesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ do, want string }{
		{"DELETE FROM audit WHERE id = 11", "LT-2026-00003 2-2 of 3: removed"},
		{"DELETE FROM audit WHERE id > 6", "LT-2026-00003 2-2 of 3: removed"},
		{"DELETE FROM audit_head", "LT-2026-00003 3-3 of 3: changed"},
		{"UPDATE audit_head SET length = 1", "LT-2026-00001 0-0 of 3: head changed"},
		{"UPDATE audit_head SET mac = ''", "* 0-0 of 12: no head was sealed with this key"},
		{"DELETE FROM audit", "LT-2026-00003 1-2 of 3: removed"},
	} {
		a := newAudited(t)
		a.tamper(c.do)
		a.record("LT-2026-00003", "erased", "", "")
		if got := a.check(); !slices.Contains(got, c.want) {
			t.Errorf("%s: told is %q, want %q among it", c.do, got, c.want)
		}
	}
}

// TestAuditMissing: what is on record has a history.
func TestAuditMissing(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	addRequest(t, a.Store, "LT-2026-00001", 1)
	addRequest(t, a.Store, "LT-2026-00007", 2)
	do(t, a.Store, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddException(ctx, exception("LT-2026-00006", time.Hour)))
	})
	same(t, "faults", []string{"LT-2026-00006 0-0 of 0: " + string(store.ChainMissing),
		"LT-2026-00007 0-0 of 0: " + string(store.ChainMissing)}, a.check())
}

// TestAuditRoot: a root says what it is of.
func TestAuditRoot(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	var roots []string
	do(t, a.Store, func(ctx context.Context, tx *store.Tx) {
		for _, e := range must(tx.History(ctx, intake.CheckpointRef))(t) {
			var c intake.Checkpoint
			ok(t, json.Unmarshal([]byte(e.Text), &c))
			roots = append(roots, c.Root)
		}
		roots = append(roots, must(tx.AuditNow(ctx))(t).Root)
	})
	for i, entries := range []int64{5, 9, 11} {
		found := must(a.CheckAudit(t.Context(), secret, roots[i]))(t)
		same(t, "faults", []string(nil), told(found.Faults))
		same(t, "rooted", store.Rooted{Entries: entries, At: noon}, found.Rooted)
	}
	same(t, "root", roots[2], must(a.CheckAudit(t.Context(), secret, ""))(t).Root)
}

// TestAuditActive: a checkpoint that says of who was exempt what the entries before it do not say is told of while it is
// the newest, and whenever its root is asked for.
func TestAuditActive(t *testing.T) {
	t.Parallel()
	a := newAudited(t)
	begin := func(ref string, until time.Time) {
		do(t, a.Store, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: noon, Event: intake.EventApprove, Until: until,
				User: "sam@corner.test"}))
		})
	}
	wrong := func() (root string) { // makes a checkpoint while the audit is another
		a.tamper("UPDATE audit SET until = until + 1 WHERE ref = 'LT-2026-00007'")
		do(t, a.Store, func(ctx context.Context, tx *store.Tx) { root = must(tx.AuditNow(ctx))(t).Root })
		a.checkpoint("2026-03-04")
		a.tamper("UPDATE audit SET until = until - 1 WHERE ref = 'LT-2026-00007'")
		return root
	}
	for i, ref := range []string{"LT-2026-00005", "LT-2026-00004", "LT-2026-00006", "LT-2026-00001"} {
		begin(ref, noon.Add(time.Duration(i+1)*day))
	}
	a.record("LT-2026-00004", "ended", "", "")
	begin("LT-2026-00005", noon.Add(9*day)) // for longer
	a.checkpoint("2026-03-03")
	begin("LT-2026-00007", noon.Add(day))
	a.record("LT-2026-00006", "revoke", "", "")
	same(t, "faults, of who is exempt by then", []string(nil), a.check())

	root := wrong()
	told4 := []string{"checkpoint 4-4 of 4: " + string(store.Unfit)}
	same(t, "the newest", told4, a.check())
	a.checkpoint("2026-03-05")
	same(t, "one before the newest", []string(nil), a.check())
	told4[0] = strings.Replace(told4[0], "of 4", "of 5", 1)
	same(t, "with its root", told4, told(must(a.CheckAudit(t.Context(), secret, root))(t).Faults))
}

// TestAuditSealedOnce: what was recorded before there was a key is sealed when it
// comes, and what has lost its seals since is not.
func TestAuditSealedOnce(t *testing.T) {
	t.Parallel()
	open := newSQLite(t)
	for range 2 { // the second time with entries of before
		s := open(t)
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "complete"}))
		})
		same(t, "sealed", false, must(s.CheckAudit(t.Context(), secret, ""))(t).Sealed)
	}
	s := open(t)
	for range 2 {
		ok(t, s.Seal(t.Context(), secret))
		found := must(s.CheckAudit(t.Context(), secret, ""))(t)
		same(t, "sealed", true, found.Sealed)
		same(t, "faults", []string(nil), told(found.Faults))
	}
}

// TestAuditSealsGone: whoever writes a new audit without seals does not get it sealed,
// where it is known elsewhere that there were some.
func TestAuditSealsGone(t *testing.T) {
	t.Parallel()
	gone := func(of int) string { return fmt.Sprintf("* 0-0 of %d: %s", of, store.SealsGone) }
	a := newAudited(t)
	a.tamper("UPDATE audit_head SET mac = ''")
	for range 2 {
		same(t, "refused", true, errors.Is(a.Seal(t.Context(), secret), store.ErrSealsGone)) // as there is a checkpoint
		same(t, "faults", []string{gone(11)}, a.check())
	}

	a = newAudited(t)
	a.tamper("DELETE FROM audit WHERE ref IN ('checkpoint', 'LT-2026-00003') OR event = 'revoke'",
		"DELETE FROM audit_head WHERE ref IN ('checkpoint', 'LT-2026-00003')", "UPDATE audit SET event = 'approve' WHERE event = 'reject'",
		"CREATE TABLE numbers AS SELECT id AS old, row_number() OVER (ORDER BY id) AS new, row_number() OVER (PARTITION BY ref ORDER BY seq) AS seq FROM audit",
		"UPDATE audit SET id = id + 1000, seq = seq + 1000",
		"UPDATE audit SET (id, seq) = (SELECT new, numbers.seq FROM numbers WHERE old = audit.id - 1000)", "DROP TABLE numbers")
	a.tamper(store.Rehashed(t.Context(), a.raw)...)
	a.tamper("UPDATE audit_head SET mac = '', length = (SELECT MAX(CASE WHEN audit_head.ref = '*' THEN id ELSE seq END) " +
		"FROM audit WHERE audit_head.ref IN (audit.ref, '*'))")
	same(t, "faults, as far as the database tells", []string(nil), a.check())
	used := store.SealKey{Secret: secret.Secret, Used: true}
	same(t, "faults", []string{gone(6)}, told(must(a.CheckAudit(t.Context(), used, ""))(t).Faults))
	same(t, "refused", true, errors.Is(a.Seal(t.Context(), used), store.ErrSealsGone))
	a.record("LT-2026-00001", "revoke", "Asha Patel", "left")
	ok(t, a.Seal(t.Context(), used))
	if found := must(a.CheckAudit(t.Context(), used, ""))(t); len(found.Faults) == 0 {
		t.Error("the audit is whole once the bot has gone on")
	}
	empty := newSQLite(t)(t)
	ok(t, empty.Seal(t.Context(), used))
	same(t, "of an empty one", &store.Audited{}, must(empty.CheckAudit(t.Context(), used, ""))(t))
}
