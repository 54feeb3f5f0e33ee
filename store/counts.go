package store

import (
	"context"
	"encoding/json"
	"time"

	"mfabot/intake"
)

// countReader counts.
type countReader struct{ querier }

// Totals counts messages, for a summary.
type Totals struct {
	Inbound   int // messages in the ledger
	Concluded int // of these, with an outcome
	Sent      int // outbound messages delivered
	Queued    int
	Failed    int
}

// Totals counts the messages.
func (db countReader) Totals(ctx context.Context) (t Totals, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&t.Inbound, &t.Concluded) }, `
		SELECT COUNT(*), COUNT(NULLIF(outcome, '')) FROM inbound`)
	if err != nil {
		return t, err
	}
	err = first(ctx, db, func(row scanner) error { return row.Scan(&t.Sent, &t.Queued, &t.Failed) }, `
		SELECT COUNT(CASE WHEN state = 'sent' THEN 1 END), COUNT(CASE WHEN state = 'queued' THEN 1 END),
			COUNT(CASE WHEN state = 'failed' THEN 1 END)
		FROM outbound`)
	return t, err
}

func scanFigure(row scanner) (f intake.Figure, err error) {
	var oldest int64
	err = row.Scan(&f.What, &f.Of, &f.N, &oldest)
	f.Oldest = fromUnix(oldest)
	return f, err
}

// Figures counts what is in hand at now, and leaves out kinds of which there is nothing: messages on record that are not filed
// yet or that are stuck in their mailbox, requests that wait, letters that wait, changes that the directory or a person is to
// make, and exceptions in force; of these, those that end before soon as well. Each goes by an index of just these rows: what is
// done with is not read, however much there is. Rows whose seal does not fit are counted too: these are told of elsewhere.
func (db countReader) Figures(ctx context.Context, now, soon time.Time) ([]intake.Figure, error) {
	return collect(ctx, db, scanFigure, `
		SELECT 'unfiled', '', COUNT(*), MIN(received_at) FROM inbound WHERE filed_at = 0 HAVING COUNT(*) > 0
		UNION ALL SELECT 'stuck', step, COUNT(*), MIN(since) FROM stuck GROUP BY step
		UNION ALL SELECT 'request', state, COUNT(*), MIN(waiting_since) FROM request
			WHERE state IN ('incomplete', 'pending', 'needs-info') GROUP BY state
		UNION ALL SELECT 'queued', '', COUNT(*),
			MIN(created_at) FROM outbound WHERE state = 'queued' AND held_until <= $1 HAVING COUNT(*) > 0
		UNION ALL SELECT 'directory', kind, COUNT(*), MIN(created_at) FROM action WHERE state = 'open' GROUP BY kind
		UNION ALL SELECT 'by hand', kind, COUNT(*), MIN(created_at) FROM action WHERE state = 'asked' GROUP BY kind
		UNION ALL SELECT 'active', category, COUNT(*), 0 FROM exception WHERE state = 'active' AND ends_at > $1 GROUP BY category
		UNION ALL SELECT 'ending', category, COUNT(*), 0 FROM exception
			WHERE state = 'active' AND ends_at > $1 AND ends_at < $2 GROUP BY category`, unix(now), unix(soon))
}

// OverdueEnds counts the ends that should have been by a moment: of exceptions that are over and not closed, of exemptions that
// the directory has not ended since then, and of those that a person was asked to end before asked. All three are in the answer.
func (db countReader) OverdueEnds(ctx context.Context, by, asked time.Time) ([]intake.Figure, error) {
	return collect(ctx, db, scanFigure, `
		SELECT 'end', 'record', COUNT(*), COALESCE(MIN(ends_at), 0) FROM exception WHERE state = 'active' AND ends_at <= $1
		UNION ALL SELECT 'end', 'directory', COUNT(*), COALESCE(MIN(created_at), 0) FROM action
			WHERE state = 'open' AND kind = 'remove' AND created_at <= $1
		UNION ALL SELECT 'end', 'by hand', COUNT(*), COALESCE(MIN(created_at), 0) FROM action
			WHERE state = 'asked' AND kind = 'remove' AND created_at <= $2`, unix(by), unix(asked))
}

