package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/retain"
	"mfabot/store"
)

// statements runs what somebody writes to the database who has not the key beside it.
func (e *ending) statements(all ...string) {
	e.t.Helper()
	db, err := sql.Open("sqlite3", e.bot.Settings.Database)
	done(e.t, err)
	for _, s := range all {
		_, err := db.ExecContext(e.t.Context(), s)
		done(e.t, err)
	}
	done(e.t, db.Close())
}

// verify is what `mfabot audit verify` prints, and its exit status.
func (e *ending) verify() (string, int) {
	var out bytes.Buffer
	status := runMain([]string{"audit", "verify", "--config", e.bot.Settings.File}, &out, &out)
	return out.String(), status
}

// work has the bot do what is due, without telling of it.
func (e *ending) work() {
	e.t.Helper()
	for n := 1; n > 0; {
		n = 0
		for _, step := range []func(context.Context) (int, error){e.bot.Check, e.bot.Sweep, e.bot.Enforce, e.bot.Keeper.Night} {
			did, err := step(e.t.Context())
			done(e.t, err)
			n += did
		}
	}
}

// alerts are the headlines of the alerts of a kind, with their lines.
func (e *ending) alerts(kind intake.AlertKind) (out []string) {
	e.t.Helper()
	all, err := e.bot.Store.Outbound(e.t.Context())
	done(e.t, err)
	for _, o := range all {
		if o.Template == intake.LetterAlert && o.Facts.Why == intake.Why(kind) {
			out = append(out, o.Facts.Headline+"\n"+strings.Join(slices.Concat(o.Facts.Lines, o.Facts.Todo), "\n"))
		}
	}
	return out
}

const (
	letterTo = "INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, " +
		"answer, state, attempts, created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at, seal) " +
		"SELECT 'forged@helpdesk.test', ref, template, why, 'mallory@evil.test', answers_to, thread, facts, attach, answer, 'queued', 0, " +
		"created_at, due_at, 0, 0, 0, '', '', 0, 0, seal FROM outbound WHERE template = 'review' LIMIT 1"
	exceptionFor = "INSERT INTO exception SELECT 'LT-2026-00666', category, 'active', 'admin@pharmacy.test', subject_name, site_code, " +
		"site_address, reason, note, granted_by, starts_at, ends_at + 315360000, next_notice_at, 0, '', 0, '', seal FROM exception"
	actionFor = "INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error, " +
		"subject_email, directory_id, seal) SELECT ref, 'apply', 'open', 0, created_at, due_at, 0, 0, 0, '', 'admin@pharmacy.test', '', seal FROM action"
)

// entryWith writes an entry to the audit as somebody can who has not the key.
func entryWith(event, until string) string {
	return "INSERT INTO audit (id, ref, seq, at, event, by, text, command, salt, digest, hash, redacted, until, whom) SELECT " +
		"(SELECT MAX(id) + 1 FROM audit), ref, MAX(seq) + 1, at, '" + event + "', '', '', '', salt, digest, hash, '', " + until +
		", whom FROM audit WHERE ref = 'LT-2026-00001'"
}

const (
	longer   = "UPDATE exception SET ends_at = ends_at + 315360000"
	notBegun = "INSERT OR REPLACE INTO audit SELECT id, ref, seq, at, 'remark', by, text, salt, digest, hash, redacted, " +
		"command, 0, '' FROM audit WHERE until > 0"
	chainMoved = "INSERT OR REPLACE INTO audit SELECT id, 'LT-2026-00009', seq, at, event, by, text, salt, digest, hash, " +
		"redacted, command, until, whom FROM audit WHERE ref = 'LT-2026-00001'"
)

