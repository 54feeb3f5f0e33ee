package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
	"mfabot/store"
)

// tamperer is somebody who writes to the database, and has not the key beside it. They can delay, and nothing else.
type tamperer struct {
	sim    *simulation
	dice   *sim.Dice
	since  time.Time       // when they wrote last
	forged map[string]bool // rows that they added, by table and key
	refs   []string        // that they made up
	lost   map[string]lost // exceptions that they have changed for good, by reference
}

// lost is an exception as it was before somebody changed it.
type lost struct {
	user string
	ends time.Time
}

// Whom they would exempt, and write to.
const (
	intruder = "mallory@evil.test"
	madeUp   = "LT-2026-9%04d"
)

// A forgedRow adds a row. Each takes its number, the time, the code of a letter turned into another and its hash.
type forgedRow struct {
	table, statement string
	refs             bool // it makes a reference up
}

// spared is the error of every action that somebody opens: one without any holds back the letters of its exception.
// Entries of the audit are not added either, nor are rows put back that have changed since.
const spared = "not yet"

// forgedRows are the rows that are added.
func forgedRows() []forgedRow {
	const seal = `COALESCE((SELECT seal FROM exception LIMIT 1), (SELECT seal FROM outbound LIMIT 1), '')`
	const outbound = `INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state,
		attempts, created_at, due_at, tried_at, sent_at, bounced_at, last_error, bounce_status, stands_for, purged_at, seal)
		SELECT 'forged-' || $1 || '@helpdesk.test', ref, template, why, %s, answers_to, thread, facts, attach, answer, 'queued',
		0, created_at, 0, 0, 0, 0, '', '', 0, 0, seal FROM outbound ORDER BY id %% (2 + $1), id LIMIT 1`
	const action = `INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error,
		subject_email, directory_id, seal) SELECT ref, %s, 'open', 0, $2, 0, 0, 0, 0, '` + spared + `', %s, '', ` + seal + `
		FROM exception WHERE state = 'active' ORDER BY ref %s LIMIT 1`
	return []forgedRow{
		{"exception", `INSERT INTO exception (ref, category, state, subject_email, subject_name, site_code, site_address, reason, note,
			granted_by, starts_at, ends_at, next_notice_at, closed_at, purged_at, directory_id, superseded_by, seal)
			VALUES (printf('` + madeUp + `', $1), 'long', 'active', '` + intruder + `', 'Mallory', 'FX101', 'oakstreet@pharmacy.test',
			'other', '', '', $2, $2 + 315360000, 0, 0, 0, '', '', ` + seal + `)`, true},
		{"action", fmt.Sprintf(action, `'apply'`, `'`+intruder+`'`, `DESC`), false},
		{"action", fmt.Sprintf(action, `'remove'`, `subject_email`, ``), false},
		{"outbound", fmt.Sprintf(outbound, `'`+intruder+`'`), false},
		{"outbound", fmt.Sprintf(outbound, `recipient`), false},
		{"absence", `INSERT OR IGNORE INTO absence (reviewer, since, until, ended_at, deputy, by_hand, seal)
			VALUES ('` + post.Bare(ben) + `', $2, 0, 0, '` + intruder + `', TRUE, ` + seal + `)`, false},
		{"request", `INSERT INTO request (ref, state, version, subject_email, subject_name, site_code, site_address, reason, justification,
			auth_method, requested_by, senders, barred, received_at, waiting_since, lapses_at, renews, corrects, digest, inbound_id,
			purged_at, seal) SELECT printf('` + madeUp + `', $1), 'pending', 1, '` + intruder + `', 'Mallory', 'FX101',
			'oakstreet@pharmacy.test', 'accessibility', '', 'yes', '', '', '', $2 - 864000, $2 - 864000, $2 - 1, '', '', '', MAX(id), 0, ` +
			seal + ` FROM inbound HAVING COUNT(*) > 0`, true},
		{"review", `INSERT INTO review (ref, reviewer, purpose, token_hash, digest, created_at, void_at, decision, text, decided_at, seed,
			together, seal) SELECT ref, '` + post.Bare(cleo) + `', purpose, $4, digest, $2, 0, '', '', 0, seed, '', seal FROM review
			WHERE void_at = 0 AND decided_at = 0 AND purpose = 'decide' AND $3 <> '' ORDER BY id DESC LIMIT 1`, false},
	}
}

