package review

import (
	"context"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
)

// Away stores which reviewers are away.
type Away interface {
	// Absences returns each reviewer's latest absence, whether or not it is over.
	Absences(ctx context.Context) ([]intake.Absence, error)
	// SetAbsence replaces the reviewer's latest absence.
	SetAbsence(ctx context.Context, a intake.Absence) error
	// EndAbsence ends a reviewer's current absence: one learnt from an automatic reply, or with byHand also
	// one set by command. ErrStale if there is none.
	EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error
	// OpenReviews returns the references of the pending requests that a reviewer has a code to decide,
	// longest waiting first.
	OpenReviews(ctx context.Context, reviewer string) ([]string, error)
}

// away returns the current absences, by reviewer.
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

// BeginAbsence records an absence, and asks the deputy to take over each of the reviewer's open reviews.
func (p *Panel) BeginAbsence(ctx context.Context, tx Tx, a intake.Absence, by, why string) error {
	text := a.Reviewer + " is away: " + why
	if !a.Until.IsZero() {
		text += "; until " + p.Moment(a.Until) + " at most"
	}
	refs, err := tx.OpenReviews(ctx, a.Reviewer)
	if err != nil {
		return err
	}

	if err = tx.SetAbsence(ctx, a); err != nil {
		return err
	}
	if err = tx.Record(ctx, intake.HistoryEntry{At: tx.Now, Event: intake.EventAway, By: by, Text: text}); err != nil {
		return err
	}
	run := newChasing(p, tx)
	for _, ref := range refs {
		if err := run.chase(ctx, ref); err != nil {
			return err
		}
	}
	return run.send(ctx)
}

// gone counts a reviewer whose mailbox is gone as away, as an automatic reply does, so that the deputy is asked at
// once. A letter of before they came back says nothing of now.
func gone(ctx context.Context, p *Panel, tx Tx, r intake.Reviewer, o *intake.Outbound) error {
	all, err := tx.Absences(ctx)
	if err != nil || slices.ContainsFunc(all, func(a intake.Absence) bool {
		return a.Reviewer == r.Address && (a.At(tx.Now) || o.CreatedAt.Before(a.Over()))
	}) {
		return err
	}
	err = tx.Spend(ctx, AbsenceADay(r), tx.Now)
	if errors.Is(err, intake.ErrSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	a := intake.Absence{Reviewer: r.Address, Since: tx.Now, Until: tx.Now.Add(p.Policy.Review.AbsenceLasts)}
	return p.BeginAbsence(ctx, tx, a, r.Address, intake.AwayRefusing)
}

// AbsenceADay is the allowance of what begins an absence by itself, so that nobody can have deputies asked over and
// over.
func AbsenceADay(r intake.Reviewer) intake.Allowance {
	return intake.NewAllowance("away:"+r.Address, 1)
}
