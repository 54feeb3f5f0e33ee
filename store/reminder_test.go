package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

func testReminders(t *testing.T, open opener) {
	s := open(t)
	a, b := addRequest(t, s, "LT-2026-00001", 1), addRequest(t, s, "LT-2026-00002", 2)
	chasing := func(now time.Time) (refs []string) {
		do(t, s, func(ctx context.Context, tx *store.Tx) { refs = must(tx.Chasing(ctx, now, 10))(t) })
		return refs
	}
	same(t, "nobody has looked yet", []string{a.Ref, b.Ref}, chasing(noon))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.LookAgain(ctx, a.Ref, noon.Add(-time.Hour)))
		ok(t, tx.LookAgain(ctx, a.Ref, noon.Add(time.Hour)))
		same(t, "limit", 1, len(must(tx.Chasing(ctx, noon.Add(time.Hour), 1))(t)))
	})
	same(t, "one is for later", []string{b.Ref}, chasing(noon))
	same(t, "which has come", []string{a.Ref, b.Ref}, chasing(noon.Add(time.Hour)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		b.State = intake.Approved
		ok(t, tx.UpdateRequest(ctx, b, intake.Pending))
	})
	same(t, "decided", []string(nil), chasing(noon))

	asked := noon.Add(-100 * time.Hour)
	for _, c := range []struct {
		name     string
		reviewer string
		since    time.Time
		stage    int
		stale    bool
	}{
		{"the first", "asha@h", asked, 1, false},
		{"the first again", "asha@h", asked, 1, true},
		{"the third", "asha@h", asked, 3, false},
		{"the second, too late", "asha@h", asked, 2, true},
		{"somebody else's", "ben@h", asked, 1, false},
		{"the operator's", "", asked, 1, false},
		{"after they were asked anew", "asha@h", noon, 1, false},
	} {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			err := tx.Remind(ctx, intake.Reminded{Ref: a.Ref, Reviewer: c.reviewer, Since: c.since, Stage: c.stage, At: noon})
			if errors.Is(err, intake.ErrStale) != c.stale || (err != nil && !c.stale) {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
	same(t, "on record", []intake.Reminded{{Ref: a.Ref, Since: asked, Stage: 1, At: noon},
		{Ref: a.Ref, Reviewer: "asha@h", Since: noon, Stage: 1, At: noon},
		{Ref: a.Ref, Reviewer: "ben@h", Since: asked, Stage: 1, At: noon}}, must(s.Reminded(t.Context(), a.Ref))(t))
}

func testAbsences(t *testing.T, open opener) {
	s := open(t)
	mail := intake.Absence{Reviewer: "asha@h", Since: noon, Until: noon.Add(time.Hour)}
	hand := intake.Absence{Reviewer: "ben@h", Since: noon, Deputy: "cleo@h", ByHand: true}
	end := func(reviewer string, byHand bool, now time.Time, stale bool) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			if err := tx.EndAbsence(ctx, reviewer, byHand, now); errors.Is(err, intake.ErrStale) != stale || (err != nil && !stale) {
				t.Errorf("the end of %s's absence: %v", reviewer, err)
			}
		})
	}
	end("asha@h", true, noon, true)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.SetAbsence(ctx, mail))
		ok(t, tx.SetAbsence(ctx, hand))
		same(t, "in the transaction", []intake.Absence{mail, hand}, must(tx.Absences(ctx))(t))
	})
	same(t, "absences", []intake.Absence{mail, hand}, must(s.Absences(t.Context()))(t))
	end("asha@h", false, noon.Add(time.Hour), true) // it is over
	end("asha@h", false, noon.Add(time.Minute), false)
	end("asha@h", false, noon.Add(time.Minute), true)
	end("ben@h", false, noon.Add(time.Minute), true) // a command began it
	end("ben@h", true, noon.Add(9999*time.Hour), false)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.SetAbsence(ctx, mail)) })
	hand.EndedAt = noon.Add(9999 * time.Hour)
	same(t, "one begins anew", []intake.Absence{mail, hand}, must(s.Absences(t.Context()))(t))

	r := addRequest(t, s, "LT-2026-00001", 1)
	addRequest(t, s, "LT-2026-00002", 2)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddReview(ctx, &intake.Review{Ref: r.Ref, Reviewer: "asha@h", Purpose: intake.ToDecide, CodeHash: "1", CreatedAt: noon}))
		ok(t, tx.AddReview(ctx, &intake.Review{Ref: "LT-2026-00002", Reviewer: "asha@h", Purpose: intake.ToRevoke,
			CodeHash: "2", CreatedAt: noon}))
		same(t, "open reviews", []string{r.Ref}, must(tx.OpenReviews(ctx, "asha@h"))(t))
		same(t, "of another", 0, len(must(tx.OpenReviews(ctx, "ben@h"))(t)))
		ok(t, tx.VoidReviews(ctx, r.Ref, noon))
		same(t, "void", 0, len(must(tx.OpenReviews(ctx, "asha@h"))(t)))
	})
}

func testMornings(t *testing.T, open opener) {
	s := open(t)
	a, b := addRequest(t, s, "LT-2026-00001", 1), addRequest(t, s, "LT-2026-00002", 2)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		b.State = intake.Approved
		ok(t, tx.UpdateRequest(ctx, b, intake.Pending))
		waiting := must(tx.Waiting(ctx))(t)
		if len(waiting) != 1 || waiting[0].Ref != a.Ref || !waiting[0].WaitingSince.Equal(a.WaitingSince) {
			t.Errorf("waiting: %+v", waiting)
		}
		for i, c := range []intake.Category{intake.Long, intake.Short, intake.Long} {
			e := exception([]string{"LT-1", "ST-1", "LT-2"}[i], time.Hour)
			e.Category, e.EndsAt = c, noon.Add(time.Duration(3-i)*time.Hour)
			ok(t, tx.AddException(ctx, e))
		}
		var refs []string
		for _, e := range must(tx.Ending(ctx, noon, noon.Add(3*time.Hour)))(t) {
			refs = append(refs, e.Ref)
		}
		same(t, "ending", []string{"LT-2", "LT-1"}, refs)
		same(t, "ending later", 1, len(must(tx.Ending(ctx, noon.Add(time.Hour), noon.Add(9*time.Hour)))(t)))
		ok(t, tx.CloseException(ctx, "LT-1", intake.Revoked, noon))
		same(t, "revoked", 0, len(must(tx.Ending(ctx, noon.Add(time.Hour), noon.Add(9*time.Hour)))(t)))
	})
}