// Ways returns what mail comes and goes by and that does not work, by name.
func (db countReader) Ways(ctx context.Context) ([]intake.Way, error) {
	scan := func(row scanner) (w intake.Way, err error) {
		var since, told int64
		err = row.Scan(&w.Name, &since, &told, &w.Why)
		w.Since, w.Told = fromUnix(since), fromUnix(told)
		return w, err
	}
	return collect(ctx, db, scan, `SELECT name, since, told_at, why FROM way ORDER BY name`)
}

// pageReader reads what the status page says. Every query of it goes by an index, and reads no more than it counts.
// Counts include rows whose seal does not fit: these are told of elsewhere.
type pageReader struct{ querier }

// LongestWaiting returns at most limit of the requests that wait for somebody, longest first, without their evidence.
func (db pageReader) LongestWaiting(ctx context.Context, limit int) ([]intake.Request, error) {
	return sealedPages(ctx, db, requests(), scanRequest, limit, inPages{columns: []string{"waiting_since", "ref"}}, `
		SELECT `+requestColumns+` FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')`)
}

// CountWaiting counts the requests that wait for an answer of their site, and those that wait for reviewers.
func (db pageReader) CountWaiting(ctx context.Context) (site, reviewers int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&site, &reviewers) }, `
		SELECT COUNT(CASE WHEN state <> 'pending' THEN 1 END), COUNT(CASE WHEN state = 'pending' THEN 1 END)
		FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')`)
	return site, reviewers, err
}

// CountEnding counts the active exceptions that end at from or later, and before to.
func (db pageReader) CountEnding(ctx context.Context, from, to time.Time) (long, short int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&long, &short) }, `
		SELECT COUNT(CASE WHEN category = 'long' THEN 1 END), COUNT(CASE WHEN category = 'short' THEN 1 END)
		FROM exception WHERE state = 'active' AND ends_at >= $1 AND ends_at < $2`, unix(from), unix(to))
	return long, short, err
}

// CountMail counts the messages that came in at from or later, and before to, and the letters that were sent then.
func (db pageReader) CountMail(ctx context.Context, from, to time.Time) (in, out int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&in, &out) }, `
		SELECT (SELECT COUNT(*) FROM inbound WHERE received_at >= $1 AND received_at < $2),
			(SELECT COUNT(*) FROM outbound WHERE sent_at > 0 AND sent_at >= $1 AND sent_at < $2)`, unix(from), unix(to))
	return in, out, err
}

// LastSent returns when a letter was last sent; zero if none was.
func (db pageReader) LastSent(ctx context.Context) (time.Time, error) {
	at, err := value[int64](ctx, db, `SELECT COALESCE(MAX(sent_at), 0) FROM outbound WHERE sent_at > 0`)
	return fromUnix(at), err
}

// CountAside counts the messages that were set aside since a moment, and the letters written since then that were given
// up and that no later one has overtaken.
func (db pageReader) CountAside(ctx context.Context, since time.Time) (messages, letters int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&messages, &letters) }, `
		SELECT (SELECT COUNT(*) FROM inbound WHERE received_at >= $1 AND outcome = 'quarantined'),
			(SELECT COUNT(*) FROM outbound WHERE state = 'failed' AND created_at >= $1 AND last_error <> $2)`,
		unix(since), intake.Overtaken)
	return messages, letters, err
}

// FromDomain is how many messages came from a domain.
type FromDomain struct {
	Domain string
	N      int64
}

// Strangers counts the messages since a moment that were refused because the register of sites has nobody of their address,
// by the domain of that, most first.
func (db pageReader) Strangers(ctx context.Context, since time.Time) ([]FromDomain, error) {
	scan := func(row scanner) (f FromDomain, err error) {
		err = row.Scan(&f.Domain, &f.N)
		return f, err
	}
	return collect(ctx, db, scan, `
		SELECT substr(from_address, length(rtrim(from_address, replace(from_address, '@', ''))) + 1) AS domain, COUNT(*)
		FROM inbound WHERE received_at >= $1 AND outcome = 'refused' AND reason = $2
		GROUP BY domain ORDER BY COUNT(*) DESC, domain`, unix(since), string(intake.WhyNotRegistered))
}

// Overdue counts what a person was asked to do by hand at by or before; since is when they were asked for the first of it.
func (db pageReader) Overdue(ctx context.Context, by time.Time) (n int64, since time.Time, err error) {
	var at int64
	err = first(ctx, db, func(row scanner) error { return row.Scan(&n, &at) }, `
		SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM action WHERE state = 'asked' AND created_at <= $1`, unix(by))
	return n, fromUnix(at), err
}

