package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

const day = 24 * time.Hour

func testReplaced(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, ref := range []string{"LT-2026-00001", "LT-2026-00002", "LT-2026-00003"} {
			ok(t, tx.AddException(ctx, exception(ref, 150*day)))
		}
		ok(t, tx.SupersedeException(ctx, "LT-2026-00001", "LT-2026-00002", noon.Add(day)))
		wantStale(t, "superseded twice", tx.SupersedeException(ctx, "LT-2026-00001", "LT-2026-00003", noon))
		ok(t, tx.SupersedeException(ctx, "LT-2026-00002", "LT-2026-00003", noon.Add(2*day)))
		var refs []string
		for _, e := range must(tx.Replaced(ctx, "LT-2026-00003"))(t) {
			refs = append(refs, e.Ref+" "+string(e.State)+" "+e.SupersededBy)
		}
		same(t, "replaced, latest first",
			[]string{"LT-2026-00002 superseded LT-2026-00003", "LT-2026-00001 superseded LT-2026-00002"}, refs)
		same(t, "replaced none", 0, len(must(tx.Replaced(ctx, "LT-2026-00001"))(t)))
		email := must(tx.Exception(ctx, "LT-2026-00001"))(t).User.Email
		local, domain, _ := strings.Cut(email, "@")
		same(t, "of the user", 3, len(must(tx.ExceptionsOf(ctx, local+"+detail@"+domain))(t)))
		same(t, "users of the site", []string{email}, must(tx.UsersOf(ctx, "FA001"))(t))
		for ref, change := range map[string]func(e *intake.Exception){
			"LT-2026-00004": func(e *intake.Exception) { e.User.Email = "revoked@corner.test" },
			"LT-2026-00005": func(e *intake.Exception) { e.User.Email = "ended@corner.test" },
			"ST-2026-00001": func(e *intake.Exception) { e.User.Email, e.Category = "called@corner.test", intake.Short },
		} {
			e := exception(ref, 150*day)
			change(e)
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.CloseException(ctx, "LT-2026-00004", intake.Revoked, noon))
		ok(t, tx.CloseException(ctx, "LT-2026-00005", intake.Ended, noon))
		same(t, "users of the site", []string{"ended@corner.test", email}, must(tx.UsersOf(ctx, "FA001"))(t))
		same(t, "of another", 0, len(must(tx.ExceptionsOf(ctx, "x"+email))(t)))
		same(t, "of nobody", 0, len(must(tx.ExceptionsOf(ctx, ""))(t)))
	})
}

func testExceptions(t *testing.T, open opener) {
	s := open(t)
	e := exception("LT-2026-00001", 150*day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		_, err := tx.Exception(ctx, e.Ref)
		wantNotFound(t, "no exception", err)
		ok(t, tx.AddException(ctx, e))
		same(t, "within the transaction", e, must(tx.Exception(ctx, e.Ref))(t))
	})
	same(t, "exception", e, must(s.Exception(t.Context(), e.Ref))(t))
	_, err := s.Exception(t.Context(), "LT-2026-09999")
	wantNotFound(t, "no exception", err)

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		wantStale(t, "a notice from another moment", tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt.Add(time.Second), noon))
		ok(t, tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, noon.Add(166*day)))
		wantStale(t, "the same notice twice", tx.SetNextNotice(ctx, e.Ref, e.NextNoticeAt, noon.Add(173*day)))
		wantStale(t, "a notice of no exception", tx.SetNextNotice(ctx, "LT-2026-09999", noon, noon))
		ok(t, tx.CloseException(ctx, e.Ref, intake.Revoked, noon.Add(day)))
		wantStale(t, "closed twice", tx.CloseException(ctx, e.Ref, intake.Ended, noon.Add(2*day)))
		wantStale(t, "no exception closed", tx.CloseException(ctx, "LT-2026-09999", intake.Ended, noon))
		wantStale(t, "a notice when closed", tx.SetNextNotice(ctx, e.Ref, noon.Add(166*day), noon.Add(173*day)))
	})
	e.NextNoticeAt, e.State, e.ClosedAt = noon.Add(166*day), intake.Revoked, noon.Add(day)
	same(t, "after all", e, must(s.Exception(t.Context(), e.Ref))(t))

	if err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.AddException(t.Context(), exception("LT-2026-00001", day))
	}); err == nil {
		t.Error("a second exception has the reference of the first")
	}
	earlier := exception("ST-2026-00001", day)
	earlier.StartsAt, earlier.Category, earlier.User = noon.Add(-day), intake.Short, intake.User{}
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddException(ctx, earlier)) })
	same(t, "all, by start", []intake.Exception{*earlier, *e}, must(s.Exceptions(t.Context()))(t))
}

