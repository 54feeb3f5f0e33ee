package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: letters[0].ID, At: noon}))
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
	ok(t, s.Retry(t.Context(), letters[2].ID, noon, noon, "421"))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: letters[2].ID, At: noon}))
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
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: letters[1].ID, At: noon}))
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
	same(t, "figures", []intake.Figure{{What: "unfiled", N: 1, Oldest: all[0].ReceivedAt},
		{What: "stuck", Of: "not handed over", N: 1, Oldest: noon.Add(-day)},
		{What: "request", Of: "pending", N: 2, Oldest: waiting}, {What: "queued", N: 1, Oldest: letters[0].CreatedAt},
		{What: "directory", Of: "remove", N: 1, Oldest: noon.Add(-time.Hour)},
		{What: "by hand", Of: "apply", N: 1, Oldest: noon}, {What: "by hand", Of: "remove", N: 1, Oldest: noon.Add(-2 * day)},
		{What: "active", Of: "long", N: 2}, {What: "ending", Of: "long", N: 1}}, must(s.Figures(t.Context(), noon, soon))(t))
	same(t, "overdue", []intake.Figure{{What: "end", Of: "record", N: 1, Oldest: noon},
		{What: "end", Of: "directory", N: 1, Oldest: noon.Add(-time.Hour)},
		{What: "end", Of: "by hand", N: 1, Oldest: noon.Add(-2 * day)}}, must(s.OverdueEnds(t.Context(), noon, noon.Add(-day)))(t))
	same(t, "none before", []intake.Figure{{What: "end", Of: "record"}, {What: "end", Of: "directory"}, {What: "end", Of: "by hand"}},
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

// testNewest: what became of the newest messages, newest first, however much comes that says nothing of our side.
func testNewest(t *testing.T, open opener) {
	s := open(t)
	want := []store.Concluded{
		{Mailbox: "helpdesk", From: "b@one.test", ReceivedAt: noon.Add(time.Hour), Outcome: intake.OutcomeQuarantined, Reason: intake.WhyUnauthenticated,
			Checks: []intake.Check{{Name: intake.CheckSilence, Result: "nothing is said"}}},
		{Mailbox: "helpdesk", From: "a@one.test", ReceivedAt: noon, Outcome: intake.OutcomeRequest},
		{Mailbox: "helpdesk", From: "c@one.test", ReceivedAt: noon.Add(-time.Second), Outcome: intake.OutcomeRequest},
	}
	checks := [][]intake.Check{want[0].Checks, nil, nil, nil, {{Name: "sender", Result: `"check":"results"`}}}
	for i, c := range append(want,
		store.Concluded{From: "d@junk.test", ReceivedAt: noon.Add(2 * time.Hour), Outcome: intake.OutcomeRefused},
		store.Concluded{From: "e@one.test", ReceivedAt: noon.Add(2 * time.Hour), Outcome: intake.OutcomeQuarantined,
			Reason: intake.WhyUnauthenticated}) {
		in := message(uint32(i+1), fmt.Sprint(i)) //nolint:gosec // few
		in.From, in.ReceivedAt, in.Outcome, in.Reason = c.From, c.ReceivedAt, c.Outcome, c.Reason
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, addInbound(ctx, tx, in))
			ok(t, tx.Conclude(ctx, in.ID, in.Conclusion, checks[i]))
		})
	}
	same(t, "since noon", want[:2], must(s.Newest(t.Context(), noon, 9))(t))
	same(t, "at most one", want[:1], must(s.Newest(t.Context(), noon, 1))(t))
}

