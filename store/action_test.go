package store_test

import (
	"context"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// testActions checks that of a user's actions the newest holds, and that none
// begins while another is in hand.
func testActions(t *testing.T, open opener) {
	s := open(t)
	first, second, other := exception("LT-2026-00001", day), exception("LT-2026-00002", day), exception("LT-2026-00003", day)
	other.User.Email = "other@site.test"
	apply := &intake.Action{Ref: first.Ref, User: first.User.Email, Kind: intake.ToApply, CreatedAt: noon, DueAt: noon}
	remove := &intake.Action{Ref: first.Ref, User: first.User.Email, Kind: intake.ToRemove, CreatedAt: noon, DueAt: noon}
	renewed := &intake.Action{Ref: second.Ref, User: first.User.Email, Kind: intake.ToApply, CreatedAt: noon, DueAt: noon}
	besides := &intake.Action{Ref: other.Ref, User: other.User.Email, Kind: intake.ToApply, CreatedAt: noon, DueAt: noon.Add(time.Hour)}
	due := func(now time.Time, ref string, want ...*intake.Action) {
		t.Helper()
		same(t, "due", idsOf(want), idsOf(pointers(must(s.DueActions(t.Context(), ref, now, 10))(t))))
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range []*intake.Exception{first, second, other} {
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.AddAction(ctx, apply))
		ok(t, tx.AddAction(ctx, besides))
	})
	due(noon, "", apply)
	due(noon.Add(time.Hour), "", apply, besides)
	due(noon.Add(time.Hour), other.Ref, besides)

	later := noon.Add(time.Minute)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		wantStale(t, "taken before it is due", tx.TakeAction(ctx, besides.ID, noon, later))
		ok(t, tx.TakeAction(ctx, apply.ID, noon, later))
		wantStale(t, "taken twice", tx.TakeAction(ctx, apply.ID, noon, later))
		ok(t, tx.AddAction(ctx, remove)) // the first is overtaken while it is in hand
		wantStale(t, "beside the one in hand", tx.TakeAction(ctx, remove.ID, noon, later))
	})
	do(t, s, func(ctx context.Context, tx *store.Tx) { // by a program that has reached nobody
		ok(t, tx.DelayAction(ctx, apply.ID, noon, later, "the directory is away"))
		wantStale(t, "beside the one in hand still", tx.TakeAction(ctx, remove.ID, noon, later))
	})
	due(noon, "")
	due(later, "", remove) // whoever had it in hand is gone
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.EndAction(ctx, apply.ID, intake.ActionDone, noon))
		ok(t, tx.PutBackAction(ctx, remove.ID, later, noon, "the directory is away"))
	})
	same(t, "open", idsOf([]*intake.Action{besides, remove}), idsOf(pointers(must(s.OpenActions(t.Context(), ""))(t))))
	due(noon, "")
	due(later, "", remove)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddAction(ctx, renewed)) })
	due(later, "", renewed)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		wantStale(t, "what was overtaken", tx.TakeAction(ctx, remove.ID, later, later))
		ok(t, tx.TakeAction(ctx, renewed.ID, later, later.Add(time.Minute)))
		ok(t, tx.EndAction(ctx, renewed.ID, intake.ActionDone, later))
	})
	same(t, "of a reference", 0, len(must(s.OpenActions(t.Context(), second.Ref))(t)))
	same(t, "what is left", idsOf([]*intake.Action{besides}), idsOf(pointers(must(s.OpenActions(t.Context(), ""))(t))))
}

