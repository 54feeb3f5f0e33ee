package retain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// Archive is what this package needs of the store outside of transactions.
type Archive interface {
	// LastCheckpoint returns the audit's newest checkpoint, or a zero one if there is none.
	LastCheckpoint(ctx context.Context) (intake.Checkpoint, error)
	// References returns all references, in order.
	References(ctx context.Context) ([]intake.Reference, error)
	// KeptMessages returns the messages that have an outcome and still have anything personal, in order.
	KeptMessages(ctx context.Context) ([]intake.KeptMessage, error)
	// Wipe removes deleted data from the database's files. ErrBusy while another reader still needs it.
	Wipe(ctx context.Context) error
	// AtWork reports whether the audit has an entry later than after and no later than until.
	AtWork(ctx context.Context, after, until time.Time) (bool, error)
}

// Shredder deletes what has been kept long enough. References, states, dates, decisions, sizes and digests
// remain.
type Shredder interface {
	// Reference returns a reference as it is now, or ErrNotFound.
	Reference(ctx context.Context, ref string) (intake.Reference, error)
	// KeptMessage returns a message as it is now, or ErrNotFound if it has nothing personal any more.
	KeptMessage(ctx context.Context, id int64) (intake.KeptMessage, error)
	// MessagesOf returns the messages that belong to a reference or are about it, and still have anything
	// personal, in order.
	MessagesOf(ctx context.Context, ref string) ([]int64, error)
	// Files returns the digests of the evidence in a message.
	Files(ctx context.Context, id int64) ([]string, error)
	// PurgeRaw deletes a raw message.
	PurgeRaw(ctx context.Context, id int64, now time.Time) error
	// PurgeMessage blanks a message's sender and subject in the ledger.
	PurgeMessage(ctx context.Context, id int64, now time.Time) error
	// PurgeReference blanks the personal data of a reference: its own, and that of its evidence, reviews,
	// letters and history.
	PurgeReference(ctx context.Context, ref string, now time.Time) error
	// PurgeLoose blanks letters sent and audit entries made before a moment that belong to no reference, or
	// to one that is purged; at most limit of each.
	PurgeLoose(ctx context.Context, before, now time.Time, limit int) (letters, entries int, err error)
	// PurgeAbsences removes the absences of reviewers that were over before a moment.
	PurgeAbsences(ctx context.Context, before time.Time) (int, error)
	// OverAbsences counts those.
	OverAbsences(ctx context.Context, before time.Time) (int, error)
	// Loose counts what PurgeLoose would blank.
	Loose(ctx context.Context, before time.Time) (letters, entries int, err error)
}

// Purge is one deletion that is due, and its proof for the audit. Personal and Ledger say what is deleted;
// with neither, it is the raw Message, or else Letters and Entries.
type Purge struct {
	intake.Fate
	Refs     []string // the references it belongs to; may be none
	Message  int64    // the message it is about; 0 for none
	Personal bool     // the personal data of the reference
	Ledger   bool     // the message's sender and subject in the ledger
	Bytes    int64    // size of the raw message
	Files    []string // SHA-256 digests of the evidence in it
	Letters  int      // letters that belong to no reference
	Entries  int      // entries of the audit that belong to no reference
	Absences int      // absences of reviewers
	By       string   // who has it done; empty for the bot
}

// Purge deletes everything that is due now, and calls tell after each deletion; it stops if tell returns an
// error. It may run beside the bot. as names the operator who has it done.
func (k *Keeper) Purge(ctx context.Context, as string, tell func(Purge) error) error {
	now := k.ReadClock()
	for {
		n, err := k.purge(ctx, now, as, purgeBatch, tell)
		if err != nil {
			return err
		}
		if n == 0 {
			return k.store.Wipe(ctx)
		}
	}
}

