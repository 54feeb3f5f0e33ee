package retain

import (
	"context"
	"encoding/json"
	"time"

	"mfabot/intake"
)

// Checkpoints reads the state of the audit.
type Checkpoints interface {
	// AuditNow returns a checkpoint of the audit as it is now, without its day.
	AuditNow(ctx context.Context) (intake.Checkpoint, error)
	// LastCheckpoint returns the newest checkpoint, or a zero one if there is none.
	LastCheckpoint(ctx context.Context) (intake.Checkpoint, error)
}

// Checkpoint makes the day's checkpoint if there is none yet, and sends it to the auditor. It does not make
// up for missed days. It asks whether the last day is a different one, not an earlier one: after a clock that
// was ahead, the next checkpoint would otherwise be put off until that day.
func (k *Keeper) Checkpoint(ctx context.Context) error {
	last, err := k.store.LastCheckpoint(ctx)
	if err != nil || last.Day == k.day(k.ReadClock()) { // most often, and nobody need wait for that
		return err
	}
	return k.update(ctx, func(tx Tx) error {
		day := k.day(tx.Now)
		last, err := tx.LastCheckpoint(ctx)
		if err != nil || last.Day == day {
			return err
		}
		c, err := tx.AuditNow(ctx)
		if err != nil || c.Entries == 0 { // there is nothing to vouch for yet
			return err
		}
		c.Day = day
		text, err := json.Marshal(c)
		if err != nil {
			return err
		}
		entry := intake.HistoryEntry{
			Ref: intake.CheckpointRef, At: tx.Now, Event: intake.EventCheckpoint, Text: string(text),
		}
		if err := tx.Record(ctx, entry); err != nil {
			return err
		}
		f := intake.Facts{Audience: intake.ToAuditor, At: tx.Now,
			CheckpointFacts: intake.CheckpointFacts{Checkpoint: c, Previous: last}}
		return k.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterCheckpoint, To: k.Auditor, Facts: f})
	})
}

// day returns the day of a moment in the policy's time zone, such as 2026-03-02.
func (k *Keeper) day(t time.Time) string { return t.In(k.Policy.Zone).Format(time.DateOnly) }
