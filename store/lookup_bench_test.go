package store_test

import (
	"database/sql"
	"testing"
	"time"

	"mfabot/store"
)

// manyExceptions is a database with 1.5 million exceptions that are over. One name in a hundred has an accent.
func manyExceptions(b *testing.B) (*store.Store, *sql.DB) {
	b.Helper()
	file := b.TempDir() + "/mfabot.db"
	s, err := store.Open(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	raw, err := sql.Open("sqlite3", file)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = raw.Close() })
	if _, err := raw.ExecContext(b.Context(), `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
		INSERT INTO exception (ref, category, state, subject_email, subject_name, site_code, site_address, reason, note, granted_by,
			starts_at, ends_at, next_notice_at, closed_at, purged_at, superseded_by, directory_id, seal)
		SELECT printf('LT-%d-%05d', 2016 + i / 150000, i % 150000), 'long', 'ended', printf('user.number%d@pharmacy%d.test', i, i % 9000),
			CASE WHEN i % 100 = 0 THEN 'Siân' ELSE 'Samuel' END || ' Number' || i, printf('F%05d', i % 9000),
			printf('pharmacy%d@nhs.test', i % 9000), 'secure-location', '', 'Asha Patel',
			1400000000 + i * 200, 1400000000 + i * 200 + 15552000, 0, 1400000000 + i * 200 + 15552000, 0, '', '', hex(randomblob(36))
		FROM n`); err != nil {
		b.Fatal(err)
	}
	return s, raw
}

// BenchmarkFigures counts what is in hand, as each scrape of /metrics does, beside 1.5 million exceptions of which 20,000 are in
// force, and half a million letters of which 50 wait.
func BenchmarkFigures(b *testing.B) {
	s, raw := manyExceptions(b)
	for _, statement := range []string{
		`UPDATE exception SET state = 'active', ends_at = 1900000000 WHERE rowid % 75 = 0`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
		INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state, attempts,
			created_at, due_at, tried_at, sent_at, bounced_at, last_error)
		SELECT i || '@helpdesk.test', printf('LT-%d-%05d', 2016 + i / 150000, i % 150000), 'granted', '', printf('pharmacy%d@nhs.test', i % 9000),
			'', '[]', '{}', '[]', 0, CASE WHEN i % 10000 = 0 THEN 'queued' ELSE 'sent' END, 1, 1700000000 + i, 1700000000 + i,
			1700000000 + i, CASE WHEN i % 10000 = 0 THEN 0 ELSE 1700000000 + i END, 0, '' FROM n`,
	} {
		if _, err := raw.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	now := time.Unix(1800000000, 0)
	for name, count := range map[string]func() ([]store.Figure, error){
		"in hand": func() ([]store.Figure, error) { return s.Figures(b.Context(), now, now.Add(7*day)) },
		"overdue": func() ([]store.Figure, error) { return s.OverdueEnds(b.Context(), now, now) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found, err := count(); err != nil || len(found) == 0 {
					b.Fatalf("%v, %v", found, err)
				}
			}
		})
	}
}

// BenchmarkFind looks among 1.5 million exceptions for what one of them has, what none has, and what all have: a page of 40.
func BenchmarkFind(b *testing.B) {
	s, _ := manyExceptions(b)
	for _, look := range []struct {
		name  string
		words []string
		want  int
	}{{"one", []string{"number123456@"}, 1}, {"two words", []string{"samuel", "f00777"}, 40}, {"none", []string{"nobody"}, 0},
		{"accents", []string{"sian", "number1499"}, 11}, {"all", []string{"pharmacy"}, 40}} {
		b.Run(look.name, func(b *testing.B) {
			var all []store.Sought
			for _, word := range look.words {
				all = append(all, store.Sought{Word: word})
			}
			b.ReportAllocs()
			for b.Loop() {
				found, err := s.FindExceptions(b.Context(), all, 40)
				if err != nil || len(found) != look.want {
					b.Fatalf("%d, %v", len(found), err)
				}
			}
		})
	}
}
