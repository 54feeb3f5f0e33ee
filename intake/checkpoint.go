package intake

import (
	"context"
	"encoding/json"
	"time"
)

// CheckpointRef is the reference under which the audit keeps the checkpoints.
const CheckpointRef = "checkpoint"

// Checkpoint says what was in the audit at one moment. Kept elsewhere, it shows
// whether anything from before that moment was changed since. It is an entry of the
// audit itself, so that none can be taken away or changed unseen.
type Checkpoint struct {
	Day     string `json:"day"`     // in the policy's time zone: 2026-03-02
	Entries int64  `json:"entries"` // how many there were
	Chains  int64  `json:"chains"`  // and in how many chains, one a reference
	Root    string `json:"root"`    // over all of them, in hexadecimal
}

// Checkpoint makes the day's checkpoint where there is none yet, however many days
// were missed, and sends it to the auditor. Days are compared for being another, as
// a clock that was ahead would put off the next one for as long.
func (k *Keeper) Checkpoint(ctx context.Context) error {
	return k.update(ctx, func(tx RetainTx) error {
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
		if err := tx.Record(ctx, HistoryEntry{Ref: CheckpointRef, At: tx.Now, Event: "checkpoint", Text: string(text)}); err != nil {
			return err
		}
		return k.out.send(ctx, tx.Work, Letter{Template: CheckpointMade, To: k.Auditor,
			Facts: Facts{Audience: ToAuditor, At: tx.Now, Checkpoint: c, Previous: last}})
	})
}
