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
	// References returns, in order, the references after one that were over at a moment and still have anything personal, at
	// most limit.
	References(ctx context.Context, after string, over time.Time, limit int) ([]intake.Reference, error)
	// Reference returns a reference, or ErrNotFound.
	Reference(ctx context.Context, ref string) (intake.Reference, error)
	// RawMessages returns, in order, the messages after one that had arrived at a moment, have an outcome and still have their
	// raw message, at most limit.
	RawMessages(ctx context.Context, after int64, arrived time.Time, limit int) ([]intake.KeptMessage, error)
	// KeptMessages returns, in order, the messages after one that had arrived at a moment, have an outcome and still have
	// anything personal, at most limit.
	KeptMessages(ctx context.Context, after int64, arrived time.Time, limit int) ([]intake.KeptMessage, error)
	// LooseLetters and LooseEntries return, in order, the letters sent and the audit entries made before a moment, after one,
	// that belong to no reference or to one that is purged, at most limit.
	LooseLetters(ctx context.Context, after int64, before time.Time, limit int) ([]int64, error)
	LooseEntries(ctx context.Context, after int64, before time.Time, limit int) ([]int64, error)
	// CountLoose counts the same.
	CountLoose(ctx context.Context, before time.Time) (letters, entries int, err error)
	// OverAbsences counts the absences of reviewers that were over before a moment.
	OverAbsences(ctx context.Context, before time.Time) (int, error)
	// Files returns the digests of the evidence in a message.
	Files(ctx context.Context, id int64) ([]string, error)
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
	// PurgeLoose blanks those of the letters and of the audit entries that are still loose, as Archive has it. It returns how
	// many it blanked.
	PurgeLoose(ctx context.Context, ids intake.Loose, before, now time.Time) (letters, entries int, err error)
	// PurgeAbsences removes the absences of reviewers that were over before a moment.
	PurgeAbsences(ctx context.Context, before time.Time) (int, error)
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
	for w := (walk{at: k.ReadClock()}); !w.over(); {
		if _, err := k.purge(ctx, &w, as, tell); err != nil {
			return err
		}
	}
	return k.store.Wipe(ctx)
}

// DuePurges tells what Purge would delete now, and changes nothing; it stops if tell returns an error.
func (k *Keeper) DuePurges(ctx context.Context, tell func(Purge) error) error {
	w := walk{at: k.ReadClock()}
	for w.step < looseLetters {
		p, err := k.look(ctx, w)
		if err != nil {
			return err
		}
		for _, due := range p.due {
			if due.Files, err = filesOf(ctx, k.store, due); err == nil {
				err = tell(due)
			}
			if err != nil {
				return err
			}
		}
		w = p.next
	}
	loose := k.loose(w.at)
	var err error
	if loose.Letters, loose.Entries, err = k.store.CountLoose(ctx, loose.Since); err != nil {
		return err
	}
	if loose.Absences, err = k.store.OverAbsences(ctx, loose.Since); err != nil || loose.empty() {
		return err
	}
	return tell(loose)
}

// purge deletes what is due on the next page of a walk, and returns how many things it deleted. Each is deleted in a transaction
// of its own, what is loose in one together, so that nobody has to wait long for the database.
func (k *Keeper) purge(ctx context.Context, w *walk, as string, tell func(Purge) error) (n int, err error) {
	page, err := k.look(ctx, *w)
	if err != nil {
		return 0, err
	}
	for _, p := range page.due {
		p.By = as
		err := k.update(ctx, func(tx Tx) error { return k.purgeOne(ctx, tx, w.at, &p) })
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
	loose, err := k.purgeLoose(ctx, w.at, as, page)
	if err == nil && !loose.empty() {
		n += loose.Letters + loose.Entries + loose.Absences
		err = tell(loose)
	}
	if err == nil {
		*w = page.next
	}
	return n, err
}

// purgeLoose deletes the letters and entries of a page, and on the last page the absences of reviewers. It returns what it deleted.
func (k *Keeper) purgeLoose(ctx context.Context, at time.Time, as string, page page) (Purge, error) {
	loose := k.loose(at)
	loose.By = as
	last := page.next.over()
	if len(page.loose.Letters)+len(page.loose.Entries) == 0 && !last {
		return loose, nil
	}
	return loose, k.update(ctx, func(tx Tx) (err error) {
		loose.Letters, loose.Entries, err = tx.PurgeLoose(ctx, page.loose, loose.Since, tx.Now)
		if err == nil && last {
			loose.Absences, err = tx.PurgeAbsences(ctx, loose.Since)
		}
		if err != nil || loose.empty() {
			return err
		}
		return tx.Record(ctx, loose.entry("", tx.Now))
	})
}

// errKept is the error of purgeOne for something that is no longer due.
var errKept = errors.New("kept")

// purgeOne deletes one thing if it is still due, and records the proof; else errKept.
func (k *Keeper) purgeOne(ctx context.Context, tx Tx, at time.Time, p *Purge) error {
	if p.Personal {
		ref, err := tx.Reference(ctx, p.Refs[0])
		if errors.Is(err, intake.ErrNotFound) {
			return errKept
		}
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
func referencesOf(ctx context.Context, db interface {
	Reference(ctx context.Context, ref string) (intake.Reference, error)
}, m intake.KeptMessage) (map[string]intake.Reference, error) {
	refs := make(map[string]intake.Reference)
	for _, name := range slices.Concat(m.Holds, m.Names) {
		ref, err := db.Reference(ctx, name)
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
func filesOf(ctx context.Context, db interface {
	Files(ctx context.Context, id int64) ([]string, error)
}, p Purge) ([]string, error) {
	if p.Message == 0 || p.Ledger {
		return nil, nil
	}
	return db.Files(ctx, p.Message)
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