// Concluded is what became of a message.
type Concluded struct {
	Mailbox, From string
	ReceivedAt    time.Time
	Outcome       intake.Outcome
	Reason        intake.Why
	Checks        []intake.Check // of one that is not proven; none of any other
}

// Newest returns what became of the newest messages that came since a moment and say something about our own side, at most limit,
// newest first: those that are proven, and those that are not and have a check that intake.TellsOfUs. Others are passed over, as
// anybody can send as many as they like.
func (db pageReader) Newest(ctx context.Context, since time.Time, limit int) ([]Concluded, error) {
	scan := func(row scanner) (c Concluded, err error) {
		var at int64
		var checks string
		if err = row.Scan(&c.Mailbox, &c.From, &at, &c.Outcome, &c.Reason, &checks); err == nil && checks != "" {
			err = json.Unmarshal([]byte(checks), &c.Checks)
		}
		c.ReceivedAt = fromUnix(at)
		return c, err
	}
	args := []any{unix(since)}
	for _, o := range intake.Outcomes() {
		if o.IsProven() {
			args = append(args, string(o))
		}
	}
	n := len(args) - 1
	return collect(ctx, db, scan, `
		SELECT mailbox, from_address, received_at, outcome, reason,
			CASE WHEN reason = 'unauthenticated' THEN checks ELSE '' END FROM inbound
		WHERE received_at >= $1 AND (outcome IN (`+list(n, 1)+`)
			OR reason = 'unauthenticated' AND (checks LIKE '%"check":"results"%' OR checks LIKE '%"check":"answers us"%'))
		ORDER BY received_at DESC, id DESC LIMIT `+list(1, n+1), append(args, limit)...)
}

// CountUndone counts the messages that a mail server does not hand over or file, and the changes that the directory does
// not make or that are to be made by hand, of both those that the operator was told of.
func (db pageReader) CountUndone(ctx context.Context) (stuck, changes int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&stuck, &changes) }, `
		SELECT (SELECT COUNT(*) FROM stuck WHERE told_at > 0), (SELECT COUNT(*) FROM action WHERE state = 'open' AND alerted_at > 0)
			+ (SELECT COUNT(*) FROM action WHERE state = 'asked')`)
	return stuck, changes, err
}

// CountAlerts counts the alerts that were written since a moment, by their kind without what narrows it.
func (db pageReader) CountAlerts(ctx context.Context, since time.Time) (map[intake.AlertKind]int64, error) {
	counts := make(map[intake.AlertKind]int64)
	err := each(ctx, db, func(row scanner) error {
		var kind string
		var n int64
		err := row.Scan(&kind, &n)
		counts[intake.AlertKind(kind).Family()] += n
		return err
	}, `SELECT why, COUNT(*) FROM outbound WHERE template = 'alert' AND created_at >= $1 GROUP BY why`, unix(since))
	return counts, err
}

// reportReader counts what a report of some days says. Each query goes by an index of those days.
type reportReader struct{ querier }