// A change sets columns of a row.
type change struct{ table, key, where, set string }

// changes are those after which everything goes on, once the row is as it was; $1 is the time. An exception that is over
// by now is left alone: the bot ends it by the audit, and does not take up the row again.
func changes() []change {
	return []change{
		{"exception", "ref", "state = 'active' AND ends_at > $1", "ends_at = ends_at + 315360000"},
		{"exception", "ref", "state = 'active' AND ends_at > $1", "subject_email = '" + intruder + "'"},
		{"exception", "ref", "state <> 'active'", "state = 'active', ends_at = 9999999999"},
		{"exception", "ref", "state <> 'active' OR ends_at > $1", "seal = ''"},
		{"action", "id", "state <> 'open'", "state = 'open', due_at = 0, last_error = '" + spared + "', subject_email = '" + intruder + "'"},
		{"outbound", "id", "TRUE", "recipient = '" + intruder + "', state = 'queued', due_at = 0"},
		{"outbound", "id", "state = 'sent'", "state = 'queued', due_at = 0"},
		{"review", "id", "void_at > 0 OR decided_at > 0", "void_at = 0, decided_at = 0, decision = ''"},
		{"request", "ref", "state = 'pending'", "state = 'approved'"},
		{"request", "ref", "state <> 'pending'", "state = 'pending'"},
		{"absence", "reviewer", "TRUE", "deputy = '" + intruder + "', until = 0, ended_at = 0"},
	}
}

// forGood are changes of an active exception after which only its end comes.
func forGood() []string {
	return []string{
		`UPDATE exception SET ends_at = ends_at + 315360000 WHERE ref = $1`,
		`UPDATE exception SET next_notice_at = 9999999999 WHERE ref = $1`,
		`UPDATE exception SET state = 'ended' WHERE ref = $1`,
		`UPDATE exception SET subject_email = '` + intruder + `' WHERE ref = $1`,
		`UPDATE exception SET seal = '' WHERE ref = $1`,
		`DELETE FROM exception WHERE ref = $1`,
	}
}

func newTamperer(s *simulation) *tamperer {
	return &tamperer{sim: s, dice: s.world.People, forged: make(map[string]bool), lost: make(map[string]lost)}
}

// write opens the database beside the bot.
func (t *tamperer) write(do func(db *sql.DB) error) {
	if t.sim.world.Dead() {
		t.sim.stop()
		t.sim.world.Start()
	}
	db, err := sql.Open("sqlite3", t.sim.world.Disk.Path()+"?_busy_timeout=1000")
	if err == nil {
		err = do(db)
		_ = db.Close()
	}
	if err != nil {
		t.sim.world.Violate("simulation", "the tamperer: %v", err)
	}
	t.since = t.sim.world.Clock.Now()
}

// acts adds a row, or changes one for a while: whatever can be, as there may be little yet.
func (t *tamperer) acts() {
	const tries = 4
	for range tries {
		if t.dice.Chance(.5) && t.forges(sim.Pick(t.dice, forgedRows())) || t.changes(sim.Pick(t.dice, changes())) {
			return
		}
	}
}

// forges adds a row, and reports whether there was what it is made of.
func (t *tamperer) forges(f forgedRow) bool {
	n := len(t.forged) + 1
	var asked *sim.Letter
	code, hash := "", ""
	if asked = t.sim.people.letter(asha, "lease decide"); asked != nil {
		code = turned(asked.MessageID)
		sum := sha256.Sum256([]byte(code[:strings.IndexByte(code, '@')]))
		hash = hex.EncodeToString(sum[:])
	}
	added := false
	t.write(func(db *sql.DB) error {
		ctx, ref := t.sim.ctx, fmt.Sprintf(madeUp, n)
		done, err := db.ExecContext(ctx, f.statement, n, t.sim.world.Clock.Now().Unix(), code, hash)
		if err != nil {
			return err
		}
		rows, err := done.RowsAffected()
		id, _ := done.LastInsertId()
		if err != nil || rows == 0 {
			return err
		}
		added = true
		switch {
		case f.refs:
			t.refs = append(t.refs, ref)
			t.forged[f.table+" "+ref] = true
		case f.table == "absence":
			t.forged[f.table+" "+post.Bare(ben)] = true
		default:
			t.forged[fmt.Sprintf("%s %d", f.table, id)] = true
		}
		t.sim.world.Trace.Note("> somebody forges %s %d, %s", f.table, id, ref)
		return nil
	})
	if !added {
		return false
	}
	t.sim.happened["forged: "+f.table]++
	if f.table == "review" {
		sham := *asked
		sham.MessageID = code
		t.sim.people.write(letterIn{by: byReviewer, from: cleo, verb: "approve", answers: &sham, sham: true},
			"Re: A request", "APPROVE", "")
	}
	return true
}

