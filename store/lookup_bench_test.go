package store_test

import (
	"database/sql"
	"testing"

	"mfabot/store"
)

// BenchmarkFind looks among 1.5 million exceptions for what one of them has, what none has, and what all have: a page of 40.
// One name in a hundred has an accent.
func BenchmarkFind(b *testing.B) {
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
