package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mfabot/intake"
)

// urgent is the condition that a letter o says what was decided, what ends or what the operator must do. Nothing
// that a site can send any number of causes one: a rejection counts only where a reviewer made it.
func urgent(o string) string {
	return `(` + o +
		`.template IN ('approved', 'granted', 'applied', 'warning', 'warnings', 'ended', 'replaced', 'revoked', 'rejected-all', 'alert',
		'todo')
		OR ` + o + `.template IN ('rejected', 'not-renewed') AND ` + o + `.why = 'reviewer')`
}

// due is the condition that a letter o may be sent at $1. One that is due later than $2, and so than anything is ever
// put back for, was put back by a clock running ahead, and is due now. One that is held waits for as long as it says,
// unless such a clock wrote it.
func due(o string) string {
	return `((` + o + `.due_at <= $1 OR ` + o + `.due_at > $2) AND (` + o + `.held_until <= $1 OR ` + o + `.created_at > $1))`
}

// Due returns at most limit of the queued letters that may be sent now: the urgent ones, then those that
// somebody waits for, then those that only inform, and last the weekly summaries; among these, the longest due first.
//
// Of the letters to one recipient about one reference only the first is due, so that nobody reads of the end
// before the beginning; what others decided holds up nothing. What an urgent letter waits for in this way goes with it;
// but it does not wait for one that was put back, since that may go on for days. A letter that tells of a change in the
// directory waits for the first attempt at the change, so that it tells the truth, but not for more than a day: the
// action may be nothing that the bot wrote. A warning waits while another notice of its exception, or of one of
// several, is due, which overtakes it.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	first := inPages{columns: []string{"urgency", "due_at", "id"}}
	return sealedPages(ctx, reading{s.read, s.seals}, letters(), scanDue, limit, first, `
		SELECT `+outboundColumns+`, CASE
			WHEN `+urgent("o")+` OR EXISTS (
				SELECT 1 FROM outbound AS l
				WHERE l.ref = o.ref AND l.recipient = o.recipient AND l.ref <> '' AND l.state = 'queued' AND l.id > o.id
					AND `+urgent("l")+`) THEN 0
			WHEN template IN ('receipt', 'information', 'morning', 'report') THEN 2
			WHEN template = 'summary' THEN 3 ELSE 1 END AS urgency
		FROM outbound AS o
		WHERE state = 'queued' AND `+due("o")+` AND NOT EXISTS (
			SELECT 1 FROM outbound AS e
			WHERE e.ref = o.ref AND e.recipient = o.recipient AND e.ref <> '' AND e.state = 'queued' AND e.id < o.id
				AND (`+due("e")+` OR NOT (`+urgent("o")+` OR e.template = 'decided')))
			AND NOT (template IN ('approved', 'granted', 'ended', 'revoked') AND EXISTS (
				SELECT 1 FROM action WHERE action.ref = o.ref AND action.state = 'open' AND action.last_error = ''
					AND action.created_at BETWEEN $3 AND $1))
			AND NOT (template = 'warning' AND EXISTS (
				SELECT 1 FROM exception AS x WHERE x.ref = o.ref AND x.state = 'active' AND x.next_notice_at <= $1))
			AND NOT (template = 'warnings' AND EXISTS (
				SELECT 1 FROM letter_row AS r JOIN exception AS x ON x.ref = r.ref
				WHERE r.letter = o.id AND x.state = 'active' AND x.next_notice_at <= $1))`,
		unix(now), unix(now.Add(longestWait)), unix(now.Add(-longestWait)))
}

// scanDue is scanOutbound for a row that ends with its urgency.
func scanDue(row scanner) (intake.Outbound, error) { return scanOutbound(butLast{row}) }

// butLast is a row without its last column.
type butLast struct{ scanner }

// Scan reads the other columns.
func (r butLast) Scan(dest ...any) error { return r.scanner.Scan(append(dest, new(any))...) }

// SetAside takes the letters among what was refused out of the queue, so that others do not wait for them. That gives
// them no seal: they are named as before. One that is as it was written again stays.
func (s *Store) SetAside(ctx context.Context, refused []Refused) error {
	return s.Update(ctx, func(t *Tx) error {
		for _, r := range refused {
			id, err := strconv.ParseInt(r.Key, 10, 64)
			if r.Table != letters().table || err != nil {
				continue
			}
			again, err := fitting(ctx, t, letters(), `id = $1`, id)
			if err != nil {
				return err
			}
			if len(again) > 0 {
				continue
			}
			if _, err := t.exec(ctx, `UPDATE outbound SET state = 'failed', last_error = $1 WHERE id = $2 AND state = 'queued'`,
				string(r.What), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Try records that deliveries are about to be tried, and returns the letters that still wait in the queue: in one
// transaction, before the first of them is tried.
func (s *Store) Try(ctx context.Context, letters []int64) (waiting []int64, err error) {
	err = s.Update(ctx, func(t *Tx) error {
		for _, id := range letters {
			err := t.guarded(ctx, `UPDATE outbound SET attempts = attempts + 1 WHERE id = $1 AND state = 'queued'`, id)
			switch {
			case err == nil:
				waiting = append(waiting, id)
			case !errors.Is(err, intake.ErrStale):
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return waiting, nil
}

// Skip records that letters were not tried after all: their attempts are those that they had before Try, and they
// are due as they say.
func (s *Store) Skip(ctx context.Context, letters []intake.Outbound) error {
	return s.Update(ctx, func(t *Tx) error {
		for _, o := range letters {
			if _, err := t.exec(ctx, `
				UPDATE outbound SET attempts = $1, due_at = $2, last_error = $3 WHERE id = $4 AND state = 'queued'`,
				o.Attempts, unix(o.DueAt), o.LastError, o.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sent records that the server accepted letters, even those that were overtaken in the meantime: in one transaction. What is
// on record already changes nothing, as where nobody knew whether that was committed. It
// returns ErrStale if any was neither in the queue nor overtaken; the others are on record then.
func (s *Store) Sent(ctx context.Context, accepted ...intake.Accepted) error {
	var stale error
	err := s.Update(ctx, func(t *Tx) error {
		for _, a := range accepted {
			err := t.changeOne(ctx, letters(), cells{"state": string(intake.Sent), "sent_at": unix(a.At), "last_error": "",
				"subject": a.As.Subject, "went_to": a.As.To},
				`id = $1 AND (state = 'queued' OR state = 'failed' AND last_error = $2 OR state = 'sent' AND sent_at = $3)`,
				a.ID, intake.Overtaken, unix(a.At))
			if errors.Is(err, intake.ErrStale) {
				stale = fmt.Errorf("outbound message %d: %w", a.ID, err)
				continue
			}
			if err := t.counts(CountedAttempt, AttemptSent, err); err != nil {
				return err
			}
		}
		return nil
	})
	return cmp.Or(err, stale)
}

// Retry puts a letter back until due, as an attempt failed at a moment.
func (s *Store) Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error {
	return s.Update(ctx, func(t *Tx) error {
		err := t.guarded(ctx, `UPDATE outbound SET tried_at = $1, due_at = $2, last_error = $3 WHERE id = $4 AND state = 'queued'`,
			unix(failed), unix(due), lastError, id)
		return t.counts(CountedAttempt, AttemptPutBack, err)
	})
}