// turned is a Message-ID with its code turned around.
func turned(id string) string {
	code, domain, _ := strings.Cut(strings.TrimPrefix(id, intake.CodePrefix), "@")
	turned := []byte(code)
	slices.Reverse(turned)
	return intake.CodePrefix + string(turned) + "@" + domain
}

// changes changes a row, has the bot do what is due, and puts the row back as it was. It reports whether there was any.
func (t *tamperer) changes(c change) bool {
	var was map[string]any
	t.write(func(db *sql.DB) error {
		all, err := allRows(t.sim.ctx, db, fmt.Sprintf(`SELECT * FROM %s WHERE $1 > 0 AND (%s) ORDER BY %s`,
			c.table, c.where, c.key), t.sim.world.Clock.Now().Unix())
		if err != nil || len(all) == 0 {
			return err
		}
		was = sim.Pick(t.dice, all)
		_, err = db.ExecContext(t.sim.ctx, fmt.Sprintf(`UPDATE %s SET %s WHERE %s = $1`, c.table, c.set, c.key), was[c.key])
		return err
	})
	if was == nil || t.forged[fmt.Sprintf("%s %v", c.table, was[c.key])] {
		return false
	}
	t.sim.happened["changed: "+c.table]++
	t.sim.world.Trace.Note("> somebody changes %s %v: %s", c.table, was[c.key], c.set)
	t.worksWithoutMail()
	t.write(func(db *sql.DB) error {
		var sets []string
		var args []any
		for _, name := range slices.Sorted(maps.Keys(was)) {
			sets, args = append(sets, fmt.Sprintf("%s = $%d", name, len(args)+1)), append(args, was[name])
		}
		_, err := db.ExecContext(t.sim.ctx, fmt.Sprintf(`UPDATE %s SET %s WHERE %s = $%d`, c.table, strings.Join(sets, ", "), c.key,
			len(args)+1), append(args, was[c.key])...)
		return err
	})
	t.sim.world.Trace.Note("> somebody puts %s %v back", c.table, was[c.key])
	return true
}

// allRows reads rows by the names of their columns.
func allRows(ctx context.Context, db *sql.DB, query string, args ...any) (all []map[string]any, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	for err == nil && rows.Next() {
		values, dest := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			dest[i] = &values[i]
		}
		err = rows.Scan(dest...)
		row := make(map[string]any)
		for i, name := range names {
			row[name] = values[i]
		}
		all = append(all, row)
	}
	return all, cmp.Or(err, rows.Err())
}

// worksWithoutMail has the bot do what falls due, without reading any mail.
func (t *tamperer) worksWithoutMail() {
	if t.sim.start() != nil {
		return
	}
	for _, step := range []func(context.Context) (int, error){t.sim.bot.Sweep, t.sim.bot.Enforce, t.sim.bot.Sender.Step} {
		if _, err := step(t.sim.ctx); err != nil {
			t.sim.world.Trace.Remark("the bot says: %v", err)
		}
	}
	t.sim.noEffectYet()
}

// changesForGood changes an exception that is active, and leaves it at that.
func (t *tamperer) changesForGood() {
	active, err := t.sim.bot.Store.ActiveExceptions(t.sim.ctx, t.sim.world.Clock.Now())
	if err != nil || len(active) == 0 {
		return
	}
	e, statement := sim.Pick(t.dice, active), sim.Pick(t.dice, forGood())
	t.write(func(db *sql.DB) error {
		_, err := db.ExecContext(t.sim.ctx, statement, e.Ref)
		return err
	})
	t.lost[e.Ref] = lost{e.User.Email, e.EndsAt}
	t.sim.world.Directory.Meddled[e.User.Email] = true // nothing says any more that they are exempt by right
	t.sim.happened["changed for good: exception"]++
	t.sim.world.Trace.Note("> somebody changes %s for good: %s", e.Ref, statement)
}

