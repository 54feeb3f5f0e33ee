package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"mfabot/intake"
)

// letterReader reads letters.
type letterReader struct{ querier }

// letterWriter writes letters.
type letterWriter struct{ *transaction }

const outboundColumns = `id, message_id, ref, template, recipient, answers_to, thread, facts, attach, answer, state, attempts,
	created_at, due_at, held_until, tried_at, sent_at, last_error, bounced_at, bounce_status, stands_for, why,
		purged_at, subject, went_to, seal`

// AddOutbound queues a letter, and sets its ID.
func (t letterWriter) AddOutbound(ctx context.Context, o *intake.Outbound) error {
	var texts [3]string
	for i, v := range []any{o.References, o.Facts, o.Attach} {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		texts[i] = string(b)
	}
	var err error
	o.ID, err = t.add(ctx, letters(), cells{"message_id": o.MessageID, "ref": o.Ref, "template": string(o.Template),
		"why": string(o.Facts.Why), "recipient": o.To, "answers_to": o.AnswersTo, "thread": texts[0], "facts": texts[1], "attach": texts[2],
		"answer": o.Answer, "state": string(intake.Queued), "attempts": 0, "created_at": unix(o.CreatedAt),
		"due_at": unix(o.DueAt), "held_until": unix(o.HeldUntil),
		"tried_at": 0, "sent_at": 0, "bounced_at": int64(0), "bounce_status": "", "last_error": "", "stands_for": o.StandsFor,
		"purged_at": int64(0), "subject": "", "went_to": ""})
	if err != nil {
		return err
	}
	for _, row := range o.Facts.Warned {
		if _, err := t.exec(ctx, `INSERT INTO letter_row (letter, ref, code) VALUES ($1, $2, $3)`, o.ID, row.Ref, row.Code); err != nil {
			return err
		}
	}
	return nil
}

func scanOutbound(row scanner) (intake.Outbound, error) {
	var o intake.Outbound
	var thread, facts, attach string
	var created, due, held, tried, sent, bounced int64
	var why, purged, seal any
	err := row.Scan(&o.ID, &o.MessageID, &o.Ref, &o.Template, &o.To, &o.AnswersTo, &thread, &facts, &attach,
		&o.Answer, &o.State, &o.Attempts, &created, &due, &held, &tried, &sent, &o.LastError, &bounced, &o.BounceStatus, &o.StandsFor,
		&why, &purged, &o.SentAs.Subject, &o.SentAs.To, &seal)
	if err != nil {
		return o, err
	}
	o.CreatedAt, o.DueAt, o.HeldUntil = fromUnix(created), fromUnix(due), fromUnix(held)
	o.TriedAt, o.SentAt, o.BouncedAt = fromUnix(tried), fromUnix(sent), fromUnix(bounced)
	if err := json.Unmarshal([]byte(thread), &o.References); err != nil {
		return o, err
	}
	if err := json.Unmarshal([]byte(facts), &o.Facts); err != nil {
		return o, err
	}
	return o, json.Unmarshal([]byte(attach), &o.Attach)
}

// OutboundByID returns a letter of ours, or ErrNotFound.
func (db letterReader) OutboundByID(ctx context.Context, id int64) (*intake.Outbound, error) {
	return sealedRow(ctx, db, letters(), scanOutbound, `SELECT `+outboundColumns+` FROM outbound WHERE id = $1`, id)
}

// OutboundByMessageID returns a letter of ours, or ErrNotFound.
func (db letterReader) OutboundByMessageID(ctx context.Context, messageID string) (*intake.Outbound, error) {
	return sealedRow(ctx, db, letters(), scanOutbound, `SELECT `+outboundColumns+` FROM outbound WHERE message_id = $1`, messageID)
}

// OutboundByRow returns the first letter of ours that warns of several exceptions, of one of them with a code; or ErrNotFound.
// The caller looks into the letter: what leads to it has no seal.
func (db letterReader) OutboundByRow(ctx context.Context, code string) (*intake.Outbound, error) {
	return sealedRow(ctx, db, letters(), scanOutbound, `
		SELECT `+outboundColumns+` FROM outbound WHERE id IN (SELECT letter FROM letter_row WHERE code = $1) ORDER BY id`, code)
}

