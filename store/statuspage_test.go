package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// testStatusPage: what the status page says is what is on record, each thing counted once.
func testStatusPage(t *testing.T, open opener) {
	s := open(t)
	figuresOf(t, s, pageFigures{}, noon)
	for i, state := range []intake.State{intake.Incomplete, intake.NeedsInfo, intake.Pending, intake.Pending, intake.Approved,
		intake.Rejected} {
		r := request(fmt.Sprintf("LT-2026-%05d", i+1), addMessage(t, s, uint32(i+1), fmt.Sprint("m", i)).ID)
		r.State, r.WaitingSince = state, noon.Add(-time.Duration(i)*time.Hour)
		do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddRequest(ctx, r)) })
	}
	letters := []*intake.Outbound{letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h"), letter("5@h"), letter("6@h")}
	for i, why := range map[int]intake.AlertKind{3: intake.AlertNumber.Of("code", 1), 4: intake.AlertNumber, 5: intake.AlertClock} {
		letters[i].Template, letters[i].Facts.Why = intake.LetterAlert, intake.Why(why)
	}
	letters[5].CreatedAt = noon.Add(-day)
	addLetters(t, s, letters...)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: letters[0].ID, At: noon.Add(time.Hour)}))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		must(tx.GiveUp(ctx, letters[1].ID, "550"))(t)
		must(tx.GiveUp(ctx, letters[2].ID, intake.Overtaken))(t)
		ok(t, tx.Conclude(ctx, 1, intake.Conclusion{Outcome: intake.OutcomeQuarantined}, nil))
		ok(t, tx.Conclude(ctx, 2, intake.Conclusion{Outcome: intake.OutcomeRequest}, nil))
		for i, c := range []struct {
			category intake.Category
			state    intake.ExceptionState
			ends     time.Time
		}{
			{intake.Long, intake.Active, noon}, {intake.Short, intake.Active, noon.Add(day - time.Second)},
			{intake.Long, intake.Active, noon.Add(day)}, {intake.Long, intake.Active, noon.Add(-time.Second)},
			{intake.Long, intake.Revoked, noon.Add(time.Hour)},
		} {
			e := exception(fmt.Sprintf("LT-2026-%05d", i+1), day)
			e.Category, e.State, e.EndsAt = c.category, c.state, c.ends
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.AddStuck(ctx, intake.Stuck{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 9}, Step: intake.StuckReading}))
		ok(t, tx.AddStuck(ctx, intake.Stuck{Copy: intake.Copy{Mailbox: "other", UIDValidity: 7, UID: 9}, Step: intake.StuckReading}))
		ok(t, tx.ToldOfStuck(ctx, "helpdesk", noon))
		for i, user := range []string{"one@corner.test", "two@corner.test"} {
			a := &intake.Action{Ref: fmt.Sprintf("LT-2026-%05d", i+1), User: user, Kind: intake.ToApply, CreatedAt: noon, DueAt: noon}
			ok(t, tx.AddAction(ctx, a))
			if i == 0 {
				ok(t, tx.PutBackAction(ctx, a.ID, noon, noon, "no such user"))
			}
		}
	})
	figuresOf(t, s, pageFigures{Longest: "LT-2026-00004 LT-2026-00003", Site: 2, Reviewers: 2, Long: 1, Short: 1, In: 6, Out: 1,
		LastSent: noon.Add(time.Hour), Messages: 1, Letters: 1, Stuck: 1, Changes: 1,
		Alerts: map[intake.AlertKind]int64{intake.AlertNumber: 2}}, noon)
	figuresOf(t, s, pageFigures{Longest: "LT-2026-00004 LT-2026-00003", Site: 2, Reviewers: 2, Long: 1, LastSent: noon.Add(time.Hour),
		Stuck: 1, Changes: 1}, noon.Add(day))
}

// pageFigures are all the figures of the page for a day.
type pageFigures struct {
	Longest                                                                  string
	Site, Reviewers, Long, Short, In, Out, Messages, Letters, Stuck, Changes int64
	LastSent                                                                 time.Time
	Alerts                                                                   map[intake.AlertKind]int64
}

// figuresOf checks the figures for the day that begins at a moment.
func figuresOf(t *testing.T, s *store.Store, want pageFigures, from time.Time) {
	t.Helper()
	ctx, to := t.Context(), from.Add(day)
	var got pageFigures
	var err error
	var refs []string
	for _, r := range must(s.LongestWaiting(ctx, 2))(t) {
		refs = append(refs, r.Ref)
	}
	got.Longest = strings.Join(refs, " ")
	got.Site, got.Reviewers, err = s.CountWaiting(ctx)
	ok(t, err)
	got.Long, got.Short, err = s.CountEnding(ctx, from, to)
	ok(t, err)
	got.In, got.Out, err = s.CountMail(ctx, from, to)
	ok(t, err)
	got.LastSent = must(s.LastSent(ctx))(t)
	got.Messages, got.Letters, err = s.CountAside(ctx, from)
	ok(t, err)
	got.Stuck, got.Changes, err = s.CountUndone(ctx)
	ok(t, err)
	if alerts := must(s.CountAlerts(ctx, from))(t); len(alerts) > 0 {
		got.Alerts = alerts
	}
	same(t, "figures", want, got)
}

// TestStatusPageByIndex: nothing that the page and monitoring ask reads a whole table of what is kept for years.
func TestStatusPageByIndex(t *testing.T) {
	t.Parallel()
	byIndex(t, 12, func(s *store.Store) {
		figuresOf(t, s, pageFigures{}, noon)
		must(s.Figures(t.Context(), noon, noon))(t)
		must(s.OverdueEnds(t.Context(), noon, noon))(t)
		must(s.Ways(t.Context()))(t)
		must(s.Stuck(t.Context(), "helpdesk"))(t)
	})
}

// byIndex checks that so many queries are made, and that none of them reads a whole table of what is kept for years.
func byIndex(t *testing.T, queries int, ask func(s *store.Store)) {
	t.Helper()
	r := &recorder{statements: make(map[string]int)}
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := closing(t, must(store.OpenWith(t.Context(), file, r))(t))
	r.mu.Lock()
	clear(r.statements)
	r.mu.Unlock()
	ask(s)
	raw := closingDB(t, must(sql.Open("sqlite3", file))(t))
	whole := regexp.MustCompile(`SCAN (?:request|exception|inbound|outbound|action|audit)\b(?: USING (?:COVERING )?INDEX (\w+))?`)
	for statement, args := range r.statements {
		bound := make([]any, args)
		for i := range bound {
			bound[i] = 0
		}
		rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, bound...)
		ok(t, err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			ok(t, rows.Scan(&id, &parent, &unused, &detail))
			if found := whole.FindStringSubmatch(detail); found != nil && !isPartial(t, raw, found[1]) {
				t.Errorf("%s:\n%s", detail, statement)
			}
		}
		ok(t, rows.Err())
	}
	if len(r.statements) != queries {
		t.Errorf("%d queries were looked at", len(r.statements))
	}
}

// isPartial reports whether an index is one of some rows only, such as those that wait.
func isPartial(t *testing.T, db *sql.DB, index string) (is bool) {
	t.Helper()
	ok(t, db.QueryRowContext(t.Context(),
		`SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = $1 AND sql LIKE '% WHERE %')`, index).Scan(&is))
	return is
}