// testReport: a report counts what came, was decided and ended in its days, and nothing of before or after.
func testReport(t *testing.T, open opener) {
	s := open(t)
	from, to, before := noon, noon.Add(7*day), noon.Add(-time.Second)
	same(t, "of nothing", 0, len(must(s.CountedIn(t.Context(), from, to, to))(t)))
	for i, r := range []struct {
		at             time.Time
		site, reason   string
		renews         string
		events         []intake.Event // an hour after each other
		first          time.Time
		state          intake.State
		asked, decided string // reviewers
	}{
		{before, "FA001", "accessibility", "", []intake.Event{intake.EventApprove}, from, intake.Approved, "", "asha"},
		{from, "FA001", "accessibility", "", []intake.Event{intake.EventAsk, intake.EventApproval, intake.EventApprove}, from, intake.Approved,
			"", ""},
		{from, "FA002", "other", "LT-2025-00001", []intake.Event{intake.EventNoEvidence, intake.EventResubmit, intake.EventReject}, from,
			intake.Rejected, "", ""},
		{to.Add(-time.Second), "FA002", "other", "", []intake.Event{intake.EventReject}, to, intake.Pending, "asha", "ben"},
		{to, "FA003", "other", "LT-2025-00002", nil, to, intake.Pending, "asha", ""},
	} {
		req := request(fmt.Sprintf("LT-2026-%05d", i+1), addMessage(t, s, uint32(i+1), fmt.Sprint("m", i)).ID) //nolint:gosec // few
		req.ReceivedAt, req.SiteCode, req.Reason, req.Renews, req.State = r.at, r.site, r.reason, r.renews, r.state
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.AddRequest(ctx, req))
			for n, e := range r.events {
				ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: req.Ref, At: r.first.Add(time.Duration(n) * time.Hour), Event: e}))
			}
			for _, reviewer := range []string{r.asked, r.decided} {
				v := &intake.Review{Ref: req.Ref, Reviewer: reviewer, Purpose: intake.ToDecide, CodeHash: fmt.Sprint(i,
					reviewer), CreatedAt: r.at}
				if reviewer == "" {
					continue
				}
				ok(t, tx.AddReview(ctx, v))
				if reviewer == r.decided {
					ok(t, tx.Decide(ctx, v.ID, intake.EventApproval, "", to))
				}
			}
		})
	}
	ofReport(t, s, from, to)
	same(t, "figures", []intake.Figure{{What: "decision", Of: "approve", N: 2}, {What: "decision", Of: "ask", N: 1},
		{What: "decision", Of: "no-evidence", N: 1}, {What: "decision", Of: "reject", N: 1},
		{What: "in force", Of: "long", N: 2}, {What: "in force", Of: "long", N: 1}, {What: "in force", Of: "short", N: 1},
		{What: "over", Of: "ended", N: 1}, {What: "over", Of: "ended", N: 1}, {What: "over", Of: "revoked", N: 1},
		{What: "over", Of: "superseded", N: 1},
		{What: "reason", Of: "other", N: 2}, {What: "reason", Of: "accessibility", N: 1}, {What: "refusal", Of: "not-registered", N: 1},
		{What: "renewal", Of: "no-evidence", N: 1}, {What: "renewal", Of: "reject", N: 1},
		{What: "request", Of: "first", N: 2}, {What: "request", Of: "renewal", N: 1},
		{What: "short", Of: "no-signal", N: 5}, {What: "short", Of: "other", N: 1}}, must(s.CountedIn(t.Context(), from, to, to))(t))
	busiest, sites, err := s.BusiestSites(t.Context(), from, to, 1)
	ok(t, err)
	same(t, "sites", []any{[]intake.Figure{{What: "site", Of: "FA002", N: 2}}, int64(2)}, []any{busiest, sites})
	users, most, err := s.Repeated(t.Context(), from, to)
	ok(t, err)
	same(t, "repeated", [2]int64{1, 3}, [2]int64{users, most})
	var took []time.Duration
	ok(t, s.EachDecided(t.Context(), from, to, func(came, decided time.Time) { took = append(took, decided.Sub(came)) }))
	slices.Sort(took)
	same(t, "took", []time.Duration{time.Second, time.Hour, 2 * time.Hour}, took)
	same(t, "awaited", []intake.Figure{{What: "reviewer", Of: "asha", N: 2, Oldest: noon.Add(time.Minute)}},
		must(s.AwaitedReviewers(t.Context()))(t))
}

