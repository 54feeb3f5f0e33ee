package review

import (
	"context"
	"errors"
	"time"

	"mfabot/intake"
)

// Away is which reviewers are away.
type Away interface {
	// Absences returns the last one of each reviewer, over or not.
	Absences(ctx context.Context) ([]intake.Absence, error)
	// SetAbsence puts an absence in the place of the reviewer's last one.
	SetAbsence(ctx context.Context, a intake.Absence) error
	// EndAbsence ends a reviewer's absence, if it lasts: one that an automatic
	// reply told of, or with byHand also one by command; else ErrStale.
	EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error
	// OpenReviews returns the references of the pending requests on which a
	// reviewer holds a code to decide, longest waiting first.
	OpenReviews(ctx context.Context, reviewer string) ([]string, error)
}

// away are the absences that last, by reviewer.
func (p *Panel) away(ctx context.Context, tx Tx) (map[string]intake.Absence, error) {
	all, err := tx.Absences(ctx)
	out := make(map[string]intake.Absence)
	for _, a := range all {
		if a.At(tx.Now) {
			out[a.Reviewer] = a
		}
	}
	return out, err
}

// BeginAbsence puts an absence on record, and has the deputy asked for every review that
// is open.
func (p *Panel) BeginAbsence(ctx context.Context, tx Tx, a intake.Absence, by, why string) error {
	text := a.Reviewer + " is away: " + why
	if !a.Until.IsZero() {
		text += "; until " + p.Moment(a.Until) + " at most"
	}
	refs, err := tx.OpenReviews(ctx, a.Reviewer)
	if err = errors.Join(err, tx.SetAbsence(ctx, a), tx.Record(ctx, intake.HistoryEntry{At: tx.Now, Event: intake.EventAway, By: by, Text: text})); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := p.chase(ctx, tx, ref); err != nil {
			return err
		}
	}
	return nil
}
