package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/intake"
)

const outboundColumns = `id, message_id, ref, template, recipient, answers_to, thread, facts, attach, answer, state, attempts,
	created_at, due_at, sent_at, last_error, bounced_at, bounce_status, stands_for`

// AddOutbound queues a letter, and sets its ID.
func (t *tx) AddOutbound(ctx context.Context, o *intake.Outbound) error {
	var texts [3]string
	for i, v := range []any{o.References, o.Facts, o.Attach} {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		texts[i] = string(b)
	}
	return t.QueryRowContext(ctx, `
		INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state, attempts,
			created_at, due_at, tried_at, sent_at, bounced_at, last_error, stands_for)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', 0, $11, $12, 0, 0, 0, '', $13)
		RETURNING id`,
		o.MessageID, o.Ref, string(o.Template), o.Facts.Why, o.To, o.AnswersTo, texts[0], texts[1], texts[2], o.Answer,
		unix(o.CreatedAt), unix(o.DueAt), o.StandsFor).Scan(&o.ID)
}

func scanOutbound(row scanner) (intake.Outbound, error) {
	var o intake.Outbound
	var thread, facts, attach string
	var created, due, sent, bounced int64
	err := row.Scan(&o.ID, &o.MessageID, &o.Ref, &o.Template, &o.To, &o.AnswersTo, &thread, &facts, &attach, &o.Answer, &o.State, &o.Attempts,
		&created, &due, &sent, &o.LastError, &bounced, &o.BounceStatus, &o.StandsFor)
	if err != nil {
		return o, notFound(err)
	}
	o.CreatedAt, o.DueAt, o.SentAt, o.BouncedAt = fromUnix(created), fromUnix(due), fromUnix(sent), fromUnix(bounced)
	return o, errors.Join(
		json.Unmarshal([]byte(thread), &o.References),
		json.Unmarshal([]byte(facts), &o.Facts),
		json.Unmarshal([]byte(attach), &o.Attach),
	)
}

// OutboundByMessageID returns a letter of ours, or ErrNotFound.
func (t *tx) OutboundByMessageID(ctx context.Context, messageID string) (*intake.Outbound, error) {
	o, err := scanOutbound(t.QueryRowContext(ctx, `SELECT `+outboundColumns+` FROM outbound WHERE message_id = $1`, messageID))
	if err != nil {
		return nil, err
	}
	return &o, nil
}

// Outbound returns all outbound messages, oldest first.
func (s *Store) Outbound(ctx context.Context) ([]intake.Outbound, error) {
	return collect(ctx, s.read, scanOutbound, `SELECT `+outboundColumns+` FROM outbound ORDER BY id`)
}

// Conversation returns the Message-IDs of a conversation with an address about a reference, oldest first:
// what its first letter answered, and then at most limit of our newest letters.
func (t *tx) Conversation(ctx context.Context, ref, to string, limit int) ([]string, error) {
	newest, err := collect(ctx, t, scanText, `
		SELECT message_id FROM outbound WHERE ref = $1 AND recipient = $2 ORDER BY id DESC LIMIT $3`, ref, to, limit)
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	began, err := collect(ctx, t, scanText, `
		SELECT answers_to FROM outbound WHERE ref = $1 AND recipient = $2 ORDER BY id LIMIT 1`, ref, to)
	if err != nil {
		return nil, err
	}
	slices.Reverse(newest)
	return slices.DeleteFunc(append(began, newest...), func(id string) bool { return id == "" }), nil
}

// CountLetters counts the letters of some templates to an address since a moment: those with the reason why,
// or all of them where that is empty.
func (t *tx) CountLetters(ctx context.Context, templates []intake.Template, to, why string, since time.Time) (int, error) {
	args := []any{to, unix(since), why}
	var places []string
	for _, template := range templates {
		args = append(args, string(template))
		places = append(places, "$"+strconv.Itoa(len(args)))
	}
	var n int
	err := t.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM outbound
		WHERE recipient = $1 AND created_at > $2 AND ($3 = '' OR why = $3) AND template IN (`+strings.Join(places, ", ")+`)`,
		args...).Scan(&n)
	return n, err
}

// Bounced records that a letter was refused for good, with the status that was given. It returns ErrStale if
// that is on record already.
func (t *tx) Bounced(ctx context.Context, id int64, status string, now time.Time) error {
	return t.guarded(ctx, `UPDATE outbound SET bounced_at = $1, bounce_status = $2 WHERE id = $3 AND bounced_at = 0`, unix(now), status, id)
}

// BouncedLately reports whether a letter to an address was refused for good after since.
func (t *tx) BouncedLately(ctx context.Context, address string, since time.Time) (bool, error) {
	var n int
	err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbound WHERE recipient = $1 AND bounced_at > $2`, address, unix(since)).Scan(&n)
	return n > 0, err
}

