package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"mfabot/intake"
)

// messageReader reads the ledger of inbound messages.
type messageReader struct{ querier }

// messageWriter writes the ledger of inbound messages.
type messageWriter struct {
	*transaction
	raw *rawMessages
}

// AddInbound puts a message in the ledger, and sets its ID. Keep stores its raw bytes.
func (t messageWriter) AddInbound(ctx context.Context, m *intake.Inbound) error {
	var err error
	m.ID, err = value[int64](ctx, t, `
		INSERT INTO inbound (mailbox, uidvalidity, uid, digest, core, message_id, from_address, subject, size, header_only,
			received_at, checks, outcome, reason, ref, folder, filed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '[]', '', '', '', '', 0)
		RETURNING id`,
		m.Mailbox, m.UIDValidity, m.UID, m.Digest, m.Core, m.MessageID, m.From, m.Subject, m.Size, m.HeaderOnly,
		unix(m.ReceivedAt))
	return err
}

// Keep stores at most the first n bytes of a message that is in the ledger, in place of what is stored of it, and
// sets its Whole. It stores all of a message that has evidence of a request. It returns ErrStale where the message has
// been purged.
func (t messageWriter) Keep(ctx context.Context, m *intake.Inbound, n int) error {
	m.Whole = ""
	if n < len(m.Raw) {
		evidence, err := value[bool](ctx, t, `SELECT EXISTS (SELECT 1 FROM evidence WHERE inbound_id = $1)`, m.ID)
		if err != nil {
			return err
		}
		if evidence {
			n = len(m.Raw)
		}
	}
	if n < len(m.Raw) {
		sum := sha256.Sum256(m.Raw)
		m.Whole = hex.EncodeToString(sum[:])
	}
	if err := t.guarded(ctx, `UPDATE inbound SET whole = $1 WHERE id = $2 AND raw_purged_at = 0`, m.Whole, m.ID); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM raw_message WHERE inbound_id = $1`, m.ID); err != nil {
		return err
	}
	return t.raw.add(ctx, t.transaction, m.ID, m.Raw[:min(n, len(m.Raw))])
}

// Earlier returns the message on record that has left the mailbox under the number of a copy, and whether it has one of
// the digests or, if that is not empty, the core; ErrNotFound for none.
func (t messageWriter) Earlier(ctx context.Context, c intake.Copy, digests [2]string, core string) (
	m *intake.Inbound, same bool, err error,
) {
	if same, err = value[bool](ctx, t, `
		SELECT digest IN ($1, $2) OR (core = $3 AND core <> '') FROM inbound
		WHERE mailbox = $4 AND uidvalidity = $5 AND uid = $6 AND filed_at > 0`,
		digests[0], digests[1], core, c.Mailbox, c.UIDValidity, c.UID); err != nil {
		return nil, false, err
	}
	m, err = one(ctx, t, scanInbound, `
		SELECT `+inboundColumns+` FROM inbound WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`, c.Mailbox, c.UIDValidity, c.UID)
	return m, same, err
}

// Unnumber takes the number from a message that has left its mailbox: another message has it now.
func (t messageWriter) Unnumber(ctx context.Context, id int64) error {
	return t.guarded(ctx, `UPDATE inbound SET uid = -id WHERE id = $1 AND filed_at > 0`, id)
}

// Conclude sets the one outcome of a message, and how the checks on it came out. One that has left the mailbox stays in
// the folder where it is. It returns ErrStale if there is an outcome already.
func (t messageWriter) Conclude(ctx context.Context, id int64, c intake.Conclusion, checks []intake.Check) error {
	text, err := json.Marshal(checks)
	if err != nil {
		return err
	}
	err = t.guarded(ctx, `
		UPDATE inbound SET outcome = $1, reason = $2, ref = $3, folder = CASE WHEN filed_at > 0 THEN folder ELSE $4 END, checks = $5
		WHERE id = $6 AND outcome = ''`,
		string(c.Outcome), c.Reason, c.Ref, string(c.Folder), string(text), id)
	return t.counts(CountedMessage, string(c.Outcome), err)
}

// Reopen removes the outcome of a message that was quarantined or refused. It returns ErrStale for any other.
func (t messageWriter) Reopen(ctx context.Context, id int64) error {
	return t.guarded(ctx, `UPDATE inbound SET outcome = '' WHERE id = $1 AND outcome IN ('quarantined', 'refused')`, id)
}

// Rewrite changes what identifies a message that was reopened. It returns ErrStale for any other.
func (t messageWriter) Rewrite(ctx context.Context, m *intake.Inbound) error {
	return t.guarded(ctx, `
		UPDATE inbound SET digest = $1, core = $2, message_id = $3, from_address = $4, subject = $5, size = $6
		WHERE id = $7 AND outcome = ''`,
		m.Digest, m.Core, m.MessageID, m.From, m.Subject, m.Size, m.ID)
}

const inboundColumns = `id, mailbox, uidvalidity, CASE WHEN uid < 0 THEN 0 ELSE uid END AS uid, digest, message_id, from_address, subject,
	size, header_only, whole, received_at, checks, outcome, reason, ref, folder`

func scanInbound(row scanner) (intake.Inbound, error) {
	var m intake.Inbound
	var received int64
	var checks string
	err := row.Scan(&m.ID, &m.Mailbox, &m.UIDValidity, &m.UID, &m.Digest, &m.MessageID, &m.From, &m.Subject, &m.Size, &m.HeaderOnly,
		&m.Whole, &received, &checks, &m.Outcome, &m.Reason, &m.Ref, &m.Folder)
	if err != nil {
		return m, err
	}
	m.ReceivedAt = fromUnix(received)
	return m, json.Unmarshal([]byte(checks), &m.Checks)
}

// SameContent returns the first message with this digest, or with this core if it is not empty, that had an
// effect or waits to be confirmed, or else was refused in the same mailbox; ErrNotFound where there is none.
func (db messageReader) SameContent(ctx context.Context, digest, core, mailbox string) (*intake.Inbound, error) {
	return one(ctx, db, scanInbound, `
		SELECT `+inboundColumns+` FROM inbound
		WHERE (digest = $1 OR (core = $2 AND core <> ''))
			AND (outcome NOT IN ('', 'ignored', 'quarantined') OR (outcome = 'quarantined' AND reason IN ('unconfirmed', 'confirmed')))
			AND (outcome <> 'refused' OR mailbox = $3)
		ORDER BY CASE outcome WHEN 'refused' THEN 1 ELSE 0 END, id LIMIT 1`, digest, core, mailbox)
}

// AskToConfirm records the hash of the code by which a message can be confirmed.
func (t messageWriter) AskToConfirm(ctx context.Context, id int64, codeHash string) error {
	_, err := t.exec(ctx, `UPDATE inbound SET confirm_hash = $1 WHERE id = $2`, codeHash, id)
	return err
}

// Unconfirmed returns the message that waits to be confirmed with a code, by its hash; ErrNotFound for none.
func (db messageReader) Unconfirmed(ctx context.Context, codeHash string) (*intake.Inbound, error) {
	return one(ctx, db, scanInbound, `
		SELECT `+inboundColumns+` FROM inbound
		WHERE confirm_hash = $1 AND confirm_hash <> '' AND outcome = 'quarantined' AND reason = 'unconfirmed'`, codeHash)
}

// Confirmed returns the IDs of at most limit messages that were confirmed and not read again yet.
func (db messageReader) Confirmed(ctx context.Context, limit int) ([]int64, error) {
	return collect(ctx, db, scanValue[int64], `
		SELECT id FROM inbound
		WHERE confirm_hash <> '' AND outcome = 'quarantined' AND reason = 'confirmed' ORDER BY id LIMIT $1`, limit)
}

// Inbound returns the ledger, oldest first, without the raw messages.
func (db messageReader) Inbound(ctx context.Context) ([]intake.Inbound, error) {
	return collect(ctx, db, scanInbound, `SELECT `+inboundColumns+` FROM inbound ORDER BY id`)
}

// Message returns a message of the ledger with its raw bytes, or ErrNotFound. With ErrPurged it returns what
// is left of the message.
func (s *Store) Message(ctx context.Context, id int64) (*intake.Inbound, error) {
	m, err := one(ctx, s.messageReader, scanInbound, `SELECT `+inboundColumns+` FROM inbound WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	raw, err := s.Raw(ctx, id)
	if err != nil {
		return m, err
	}
	m.Raw, err = io.ReadAll(raw)
	return m, errors.Join(err, raw.Close())
}