// CountedIn counts what came, was decided and ended at from or later, and before to, and leaves out kinds of which there is
// nothing: requests, by whether they renew an exception, and by their reasons; decisions, and those on renewals, by the event of the
// audit; messages that were refused, by the cause; short-term exceptions, by their reasons; exceptions that ended, by how; and
// those in force at by, which is now or earlier. What is over and not closed yet has a figure of its own beside what is. Rows whose
// seal does not fit are counted too: these are told of elsewhere.
func (db reportReader) CountedIn(ctx context.Context, from, to, by time.Time) ([]intake.Figure, error) {
	return collect(ctx, db, scanFigure, `
		SELECT 'request', CASE WHEN renews = '' THEN 'first' ELSE 'renewal' END, COUNT(*), 0
			FROM request WHERE received_at >= $1 AND received_at < $2 GROUP BY renews = ''
		UNION ALL SELECT 'reason', reason, COUNT(*), 0 FROM request WHERE received_at >= $1 AND received_at < $2 GROUP BY reason
		UNION ALL SELECT 'decision', event, COUNT(*), 0 FROM audit WHERE `+decisions+` GROUP BY event
		UNION ALL SELECT 'renewal', event, COUNT(*), 0 FROM audit
			WHERE `+decisions+` AND (SELECT renews FROM request WHERE request.ref = audit.ref) <> '' GROUP BY event
		UNION ALL SELECT 'refusal', reason, COUNT(*), 0 FROM inbound
			WHERE received_at >= $1 AND received_at < $2 AND outcome = 'refused' GROUP BY reason
		UNION ALL SELECT 'short', reason, COUNT(*), 0 FROM exception
			WHERE starts_at >= $1 AND starts_at < $2 AND category = 'short' GROUP BY reason
		UNION ALL SELECT 'over', 'ended', COUNT(*), 0 FROM exception
			WHERE state = 'active' AND ends_at >= $1 AND ends_at < $2 AND ends_at <= $3 HAVING COUNT(*) > 0
		UNION ALL SELECT 'over', state, COUNT(*), 0 FROM exception WHERE state <> 'active' AND ends_at >= $1
			AND CASE WHEN state = 'ended' THEN ends_at ELSE closed_at END >= $1
			AND CASE WHEN state = 'ended' THEN ends_at ELSE closed_at END < $2 GROUP BY state
		UNION ALL SELECT 'in force', category, COUNT(*), 0 FROM exception
			WHERE state = 'active' AND ends_at > $3 AND starts_at <= $3 GROUP BY category
		UNION ALL SELECT 'in force', category, COUNT(*), 0 FROM exception
			WHERE state <> 'active' AND ends_at > $3 AND starts_at <= $3 AND (state = 'ended' OR closed_at > $3) GROUP BY category
		ORDER BY 1, 3 DESC, 2`, unix(from), unix(to), unix(by))
}

// decisions are the entries of the audit that decide on a request and were made at $1 or later, and before $2.
const decisions = `event IN ('approve', 'reject', 'ask', 'no-evidence') AND at >= $1 AND at < $2`

// BusiestSites returns at most limit of the sites that sent requests at from or later, and before to, most first, and how
// many sites did.
func (db reportReader) BusiestSites(ctx context.Context, from, to time.Time, limit int) (busiest []intake.Figure, sites int64, err error) {
	sites, err = value[int64](ctx, db, `
		SELECT COUNT(DISTINCT site_code) FROM request WHERE received_at >= $1 AND received_at < $2`, unix(from), unix(to))
	if err != nil {
		return nil, 0, err
	}
	busiest, err = collect(ctx, db, scanFigure, `
		SELECT 'site', site_code, COUNT(*), 0 FROM request WHERE received_at >= $1 AND received_at < $2
		GROUP BY site_code ORDER BY COUNT(*) DESC, site_code LIMIT $3`, unix(from), unix(to), limit)
	return busiest, sites, err
}

// Repeated counts the users who were given more than one short-term exception at from or later, and before to, whatever the
// detail of their addresses, and what the one with the most of them was given.
func (db reportReader) Repeated(ctx context.Context, from, to time.Time) (users, most int64, err error) {
	err = first(ctx, db, func(row scanner) error { return row.Scan(&users, &most) }, `
		SELECT COUNT(*), COALESCE(MAX(given), 0) FROM (
			SELECT COUNT(*) AS given FROM exception
			WHERE starts_at >= $1 AND starts_at < $2 AND category = 'short' AND subject_email <> ''
			GROUP BY CASE WHEN subject_email LIKE '%+%@%' AND subject_email NOT LIKE '+%'
				THEN substr(subject_email, 1, length(subject_email) - length(ltrim(subject_email, replace(subject_email, '+', ''))))
					|| substr(subject_email, length(rtrim(subject_email, replace(subject_email, '@', ''))))
				ELSE subject_email END
			HAVING COUNT(*) > 1) AS often`, unix(from), unix(to))
	return users, most, err
}

// EachDecided passes when a request came, or came back after it was rejected, and when it was approved or rejected, to do: for
// all that reviewers decided at from or later, and before to.
func (db reportReader) EachDecided(ctx context.Context, from, to time.Time, do func(came, decided time.Time)) error {
	return each(ctx, db, func(row scanner) error {
		var came, decided int64
		err := row.Scan(&came, &decided)
		if err == nil {
			do(fromUnix(came), fromUnix(decided))
		}
		return err
	}, `
		SELECT COALESCE((SELECT MAX(back.at) FROM audit AS back
			WHERE back.ref = audit.ref AND back.seq < audit.seq AND back.event = 'resubmit'), request.received_at), audit.at
		FROM audit JOIN request ON request.ref = audit.ref
		WHERE `+decisions+` AND event IN ('approve', 'reject')`, unix(from), unix(to))
}