// TriedFor returns the addresses of a letter and of those that stand for it.
func (t *tx) TriedFor(ctx context.Context, id int64) ([]string, error) {
	return collect(ctx, t, scanText, `
		SELECT recipient FROM outbound WHERE id = $1 OR (stands_for > 0 AND stands_for = $1) ORDER BY id`, id)
}

// Due returns at most limit of the queued letters that may be sent now: those that somebody waits for before
// those that only inform, and then the longest due first.
//
// Of the letters to one recipient about one reference only the first is due, so that nobody reads of the end
// before the beginning. A letter that tells of a change in the directory waits for the first attempt at the
// change, so that it tells the truth. A warning waits while another notice of its exception is due, which
// overtakes it. A letter that is due later than anything is ever put back for was put back by a clock running
// ahead, and is due now.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	return collect(ctx, s.read, scanOutbound, `
		SELECT `+outboundColumns+` FROM outbound AS o
		WHERE state = 'queued' AND (due_at <= $1 OR due_at > $2) AND NOT EXISTS (
			SELECT 1 FROM outbound AS e
			WHERE e.ref = o.ref AND e.recipient = o.recipient AND e.ref <> '' AND e.state = 'queued' AND e.id < o.id)
			AND NOT (template IN ('approved', 'granted', 'ended', 'revoked') AND EXISTS (
				SELECT 1 FROM action WHERE action.ref = o.ref AND action.state = 'open' AND action.last_error = ''))
			AND NOT (template = 'warning' AND EXISTS (
				SELECT 1 FROM exception AS x WHERE x.ref = o.ref AND x.state = 'active' AND x.next_notice_at <= $1))
		ORDER BY CASE WHEN template IN ('receipt', 'information', 'alert', 'morning') THEN 1 ELSE 0 END, due_at, id LIMIT $3`,
		unix(now), unix(now.Add(longestWait)), limit)
}

// Attempt records that a delivery is about to be tried.
func (s *Store) Attempt(ctx context.Context, id int64, now time.Time) error {
	return s.update(ctx, func(t *tx) error {
		return t.guarded(ctx, `UPDATE outbound SET attempts = attempts + 1, tried_at = $1 WHERE id = $2 AND state = 'queued'`,
			unix(now), id)
	})
}

// Sent records that the server accepted a letter, even one that was overtaken in the meantime.
func (s *Store) Sent(ctx context.Context, id int64, now time.Time) error {
	return s.update(ctx, func(t *tx) error {
		return t.guarded(ctx, `UPDATE outbound SET state = 'sent', sent_at = $1, last_error = ''
			WHERE id = $2 AND (state = 'queued' OR (state = 'failed' AND last_error = $3))`,
			unix(now), id, intake.Overtaken)
	})
}

// Retry puts a letter back until due.
func (s *Store) Retry(ctx context.Context, id int64, due time.Time, lastError string) error {
	return s.update(ctx, func(t *tx) error {
		return t.guarded(ctx, `UPDATE outbound SET due_at = $1, last_error = $2 WHERE id = $3 AND state = 'queued'`,
			unix(due), lastError, id)
	})
}

// GiveUp records that a letter will not be sent, and returns it.
func (t *tx) GiveUp(ctx context.Context, id int64, lastError string) (*intake.Outbound, error) {
	if err := t.guarded(ctx, `UPDATE outbound SET state = 'failed', last_error = $1 WHERE id = $2 AND state = 'queued'`, lastError, id); err != nil {
		return nil, err
	}
	o, err := scanOutbound(t.QueryRowContext(ctx, `SELECT `+outboundColumns+` FROM outbound WHERE id = $1`, id))
	return &o, err
}