// MessagesByID returns the messages with a Message-ID, oldest first and without the raw bytes. There may be
// several, since senders choose it.
func (db messageReader) MessagesByID(ctx context.Context, messageID string) ([]intake.Inbound, error) {
	return collect(ctx, db, scanInbound, `SELECT `+inboundColumns+` FROM inbound WHERE message_id = $1 ORDER BY id`, messageID)
}

// FirstReceived returns when the first message of a mailbox was recorded, or ErrNotFound.
func (db messageReader) FirstReceived(ctx context.Context, mailbox string) (time.Time, error) {
	at, err := value[int64](ctx, db, `SELECT received_at FROM inbound WHERE mailbox = $1 ORDER BY id LIMIT 1`, mailbox)
	return fromUnix(at), err
}

// Unknown returns those of a mailbox's UIDs that are not on record, in ascending order.
func (db messageReader) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	known, err := collect(ctx, db, scanValue[uint32], `
		SELECT uid FROM inbound WHERE mailbox = $1 AND uidvalidity = $2 AND uid BETWEEN $3 AND $4 ORDER BY uid`,
		mailbox, uidValidity, slices.Min(uids), slices.Max(uids))
	if err != nil {
		return nil, err
	}
	var unknown []uint32
	for _, uid := range uids {
		if _, found := slices.BinarySearch(known, uid); !found {
			unknown = append(unknown, uid)
		}
	}
	slices.Sort(unknown)
	return unknown, nil
}