func testExceptionsDue(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for ref, after := range map[string]time.Duration{"LT-2026-00001": 3 * day, "LT-2026-00002": day,
			"LT-2026-00003": 2 * day, "LT-2026-00004": day} {
			ok(t, tx.AddException(ctx, exception(ref, after)))
		}
		ok(t, tx.CloseException(ctx, "LT-2026-00003", intake.Ended, noon))
		for _, c := range []struct {
			after time.Duration
			limit int
			want  []string
		}{
			{day - time.Second, 9, nil},
			{day, 9, []string{"LT-2026-00002", "LT-2026-00004"}},
			{900 * day, 9, []string{"LT-2026-00002", "LT-2026-00004", "LT-2026-00001"}},
			{900 * day, 2, []string{"LT-2026-00002", "LT-2026-00004"}},
		} {
			var got []string
			for _, e := range must(tx.NoticesDue(ctx, noon.Add(c.after), c.limit))(t) {
				got = append(got, e.Ref)
			}
			same(t, "due after "+c.after.String(), c.want, got)
		}
	})
}

// testUnclosed: what has run out is among them until somebody closes it.
func testUnclosed(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		late, early := exception("LT-2026-00001", day), exception("LT-2026-00002", day)
		early.EndsAt = noon.Add(-10 * day)
		revoked, other := exception("LT-2026-00003", day), exception("LT-2026-00004", day)
		revoked.State = intake.Revoked
		other.User.Email = "kim@corner.test"
		for _, e := range []*intake.Exception{late, early, revoked, other} {
			ok(t, tx.AddException(ctx, e))
		}
		for email, want := range map[string][]string{"sam@corner.test": {"LT-2026-00002", "LT-2026-00001"},
			"kim@corner.test": {"LT-2026-00004"}, "nobody@corner.test": nil} {
			var got []string
			for _, e := range must(tx.Unclosed(ctx, email))(t) {
				got = append(got, e.Ref)
			}
			same(t, email, want, got)
		}
		elsewhere := exception("LT-2026-00005", day)
		elsewhere.SiteCode = "FZ999"
		ok(t, tx.AddException(ctx, elsewhere))
		var got []string
		for _, e := range must(tx.ActiveAt(ctx, late.SiteCode, noon))(t) {
			got = append(got, e.Ref)
		}
		same(t, "active, of the site", []string{"LT-2026-00001", "LT-2026-00004"}, got)
	})
}

// testActiveExceptions: one whose time is over is not active, whoever has seen to it; and the directory's
// ID says who has two, under whatever address.
func testActiveExceptions(t *testing.T, open opener) {
	s := open(t)
	first, renamed := exception("LT-2026-00001", day), exception("LT-2026-00002", day)
	over, other := exception("LT-2026-00003", day), exception("LT-2026-00004", day)
	renamed.User.Email, other.User.Email = "sam.new@corner.test", "kim@corner.test"
	over.EndsAt = noon.Add(day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, e := range []*intake.Exception{first, renamed, over, other} {
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.Applied(ctx, first.Ref, "id of sam"))
		same(t, "the only one", false, must(tx.OtherwiseExempt(ctx, first.Ref, "id of sam", noon))(t))
		ok(t, tx.Applied(ctx, renamed.Ref, "id of sam"))
		same(t, "one of two", true, must(tx.OtherwiseExempt(ctx, first.Ref, "id of sam", noon))(t))
		same(t, "when both are over", false, must(tx.OtherwiseExempt(ctx, first.Ref, "id of sam", first.EndsAt))(t))
		same(t, "without an ID", false, must(tx.OtherwiseExempt(ctx, first.Ref, "", noon))(t))
	})
	var got []string
	for _, e := range must(s.ActiveExceptions(t.Context(), noon.Add(day)))(t) {
		got = append(got, e.Ref)
	}
	same(t, "active, by user", []string{other.Ref, renamed.Ref, first.Ref}, got)
}

func testGrantedSince(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, after := range []time.Duration{-time.Second, 0, day} {
			e := exception(fmt.Sprintf("ST-2026-%05d", i), day)
			e.Category, e.StartsAt = intake.Short, noon.Add(after)
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.AddException(ctx, exception("LT-2026-00001", day)))
		ok(t, tx.CloseException(ctx, "ST-2026-00002", intake.Revoked, noon))
		same(t, "since noon", 2, must(tx.GrantedSince(ctx, "sam@corner.test", noon))(t))
		same(t, "of somebody else", 0, must(tx.GrantedSince(ctx, "kim@corner.test", noon))(t))
	})
}
