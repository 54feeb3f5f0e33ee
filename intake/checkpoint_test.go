package intake_test

import (
	"encoding/json"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// checkpoints are those on record.
func (w *world) checkpoints() (out []intake.Checkpoint) {
	w.t.Helper()
	history, err := w.store.History(w.t.Context(), intake.CheckpointRef)
	ok(w.t, err)
	for _, e := range history {
		var c intake.Checkpoint
		ok(w.t, json.Unmarshal([]byte(e.Text), &c))
		out = append(out, c)
	}
	return out
}

// TestCheckpoints: there is one a day, by the policy's clock, whatever else happens, and the auditor gets
// each, with the one before it.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	const auditor = "audit@elsewhere.test"
	w := newWorld(t, func(c *config) { c.Auditor = auditor })
	w.sweep()
	same(t, "of nothing", 0, len(w.checkpoints()))
	w.approved()
	summer := time.Date(2026, 7, 1, 22, 59, 59, 0, time.UTC) // one second to midnight in London
	for _, at := range []time.Time{noon, noon.Add(time.Hour), noon.Add(day), summer, summer.Add(time.Second),
		summer.Add(day), summer.Add(-day)} {
		w.now = at
		w.sweep()
		w.sweep()
	}
	var days []string
	made := w.checkpoints()
	for _, c := range made {
		days = append(days, c.Day)
	}
	same(t, "days", []string{noon.Format(time.DateOnly), noon.Add(day).Format(time.DateOnly), "2026-07-01",
		"2026-07-02", "2026-06-30"}, days)

	var mailed []intake.Checkpoint
	var before intake.Checkpoint
	for _, o := range w.sent() {
		if o.To != auditor {
			continue
		}
		same(t, "template", intake.LetterCheckpoint, o.Template)
		same(t, "the one before", before, o.Facts.Previous)
		before = o.Facts.Checkpoint
		mailed = append(mailed, before)
	}
	same(t, "mailed", made, mailed)
	for _, c := range made {
		found, err := w.store.CheckAudit(t.Context(), store.SealKey{}, c.Root)
		ok(t, err)
		same(t, "faults", 0, len(found.Faults))
		same(t, "entries of the root", c.Entries, found.Rooted.Entries)
	}
}

// TestCheckpointsUnsent: without an auditor they are made and go nowhere.
func TestCheckpointsUnsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.sweep()
	same(t, "made", 1, len(w.checkpoints()))
	for _, o := range w.sent() {
		if o.Template == intake.LetterCheckpoint {
			t.Errorf("sent to %q", o.To)
		}
	}
}
