package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// spends takes a letter from an allowance, if there is one.
func spends(ctx context.Context, t *testing.T, tx *store.Tx, a intake.Allowance, at time.Time) bool {
	t.Helper()
	err := tx.Spend(ctx, a, at)
	if err != nil && !errors.Is(err, intake.ErrSpent) {
		t.Fatal(err)
	}
	return err == nil
}

// testSpend goes through the moments at which the answer changes.
func testSpend(t *testing.T, open opener) {
	for _, c := range []struct {
		n    int
		at   []time.Duration // of the attempts
		want string          // y for each that is let through
	}{
		{1, []time.Duration{0, 0, time.Second, day, day + time.Second, 2*day + time.Second, 2*day + 2*time.Second}, "ynnnyny"},
		{2, []time.Duration{0, 0, day / 2, day/2 + time.Second, day, day + 2*time.Second, day + 2*time.Second}, "ynnynyn"},
		{3, []time.Duration{0, 0, 0, day / 2, day/2 + time.Second, day, 30 * day, 30 * day, 30 * day}, "yynnynyyn"},
		{1_000_000, []time.Duration{0, 100 * 365 * day, 200 * 365 * day}, "yyy"},
	} {
		s := open(t)
		got := ""
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			for _, after := range c.at {
				if spends(ctx, t, tx, intake.NewAllowance(fmt.Sprint(c.n), c.n), noon.Add(after)) {
					got += "y"
				} else {
					got += "n"
				}
			}
		})
		same(t, fmt.Sprintf("%d a day, let through", c.n), c.want, got)
	}
}

// testSpendAll: what one allowance has given is given back when another is spent.
func testSpendAll(t *testing.T, open opener) {
	s := open(t)
	total, one := intake.NewAllowance("total", 20), intake.NewAllowance("address:x@y", 2)
	both := func() bool {
		var err error
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			err = tx.Savepoint(ctx, func() error { return errors.Join(tx.Spend(ctx, total, noon), tx.Spend(ctx, one, noon)) })
		})
		if err != nil && !errors.Is(err, intake.ErrSpent) {
			t.Fatal(err)
		}
		return err == nil
	}
	same(t, "let through", []bool{true, false, false}, []bool{both(), both(), both()})
	same(t, "left of the other", 9, drain(t, s, total, noon))
}

// drain takes all that is in an allowance.
func drain(t *testing.T, s *store.Store, a intake.Allowance, at time.Time) (n int) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for spends(ctx, t, tx, a, at) {
			n++
		}
	})
	return n
}

// testSpendAtOnce: who comes at the same time cannot take the same letter.
func testSpendAtOnce(t *testing.T, open opener) {
	one, two := open(t), open(t)
	a := intake.NewAllowance("total", 20)
	var through atomic.Int64
	var wg sync.WaitGroup
	for _, s := range []*store.Store{one, one, two, two} {
		wg.Go(func() {
			for range 8 {
				err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Spend(t.Context(), a, noon) })
				switch {
				case err == nil:
					through.Add(1)
				case !errors.Is(err, intake.ErrSpent):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	same(t, "let through", int64(10), through.Load())
}

// testSpendInAnyDay holds what is let through against a count of every 24 hours,
// and against standing still.
func testSpendInAnyDay(t *testing.T, open opener) {
	s := open(t)
	r := rand.New(rand.NewPCG(1, 2))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for trial := range 60 {
			n := 1 + r.IntN(12)
			a := intake.NewAllowance(fmt.Sprint(trial), n)
			steps := []time.Duration{0, time.Second, day/time.Duration(n) - time.Second, day / time.Duration(n), day / 2,
				day - time.Second, day, day + time.Second}
			var through []time.Time
			at := noon
			for range 120 {
				step := steps[r.IntN(1+r.IntN(len(steps)))]
				at = at.Add(step + time.Duration(r.IntN(2))*time.Second)
				if spends(ctx, t, tx, a, at) {
					through = append(through, at)
				} else if last := through[len(through)-1]; at.Sub(last) > day {
					t.Errorf("trial %d, %d a day: nothing since %v at %v", trial, n, last, at)
				}
			}
			for i := range through {
				if i+n < len(through) && through[i+n].Sub(through[i]) <= day {
					t.Errorf("trial %d, %d a day: more than that from %v to %v", trial, n, through[i], through[i+n])
				}
			}
		}
	})
}

// testSpendClock: a clock that jumps back gives nothing back, and takes nothing.
func testSpendClock(t *testing.T, open opener) {
	s := open(t)
	a := intake.NewAllowance("total", 4)
	same(t, "at first", 2, drain(t, s, a, noon))
	same(t, "a day before", 0, drain(t, s, a, noon.Add(-day)))
	same(t, "there and back", 0, drain(t, s, a, noon.Add(time.Minute)))
	same(t, "8 hours later", 1, drain(t, s, a, noon.Add(8*time.Hour+time.Second)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "another's first", true, spends(ctx, t, tx, intake.NewAllowance("other", 4), noon.Add(time.Minute)))
		same(t, "a little behind", true, spends(ctx, t, tx, intake.NewAllowance("other", 4), noon))
	})
	same(t, "time counts from the later", 0, drain(t, s, intake.NewAllowance("other", 4), noon.Add(8*time.Hour+30*time.Second)))
}

