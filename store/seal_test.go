package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// used is the key of a database whose rows were sealed with it.
func used() store.SealKey { return store.SealKey{Secret: secret.Secret, Used: true, Rows: true} }

// unmarked is for SealRows, where no test looks into the key's file.
func unmarked(string) error { return nil }

// testSeals checks that old rows are sealed once, and with which key.
func testSeals(t *testing.T, open opener) {
	s := open(t)
	fillSealed(t, s)
	same(t, "sealed before", false, must(s.Sealed(t.Context()))(t))
	ok(t, s.Seal(t.Context(), secret))
	same(t, "bare, as the key knows", true, errors.Is(s.SealRows(t.Context(), used(), noon, unmarked), store.ErrRowsBare))
	ok(t, s.SealRows(t.Context(), secret, noon, unmarked))
	ok(t, s.SetAside(t.Context(), []store.Refused{{Table: "outbound", Key: "99", What: store.Unsealed}}))
	ok(t, s.SealRows(t.Context(), used(), noon, unmarked)) // for the second time, nothing is sealed
	same(t, "sealed", true, must(s.Sealed(t.Context()))(t))
	found := must(s.CheckAudit(t.Context(), used(), ""))(t)
	same(t, "rows", []store.Refused(nil), found.Rows)
	same(t, "exempt", 1, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00077", At: noon, Event: intake.EventApprove,
			Until: noon.Add(day), User: "x@corner.test"}))
	})
	same(t, "over by the audit", []intake.OverByAudit{{Ref: "LT-2026-00077", Ends: noon.Add(day), Begun: true,
		Users: []string{"x@corner.test"}}},
		must(s.OverByAudit(t.Context(), noon.Add(999*day), []string{"sam@corner.test", "x@corner.test"}))(t))
	other := store.SealKey{Secret: []byte("quite another secret of 32 bytes"), Used: true, Rows: true}
	same(t, "another key", true, errors.Is(s.SealRows(t.Context(), other, noon, unmarked), store.ErrOtherKey))
	same(t, "what another key says", []store.Refused{{Table: "*", Key: "*", What: store.OtherKey}},
		must(s.CheckAudit(t.Context(), other, ""))(t).Rows)
}

// fillSealed adds a row of each kind, with what the audit has of it.
func fillSealed(t *testing.T, s *store.Store) {
	t.Helper()
	addRequest(t, s, "LT-2026-00001", 1)
	e := exception("LT-2026-00001", 150*day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: noon, Event: intake.EventComplete}))
		ok(t, tx.AddException(ctx, e))
		ok(t, tx.AddAction(ctx, &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: intake.ToApply, CreatedAt: noon, DueAt: noon}))
		ok(t, tx.AddReview(ctx, &intake.Review{Ref: e.Ref, Reviewer: "ann@helpdesk.test", Purpose: intake.ToDecide, Seed: "seed",
			CodeHash: "hash", Digest: "digest", CreatedAt: noon}))
		ok(t, tx.SetAbsence(ctx, intake.Absence{Reviewer: "ann@helpdesk.test", Since: noon, Until: noon.Add(day),
			Deputy: "ben@helpdesk.test"}))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: noon, Event: intake.EventApprove, Until: e.EndsAt, User: e.User.Email}))
		ok(t, tx.SetMark(ctx, intake.MarkSites, 25))
	})
	addLetters(t, s, letter("one@helpdesk.test"))
}

// sealed is a database with a sealed row of each kind, and its file for somebody who writes to it.
type sealed struct {
	*store.Store
	t   *testing.T
	raw *sql.DB
}

func newSealed(t *testing.T) *sealed {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := inFile(file)(t)
	ok(t, s.Seal(t.Context(), secret))
	ok(t, s.SealRows(t.Context(), secret, noon, unmarked))
	fillSealed(t, s)
	raw := must(sql.Open("sqlite3", file))(t)
	raw.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = raw.Close() })
	return &sealed{s, t, raw}
}

