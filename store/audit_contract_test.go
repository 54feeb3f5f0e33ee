package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

func testAudit(t *testing.T, open opener) {
	s := open(t)
	entries := []intake.HistoryEntry{
		{Ref: "LT-2026-00001", At: noon, Event: "complete", By: "pharmacy@corner.test", Text: "A tremor.\n✓"},
		{Ref: "LT-2026-00001", At: noon, Event: "approve", By: "asha@helpdesk.test"},
		{Ref: "LT-2026-00001", At: noon.Add(-time.Hour), Event: "revoke"}, // the clock went back: order is that of writing
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range entries {
			ok(t, tx.Record(ctx, e))
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "", At: noon, Event: "unanswered"}))
		}
		same(t, "within the transaction", entries, must(tx.History(ctx, "LT-2026-00001"))(t))
	})
	same(t, "history", entries, must(s.History(t.Context(), "LT-2026-00001"))(t))
	none := intake.HistoryEntry{At: noon, Event: "unanswered"}
	same(t, "of no reference, at a moment", []intake.HistoryEntry{none, none, none}, must(s.HistoryAt(t.Context(), "unanswered", noon))(t))
	same(t, "at another", 0, len(must(s.HistoryAt(t.Context(), "unanswered", noon.Add(time.Second)))(t)))
	same(t, "of another event", 0, len(must(s.HistoryAt(t.Context(), "approve", noon))(t)))
	same(t, "history of nothing", []intake.HistoryEntry(nil), must(s.History(t.Context(), "LT-2026-09999"))(t))
}

// testCourse: a database has come as far as was noted, and goes on from there; one that has not, or came there another way, or calls itself
// otherwise, is told apart.
func testCourse(t *testing.T, open opener) {
	s := open(t)
	ctx := t.Context()
	same(t, "of nothing", (*store.Noted)(nil), must(s.NewestEntry(ctx))(t))
	record := func() {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{At: noon, Event: "unanswered"}))
		})
	}
	record()
	was := must(s.NewestEntry(ctx))(t)
	same(t, "noted", &store.Noted{Instance: s.Instance(), Entry: 1, Hash: was.Hash, At: noon, Root: was.Root}, was)
	same(t, "root", must(s.CheckAudit(ctx, store.SealKey{}, ""))(t).Root, was.Root)
	record()
	noted := *must(s.NewestEntry(ctx))(t)
	record()
	for what, c := range map[string]struct {
		change func(n *store.Noted)
		want   *store.AuditFault
	}{
		"as it is":              {func(*store.Noted) {}, nil},
		"from before":           {func(n *store.Noted) { *n = *was }, nil},
		"not so far":            {func(n *store.Noted) { n.Entry = 9 }, &store.AuditFault{Ref: store.Everything, First: 4, Last: 9, Of: 9, What: store.OlderCopy}},
		"another way":           {func(n *store.Noted) { n.Hash = was.Hash }, &store.AuditFault{Ref: store.Everything, First: 2, Last: 2, Of: 3, What: store.OtherCourse}},
		"of an earlier version": {func(n *store.Noted) { n.Root = "" }, nil},
		"another past":          {func(n *store.Noted) { n.Root = was.Root }, &store.AuditFault{Ref: store.Everything, First: 1, Last: 2, Of: 3, What: store.OtherPast}},
		"of another database":   {func(n *store.Noted) { n.Instance = "other" }, &store.AuditFault{Ref: store.Everything, What: store.OtherName}},
	} {
		n := noted
		c.change(&n)
		same(t, what, c.want, must(s.ShortOf(ctx, n))(t))
		found := must(s.CheckAudit(ctx, store.SealKey{Noted: &n}, ""))(t)
		same(t, what+", in the audit's check", c.want == nil, found.Whole())
	}
}

// testCheckAudit: an audit that only the store has written to, sealed and with checkpoints, is whole.
func testCheckAudit(t *testing.T, open opener) {
	s := open(t)
	record := func(ref, event, text string) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: noon, Event: intake.Event(event), By: "asha@helpdesk.test", Text: text}))
		})
	}
	record("LT-2026-00001", "complete", "before it is sealed")
	ok(t, s.Seal(t.Context(), secret))
	record("LT-2026-00001", "approve", "")
	var now intake.Checkpoint
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "no checkpoint", intake.Checkpoint{}, must(tx.LastCheckpoint(ctx))(t))
		now = must(tx.AuditNow(ctx))(t)
	})
	same(t, "entries and chains", []int64{2, 1}, []int64{now.Entries, now.Chains})
	now.Day = "2026-03-02"
	record(intake.CheckpointRef, "checkpoint", string(must(json.Marshal(now))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "last checkpoint", now, must(tx.LastCheckpoint(ctx))(t))
		ok(t, tx.Redact(ctx, "LT-2026-00001"))
	})
	found := must(s.CheckAudit(t.Context(), secret, now.Root))(t)
	same(t, "faults", []string(nil), told(found.Faults))
	same(t, "entries, chains, checkpoints and those of the root", []int64{3, 2, 1, 2},
		[]int64{found.Entries, found.Chains, found.Checkpoints, found.Rooted.Entries})
	same(t, "sealed", true, found.Sealed)
}

// testAtWork: a time in which nothing was recorded is one in which nobody was at work.
func testAtWork(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: "complete"}))
	})
	for _, c := range []struct {
		after, until time.Duration
		want         bool
	}{{-time.Hour, 0, true}, {-time.Hour, -time.Second, false}, {0, time.Hour, false}} {
		same(t, "recorded", c.want, must(s.AtWork(t.Context(), noon.Add(c.after), noon.Add(c.until)))(t))
	}
}