// testTidyAllowances: a full one is as good as none, and a clock that was far
// ahead locks nothing for ever.
func testTidyAllowances(t *testing.T, open opener) {
	s := open(t)
	tidy := func(at time.Time, limit int) (left int) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.TidyAllowances(ctx, at, limit)) })
		_, read := s.Pools()
		ok(t, read.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM allowance`).Scan(&left))
		return left
	}
	for i := range 3 {
		drain(t, s, intake.NewAllowance(fmt.Sprint(i), 2), noon.Add(time.Duration(i)*time.Hour))
	}
	same(t, "before they are full", 3, tidy(noon.Add(2*day-time.Second), 9))
	same(t, "the first is", 2, tidy(noon.Add(2*day), 9))
	same(t, "one at a time", 1, tidy(noon.Add(3*day), 1))

	a := intake.NewAllowance("ahead", 2)
	drain(t, s, a, noon.Add(1000*day))
	tidy(noon.Add(1000*day-time.Hour), 0) // another process's clock may be a little behind
	same(t, "as before", 1, drain(t, s, a, noon.Add(1000*day+12*time.Hour+time.Second)))
	tidy(noon.Add(3*day), 0)
	same(t, "nothing back at once", 0, drain(t, s, a, noon.Add(3*day)))
	same(t, "half a day after the clock was right again", 1, drain(t, s, a, noon.Add(3*day+12*time.Hour+time.Second)))
}

// testKeptAlerts: alerts that were kept back are counted by kind, the first of them are told of, and all are told
// once. Whoever is erased is in none of them.
func testKeptAlerts(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i := range 60 {
			ok(t, tx.KeepAlert(ctx, intake.KeptAlerts{Kind: intake.AlertBounce, N: 1, Since: noon.Add(time.Duration(i) * time.Minute),
				Lines: []string{fmt.Sprintf("to sam%d@corner.test", i)}}))
			ok(t, tx.KeepAlert(ctx, intake.KeptAlerts{Kind: intake.AlertUnreadable, N: 1, Since: noon}))
		}
		same(t, "before an hour", 0, len(must(tx.KeptSince(ctx, noon.Add(-time.Second)))(t)))
		same(t, "after it", []intake.AlertKind{intake.AlertBounce}, must(tx.KeptSince(ctx, noon))(t))
		_, _, err := tx.EraseMentions(ctx, "sam1@corner.test")
		ok(t, err)
		kept := must(tx.TakeAlerts(ctx, intake.AlertBounce))(t)
		same(t, "kinds", 1, len(kept))
		same(t, "kept", []any{intake.AlertBounce, 60, noon, 50, "to sam0@corner.test", "to [erased]"},
			[]any{kept[0].Kind, kept[0].N, kept[0].Since, len(kept[0].Lines), kept[0].Lines[0], kept[0].Lines[1]})
		same(t, "told once", 0, len(must(tx.TakeAlerts(ctx, intake.AlertBounce))(t)))
		same(t, "without words", 0, len(must(tx.TakeAlerts(ctx, intake.AlertUnreadable))(t)[0].Lines))
	})
}