// testByHand checks that what is to be done by hand is no business of the directory's, and ends once.
func testByHand(t *testing.T, open opener) {
	s := open(t)
	first, second, other := exception("LT-2026-00001", day), exception("LT-2026-00002", day), exception("LT-2026-00003", day)
	other.User.Email = "other@site.test"
	todo := func(e *intake.Exception, kind intake.ActionKind) *intake.Action {
		return &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: kind, State: intake.ActionAsked, CreatedAt: noon, DueAt: noon}
	}
	exempt, end, besides := todo(first, intake.ToApply), todo(first, intake.ToRemove), todo(other, intake.ToApply)
	left := func(ref, user string, want ...*intake.Action) {
		t.Helper()
		same(t, "to do", idsOf(want), idsOf(pointers(must(s.AskedActions(t.Context(), ref, user))(t))))
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range []*intake.Exception{first, second, other} {
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.AddAction(ctx, exempt))
		ok(t, tx.AddAction(ctx, besides))
	})
	left("", "", exempt, besides)
	overdue := func(by time.Time, want int64, since time.Time) {
		t.Helper()
		n, at, err := s.Overdue(t.Context(), by)
		ok(t, err)
		same(t, "overdue", want, n)
		same(t, "since", since, at)
	}
	overdue(noon.Add(-time.Second), 0, time.Time{})
	overdue(noon, 2, noon)
	left(other.Ref, "", besides)
	left("", first.User.Email, exempt)
	same(t, "due in the directory", 0, len(must(s.DueActions(t.Context(), "", noon.Add(30*day), 10))(t)))
	same(t, "open in the directory", 0, len(must(s.OpenActions(t.Context(), ""))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddAction(ctx, end))
		wantStale(t, "what was overtaken", tx.FinishAction(ctx, exempt.ID, noon))
		ok(t, tx.FinishAction(ctx, end.ID, noon))
		wantStale(t, "what is done", tx.FinishAction(ctx, end.ID, noon))
	})
	left("", "", besides)
	for a, want := range map[*intake.Action]intake.ActionState{
		exempt: intake.ActionVoid, end: intake.ActionDone, besides: intake.ActionAsked,
	} {
		same(t, "state", want, must(s.Action(t.Context(), a.ID))(t).State)
	}
	queued := todo(other, intake.ToApply)
	queued.State = intake.ActionOpen
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddAction(ctx, queued)) // a directory has come
		wantStale(t, "what the directory does", tx.FinishAction(ctx, queued.ID, noon))
	})
	left("", "")
}

// testClockBack checks that what was put back by a clock that was ahead does not
// wait until then.
func testClockBack(t *testing.T, open opener) {
	s := open(t)
	e := exception("LT-2026-00001", day)
	a := &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: intake.ToRemove, CreatedAt: noon, DueAt: noon}
	ahead := noon.Add(60 * day)
	letter := &intake.Outbound{Letter: intake.Letter{Template: intake.LetterReceipt, To: "site@site.test"},
		MessageID: "one@helpdesk.test", CreatedAt: noon, DueAt: noon}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddException(ctx, e))
		ok(t, tx.AddAction(ctx, a))
		ok(t, tx.TakeAction(ctx, a.ID, ahead, ahead.Add(time.Minute)))
	})
	same(t, "in hand by a clock that was ahead", 1, len(must(s.DueActions(t.Context(), "", noon, 10))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.PutBackAction(ctx, a.ID, ahead, noon, "the directory is away"))
		ok(t, tx.AddOutbound(ctx, letter))
	})
	ok(t, s.Retry(t.Context(), letter.ID, noon, ahead, "the server is away"))
	same(t, "actions", 1, len(must(s.DueActions(t.Context(), "", noon, 10))(t)))
	same(t, "letters", 1, len(must(s.Due(t.Context(), noon, 10))(t)))
	held := &intake.Outbound{Letter: letter.Letter, MessageID: "two@helpdesk.test", CreatedAt: ahead,
		DueAt: ahead, HeldUntil: ahead.Add(3 * day)}
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddOutbound(ctx, held)) })
	same(t, "one that was to be held", 2, len(must(s.Due(t.Context(), noon, 10))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.TakeAction(ctx, a.ID, noon, noon.Add(time.Minute))) })
}

// testOnce checks that what is done once a day is done once.
func testOnce(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Once(ctx, "compare", "2026-03-02"))
		wantStale(t, "the same day", tx.Once(ctx, "compare", "2026-03-02"))
		ok(t, tx.Once(ctx, "other", "2026-03-02"))
		ok(t, tx.Once(ctx, "compare", "2026-03-03"))
	})
	for day, want := range map[string]bool{"2026-03-02": false, "2026-03-03": true} {
		same(t, "compared on "+day, want, must(s.IsDone(t.Context(), "compare", day))(t))
	}
	same(t, "of another name", false, must(s.IsDone(t.Context(), "third", "2026-03-02"))(t))
}