func (s *sealed) write(statement string, args ...any) {
	s.t.Helper()
	_, err := s.raw.ExecContext(s.t.Context(), statement, args...)
	ok(s.t, err)
}

func (s *sealed) check() (lines []string) {
	s.t.Helper()
	for _, r := range must(s.CheckAudit(s.t.Context(), used(), ""))(s.t).Rows {
		lines = append(lines, r.String())
	}
	return lines
}

// acted is what of the one row of each kind is acted on.
func (s *sealed) acted() (refs map[string]int) {
	ctx, later := s.t.Context(), noon.Add(time.Hour)
	refs = map[string]int{
		"exception": len(must(s.Exceptions(ctx))(s.t)) + len(must(s.ActiveExceptions(ctx, noon))(s.t)) +
			len(must(s.Unclosed(ctx, "sam@corner.test"))(s.t)) + len(must(s.Ending(ctx, noon, noon.Add(5000*day)))(s.t)) +
			len(must(s.ExceptionsOf(ctx, "sam@corner.test"))(s.t)) + len(must(s.UsersOf(ctx, "FA001"))(s.t)) +
			len(must(s.ActiveAt(ctx, "FA001", noon))(s.t)) + len(must(s.OverExemptions(ctx, noon.Add(180*day)))(s.t)),
		"action": len(must(s.DueActions(ctx, "", later, 9))(s.t)) + len(must(s.OpenActions(ctx, ""))(s.t)),
		"outbound": len(must(s.Due(ctx, later, 9))(s.t)) + len(must(s.TriedFor(ctx, 1))(s.t)) +
			len(must(s.Conversation(ctx, "LT-2026-00001", "pharmacy@corner.test", 9))(s.t)) +
			must(s.CountLetters(ctx, []intake.Template{intake.LetterReceipt}, "pharmacy@corner.test", "", noon.Add(-day)))(s.t),
		"review":  len(must(s.Reviews(ctx, "LT-2026-00001"))(s.t)),
		"absence": len(must(s.Absences(ctx))(s.t)),
		"request": len(must(s.Undecided(ctx))(s.t)) + len(must(s.OpenRequestsFor(ctx, "sam@corner.test"))(s.t)) +
			len(must(s.RequestsFor(ctx, "sam@corner.test"))(s.t)) + len(must(s.Waiting(ctx))(s.t)) + len(must(s.Chasing(ctx,
			later, 9))(s.t)) +
			len(must(s.OpenReviews(ctx, "ann@helpdesk.test"))(s.t)),
	}
	if _, err := s.Mark(ctx, intake.MarkSites); err == nil {
		refs["mark"] = 1
	}
	return refs
}

// TestSealedColumns changes each sealed column of each row: the row is not acted on, is told of, and is named.
func TestSealedColumns(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	same(t, "faults", []string(nil), s.check())
	for table, n := range s.acted() {
		if n == 0 {
			t.Fatalf("nothing of %s is acted on", table)
		}
	}
	changes := 0
	for table, key := range map[string]string{"exception": "ref", "action": "id", "outbound": "id", "review": "id", "absence": "reviewer",
		"request": "ref", "mark": "name", "tally": "name"} {
		for _, column := range store.SealedColumns(table) {
			if column == key && table != "absence" {
				continue // others refer to it: see TestSealsMoved
			}
			var was any
			ok(t, s.raw.QueryRowContext(t.Context(), "SELECT "+column+" FROM "+table+" ORDER BY rowid").Scan(&was))
			var other any
			if b, is := was.(bool); is {
				other = !b
			} else {
				other = flipped(was)[0]
			}
			changes++
			change := "UPDATE " + table + " SET " + column + " = $1 WHERE rowid = (SELECT MIN(rowid) FROM " + table + ")"
			s.write(change, other)
			if n := s.acted()[table]; n != 0 && table != "tally" {
				t.Errorf("%s.%s made %v: %d are acted on", table, column, other, n)
			}
			if named := s.check(); !slices.ContainsFunc(named, func(line string) bool { return strings.HasPrefix(line, table+" ") }) {
				t.Errorf("%s.%s made %v: %q", table, column, other, named)
			}
			s.write(change, was)
		}
	}
	if changes < 60 {
		t.Errorf("%d changes", changes)
	}
	same(t, "faults at the end", []string(nil), s.check())
	if refused := s.Refusals(); len(refused) < 6 {
		t.Errorf("told of %v", refused)
	}
	same(t, "told of again", 0, len(s.Refusals()))
}