// lapsedAfter is how long after its end an exemption may last whose exception somebody has changed: it is looked for
// once an hour, and another may have been sent to sleep by then.
const lapsedAfter = 3 * time.Hour

const noEffect = "no effect from an unsealed row"

// noEffectYet checks that nobody is exempt, or got a letter, by what is not as the bot wrote it.
func (s *simulation) noEffectYet() {
	if len(s.tamperer.forged) == 0 && len(s.tamperer.lost) == 0 && s.tamperer.since.IsZero() {
		return
	}
	exempt := s.world.Directory.Exempt()
	s.check(noEffect, !slices.Contains(exempt, intruder), "%s is exempt", intruder)
	for _, l := range s.world.Post.Accepted {
		s.check(noEffect, l.To != intruder, "%q went to %s", l.Subject, l.To)
	}
}

// endedAnyway checks that nobody stays exempt whose exception somebody has changed.
func (s *simulation) endedAnyway() {
	now := s.world.Clock.Now()
	active, err := s.bot.Store.ActiveExceptions(s.ctx, now)
	for ref, l := range s.tamperer.lost {
		otherwise := slices.ContainsFunc(active, func(e intake.Exception) bool { return e.User.Email == l.user })
		s.check(noEffect, err != nil || otherwise || now.Before(l.ends.Add(lapsedAfter)) ||
			!slices.Contains(s.world.Directory.Exempt(), l.user), "%s, which somebody changed, ended at %v, and %s is exempt at %v",
			ref, l.ends, l.user, now)
	}
}

// sealed drops what somebody forged from what was read without looking at its seal.
func (t *tamperer) sealed(letters []intake.Outbound) []intake.Outbound {
	return slices.DeleteFunc(letters, func(o intake.Outbound) bool { return t.forged[fmt.Sprintf("outbound %d", o.ID)] })
}

// verifyTampering checks that what somebody wrote to the database had no effect, and that it is told.
func (r *record) verifyTampering() {
	t := r.tamperer
	for _, o := range r.outbound {
		r.check(noEffect, !slices.ContainsFunc(append(o.Refs(), o.Ref),
			func(ref string) bool { return slices.Contains(t.refs, ref) }) || o.Template == intake.LetterAlert,
			"a letter %s to %s about %s",
			o.Template, o.To, o.Ref)
	}
	for _, ref := range t.refs {
		history, err := r.bot.Store.History(r.ctx, ref)
		for _, h := range history {
			r.check(noEffect, err == nil && h.Event == intake.EventEnded, "%s: %s", ref, h.Event)
		}
	}
	if len(t.forged)+len(t.lost) == 0 || r.now.Sub(t.since) < 27*time.Hour {
		return
	}
	r.check("the operator is told of what somebody wrote to the database", slices.ContainsFunc(r.outbound, func(o intake.Outbound) bool {
		return o.Template == intake.LetterAlert && o.Facts.Why == intake.Why(intake.AlertSeals)
	}), "%v, %v", t.forged, t.lost)
}

// asWritten checks that the audit is whole, but for what somebody wrote, which is named.
func (t *tamperer) asWritten(found *store.Audited) bool {
	named := make(map[string]bool)
	for _, r := range found.Rows {
		row := r.Table + " " + r.Key
		_, lost := t.lost[r.Key]
		if !t.forged[row] && !lost && r.Key != store.Everything {
			return false
		}
		named[row] = true
	}
	for row := range t.forged {
		if !named[row] && !strings.HasPrefix(row, "absence ") { // which another may have taken the place of
			return false
		}
	}
	for ref := range t.lost {
		if !named["exception "+ref] && !named["exception "+store.Everything] { // one that is gone, and over, is a number less
			return false
		}
	}
	return !slices.ContainsFunc(found.Faults, func(f store.AuditFault) bool { return !slices.Contains(t.refs, f.Ref) }) &&
		(len(t.forged)+len(t.lost) > 0 || found.Whole())
}