// DuePurges returns what Purge would delete now, and changes nothing.
func (k *Keeper) DuePurges(ctx context.Context) ([]Purge, error) {
	now := k.ReadClock()
	due, err := k.due(ctx, now)
	if err != nil {
		return nil, err
	}
	err = k.update(ctx, func(tx Tx) error {
		for i := range due {
			if due[i].Files, err = filesOf(ctx, tx, due[i]); err != nil {
				return err
			}
		}
		loose := k.loose(now)
		if loose.Letters, loose.Entries, err = tx.Loose(ctx, loose.Since); err != nil {
			return err
		}
		if loose.Absences, err = tx.OverAbsences(ctx, loose.Since); err == nil && !loose.empty() {
			due = append(due, loose)
		}
		return err
	})
	return due, err
}

// due lists what is due for deletion at a moment, in the order in which it is deleted: raw messages, the
// personal data of references, and then senders and subjects in the ledger.
func (k *Keeper) due(ctx context.Context, at time.Time) ([]Purge, error) {
	known, err := k.store.References(ctx)
	if err != nil {
		return nil, err
	}
	messages, err := k.store.KeptMessages(ctx)
	if err != nil {
		return nil, err
	}
	refs := make(map[string]intake.Reference)
	for _, r := range known {
		refs[r.Ref] = r
	}
	var due []Purge
	keep := k.Policy.Retention
	for i, m := range messages {
		if f, ok := keep.OfRaw(m, refs); ok && m.HasRaw && !f.Due.After(at) {
			due = append(due, Purge{Fate: f, Refs: m.Belongs(), Message: m.ID, Bytes: m.Size})
			messages[i].HasRaw = false
		}
	}
	for _, r := range known {
		if f, ok := keep.OfPerson(r); ok && !f.Due.After(at) {
			due = append(due, Purge{Fate: f, Refs: []string{r.Ref}, Personal: true})
			r.Purged = true
			refs[r.Ref] = r
		}
	}
	for _, m := range messages {
		if f, ok := keep.OfLedger(m, refs); ok && !f.Due.After(at) {
			due = append(due, Purge{Fate: f, Refs: m.Belongs(), Message: m.ID, Ledger: true})
		}
	}
	return due, nil
}

// purge deletes at most most of what is due at a moment, and returns how many things it deleted. Each is
// deleted in a transaction of its own, so that nobody has to wait long for the database.
func (k *Keeper) purge(ctx context.Context, at time.Time, as string, most int, tell func(Purge) error) (n int, err error) {
	due, err := k.due(ctx, at)
	if err != nil {
		return 0, err
	}
	for _, p := range due[:min(len(due), most)] {
		p.By = as
		err := k.update(ctx, func(tx Tx) error { return k.purgeOne(ctx, tx, at, &p) })
		if errors.Is(err, errKept) {
			continue
		}
		if err != nil {
			return n, fmt.Errorf("purge of %s: %w", p.What(), err)
		}
		n++
		if err := tell(p); err != nil {
			return n, err
		}
	}
	if len(due) > most {
		return n, nil
	}
	loose := k.loose(at)
	loose.By = as
	err = k.update(ctx, func(tx Tx) (err error) {
		loose.Letters, loose.Entries, err = tx.PurgeLoose(ctx, loose.Since, tx.Now, purgeBatch)
		if err == nil {
			loose.Absences, err = tx.PurgeAbsences(ctx, loose.Since)
		}
		if err != nil || loose.empty() {
			return err
		}
		return tx.Record(ctx, loose.entry("", tx.Now))
	})
	if err != nil || loose.empty() {
		return n, err
	}
	return n + loose.Letters + loose.Entries + loose.Absences, tell(loose)
}

// errKept is the error of purgeOne for something that is no longer due.
var errKept = errors.New("kept")