// Outbound returns all outbound messages, oldest first.
func (db letterReader) Outbound(ctx context.Context) ([]intake.Outbound, error) {
	return collect(ctx, db, scanOutbound, `SELECT `+outboundColumns+` FROM outbound ORDER BY id`)
}

// Conversation returns the Message-IDs of a conversation with an address about a reference, oldest first:
// what its first letter answered, and then at most limit of our newest letters.
func (db letterReader) Conversation(ctx context.Context, ref, to string, limit int) ([]string, error) {
	read := func(limit int, newest bool) ([]intake.Outbound, error) {
		return sealedPages(ctx, db, letters(), scanOutbound, limit, inPages{[]string{"id"}, newest}, `
			SELECT `+outboundColumns+` FROM outbound WHERE ref = $1 AND recipient = $2`, ref, to)
	}
	first, err := read(1, false)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	latest, err := read(limit, true)
	if err != nil {
		return nil, err
	}
	ids := []string{first[0].AnswersTo}
	for _, o := range slices.Backward(latest) {
		ids = append(ids, o.MessageID)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" }), nil
}

// CountLetters counts the letters of some templates to an address since a moment: those with the reason why,
// or all of them where that is empty.
func (db letterReader) CountLetters(
	ctx context.Context, templates []intake.Template, to string, why intake.Why, since time.Time,
) (int, error) {
	args := []any{to, unix(since), why}
	for _, template := range templates {
		args = append(args, string(template))
	}
	found, err := fitting(ctx, db, letters(), `
		recipient = $1 AND created_at > $2 AND ($3 = '' OR why = $3) AND template IN (`+list(len(templates), 3)+`)`,
		args...)
	return len(found), err
}

// LetterWaits reports whether a letter of a template to an address, with the reason why, waits to be sent.
func (db letterReader) LetterWaits(ctx context.Context, template intake.Template, to string, why intake.Why) (bool, error) {
	found, err := fitting(ctx, db, letters(),
		`recipient = $1 AND template = $2 AND why = $3 AND state = 'queued'`, to, string(template), why)
	return len(found) > 0, err
}

// Bounced records that a letter was refused for good, with the status that was given. It returns ErrStale if
// that is on record already.
func (t letterWriter) Bounced(ctx context.Context, id int64, status string, now time.Time) error {
	return t.changeOne(ctx, letters(), cells{"bounced_at": unix(now), "bounce_status": status}, `id = $1 AND bounced_at = 0`, id)
}

// Wanted reports whether a letter waits that an operator wants to be tried at once.
func (db letterReader) Wanted(ctx context.Context) (bool, error) {
	return value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM outbound WHERE state = 'queued' AND due_at = 0)`)
}

// Waits reports whether a letter is in the queue.
func (db letterReader) Waits(ctx context.Context, id int64) (bool, error) {
	return value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM outbound WHERE id = $1 AND state = 'queued')`, id)
}

// BouncedLately reports whether a letter to an address was refused for good after since.
func (db letterReader) BouncedLately(ctx context.Context, address string, since time.Time) (bool, error) {
	found, err := fitting(ctx, db, letters(), `recipient = $1 AND bounced_at > $2`, address, unix(since))
	return len(found) > 0, err
}

// BouncedBetween reports whether a letter to an address was refused for good after since and no later than until.
func (db letterReader) BouncedBetween(ctx context.Context, address string, since, until time.Time) (bool, error) {
	found, err := fitting(ctx, db, letters(), `recipient = $1 AND bounced_at > $2 AND bounced_at <= $3`, address, unix(since), unix(until))
	return len(found) > 0, err
}

// LastTaken returns when the server last took a letter to anybody but an address, and when one was last refused for good.
// Either is zero where that never was.
func (db letterReader) LastTaken(ctx context.Context, but string) (taken, refused time.Time, err error) {
	var sent, bounced int64
	err = first(ctx, db, func(row scanner) error { return row.Scan(&sent, &bounced) }, `
		SELECT COALESCE(MAX(sent_at), 0), COALESCE(MAX(bounced_at), 0) FROM outbound WHERE recipient <> $1`, but)
	return fromUnix(sent), fromUnix(bounced), err
}