// TestSealsMoved: no seal of one row is good for another, nor for the row as it was.
func TestSealsMoved(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		do   []string
		want string
	}{
		"a copy of an exception": {[]string{"INSERT INTO exception SELECT 'LT-2026-00009', category, state, subject_email, subject_name, site_code, " +
			"site_address, reason, note, granted_by, starts_at, ends_at, next_notice_at, closed_at, directory_id, purged_at, superseded_by, seal " +
			"FROM exception"}, "exception LT-2026-00009: not as mfabot wrote it"},
		"a seal taken away":      {[]string{"UPDATE exception SET seal = ''"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"a seal of another key":  {[]string{"UPDATE exception SET seal = '12345678:' || seal"}, "exception LT-2026-00001: sealed with another key"},
		"a letter made":          {[]string{"INSERT INTO outbound SELECT 99, 'two@x', ref, template, why, 'mallory@evil.test', answers_to, thread, facts, attach, answer, state, attempts, created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at, seal, held_until, subject, went_to FROM outbound"}, "outbound 99: not as mfabot wrote it"},
		"an exception removed":   {[]string{"DELETE FROM action", "DELETE FROM exception"}, "exception LT-2026-00001: the audit says that it is active, and it is not there"},
		"a letter removed":       {[]string{"DELETE FROM outbound"}, "outbound *: rows were removed"},
		"a review removed":       {[]string{"DELETE FROM review"}, "review *: rows were removed"},
		"an absence removed":     {[]string{"DELETE FROM absence"}, "absence *: rows were removed"},
		"an action removed":      {[]string{"DELETE FROM action"}, "action *: rows were removed"},
		"a tally removed":        {[]string{"DELETE FROM outbound", "DELETE FROM tally"}, "tally *: rows were removed"},
		"a tally made to fit":    {[]string{"DELETE FROM outbound", "UPDATE tally SET n = 0 WHERE name = 'outbound'"}, "tally outbound: not as mfabot wrote it"},
		"every seal taken away":  {[]string{"UPDATE exception SET seal = ''", "UPDATE tally SET seal = ''"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"a number made a text":   {[]string{"UPDATE exception SET ends_at = CAST(ends_at AS TEXT) || 'x'"}, "exception LT-2026-00001: not as mfabot wrote it"},
		"a review for another":   {[]string{"UPDATE review SET reviewer = 'mallory@evil.test'"}, "review 1: not as mfabot wrote it"},
		"an action for somebody": {[]string{"UPDATE action SET subject_email = 'root@corner.test'"}, "action 1: not as mfabot wrote it"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			for _, statement := range c.do {
				s.write(statement)
			}
			if got := s.check(); !slices.Contains(got, c.want) {
				t.Errorf("told is %q, want %q among it", got, c.want)
			}
			for _, o := range must(s.Due(t.Context(), noon.Add(time.Hour), 9))(t) {
				same(t, "recipient", "pharmacy@corner.test", o.To)
			}
		})
	}
}

// TestSealToldOnce: an exception that is not as it was written is not missing as well.
func TestSealToldOnce(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	s.write("UPDATE exception SET ends_at = ends_at + 315360000")
	same(t, "told", []string{"exception LT-2026-00001: not as mfabot wrote it"}, s.check())
}

// TestSealMadeUp: a made-up exception does not stand in the tally for one that is gone, also where that one is over and so
// is missed by nobody.
func TestSealMadeUp(t *testing.T) {
	t.Parallel()
	const ref = "LT-2026-00001"
	ended := func(s *sealed) {
		do(s.t, s.Store, func(ctx context.Context, tx *store.Tx) {
			ok(s.t, tx.CloseException(ctx, ref, intake.Ended, noon))
			ok(s.t, tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: noon, Event: intake.EventEnded}))
		})
	}
	const gone, missing = "exception *: rows were removed", "exception " + ref + ": the audit says that it is active, and it is not there"
	for what, c := range map[string]struct {
		before func(*sealed)
		seal   string // of the made-up one; empty for that of the other
		made   store.Fault
		more   []string
	}{
		"over, with its seal":          {ended, "seal", store.Unsealed, nil},
		"over, without a seal":         {ended, "''", store.Unsealed, nil},
		"over, with another key's":     {ended, "'12345678:' || seal", store.OtherKey, nil},
		"active, so that it is missed": {func(*sealed) {}, "seal", store.Unsealed, []string{missing}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			c.before(s)
			same(t, "faults before", []string(nil), s.check())
			s.write("CREATE TEMP TABLE made AS SELECT * FROM exception")
			s.write("UPDATE made SET ref = 'LT-2026-00009', state = 'active', closed_at = 0, " +
				"subject_email = 'mallory@evil.test', seal = " + c.seal)
			s.write("DELETE FROM action")
			s.write("DELETE FROM exception")
			s.write("INSERT INTO exception SELECT * FROM made")
			named := s.check()
			for _, want := range append(c.more, gone, "exception LT-2026-00009: "+string(c.made)) {
				if !slices.Contains(named, want) {
					t.Errorf("told is %q, want %q among it", named, want)
				}
			}
			same(t, "exempt", 0, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
		})
	}
}

