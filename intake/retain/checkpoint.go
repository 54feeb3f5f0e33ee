package retain

import (
	"context"
	"encoding/json"
	"time"

	"mfabot/intake"
)

// Checkpoint makes the day's checkpoint where there is none yet, however many days
// were missed, and sends it to the auditor. Days are compared for being another, as
// a clock that was ahead would put off the next one for as long.
func (k *Keeper) Checkpoint(ctx context.Context) error {
	return k.update(ctx, func(tx Tx) error {
		day := tx.Now.In(k.Policy.Zone).Format(time.DateOnly)
		last, err := tx.LastCheckpoint(ctx)
		if err != nil || last.Day == day {
			return err
		}
		c, err := tx.AuditNow(ctx)
		if err != nil || c.Entries == 0 { // there is nothing yet that could be changed
			return err
		}
		c.Day = day
		text, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if err := tx.Record(ctx, intake.HistoryEntry{Ref: intake.CheckpointRef, At: tx.Now, Event: intake.EventCheckpoint, Text: string(text)}); err != nil {
			return err
		}
		return k.out.Send(ctx, tx.Work, intake.Letter{Template: intake.LetterCheckpoint, To: k.Auditor,
			Facts: intake.Facts{Audience: intake.ToAuditor, At: tx.Now, Checkpoint: c, Previous: last}})
	})
}
