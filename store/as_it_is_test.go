package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// TestAsItIs: who is exempt no longer is read from a database of any version, sealed or not, without changing it.
func TestAsItIs(t *testing.T) {
	t.Parallel()
	old := store.AsItIs{File: first(t), Key: secret}
	removal := func(ref, user, member string) []intake.Action {
		return []intake.Action{{Kind: intake.ToRemove, Ref: ref, User: user, Member: member}}
	}
	check := func(what string, a store.AsItIs, now time.Time, active int, want []intake.Action) {
		t.Helper()
		same(t, what+": active", active, len(must(a.ActiveExceptions(t.Context(), now))(t)))
		same(t, what+": over", want, must(a.OverExemptions(t.Context(), now))(t))
	}
	check("of the first version", old, noon, 1, nil)
	check("of the first version, later", old, noon.Add(180*day), 0, removal("LT-2026-00001", "sam@corner.test", ""))

	u := newUnsealed(t, 1500)
	now := store.AsItIs{File: u.file, Key: u.key}
	check("before there were seals", now, noon, 1, nil)
	if err := u.start(u.full()); err == nil {
		t.Fatal("the disk is not full")
	}
	check("half sealed", now, noon.Add(180*day), 0, removal("LT-2026-00001", "sam@corner.test", ""))
	ok(t, u.start("SELECT 1"))
	s := inFile(u.file)(t)
	ok(t, s.Seal(t.Context(), u.key))
	same(t, "sealed", true, must(s.FollowSeals(t.Context(), u.key))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Applied(ctx, "LT-2026-00001", "a member"))
		ok(t, tx.CloseException(ctx, "LT-2026-00001", intake.Revoked, noon))
		ok(t, tx.AddAction(ctx, &intake.Action{Ref: "LT-2026-00001", User: "sam@corner.test", Kind: intake.ToRemove,
			CreatedAt: noon, DueAt: noon}))
	})
	check("revoked, and not removed", now, noon, 0, removal("LT-2026-00001", "sam@corner.test", "a member"))
	for i, e := range []*intake.Exception{exception("LT-2026-00002", day), exception("LT-2026-00003", day)} {
		e.User.Email = []string{"sam@corner.test", "kim@corner.test"}[i]
		do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddException(ctx, e)) })
	}
	check("exempt otherwise", now, noon, 2, nil)
	u.write(`INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error,
			subject_email, directory_id, seal)
		SELECT 'LT-2026-00003', kind, 'open', attempts, created_at, due_at, taken_until, 0, alerted_at, last_error,
			'kim@corner.test', '', seal FROM action WHERE ref = 'LT-2026-00001'`)
	check("a removal that somebody made up", now, noon, 2, nil)
	madeUp := func(a intake.Action) bool { return a.Ref == "LT-2026-00003" }
	same(t, "in the database that runs", false, slices.ContainsFunc(must(s.OverExemptions(t.Context(), noon))(t), madeUp))
	u.write(`UPDATE exception SET ends_at = ends_at + 1 WHERE ref = 'LT-2026-00002'`)
	check("exempt otherwise by what somebody wrote", now, noon, 1, removal("LT-2026-00001", "sam@corner.test", "a member"))
	now.Key = store.SealKey{Secret: []byte("quite another secret of 32 bytes")}
	if over, err := now.OverExemptions(t.Context(), noon); err == nil {
		t.Errorf("with another key %v is over", over)
	}
}
