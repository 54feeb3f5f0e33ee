package bot

import (
	"context"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/intake/review"
	"mfabot/store"
)

// queue is the outbound messages for the sender: the stored ones, completed and given up by the domain.
type queue struct {
	*store.Store
	*Domain
}

// Due returns the messages that are due, with their codes and with what the directory says now.
func (q queue) Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	due, err := q.Store.Due(ctx, now, limit)
	for i := range due {
		if err == nil {
			due[i], err = q.Enforcer.WithDirectory(ctx, q.Outbox.WithCode(due[i]))
		}
	}
	return due, err
}

// Retry puts a message back until due, with no code left in the error that is recorded.
func (q queue) Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error {
	return q.Store.Retry(ctx, id, failed, due, intake.MaskCodes(lastError))
}

// Stopped tells the operator, once a day, that our server refuses what we send.
func (q queue) Stopped(ctx context.Context, said string) error {
	return outbox.Stopped(ctx, q.Outbox, said)
}

// WordsFailed tells the operator, once a day for each template, that own words for it could not be filled.
func (q queue) WordsFailed(ctx context.Context, t intake.Template, why string) error {
	return outbox.WordsFailed(ctx, q.Outbox, t, why)
}

// Fail gives a message up, and tells the operator.
func (q queue) Fail(ctx context.Context, id int64, _ time.Time, why intake.Refusal) error {
	return review.GiveUp(ctx, q.Panel, id, why)
}
