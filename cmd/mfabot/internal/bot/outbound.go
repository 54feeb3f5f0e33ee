package bot

import (
	"context"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// queue is the outbound messages, as they are stored and as the domain gives up.
type queue struct {
	*store.Store
	*Domain
}

// Due returns the messages whose time has come, with the codes that they bring, and
// with what the directory says now.
func (q queue) Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error) {
	due, err := q.Store.Due(ctx, now, limit)
	for i := range due {
		if err == nil {
			due[i], err = q.Enforcer.WithDirectory(ctx, q.Outbox.WithCode(due[i]))
		}
	}
	return due, err
}

// Retry puts a message back until due.
func (q queue) Retry(ctx context.Context, id int64, due time.Time, lastError string) error {
	return q.Store.Retry(ctx, id, due, intake.MaskCodes(lastError))
}

// Fail records that a message is given up, and tells the operator.
func (q queue) Fail(ctx context.Context, id int64, _ time.Time, lastError string) error {
	return q.Outbox.GiveUp(ctx, id, lastError)
}
