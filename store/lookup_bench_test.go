package store_test

import (
	"database/sql"
	"testing"
	"time"

	"mfabot/store"
)

// millions is a database with 1.5 million exceptions, of which the last 200,000 are active and one in 100,000 is revoked. One
// name in a hundred has an accent.
func millions(b *testing.B) (*store.Store, *sql.DB) {
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
		SELECT printf('LT-%d-%05d', 2016 + i / 150000, i % 150000), 'long',
			CASE WHEN i > 1300000 THEN 'active' WHEN i % 100000 = 7 THEN 'revoked' ELSE 'ended' END,
			printf('user.number%d@pharmacy%d.test', i, i % 9000),
			CASE WHEN i % 100 = 0 THEN 'Siân' ELSE 'Samuel' END || ' Number' || i, printf('F%05d', i % 9000),
			printf('pharmacy%d@nhs.test', i % 9000), 'secure-location', '', 'Asha Patel',
			1400000000 + i * 200, 1400000000 + i * 200 + 15552000, 0, 1400000000 + i * 200 + 15552000, 0, '', '', hex(randomblob(36))
		FROM n`); err != nil {
		b.Fatal(err)
	}
	return s, raw
}

// BenchmarkFind looks among 1.5 million exceptions for what one of them has, what none has, and what all have: a page of 40.
func BenchmarkFind(b *testing.B) {
	s, _ := millions(b)
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
				n := 0
				for _, err := range s.FindExceptions(b.Context(), all, 40) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == 40 {
						break
					}
				}
				if n != look.want {
					b.Fatalf("%d", n)
				}
			}
		})
	}
}

// BenchmarkList lists 41 of 1.5 million exceptions: of any, of a state that few have, of a site, and of a day.
func BenchmarkList(b *testing.B) {
	s, _ := millions(b)
	now := time.Unix(1400000000+1500000*200, 0)
	for _, list := range []struct {
		name string
		l    store.Listing
		want int
	}{{"all", store.Listing{}, 41}, {"active", store.Listing{States: []string{"active"}}, 41},
		{"revoked", store.Listing{States: []string{"revoked"}}, 13}, {"site", store.Listing{Site: "F00777"}, 41},
		{"superseded at a site", store.Listing{Site: "F00777", States: []string{"superseded"}}, 0},
		{"lately", store.Listing{Since: now.Add(-time.Hour)}, 19}} {
		b.Run(list.name, func(b *testing.B) {
			list.l.First = 41
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range s.ListExceptions(b.Context(), list.l, now) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == 41 {
						break
					}
				}
				if n != list.want {
					b.Fatalf("%d", n)
				}
			}
		})
	}
}

// BenchmarkFigures counts what is in hand, as each scrape of /metrics does, beside 1.5 million exceptions of which 200,000
// are in force, and half a million letters of which 50 wait.
func BenchmarkFigures(b *testing.B) {
	s, raw := millions(b)
	if _, err := raw.ExecContext(b.Context(), `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
		INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state, attempts,
			created_at, due_at, tried_at, sent_at, bounced_at, last_error)
		SELECT i || '@helpdesk.test', printf('LT-%d-%05d', 2016 + i / 150000, i % 150000), 'granted', '',
			printf('pharmacy%d@nhs.test', i % 9000),
			'', '[]', '{}', '[]', 0, CASE WHEN i % 10000 = 0 THEN 'queued' ELSE 'sent' END, 1, 1700000000 + i, 1700000000 + i,
			1700000000 + i, CASE WHEN i % 10000 = 0 THEN 0 ELSE 1700000000 + i END, 0, '' FROM n`); err != nil {
		b.Fatal(err)
	}
	now := time.Unix(1670000000, 0)
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

// BenchmarkReport counts a month with 12,960 requests, beside 1.5 million of before and after, each with its exception and three
// entries of the audit.
func BenchmarkReport(b *testing.B) {
	s, raw := millions(b)
	for _, statement := range []string{`
		INSERT INTO inbound (id, mailbox, uidvalidity, uid, digest, message_id, from_address, subject, size,
			header_only, received_at, checks,
			outcome, reason, ref, folder, filed_at) VALUES (1, 'helpdesk', 7, 1, '', '', '', '', 1, 0, 1, '[]',
				'request', '', '', '', 1)`, `
		INSERT INTO request (ref, state, version, subject_email, subject_name, site_code, site_address, reason, justification, auth_method,
			requested_by, senders, received_at, waiting_since, lapses_at, renews, digest, inbound_id)
		SELECT ref, 'approved', 3, subject_email, subject_name, site_code, site_address, reason, '', 'yes', site_address, '',
			starts_at - 86400, starts_at, 0, '', '', 1 FROM exception`, `
		INSERT INTO audit (ref, seq, at, event, by, text, salt, digest, hash, redacted)
		SELECT ref, seq, starts_at - 86400 * (3 - seq), event, '', '', '', hex(randomblob(32)), hex(randomblob(32)), '' FROM exception,
			(SELECT 1 AS seq, 'complete' AS event UNION ALL SELECT 2, 'reminded' UNION ALL SELECT 3, 'approve')`} {
		if _, err := raw.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	for name, until := range map[string]int64{"last month": 1700000000, "a month of long ago": 1500000000} {
		from, to := time.Unix(until, 0).Add(-30*day), time.Unix(until, 0)
		for what, count := range map[string]func() error{
			"counts": func() error { _, err := s.CountedIn(b.Context(), from, to, to); return err },
			"sites":  func() error { _, _, err := s.BusiestSites(b.Context(), from, to, 10); return err },
			"users":  func() error { _, _, err := s.Repeated(b.Context(), from, to); return err },
			"times":  func() error { return s.EachDecided(b.Context(), from, to, func(time.Time, time.Time) {}) },
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := count(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