// purgeOne deletes one thing if it is still due, and records the proof; else errKept.
func (k *Keeper) purgeOne(ctx context.Context, tx Tx, at time.Time, p *Purge) error {
	if p.Personal {
		ref, err := tx.Reference(ctx, p.Refs[0])
		if err != nil {
			return err
		}
		if f, ok := k.Policy.Retention.OfPerson(ref); !ok || f.Due.After(at) {
			return errKept
		}
		return shred(ctx, tx, p)
	}
	m, err := tx.KeptMessage(ctx, p.Message)
	if errors.Is(err, intake.ErrNotFound) {
		return errKept
	}
	if err != nil {
		return err
	}
	refs, err := referencesOf(ctx, tx, m)
	if err != nil {
		return err
	}
	verdict := k.Policy.Retention.OfRaw
	if p.Ledger {
		verdict = k.Policy.Retention.OfLedger
	}
	if f, ok := verdict(m, refs); !ok || f.Due.After(at) || m.HasRaw == p.Ledger {
		return errKept
	}
	return shred(ctx, tx, p)
}

// referencesOf returns the references that a message belongs to or is about, by name.
func referencesOf(ctx context.Context, tx Tx, m intake.KeptMessage) (map[string]intake.Reference, error) {
	refs := make(map[string]intake.Reference)
	for _, name := range slices.Concat(m.Holds, m.Names) {
		ref, err := tx.Reference(ctx, name)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			refs[name] = ref
		}
	}
	return refs, nil
}

// shred deletes one thing, and then records the proof in the history of each of its references: blanking a
// history would blank the proof too.
func shred(ctx context.Context, tx Tx, p *Purge) (err error) {
	if p.Files, err = filesOf(ctx, tx, *p); err != nil {
		return err
	}
	switch {
	case p.Personal:
		err = tx.PurgeReference(ctx, p.Refs[0], tx.Now)
	case p.Ledger:
		err = tx.PurgeMessage(ctx, p.Message, tx.Now)
	default:
		err = tx.PurgeRaw(ctx, p.Message, tx.Now)
	}
	if err != nil {
		return err
	}
	refs := p.Refs
	if len(refs) == 0 {
		refs = []string{""}
	}
	for _, ref := range refs {
		if err := tx.Record(ctx, p.entry(ref, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// filesOf returns the digests of the evidence that a purge deletes.
func filesOf(ctx context.Context, tx Tx, p Purge) ([]string, error) {
	if p.Message == 0 || p.Ledger {
		return nil, nil
	}
	return tx.Files(ctx, p.Message)
}

// loose returns the purge of letters and entries that belong to no reference, not counted yet.
func (k *Keeper) loose(at time.Time) Purge {
	name := intake.RuleOf(intake.KeepPersonal, intake.Otherwise)
	return Purge{Fate: intake.Fate{Rule: name, Since: at.Add(-k.Policy.Retention[name]), Due: at}}
}

// empty reports whether a purge from loose has nothing to delete.
func (p Purge) empty() bool { return p.Letters+p.Entries+p.Absences == 0 }

// entry returns the proof for the audit.
func (p Purge) entry(ref string, now time.Time) intake.HistoryEntry {
	text := p.Rule + ", " + p.Told()
	if len(p.Files) > 0 {
		text += ", SHA-256 " + strings.Join(p.Files, " ")
	}
	return intake.HistoryEntry{Ref: ref, At: now, Event: intake.EventPurged, By: p.By, Text: text}
}

// What names what a purge is about: the references, the message, or "no request".
func (p Purge) What() string {
	switch {
	case len(p.Refs) > 0:
		return strings.Join(p.Refs, ",")
	case p.Message > 0:
		return fmt.Sprintf("message %d", p.Message)
	}
	return "no request"
}

// Told says in words what a purge deletes, and from when its rule counts.
func (p Purge) Told() string {
	since := p.Since.UTC().Format(time.DateOnly)
	switch {
	case p.Personal:
		return "over since " + since + ": names, addresses and words"
	case p.Ledger:
		return fmt.Sprintf("over since %s: sender and subject of message %d", since, p.Message)
	case p.Message > 0:
		return fmt.Sprintf("over since %s: message %d, %d bytes, %d files", since, p.Message, p.Bytes, len(p.Files))
	}
	told := fmt.Sprintf("from before %s: %d letters and %d entries of the audit", since, p.Letters, p.Entries)
	if p.Absences > 0 {
		told += fmt.Sprintf(", absences of reviewers: %d", p.Absences)
	}
	return told
}