// Reached returns when the first letter to an address was taken after since that has not come back; zero if none was.
func (db letterReader) Reached(ctx context.Context, address string, since time.Time) (time.Time, error) {
	var sent int64
	err := first(ctx, db, func(row scanner) error { return row.Scan(&sent) }, `
		SELECT COALESCE(MIN(sent_at), 0) FROM outbound
		WHERE recipient = $1 AND state = 'sent' AND bounced_at = 0 AND sent_at > $2`, address, unix(since))
	return fromUnix(sent), err
}

// TriedFor returns the addresses of a letter and of those that stand for it.
func (db letterReader) TriedFor(ctx context.Context, id int64) (recipients []string, err error) {
	found, err := fitting(ctx, db, letters(), `id = $1 OR (stands_for > 0 AND stands_for = $1) ORDER BY id`, id)
	for _, o := range found {
		recipients = append(recipients, text(o, "recipient"))
	}
	return recipients, err
}

// GiveUp records that a letter will not be sent, and returns it.
func (t letterWriter) GiveUp(ctx context.Context, id int64, lastError string) (*intake.Outbound, error) {
	if err := t.changeOne(ctx, letters(), cells{"state": string(intake.Failed), "last_error": lastError},
		`id = $1 AND state = 'queued'`, id); err != nil {
		return nil, err
	}
	t.counted = append(t.counted, Counted{CountedAttempt, AttemptGivenUp})
	return letterReader{t}.OutboundByID(ctx, id)
}

// SendAgain puts a letter that was given up or sent into the queue again, for due, and returns it. It returns ErrStale for
// one that is in the queue, was overtaken or is purged.
func (t letterWriter) SendAgain(ctx context.Context, id int64, due time.Time) (*intake.Outbound, error) {
	err := t.changeOne(ctx, letters(), cells{"state": string(intake.Queued), "bounced_at": int64(0), "bounce_status": "",
		"due_at": unix(due), "held_until": int64(0), "tried_at": 0, "sent_at": 0, "subject": "", "went_to": ""},
		`id = $1 AND purged_at = 0 AND (state = 'sent' OR state = 'failed' AND last_error <> $2)`, id, intake.Overtaken)
	if err != nil {
		return nil, err
	}
	return letterReader{t}.OutboundByID(ctx, id)
}

// TryNow has a letter that waits in the queue tried at once, and before it those to the same recipient about the same reference that it
// would wait for; it returns it, or ErrStale for one that does not wait.
func (t letterWriter) TryNow(ctx context.Context, id int64) (*intake.Outbound, error) {
	err := t.guarded(ctx, `
		UPDATE outbound SET due_at = 0 WHERE state = 'queued' AND EXISTS (
			SELECT 1 FROM outbound AS l
			WHERE l.id = $1 AND l.state = 'queued' AND (outbound.id = l.id
				OR outbound.id < l.id AND outbound.ref <> '' AND outbound.ref = l.ref AND outbound.recipient = l.recipient))`, id)
	if err != nil {
		return nil, err
	}
	return letterReader{t}.OutboundByID(ctx, id)
}

// Overtake removes the warnings of an exception that were not sent yet from the queue, and returns their
// recipients. One that is being sent at this moment is still recorded as sent. A warning of several goes on without it.
func (t letterWriter) Overtake(ctx context.Context, ref string) ([]string, error) {
	gone := cells{"state": string(intake.Failed), "last_error": intake.Overtaken}
	overtaken, err := t.change(ctx, letters(), gone, `ref = $1 AND template = 'warning' AND state = 'queued' ORDER BY id`, ref)
	if err != nil {
		return nil, err
	}
	together, err := t.changeRows(ctx, ref, `state = 'queued'`, gone, func(rows []intake.WarnedFacts) []intake.WarnedFacts {
		for i := range rows {
			rows[i].Over = rows[i].Over || rows[i].Ref == ref
		}
		return rows
	})
	var recipients []string
	for _, o := range append(overtaken, together...) {
		recipients = append(recipients, text(o, "recipient"))
	}
	return recipients, err
}