// AwaitedReviewers counts the requests on which each reviewer is asked to decide, most first, with the longest waiting of them.
func (db reportReader) AwaitedReviewers(ctx context.Context) ([]intake.Figure, error) {
	return collect(ctx, db, scanFigure, `
		SELECT 'reviewer', reviewer, COUNT(DISTINCT request.ref), MIN(waiting_since)
		FROM request JOIN review ON review.ref = request.ref
		WHERE state = 'pending' AND purpose = 'decide' AND void_at = 0 AND decided_at = 0
		GROUP BY reviewer ORDER BY COUNT(DISTINCT request.ref) DESC, reviewer`)
}

// FirstDay returns when something was put on record first; zero if nothing is.
func (db reportReader) FirstDay(ctx context.Context) (time.Time, error) {
	at, err := value[int64](ctx, db, `SELECT COALESCE(MIN(at), 0) FROM audit WHERE id = (SELECT MIN(id) FROM audit)`)
	return fromUnix(at), err
}

// IsDone reports whether Once has recorded a task on a day.
func (db reportReader) IsDone(ctx context.Context, name, day string) (bool, error) {
	n, err := value[int64](ctx, db, `SELECT COUNT(*) FROM daily WHERE name = $1 AND day = $2`, name, day)
	return n > 0, err
}

// wayWriter writes what works and what does not.
type wayWriter struct{ *transaction }

// Touch writes what changes nothing, so that it is known whether anything can be written.
func (t wayWriter) Touch(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE instance SET id = id`)
	return err
}

// Broken records that a way does not work.
func (t wayWriter) Broken(ctx context.Context, w intake.Way) error {
	_, err := t.exec(ctx, `
		INSERT INTO way (name, since, told_at, why) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET since = excluded.since, told_at = excluded.told_at, why = excluded.why`,
		w.Name, unix(w.Since), unix(w.Told), w.Why)
	return err
}

// CameBack records that a way does not work: since when unless that is on record, and why.
func (t wayWriter) CameBack(ctx context.Context, w intake.Way) error {
	_, err := t.exec(ctx, `
		INSERT INTO way (name, since, told_at, why) VALUES ($1, $2, 0, $3) ON CONFLICT (name) DO UPDATE SET why = excluded.why`,
		w.Name, unix(w.Since), w.Why)
	return err
}

// Works records that a way works.
func (t wayWriter) Works(ctx context.Context, name string) error {
	_, err := t.exec(ctx, `DELETE FROM way WHERE name = $1`, name)
	return err
}

// markReader reads the numbers that are remembered.
type markReader struct{ querier }

// markWriter writes the numbers that are remembered.
type markWriter struct{ *transaction }

// Mark returns a number that is remembered, or ErrNotFound.
func (db markReader) Mark(ctx context.Context, m intake.Mark) (int64, error) {
	n, err := sealedRow(ctx, db, marks(), func(row scanner) (n int64, err error) {
		var name string
		var seal string
		err = row.Scan(&name, &n, &seal)
		return n, err
	}, `SELECT name, n, seal FROM mark WHERE name = $1`, string(m))
	if err != nil {
		return 0, err
	}
	return *n, nil
}

// MarksLike returns the numbers that are remembered under names with the same beginning.
func (db markReader) MarksLike(ctx context.Context, beginning string) ([]int64, error) {
	found, err := fitting(ctx, db, marks(), `name LIKE $1 ORDER BY name`, beginning+"%")
	var out []int64
	for _, row := range found {
		n, _ := row["n"].(int64)
		out = append(out, n)
	}
	return out, err
}

// SetMark remembers a number in the place of the one before. A row that somebody else wrote stays as it is, and counts
// as none.
func (t markWriter) SetMark(ctx context.Context, m intake.Mark, n int64) error {
	there, err := storedRows(ctx, t, marks(), `name = $1`, string(m))
	if err != nil {
		return err
	}
	if len(there) == 0 {
		_, err = t.add(ctx, marks(), cells{"name": string(m), "n": n})
		return err
	}
	_, err = t.change(ctx, marks(), cells{"n": n}, `name = $1`, string(m))
	return err
}