// testProceed checks that a task goes on only from where it is.
func testProceed(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "before it began", "", must(tx.HowFar(ctx, "task"))(t))
		ok(t, tx.Proceed(ctx, "task", "", "2026-03-02 after A"))
		wantStale(t, "begun already", tx.Proceed(ctx, "task", "", "2026-03-02 after B"))
		same(t, "how far", "2026-03-02 after A", must(tx.HowFar(ctx, "task"))(t))
		ok(t, tx.Proceed(ctx, "task", "2026-03-02 after A", "2026-03-02 done"))
		wantStale(t, "no longer there", tx.Proceed(ctx, "task", "2026-03-02 after A", "2026-03-02 after C"))
		same(t, "in the end", "2026-03-02 done", must(tx.HowFar(ctx, "task"))(t))
	})
}

// testSitesOnRecord: those with an active long-term exception or an undecided request, in pages.
func testSitesOnRecord(t *testing.T, open opener) {
	s := open(t)
	at := func(code string, e *intake.Exception) *intake.Exception {
		e.SiteCode, e.User.Email = code, e.Ref+"@corner.test"
		return e
	}
	short, over := at("A2", exception("ST-2026-00002", day)), at("A3", exception("LT-2026-00003", day))
	short.Category = intake.Short
	over.EndsAt = noon.Add(day)
	r := addRequest(t, s, "LT-2026-00004", 1)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range []*intake.Exception{at("A1", exception("LT-2026-00001", 10*day)), short, over, at("A9",
			exception("LT-2026-00009", 9*day)),
			at("A9", exception("LT-2026-00010", 8*day))} {
			ok(t, tx.AddException(ctx, e))
		}
		page := func(after string, limit int) []string {
			return must(tx.SitesOnRecord(ctx, after, noon.Add(2*day), limit))(t)
		}
		same(t, "all", []string{"A1", "A9", r.SiteCode}, page("", 9))
		same(t, "a page", []string{"A1", "A9"}, page("", 2))
		same(t, "the next", []string{r.SiteCode}, page("A9", 2))
		same(t, "the end", []string(nil), page(r.SiteCode, 2))
	})
}

func pointers(actions []intake.Action) []*intake.Action {
	var out []*intake.Action
	for _, a := range actions {
		out = append(out, &a)
	}
	return out
}

func idsOf(actions []*intake.Action) []int64 {
	var ids []int64
	for _, a := range actions {
		ids = append(ids, a.ID)
	}
	return ids
}

// testOverExemptions checks that what is over is found without having been closed, and nobody who is exempt
// otherwise.
func testOverExemptions(t *testing.T, open opener) {
	s := open(t)
	add := func(ref, user, member string, ends time.Duration) *intake.Exception {
		e := exception(ref, ends)
		e.User.Email, e.EndsAt = user, noon.Add(ends)
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.AddException(ctx, e))
			ok(t, tx.Applied(ctx, ref, member))
		})
		return e
	}
	add("LT-2026-00001", "over@site.test", "", day)
	add("LT-2026-00002", "runs@site.test", "", 3*day)
	add("LT-2026-00003", "again@site.test", "", day)
	add("LT-2026-00004", "again@site.test", "", 3*day)
	add("LT-2026-00005", "old.name@site.test", "member", day)
	add("LT-2026-00006", "new.name@site.test", "member", 3*day)
	revoked := add("LT-2026-00007", "revoked@site.test", "other", 3*day)
	removed := add("LT-2026-00008", "removed@site.test", "", 3*day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range []*intake.Exception{revoked, removed} {
			ok(t, tx.CloseException(ctx, e.Ref, intake.Revoked, noon))
			a := &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: intake.ToRemove, CreatedAt: noon, DueAt: noon.Add(9 * day)}
			ok(t, tx.AddAction(ctx, a))
			if e == removed {
				ok(t, tx.EndAction(ctx, a.ID, intake.ActionDone, noon))
			}
		}
	})
	want := []intake.Action{{Ref: "LT-2026-00001", User: "over@site.test", Kind: intake.ToRemove},
		{Ref: "LT-2026-00007", User: "revoked@site.test", Member: "other", Kind: intake.ToRemove}}
	same(t, "over", want, must(s.OverExemptions(t.Context(), noon.Add(2*day)))(t))
	same(t, "over before", want[1:], must(s.OverExemptions(t.Context(), noon))(t))
}