// changeRows changes what letters that warn of several exceptions say of one of them, and returns those letters as they were. One that
// then warns of none is changed to last instead.
func (t *transaction) changeRows(ctx context.Context, ref, where string, last cells,
	change func([]intake.WarnedFacts) []intake.WarnedFacts,
) (before []cells, err error) {
	found, err := fitting(ctx, t, letters(), `id IN (SELECT letter FROM letter_row WHERE ref = $1) AND `+where+` ORDER BY id`, ref)
	if err != nil {
		return nil, err
	}
	for _, row := range found {
		var f intake.Facts
		if err := json.Unmarshal([]byte(text(row, "facts")), &f); err != nil {
			return nil, err
		}
		warned := len(f.Warns())
		had := len(f.Warned)
		f.Warned = change(f.Warned)
		if len(f.Warns()) == warned && len(f.Warned) == had {
			continue
		}
		to := last
		if len(f.Warns()) > 0 {
			facts, err := json.Marshal(f)
			if err != nil {
				return nil, err
			}
			to = cells{"facts": string(facts)}
		}
		if _, err := t.change(ctx, letters(), to, `id = $1`, row["id"]); err != nil {
			return nil, err
		}
		before = append(before, row)
	}
	return before, nil
}

// dropRow takes an exception out of the letters that were sent of several. One that is about no other is blanked.
func (t *transaction) dropRow(ctx context.Context, ref string, blank cells) error {
	_, err := t.changeRows(ctx, ref, `state <> 'queued' AND purged_at = 0`, blank, func(rows []intake.WarnedFacts) []intake.WarnedFacts {
		return slices.DeleteFunc(rows, func(w intake.WarnedFacts) bool { return w.Ref == ref })
	})
	if err == nil {
		_, err = t.exec(ctx, `DELETE FROM letter_row WHERE ref = $1`, ref)
	}
	return err
}

// OvertakeLetters removes from the queue the letters of a template to an address about a request that were
// not sent yet; with an empty ref those about no request. One that is being sent at this moment is still
// recorded as sent.
func (t letterWriter) OvertakeLetters(ctx context.Context, template intake.Template, ref, to string) error {
	_, err := t.change(ctx, letters(), cells{"state": string(intake.Failed), "last_error": intake.Overtaken},
		`template = $1 AND ref = $2 AND recipient = $3 AND state = 'queued'`, string(template), ref, to)
	return err
}

// OvertakeBefore removes from the queue letters of a template that were written before a moment: at most limit. It returns
// how many.
func (t letterWriter) OvertakeBefore(ctx context.Context, template intake.Template, before time.Time, limit int) (int, error) {
	gone, err := t.change(ctx, letters(), cells{"state": string(intake.Failed), "last_error": intake.Overtaken},
		`template = $1 AND created_at < $2 AND state = 'queued' ORDER BY id LIMIT $3`, string(template), unix(before), limit)
	return len(gone), err
}

// Untried counts the letters of a template written since a moment that nobody has tried to send yet.
func (db letterReader) Untried(ctx context.Context, template intake.Template, since time.Time) (int, error) {
	return value[int](ctx, db, `
		SELECT COUNT(*) FROM outbound WHERE template = $1 AND created_at >= $2 AND state = 'queued' AND attempts = 0`,
		string(template), unix(since))
}

// Unsent returns the letters of some templates to an address that are in the queue, oldest first.
func (db letterReader) Unsent(ctx context.Context, templates []intake.Template, to string) ([]intake.Outbound, error) {
	args := []any{to}
	for _, template := range templates {
		args = append(args, string(template))
	}
	return sealedRows(ctx, db, letters(), scanOutbound, 0, `
		SELECT `+outboundColumns+` FROM outbound
		WHERE state = 'queued' AND recipient = $1 AND template IN (`+list(len(templates), 1)+`) ORDER BY id`, args...)
}

// LaterNotice reports whether a warning of an exception, alone or with others, or the notice that it is over, was written after
// since. Letters that stand for another do not count, nor those that somebody has asked for once more.
func (db letterReader) LaterNotice(ctx context.Context, ref string, since time.Time) (bool, error) {
	found, err := fitting(ctx, db, letters(), `
		(ref = $1 AND template IN ('warning', 'replaced', 'ended', 'revoked') OR id IN (SELECT letter FROM letter_row WHERE ref = $1))
			AND created_at > $2 AND stands_for = 0 AND NOT answer`, ref, unix(since))
	return len(found) > 0, err
}