// TestSealOfMark: a number that somebody else wrote counts as none and stays as it is, and the bot's own change passes it
// off as nothing; one that is missing is no fault.
func TestSealOfMark(t *testing.T) {
	t.Parallel()
	for what, statement := range map[string]string{
		"another number":     "UPDATE mark SET n = 99",
		"another's number":   "UPDATE mark SET name = 'leapt', seal = (SELECT seal FROM mark)",
		"no seal":            "UPDATE mark SET seal = ''",
		"another key's seal": "UPDATE mark SET seal = '12345678:' || seal",
		"a text":             "UPDATE mark SET n = 'x' || n",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			s.write(statement)
			marks := []intake.Mark{intake.MarkSites, intake.MarkLeapt}
			for _, m := range marks {
				_, err := s.Mark(t.Context(), m)
				wantNotFound(t, "what somebody else wrote", err)
			}
			named := s.check()
			if len(named) != 1 || !strings.HasPrefix(named[0], "mark ") {
				t.Errorf("told is %q", named)
			}
			key, _, _ := strings.Cut(strings.TrimPrefix(named[0], "mark "), ":")
			name := intake.Mark(key)
			do(t, s.Store, func(ctx context.Context, tx *store.Tx) { ok(t, tx.SetMark(ctx, name, 7)) })
			_, err := s.Mark(t.Context(), name)
			wantNotFound(t, "after the bot's own change", err)
			s.write("DELETE FROM mark")
			same(t, "faults without it", []string(nil), s.check())
			do(t, s.Store, func(ctx context.Context, tx *store.Tx) { ok(t, tx.SetMark(ctx, name, 7)) })
			same(t, "set again", int64(7), must(s.Mark(t.Context(), name))(t))
		})
	}
}

// TestSealOld: a row as it was, with its seal, is not acted on once the audit says that it is over.
func TestSealOld(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	var seal string
	ok(t, s.raw.QueryRowContext(t.Context(), "SELECT seal FROM exception").Scan(&seal))
	do(t, s.Store, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.CloseException(ctx, "LT-2026-00001", intake.Revoked, noon))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: intake.EventRevoke}))
	})
	same(t, "faults", []string(nil), s.check())
	s.write("UPDATE exception SET state = 'active', closed_at = 0, seal = $1", seal)
	same(t, "exempt", 0, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
	_, err := s.Exception(t.Context(), "LT-2026-00001")
	wantNotFound(t, "the exception as it was", err)
	same(t, "faults", []string{"exception LT-2026-00001: the audit says that it is over"}, s.check())
	same(t, "told of", []string{"exception LT-2026-00001: the audit says that it is over"}, lines(s.Refusals()))
}

