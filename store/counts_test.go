package store_test

import (
	"context"
	"errors"
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

// testCounted: who counts is told of what a transaction has put on record, and of nothing that was undone.
func testCounted(t *testing.T, open opener) {
	s := open(t)
	got := make(map[store.Counted]int)
	s.Counts = func(all []store.Counted) {
		for _, c := range all {
			got[c]++
		}
	}
	addMessage(t, s, 1, "one")
	addMessage(t, s, 2, "two")
	letters := []*intake.Outbound{letter("1@h"), letter("2@h"), letter("3@h")}
	addLetters(t, s, letters...)
	request, no := intake.Conclusion{Outcome: intake.OutcomeRequest}, errors.New("no")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Conclude(ctx, 1, request, nil))
		wantStale(t, "concluded again", tx.Conclude(ctx, 1, request, nil))
		if err := tx.Savepoint(ctx, func() error { return errors.Join(tx.Conclude(ctx, 2, request, nil), no) }); !errors.Is(err, no) {
			t.Error(err)
		}
		ok(t, tx.Record(ctx, intake.HistoryEntry{At: noon, Event: intake.EventWrongAddress}))
		must(tx.GiveUp(ctx, letters[0].ID, "550"))(t)
	})
	if err := s.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Record(t.Context(), intake.HistoryEntry{At: noon, Event: intake.EventWrongAddress}), no)
	}); !errors.Is(err, no) {
		t.Error(err)
	}
	ok(t, s.Retry(t.Context(), letters[2].ID, noon, "421"))
	ok(t, s.Sent(t.Context(), letters[2].ID, noon))
	same(t, "counted", map[store.Counted]int{
		{What: store.CountedMessage, Of: "request"}: 1, {What: store.CountedEvent, Of: "wrong-address"}: 1,
		{What: store.CountedAttempt, Of: store.AttemptGivenUp}: 1, {What: store.CountedAttempt, Of: store.AttemptPutBack}: 1,
		{What: store.CountedAttempt, Of: store.AttemptSent}: 1}, got)
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
		got = append(got, fmt.Sprint(c.Domain, " ", c.N))
	}
	same(t, "by domain", []string{"two.test 2", "one.test 1"}, got)
}