// Returned returns those of a mailbox's UIDs that are on record as having left it, in ascending order.
func (db messageReader) Returned(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	gone, err := collect(ctx, db, scanValue[uint32], `
		SELECT uid FROM inbound WHERE mailbox = $1 AND uidvalidity = $2 AND uid BETWEEN $3 AND $4 AND filed_at > 0 ORDER BY uid`,
		mailbox, uidValidity, slices.Min(uids), slices.Max(uids))
	return slices.DeleteFunc(gone, func(uid uint32) bool { return !slices.Contains(uids, uid) }), err
}

// Unfiled returns at most limit filings that are committed and not yet carried out, of UIDs above after, by UID.
func (db messageReader) Unfiled(ctx context.Context, mailbox string, uidValidity, after uint32, limit int) ([]intake.Filing, error) {
	scan := func(row scanner) (intake.Filing, error) {
		f := intake.Filing{Copy: intake.Copy{Mailbox: mailbox, UIDValidity: uidValidity}}
		err := row.Scan(&f.UID, &f.Folder)
		return f, err
	}
	return collect(ctx, db, scan, `
		SELECT uid, folder FROM inbound WHERE mailbox = $1 AND uidvalidity = $2 AND filed_at = 0 AND uid > $3
		ORDER BY uid LIMIT $4`, mailbox, uidValidity, after, limit)
}