// ofReport puts messages and exceptions on record for testReport.
func ofReport(t *testing.T, s *store.Store, from, to time.Time) {
	t.Helper()
	for i, m := range []struct {
		at      time.Time
		outcome intake.Outcome
	}{{from.Add(-time.Second), intake.OutcomeRefused}, {from, intake.OutcomeRefused}, {from, intake.OutcomeIgnored}, {to, intake.OutcomeRefused}} {
		in := message(uint32(i+20), fmt.Sprint("refused", i)) //nolint:gosec // few
		in.ReceivedAt = m.at
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, addInbound(ctx, tx, in))
			ok(t, tx.Conclude(ctx, in.ID, intake.Conclusion{Outcome: m.outcome, Reason: intake.WhyNotRegistered}, nil))
		})
	}
	const short, long = intake.Short, intake.Long
	for i, x := range []struct {
		category     intake.Category
		user, reason string
		from, to     time.Time
		state        intake.ExceptionState
		closed       time.Time
	}{
		{short, "sam@a.test", "no-signal", from, from.Add(day), intake.Ended, to.Add(day)},    // closed late
		{short, "sam+x@a.test", "no-signal", from, from.Add(day), intake.Active, time.Time{}}, // over, and not closed
		{short, "sam+y@a.test", "no-signal", from, from.Add(day), intake.Superseded, from},
		{short, "+y@a.test", "no-signal", to.Add(-time.Second), to.Add(day), intake.Active, time.Time{}},
		{short, "sam@a.test", "no-signal", from.Add(-day), from.Add(-time.Second), intake.Ended, from}, // closed late
		{short, "", "other", to.Add(-day), to, intake.Ended, to},
		{short, "+z@a.test", "no-signal", from.Add(day), to.Add(-time.Second), intake.Revoked, from.Add(2 * day)},
		{long, "kim@a.test", "other", from.Add(-day), to.Add(100 * day), intake.Active, time.Time{}},
		{long, "kim@a.test", "other", to, to.Add(100 * day), intake.Active, time.Time{}},
		{long, "kim@a.test", "other", to.Add(time.Second), to.Add(100 * day), intake.Active, time.Time{}}, // later
		{long, "kim@a.test", "other", from, to.Add(100 * day), intake.Revoked, to.Add(time.Second)},       // then still in force
		{long, "kim@a.test", "other", from, to.Add(100 * day), intake.Superseded, from.Add(-time.Second)},
	} {
		e := exception(fmt.Sprintf("ST-2026-%05d", i+1), day)
		e.Category, e.User.Email, e.Reason, e.StartsAt, e.EndsAt = x.category, x.user, x.reason, x.from, x.to
		e.State = intake.Active
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.AddException(ctx, e))
			if x.state != intake.Active {
				ok(t, tx.CloseException(ctx, e.Ref, x.state, x.closed))
			}
		})
	}
}

// testFirstDay: it began with the first that was put on record.
func testFirstDay(t *testing.T, open opener) {
	s := open(t)
	same(t, "of nothing", time.Time{}, must(s.FirstDay(t.Context()))(t))
	for _, at := range []time.Time{noon, noon.Add(-day), noon.Add(day)} { // the clock was set back
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: at, Event: intake.EventReject}))
		})
		same(t, "the first", noon, must(s.FirstDay(t.Context()))(t))
	}
}

// TestReportByIndex: a report reads what is of its days, and what waits.
func TestReportByIndex(t *testing.T) {
	t.Parallel()
	byIndex(t, 8, func(s *store.Store) {
		must(s.FirstDay(t.Context()))(t)
		must(s.IsDone(t.Context(), "report", "2026-03-02"))(t)
		must(s.CountedIn(t.Context(), noon, noon, noon))(t)
		_, _, err := s.BusiestSites(t.Context(), noon, noon, 1)
		ok(t, err)
		_, _, err = s.Repeated(t.Context(), noon, noon)
		ok(t, err)
		ok(t, s.EachDecided(t.Context(), noon, noon, func(time.Time, time.Time) {}))
		must(s.AwaitedReviewers(t.Context()))(t)
	})
}
