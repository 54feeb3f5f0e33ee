package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

func testTotals(t *testing.T, open opener) {
	s := open(t)
	same(t, "of nothing", store.Totals{}, must(s.Totals(t.Context()))(t))
	concluded := addMessage(t, s, 1, "one")
	addMessage(t, s, 2, "two")
	letters := []*intake.Outbound{letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h")}
	addLetters(t, s, letters...)
	ok(t, s.Sent(t.Context(), letters[0].ID, noon))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Conclude(ctx, concluded.ID, intake.Conclusion{Outcome: intake.OutcomeRequest}, nil))
		must(tx.GiveUp(ctx, letters[1].ID, "550"))(t)
	})
	same(t, "totals", store.Totals{Inbound: 2, Concluded: 1, Sent: 1, Queued: 2, Failed: 1}, must(s.Totals(t.Context()))(t))
}

func testCounts(t *testing.T, open opener) {
	s := open(t)
	same(t, "of nothing", 0, len(must(s.Counts(t.Context(), noon))(t)))
	addRequest(t, s, "LT-2026-00001", 1)
	addRequest(t, s, "LT-2026-00002", 2)
	addLetters(t, s, letter("1@h"))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddException(ctx, exception("LT-2026-00001", day)))
		over := exception("LT-2026-00002", day) // and nobody has seen to it
		over.EndsAt = noon.Add(day)
		ok(t, tx.AddException(ctx, over))
		revoked := exception("LT-2026-00003", day)
		revoked.State = intake.Revoked
		ok(t, tx.AddException(ctx, revoked))
		ok(t, tx.Conclude(ctx, 1, intake.Conclusion{Outcome: intake.OutcomeRequest}, nil))
		for _, event := range []string{"approve", "wrong-address", "unproven-attempt", "unproven-attempt"} {
			ok(t, tx.Record(ctx, intake.HistoryEntry{At: noon, Event: intake.Event(event)}))
		}
		ok(t, tx.AddStuck(ctx, intake.Stuck{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 9}, Step: intake.StuckReading}))
	})
	got := make(map[string]int64)
	for _, c := range must(s.Counts(t.Context(), noon.Add(day)))(t) {
		got[c.What+" by "+c.By+" "+c.Value] = c.N
	}
	same(t, "counts", map[string]int64{"inbound_messages by outcome ": 1, "inbound_messages by outcome request": 1,
		"stuck_messages by step not handed over": 1, "outbound_messages by state queued": 1, "requests by state pending": 2,
		"security_events by kind wrong-address": 1, "security_events by kind unproven-attempt": 2,
		"exceptions by state active": 1, "exceptions by state ended": 1, "exceptions by state revoked": 1}, got)
}

// testFigures: what is in hand, each with its oldest, and nothing that is done with.
func testFigures(t *testing.T, open opener) {
	s := open(t)
	soon := noon.Add(3 * day)
	same(t, "of nothing", 0, len(must(s.Figures(t.Context(), noon, soon))(t)))
	addRequest(t, s, "LT-2026-00001", 1)
	addRequest(t, s, "LT-2026-00002", 2)
	letters := []*intake.Outbound{letter("1@h"), letter("2@h"), letter("3@h")}
	addLetters(t, s, letters...)
	ok(t, s.Sent(t.Context(), letters[1].ID, noon))
	all := must(s.Inbound(t.Context()))(t)
	ok(t, s.Filed(t.Context(), []intake.Filing{{Copy: all[1].Copy}}, noon))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		must(tx.GiveUp(ctx, letters[2].ID, "550"))(t)
		for i, e := range []struct {
			ends  time.Duration
			state intake.ExceptionState
		}{{0, intake.Active}, {day, intake.Active}, {5 * day, intake.Active}, {5 * day, intake.Revoked}} {
			x := exception(fmt.Sprintf("LT-2026-%05d", i+1), day)
			x.EndsAt, x.State = noon.Add(e.ends), e.state
			ok(t, tx.AddException(ctx, x))
		}
		ok(t, tx.AddStuck(ctx, intake.Stuck{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 9}, Step: intake.StuckReading,
			Since: noon.Add(-day)}))
		for i, a := range []intake.Action{
			{Kind: intake.ToRemove, State: intake.ActionOpen, CreatedAt: noon.Add(-time.Hour)},
			{Kind: intake.ToRemove, State: intake.ActionAsked, CreatedAt: noon.Add(-2 * day)},
			{Kind: intake.ToApply, State: intake.ActionAsked, CreatedAt: noon},
		} {
			a.Ref, a.User = fmt.Sprintf("LT-2026-%05d", i+1), fmt.Sprintf("user%d@corner.test", i)
			ok(t, tx.AddAction(ctx, &a))
		}
	})
	waiting := must(s.Request(t.Context(), "LT-2026-00001"))(t).WaitingSince
	same(t, "figures", []store.Figure{{"unfiled", "", 1, all[0].ReceivedAt}, {"stuck", "not handed over", 1, noon.Add(-day)},
		{"request", "pending", 2, waiting}, {"queued", "", 1, letters[0].CreatedAt}, {"directory", "remove", 1, noon.Add(-time.Hour)},
		{"by hand", "apply", 1, noon}, {"by hand", "remove", 1, noon.Add(-2 * day)},
		{What: "active", Of: "long", N: 2}, {What: "ending", Of: "long", N: 1}}, must(s.Figures(t.Context(), noon, soon))(t))
	same(t, "overdue", []store.Figure{{"end", "record", 1, noon}, {"end", "directory", 1, noon.Add(-time.Hour)},
		{"end", "by hand", 1, noon.Add(-2 * day)}}, must(s.OverdueEnds(t.Context(), noon, noon.Add(-day)))(t))
	same(t, "none before", []store.Figure{{What: "end", Of: "record"}, {What: "end", Of: "directory"}, {What: "end", Of: "by hand"}},
		must(s.OverdueEnds(t.Context(), noon.Add(-3*day), noon.Add(-3*day)))(t))
}

// testTouch: a write that changes nothing.
func testTouch(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Touch(ctx)) })
	same(t, "the instance", s.Instance(), open(t).Instance())
}

// testWays: what does not work, until it does.
func testWays(t *testing.T, open opener) {
	s := open(t)
	same(t, "none", 0, len(must(s.Ways(t.Context()))(t)))
	box := intake.Way{Name: "mailbox helpdesk", Since: noon, Why: "login refused"}
	post := intake.Way{Name: "submission", Since: noon.Add(time.Minute), Told: noon.Add(time.Hour), Why: "550"}
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Broken(ctx, post)) })
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Broken(ctx, box)) })
	box.Told, box.Why = noon.Add(time.Hour), "no route"
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Broken(ctx, box)) })
	same(t, "two", []intake.Way{box, post}, must(s.Ways(t.Context()))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Works(ctx, box.Name)) })
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.Works(ctx, box.Name)) })
	same(t, "one", []intake.Way{post}, must(s.Ways(t.Context()))(t))
	again := intake.Way{Name: post.Name, Since: noon.Add(time.Hour), Why: "came back"}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.CameBack(ctx, again))
		ok(t, tx.CameBack(ctx, intake.Way{Name: "a new one", Since: noon, Why: "no"}))
	})
	post.Why = "came back"
	same(t, "still since then", []intake.Way{{Name: "a new one", Since: noon, Why: "no"}, post}, must(s.Ways(t.Context()))(t))
}
