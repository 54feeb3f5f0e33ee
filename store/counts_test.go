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

// testStrangers: how many wrote whom no site has, by their domains.
func testStrangers(t *testing.T, open opener) {
	s := open(t)
	for i, m := range []struct {
		from string
		why  intake.Why
		at   time.Duration
	}{
		{"a@one.test", intake.WhyNotRegistered, 0}, {"b@two.test", intake.WhyNotRegistered, 0},
		{"c@two.test", intake.WhyNotRegistered, time.Hour}, {"d@two.test", intake.WhyPersonalMailbox, 0},
		{"e@two.test", intake.WhyNotRegistered, -time.Hour},
	} {
		in := message(uint32(i+1), fmt.Sprint(i)) //nolint:gosec // few
		in.From, in.ReceivedAt, in.Outcome, in.Reason = m.from, noon.Add(m.at), intake.OutcomeRefused, m.why
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, addInbound(ctx, tx, in))
			ok(t, tx.Conclude(ctx, in.ID, in.Conclusion, nil))
		})
	}
	var got []string
	for _, c := range must(s.Strangers(t.Context(), noon))(t) {
		got = append(got, fmt.Sprint(c.Value, " ", c.N))
	}
	same(t, "by domain", []string{"two.test 2", "one.test 1"}, got)
}