func lines(refused []store.Refused) (out []string) {
	for _, r := range refused {
		out = append(out, r.String())
	}
	return out
}

// TestSealWaits: no letter waits for one that is not as it was written.
func TestSealWaits(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	addLetters(t, s.Store, letter("two@helpdesk.test"))
	s.write("UPDATE outbound SET answers_to = 'x' WHERE id = 1")
	same(t, "due", 0, len(must(s.Due(t.Context(), noon, 9))(t)))
	named := []string{"outbound 1: not as mfabot wrote it"}
	same(t, "faults", named, s.check())
	found := must(s.CheckAudit(t.Context(), used(), ""))(t)
	ok(t, s.SetAside(t.Context(), found.Rows))
	due := must(s.Due(t.Context(), noon, 9))(t)
	same(t, "due", 1, len(due))
	same(t, "the second", "two@helpdesk.test", due[0].MessageID)
	same(t, "faults", named, s.check())
}

// TestSealHeld: a letter is held for as long as whoever wrote it said.
func TestSealHeld(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	held := letter("two@helpdesk.test")
	held.HeldUntil = noon.Add(day)
	addLetters(t, s.Store, held)
	same(t, "faults", []string(nil), s.check())
	s.write("UPDATE outbound SET held_until = 0 WHERE id = 2")
	same(t, "one that is not held any more", []string{"outbound 2: not as mfabot wrote it"}, s.check())
	s.write("UPDATE outbound SET held_until = $1", noon.Add(day).Unix())
	same(t, "another that is held", []string{"outbound 1: not as mfabot wrote it"}, s.check())
}

// TestSealPutRight: a letter that is as it was written again, by the time it would be taken out of the queue, stays there.
func TestSealPutRight(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	s.write("UPDATE outbound SET recipient = 'mallory@evil.test' WHERE id = 1")
	same(t, "due", 0, len(must(s.Due(t.Context(), noon, 9))(t)))
	s.write("UPDATE outbound SET recipient = $1 WHERE id = 1", letter("one@helpdesk.test").To)
	ok(t, s.SetAside(t.Context(), s.Refusals()))
	same(t, "due again", 1, len(must(s.Due(t.Context(), noon, 9))(t)))
	same(t, "faults", []string(nil), s.check())
}

// TestSealHolds: what somebody else writes keeps a letter back for a day and no longer.
func TestSealHolds(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	o := letter("ended@helpdesk.test")
	o.Template, o.To = intake.LetterEnded, "sam@corner.test"
	addLetters(t, s.Store, o)
	s.write("UPDATE action SET kind = 'remove'")
	ended := func(at time.Time) bool {
		return slices.ContainsFunc(must(s.Due(t.Context(), at, 9))(t), func(o intake.Outbound) bool {
			return o.Template == intake.LetterEnded
		})
	}
	same(t, "at once", false, ended(noon.Add(time.Hour)))
	same(t, "after a day", true, ended(noon.Add(26*time.Hour)))
}