// TestWriteAccess: who can write to the database, and has not the key, exempts nobody, keeps nobody exempt, and sends
// nothing. It is named, and the operator is told.
func TestWriteAccess(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		do    []string
		named string
	}{
		"ten years more":                        {[]string{"UPDATE exception SET ends_at = ends_at + 315360000"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"no end in sight":                       {[]string{"UPDATE exception SET next_notice_at = 9999999999"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"for somebody else":                     {[]string{"UPDATE exception SET subject_email = 'admin@pharmacy.test'"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"another member":                        {[]string{"UPDATE exception SET directory_id = 'nobody'"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"ended already":                         {[]string{"UPDATE exception SET state = 'ended'"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"replaced by one that is not":           {[]string{"UPDATE exception SET state = 'superseded', superseded_by = 'LT-2026-00666'"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"no seal":                               {[]string{"UPDATE exception SET seal = ''"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"no exception":                          {[]string{"DELETE FROM action", "DELETE FROM exception"}, "exception LT-2026-00001: the audit says that it is active, and it is not there"},
		"no exception, and bytes as references": {[]string{"DELETE FROM action", "DELETE FROM exception", bytesAsRefs(1)}, "exception LT-2026-00001: the audit says that it is active, and it is not there"},
		"nothing that says who":                 {[]string{"DELETE FROM action", "DELETE FROM exception", "UPDATE request SET subject_email = ''"}, "exception LT-2026-00001: the audit says that it is active, and it is not there"},
		"an exception":                          {[]string{exceptionFor}, "exception LT-2026-00666: not as mfabot wrote it"},
		"an exception and its start":            {[]string{exceptionFor, strings.Replace(actionFor, "SELECT ref", "SELECT 'LT-2026-00666'", 1)}, "exception LT-2026-00666: not as mfabot wrote it"},
		"a start":                               {[]string{actionFor}, "action 2: not as mfabot wrote it"},
		"a start again":                         {[]string{"UPDATE action SET state = 'open', subject_email = 'admin@pharmacy.test'"}, "action 1: not as mfabot wrote it"},
		"another one to keep the first":         {[]string{strings.Replace(exceptionFor, "'', 0, '', seal", "directory_id, 0, '', seal", 1), "UPDATE exception SET subject_email = (SELECT subject_email FROM exception WHERE ref = 'LT-2026-00001') WHERE ref = 'LT-2026-00666'"}, "exception LT-2026-00666: not as mfabot wrote it"},
		"a letter":                              {[]string{letterTo}, "not as mfabot wrote it"},
		"a letter turned":                       {[]string{"UPDATE outbound SET recipient = 'mallory@evil.test', state = 'queued'"}, "outbound 1: not as mfabot wrote it"},
		"a letter made of another":              {[]string{"UPDATE outbound SET template = 'review', state = 'queued' WHERE template = 'receipt'"}, "not as mfabot wrote it"},
		"letters gone":                          {[]string{"DELETE FROM outbound WHERE template = 'approved'"}, "outbound: rows were removed"},
		"a reviewer":                            {[]string{"UPDATE review SET reviewer = 'mallory@evil.test', void_at = 0, decided_at = 0"}, "review 1: not as mfabot wrote it"},
		"a request pending again":               {[]string{"UPDATE request SET state = 'pending'", "UPDATE review SET void_at = 0, decided_at = 0"}, "request LT-2026-00001: not as mfabot wrote it"},
		"an absence": {[]string{"INSERT INTO absence (reviewer, since, until, ended_at, deputy, by_hand, seal) " +
			"VALUES ('ben@helpdesk.test', 1, 0, 0, 'mallory@evil.test', TRUE, '')"}, "absence ben@helpdesk.test: not as mfabot wrote it"},
		"an end on record":                         {[]string{entryWith("ended", "0")}, "LT-2026-00001"},
		"an end on record, and ten years more":     {[]string{entryWith("ended", "0"), longer}, "exception LT-2026-00001: not as mfabot wrote it"},
		"ten years more on record":                 {[]string{entryWith("approve", "9999999999"), longer}, "exception LT-2026-00001: not as mfabot wrote it"},
		"a revocation on record, and no exception": {[]string{entryWith("revoke", "0"), "DELETE FROM exception"}, "exception: rows were removed"},
		"no beginning on record":                   {[]string{notBegun}, "exception LT-2026-00001: the audit does not say so"},
		"no beginning, and ten years more":         {[]string{notBegun, longer}, "exception LT-2026-00001: not as mfabot wrote it"},
		"the record of another":                    {[]string{chainMoved}, "exception LT-2026-00001: the audit does not say so"},
		"the record of another, and no exception":  {[]string{chainMoved, "DELETE FROM exception"}, "exception: rows were removed"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e := newEnding(t, "SELECT 1")
			e.approve(pharmacy, sam)
			if out, status := e.verify(); status != exitOK {
				t.Fatalf("before: %s", out)
			}
			e.statements(c.do...)
			out, status := e.verify()
			if status != exitFailed || !strings.Contains(out, c.named) {
				t.Errorf("verify ends with %d: %s", status, out)
			}
			for range 27 { // weeks: longer than the exception
				e.clock.Advance(7 * 24 * time.Hour)
				e.work()
				for _, who := range e.directory.Exempt() {
					if who != "sam.green@pharmacy.test" {
						t.Fatalf("%s is exempt", who)
					}
				}
				due, err := e.bot.Store.Due(t.Context(), e.clock.Now(), 1000)
				done(t, err)
				for _, o := range due {
					if o.To == "mallory@evil.test" || o.Template == intake.LetterReview &&
						o.CreatedAt.After(preludeBegins.Add(24*time.Hour)) {
						t.Fatalf("%s would get the letter %q", o.To, o.Template)
					}
				}
			}
			if exempt := e.directory.Exempt(); len(exempt) > 0 {
				t.Errorf("exempt after the end: %v", exempt)
			}
			told := e.alerts(intake.AlertSeals)
			if !slices.ContainsFunc(told, func(alert string) bool {
				return strings.Contains(alert, c.named[strings.LastIndex(c.named, ": ")+1:])
			}) {
				t.Errorf("the operator is told %q", told)
			}
		})
	}
}

// TestWriteAccessTriggers: a trigger stops the bot, with words, before anything is written, and once it is gone the
// bot goes on.
func TestWriteAccessTriggers(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.statements("CREATE TRIGGER keep AFTER INSERT ON action BEGIN UPDATE action SET state = 'void' WHERE id = NEW.id; END",
		"CREATE TRIGGER longer AFTER UPDATE ON exception BEGIN UPDATE exception SET ends_at = 9999999999; END")
	e.clock.Advance(190 * 24 * time.Hour)
	_, err := e.bot.Sweep(t.Context())
	if trouble := store.TroubleOf(err); trouble == nil || trouble.Passes || !strings.Contains(err.Error(), "trigger keep, trigger longer") {
		t.Fatalf("the sweep ends with %v", err)
	}
	out, status := e.verify()
	if status != exitFailed || !strings.Contains(out, "schema trigger keep: not as mfabot makes it") {
		t.Errorf("verify ends with %d: %s", status, out)
	}
	var printed bytes.Buffer
	if status := runMain([]string{"grant", "--user", "kim.day@pharmacy.test", "--reason", "no-signal", "--config", e.bot.Settings.File},
		&printed, &printed); status != exitFailed || !strings.Contains(printed.String(), "trigger keep") {
		t.Errorf("grant ends with %d: %s", status, printed.String())
	}
	e.statements("DROP TRIGGER keep", "DROP TRIGGER longer")
	e.work()
	if exempt := e.directory.Exempt(); len(exempt) > 0 {
		t.Errorf("exempt after the end: %v", exempt)
	}
}

// TestWriteAccessBeside: an operator's table and an index for a report stop nothing. The operator hears of them once, and
// verify names them.
func TestWriteAccessBeside(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.statements("CREATE TABLE mine (ref TEXT)", "CREATE INDEX report ON exception (site_code)")
	for range 27 {
		e.clock.Advance(7 * 24 * time.Hour)
		e.work()
	}
	if exempt := e.directory.Exempt(); len(exempt) > 0 {
		t.Errorf("exempt after the end: %v", exempt)
	}
	if told := e.alerts(intake.AlertSeals); len(told) != 1 || !strings.Contains(told[0], "index report, table mine") {
		t.Errorf("the operator is told %q", told)
	}
	if out, status := e.verify(); status != exitOK || !strings.Contains(out, "warning: table mine is not mfabot's") {
		t.Errorf("verify ends with %d: %s", status, out)
	}
}

// TestWrongKey: a key that is missing beside a sealed database, or another's, stops what would write, says so, and
// has nobody look for who changed something.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	key := e.bot.Settings.KeyFile()
	text, err := os.ReadFile(key)
	done(t, err)
	if !bytes.Contains(text, []byte("\nrows\n")) {
		t.Errorf("the key's file is %q", text)
	}
	grant := func() (string, int) {
		var out bytes.Buffer
		status := runMain([]string{"grant", "--user", "kim.day@pharmacy.test", "--reason", "no-signal", "--config",
			e.bot.Settings.File}, &out, &out)
		return out.String(), status
	}
	done(t, os.Rename(key, key+".away"))
	if out, status := grant(); status != exitFailed || !strings.Contains(out, "there is no key") {
		t.Errorf("without the key grant ends with %d: %s", status, out)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("a new key was made")
	}
	other := newEnding(t, "SELECT 1")
	theirs, err := os.ReadFile(other.bot.Settings.KeyFile())
	done(t, err)
	done(t, os.WriteFile(key, theirs, 0o600))
	if out, status := grant(); status != exitFailed || !strings.Contains(out, "sealed with another key") {
		t.Errorf("with another's key grant ends with %d: %s", status, out)
	}
	if out, _ := e.verify(); !strings.Contains(out, "what mfabot acts on: sealed with another key\n") ||
		strings.Contains(out, "not as mfabot") {
		t.Errorf("verify prints %s", out)
	}
	done(t, os.Rename(key+".away", key))
	if out, status := grant(); status != exitOK {
		t.Errorf("with the key again grant ends with %d: %s", status, out)
	}
	if out, status := e.verify(); status != exitOK {
		t.Errorf("verify: %s", out)
	}
	e.statements("UPDATE tally SET seal = ''", "UPDATE exception SET seal = ''")
	if out, status := grant(); status != exitFailed || !strings.Contains(out, "no seal is in the database any more") {
		t.Errorf("without seals grant ends with %d: %s", status, out)
	}
}

// unsealed are the columns of the rows that are sealed, besides those that the seals cover.
func unsealed(table string) []string {
	return map[string][]string{"exception": {}, "review": {}, "absence": {}, "request": {}, "tally": {}, "audit": {}, "audit_head": {},
		"action":   {"attempts", "due_at", "taken_until", "ended_at", "alerted_at", "last_error"},
		"outbound": {"attempts", "due_at", "tried_at", "sent_at", "last_error"}}[table]
}

// columns are the columns of each table that anybody can change unnoticed, with their types.
func (e *ending) columns() map[string]map[string]string {
	e.t.Helper()
	db, err := sql.Open("sqlite3", e.bot.Settings.Database)
	done(e.t, err)
	defer func() { done(e.t, db.Close()) }()
	rows, err := db.QueryContext(e.t.Context(), `
		SELECT t.name, c.name, c.type FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND c.pk = 0 AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'goose%'`)
	done(e.t, err)
	defer func() { done(e.t, rows.Close()) }()
	all := make(map[string]map[string]string)
	for rows.Next() {
		var table, column, kind string
		done(e.t, rows.Scan(&table, &column, &kind))
		if only := unsealed(table); only != nil && !slices.Contains(only, column) {
			continue
		}
		if all[table] == nil {
			all[table] = make(map[string]string)
		}
		all[table][column] = kind
	}
	done(e.t, rows.Err())
	return all
}

// TestWriteAccessColumns changes what has no seal, of each table all rows: nobody stays exempt by that, or is approved,
// nothing goes to who is nobody's recipient, and those concerned are told of the end.
func TestWriteAccessColumns(t *testing.T) {
	t.Parallel()
	hostile := map[string]map[bool]string{ // by name, for numbers and for texts
		"late":  {true: "9999999999", false: "'mallory@evil.test'"},
		"early": {true: "1", false: "''"},
		"other": {true: "-9223372036854775808", false: "'{}'"},
	}
	tables := newEnding(t, "SELECT 1").columns()
	if len(tables) < 10 {
		t.Fatalf("the tables are %v", tables)
	}
	for table, columns := range tables {
		for what, values := range hostile {
			t.Run(table+"/"+what, func(t *testing.T) {
				t.Parallel()
				e := newEnding(t, "SELECT 1")
				e.approve(pharmacy, sam)
				e.write(e.scene.asks(pharmacy, rosa, "Persistent work in a secure location"))
				for column, kind := range columns {
					e.statements("UPDATE OR IGNORE " + table + " SET " + column + " = " + values[kind != "TEXT" && kind != "BLOB"])
				}
				for _, days := range []int{1, 1, 185, 1, 1, 1} {
					e.clock.Advance(time.Duration(days) * 24 * time.Hour)
					e.work()
					for _, who := range e.directory.Exempt() {
						if who != "sam.green@pharmacy.test" {
							t.Fatalf("%s is exempt", who)
						}
					}
				}
				if exempt := e.directory.Exempt(); len(exempt) > 0 {
					t.Errorf("exempt after the end: %v", exempt)
				}
				all, err := e.bot.Store.Outbound(t.Context())
				done(t, err)
				told := 0
				for _, o := range all {
					if o.To == "mallory@evil.test" {
						t.Errorf("%s gets the letter %q", o.To, o.Template)
					}
					if o.Template == intake.LetterEnded && o.State != intake.Failed {
						told++
					}
				}
				if told < 2 {
					t.Errorf("%d are told of the end", told)
				}
			})
		}
	}
}

// bytesAsRefs gives exceptions bytes as their references: above every text, so that they come after whatever was looked at.
func bytesAsRefs(n int) string {
	return fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "+
		"INSERT INTO exception (ref, category, state, subject_email, subject_name, site_code, site_address, reason, note, granted_by, "+
		"starts_at, ends_at, next_notice_at, closed_at) "+
		"SELECT CAST('L' || i AS BLOB), 'short', 'ended', '', '', '', '', '', '', '', 1, 2, 0, 2 FROM n", n)
}

// TestPurgeEnds: a purge of more references than it looks at at once ends, also where none of them can be deleted.
func TestPurgeEnds(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.statements(bytesAsRefs(450))
	n := 0
	done(t, e.bot.Keeper.DuePurges(t.Context(), func(retain.Purge) error {
		if n++; n > 1000 {
			return errors.New("there is no end of it")
		}
		return nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done(t, e.bot.Keeper.Purge(ctx, "Jo Hill", func(retain.Purge) error { return nil }))
}

// TestNothingWaitsForTheCheck: all that is sealed is read once a day, and not by the sweep, on which the ends wait.
func TestNothingWaitsForTheCheck(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.clock.Advance(25 * time.Hour)
	read := false
	e.bot.Store.Walked = func(int64, int64) { read = true }
	for _, c := range []struct {
		what string
		step func(context.Context) (int, error)
		want bool
	}{{"sweep", e.bot.Sweep, false}, {"check", e.bot.Check, true}, {"the same day", e.bot.Check, false}} {
		read = false
		if _, err := c.step(t.Context()); err != nil || read != c.want {
			t.Errorf("%s: all is read: %v, %v", c.what, read, err)
		}
	}
}

// TestAnotherFaultIsTold: the operator hears of a fault of the audit that is new, also where one that was told is there no more.
func TestAnotherFaultIsTold(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	e.approve(pharmacy, "kim.day@pharmacy.test")
	e.clock.Advance(8 * 24 * time.Hour)
	e.work() // what is put on record of them soon after
	const head = "UPDATE audit_head SET length = length "
	for i, statement := range []string{head + "+ 1 WHERE ref = 'LT-2026-00001'", head + "- 1 WHERE ref = 'LT-2026-00001'",
		head + "+ 1 WHERE ref = 'LT-2026-00002'"} {
		e.statements(statement)
		e.clock.Advance(24 * time.Hour)
		e.work()
		told := strings.Count(strings.Join(e.alerts(intake.AlertSeals), "\n"), "the audit: faults: 1")
		if want := []int{1, 1, 2}[i]; told != want {
			t.Errorf("after %q the operator was told of faults %d times, expected %d", statement, told, want)
		}
	}
}