// Filed records that copies have left their mailbox.
func (s *Store) Filed(ctx context.Context, filed []intake.Filing, now time.Time) error {
	return s.Update(ctx, func(t *Tx) error {
		for _, f := range filed {
			if _, err := t.exec(ctx, `
				UPDATE inbound SET filed_at = $1 WHERE mailbox = $2 AND uidvalidity = $3 AND uid = $4 AND filed_at = 0`,
				unix(now), f.Mailbox, f.UIDValidity, f.UID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Begun returns, for each of the messages, how often its handling was begun and not finished.
func (db messageReader) Begun(ctx context.Context, copies []intake.Copy) ([]int, error) {
	begun := make([]int, len(copies))
	if some, err := value[bool](ctx, db, `SELECT EXISTS (SELECT 1 FROM attempt)`); err != nil || !some {
		return begun, err
	}
	for i, c := range copies {
		n, err := value[int](ctx, db, `SELECT begun FROM attempt WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`,
			c.Mailbox, c.UIDValidity, c.UID)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		begun[i] = n
	}
	return begun, nil
}

// Begin records that the handling of messages is about to begin.
func (s *Store) Begin(ctx context.Context, copies []intake.Copy) error {
	return s.Update(ctx, func(t *Tx) error {
		for _, c := range copies {
			if _, err := t.exec(ctx, `
				INSERT INTO attempt (mailbox, uidvalidity, uid, begun) VALUES ($1, $2, $3, 1)
				ON CONFLICT (mailbox, uidvalidity, uid) DO UPDATE SET begun = attempt.begun + 1`,
				c.Mailbox, c.UIDValidity, c.UID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forgive deletes the record that the handling of messages was begun.
func (s *Store) Forgive(ctx context.Context, copies []intake.Copy) error {
	return s.Update(ctx, func(t *Tx) error {
		for _, c := range copies {
			if _, err := t.exec(ctx, `DELETE FROM attempt WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`,
				c.Mailbox, c.UIDValidity, c.UID); err != nil {
				return err
			}
		}
		return nil
	})
}

// stuckReader reads which messages are stuck in their mailbox.
type stuckReader struct{ querier }

// stuckWriter changes which messages are stuck in their mailbox.
type stuckWriter struct{ *transaction }

const stuckColumns = `mailbox, uidvalidity, uid, step, size, cause, tries, since, next_at, passing`

func scanStuck(row scanner) (s intake.Stuck, err error) {
	var since, next int64
	err = row.Scan(&s.Mailbox, &s.UIDValidity, &s.UID, &s.Step, &s.Size, &s.Cause, &s.Tries, &since, &next, &s.Passing)
	s.Since, s.NextAt = fromUnix(since), fromUnix(next)
	return s, err
}

// Stuck returns the messages that are stuck in a mailbox, by number.
func (db stuckReader) Stuck(ctx context.Context, mailbox string) ([]intake.Stuck, error) {
	return collect(ctx, db, scanStuck, `SELECT `+stuckColumns+` FROM stuck WHERE mailbox = $1 ORDER BY uidvalidity, uid`, mailbox)
}

// AddStuck records that a message is stuck, in place of what is on record of it. That the operator has heard of it stays,
// unless it is another step that fails now.
func (t stuckWriter) AddStuck(ctx context.Context, s intake.Stuck) error {
	_, err := t.exec(ctx, `
		INSERT INTO stuck (mailbox, uidvalidity, uid, step, size, cause, tries, since, next_at, passing, told_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
		ON CONFLICT (mailbox, uidvalidity, uid) DO UPDATE SET size = excluded.size, cause = excluded.cause,
			tries = excluded.tries, since = excluded.since, next_at = excluded.next_at, passing = excluded.passing,
			told_at = CASE WHEN stuck.step = excluded.step THEN stuck.told_at ELSE 0 END, step = excluded.step`,
		s.Mailbox, s.UIDValidity, s.UID, string(s.Step), s.Size, s.Cause, s.Tries, unix(s.Since), unix(s.NextAt), s.Passing)
	return err
}

// Unstick records that a message is no longer stuck.
func (t stuckWriter) Unstick(ctx context.Context, c intake.Copy) error {
	_, err := t.exec(ctx, `DELETE FROM stuck WHERE mailbox = $1 AND uidvalidity = $2 AND uid = $3`, c.Mailbox, c.UIDValidity, c.UID)
	return err
}

// Untold returns the stuck messages of a mailbox that the operator is to hear of and has not, by number.
func (t stuckWriter) Untold(ctx context.Context, mailbox string) ([]intake.Stuck, error) {
	return collect(ctx, t, scanStuck, `
		SELECT `+stuckColumns+` FROM stuck WHERE mailbox = $1 AND told_at = 0 AND NOT passing ORDER BY uidvalidity, uid`, mailbox)
}

// ToldOfStuck records that the operator has heard of what Untold returns.
func (t stuckWriter) ToldOfStuck(ctx context.Context, mailbox string, now time.Time) error {
	_, err := t.exec(ctx, `UPDATE stuck SET told_at = $1 WHERE mailbox = $2 AND told_at = 0 AND NOT passing`, unix(now), mailbox)
	return err
}