// TestSealOver: who is exempt no longer is known from the audit, whatever was made of the rest.
func TestSealOver(t *testing.T) {
	t.Parallel()
	after := noon.Add(180 * day)
	for what, c := range map[string]struct {
		do   []string
		left string // the user, as what is left tells
	}{
		"ten years more":    {[]string{"UPDATE exception SET ends_at = ends_at + 315360000"}, "sam@corner.test"},
		"no seal":           {[]string{"UPDATE exception SET seal = ''"}, "sam@corner.test"},
		"somebody else":     {[]string{"UPDATE exception SET subject_email = 'other@corner.test'"}, "sam@corner.test"},
		"ended":             {[]string{"UPDATE exception SET state = 'ended'"}, "sam@corner.test"},
		"gone":              {[]string{"DELETE FROM action", "DELETE FROM exception"}, "sam@corner.test"},
		"gone, with it all": {[]string{"DELETE FROM action", "DELETE FROM exception", "UPDATE request SET subject_email = ''"}, ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			for _, statement := range c.do {
				s.write(statement)
			}
			same(t, "before", 0, len(must(s.OverByAudit(t.Context(), after.Add(-time.Second), nil))(t)))
			for user, members := range map[string][]string{c.left: {"other@corner.test"}, "sam@corner.test": {"x@corner.test",
				"sam@corner.test"}} {
				want := intake.OverByAudit{Ref: "LT-2026-00001", Ends: after, Begun: true}
				if user != "" {
					want.Users = []string{user}
				}
				same(t, "over", []intake.OverByAudit{want}, must(s.OverByAudit(t.Context(), after, members))(t))
			}
		})
	}
}

// withEntry writes an entry to the audit as somebody can who has no key: it is chained and its hashes fit, and its head
// has no seal that does.
const withEntry = `INSERT INTO audit (id, ref, seq, at, event, by, text, command, salt, digest, hash, redacted, until, whom)
	SELECT MAX(id) + 1, ref, MAX(seq) + 1, at, '%s', '', '', '', salt, digest, 'x', '', %d, whom FROM audit WHERE ref = 'LT-2026-00001'`

// TestSealStanding: what somebody writes to the audit of an exception neither keeps it nor has it forgotten, and ends it
// no earlier than its own row says, if that is as the bot wrote it.
func TestSealStanding(t *testing.T) {
	t.Parallel()
	const again = "INSERT OR REPLACE INTO audit SELECT id, ref, seq, at, 'reminder', by, text, salt, digest, hash, " +
		"redacted, command, 0, whom " +
		"FROM audit WHERE until > 0"
	const unfit, gone = "UPDATE exception SET ends_at = ends_at + 315360000", "DELETE FROM exception"
	after := noon.Add(180 * day)
	for what, c := range map[string]struct {
		do    []string
		over  time.Time // when it is over; zero for at once
		begun bool
	}{
		"ended, it says":              {[]string{fmt.Sprintf(withEntry, "ended", 0)}, after, true},
		"ended, and the row changed":  {[]string{fmt.Sprintf(withEntry, "ended", 0), unfit}, after, true},
		"ended, and the row gone":     {[]string{fmt.Sprintf(withEntry, "revoke", 0), gone}, after, true},
		"over, it says":               {[]string{fmt.Sprintf(withEntry, "approve", 1)}, after, true},
		"longer, it says":             {[]string{fmt.Sprintf(withEntry, "approve", noon.Add(999*day).Unix()), unfit}, after, true},
		"never begun":                 {[]string{again}, after, true},
		"never begun, row changed":    {[]string{again, unfit}, time.Time{}, false},
		"moved elsewhere":             {[]string{"INSERT OR REPLACE INTO audit_head SELECT 'LT-1', length, hash, mac FROM audit_head WHERE ref = 'LT-2026-00001'", "DELETE FROM audit_head WHERE ref = 'LT-2026-00001'"}, after, true},
		"a number that is not one":    {[]string{fmt.Sprintf(withEntry, "approve", 0), "INSERT OR REPLACE INTO audit SELECT id, ref, seq, 'x', event, by, text, salt, digest, hash, redacted, command, until, whom FROM audit WHERE until > 0"}, after, true},
		"an entry of another's chain": {[]string{strings.Replace(fmt.Sprintf(withEntry, "ended", 0), "SELECT MAX(id) + 1, ref", "SELECT MAX(id) + 1, 'LT-2026-00009'", 1)}, time.Time{}, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			for _, statement := range c.do {
				s.write(statement)
			}
			refs := func(at time.Time) (out []intake.OverByAudit) {
				return must(s.OverByAudit(t.Context(), at, nil))(t)
			}
			want := intake.OverByAudit{Ref: "LT-2026-00001", Begun: c.begun, Ends: c.over, Users: []string{"sam@corner.test"}}
			if what == "an entry of another's chain" { // the exception is as it was
				same(t, "over", 0, len(refs(after)))
				same(t, "active", 1, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
				return
			}
			if !c.over.IsZero() {
				same(t, "before", 0, len(refs(after.Add(-time.Second))))
			}
			same(t, "over", []intake.OverByAudit{want}, refs(after))
			same(t, "active", 0, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
		})
	}
}

// TestSealPutBack: an exception that was ended does not begin again when its row is put back as it was, whatever is
// done to the audit.
func TestSealPutBack(t *testing.T) {
	t.Parallel()
	for what, statement := range map[string]string{
		"the row alone": "SELECT 1",
		"and the entry made another": "INSERT OR REPLACE INTO audit SELECT id, ref, seq, at, 'reminder', by, text, salt, digest, hash, redacted, " +
			"command, until, whom FROM audit WHERE event = 'revoke'",
		"and the entry taken away": "INSERT OR REPLACE INTO audit SELECT id, 'LT-2026-00009', 1, at, event, by, text, salt, digest, hash, redacted, " +
			"command, until, whom FROM audit WHERE event = 'revoke'",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSealed(t)
			s.write("CREATE TEMP TABLE kept AS SELECT * FROM exception")
			do(t, s.Store, func(ctx context.Context, tx *store.Tx) {
				ok(t, tx.CloseException(ctx, "LT-2026-00001", intake.Revoked, noon))
				ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001", At: noon, Event: intake.EventRevoke}))
			})
			s.write("INSERT OR REPLACE INTO exception SELECT * FROM kept")
			s.write(statement)
			same(t, "active", 0, len(must(s.ActiveExceptions(t.Context(), noon))(t)))
			_, err := s.Exception(t.Context(), "LT-2026-00001")
			wantNotFound(t, "it", err)
			if got := s.Refusals(); len(got) != 1 || got[0].Key != "LT-2026-00001" {
				t.Errorf("refused are %v", got)
			}
		})
	}
}

// TestSealNoMend: the bot's own changes leave a row that it did not write as it is.
func TestSealNoMend(t *testing.T) {
	t.Parallel()
	s := newSealed(t)
	s.write("UPDATE exception SET ends_at = ends_at + 315360000")
	s.write("UPDATE review SET reviewer = 'mallory@evil.test'")
	s.write("UPDATE outbound SET recipient = 'mallory@evil.test'")
	do(t, s.Store, func(ctx context.Context, tx *store.Tx) {
		wantStale(t, "a notice", tx.SetNextNotice(ctx, "LT-2026-00001", noon.Add(150*day), noon.Add(166*day)))
		wantStale(t, "closed", tx.CloseException(ctx, "LT-2026-00001", intake.Ended, noon))
		ok(t, tx.Applied(ctx, "LT-2026-00001", "a member"))
		wantStale(t, "decided", tx.Decide(ctx, 1, intake.EventApprove, "", noon))
		_, err := tx.GiveUp(ctx, 1, "refused")
		wantStale(t, "given up", err)
		_, err = tx.ReviewByCode(ctx, "hash")
		wantNotFound(t, "the code", err)
		ok(t, tx.PurgeReference(ctx, "LT-2026-00001", noon))
	})
	got := s.check()
	for _, want := range []string{"exception LT-2026-00001", "review 1", "outbound 1"} {
		if !slices.Contains(got, fmt.Sprintf("%s: %s", want, store.Unsealed)) {
			t.Errorf("told is %q, want %s among it", got, want)
		}
	}
	var left int
	ok(t, s.raw.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM exception WHERE subject_email <> ''").Scan(&left))
	same(t, "personal data kept", 0, left)
}
