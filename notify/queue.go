package notify

import (
	"context"
	"io"
	"time"

	"mfabot/intake"
)

// Queue is the outbound messages as the store keeps them. Attempt, Retry and Fail
// return intake.ErrStale for one that was taken out of the queue meanwhile.
type Queue interface {
	// Due returns at most limit queued messages whose time has come, oldest
	// due first.
	Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
	// Attempt puts an attempt on record, before anything is dialled.
	Attempt(ctx context.Context, id int64, now time.Time) error
	// Sent records that the server has taken the message.
	Sent(ctx context.Context, id int64, now time.Time) error
	// Retry puts the message back until due.
	Retry(ctx context.Context, id int64, due time.Time, lastError string) error
	// Fail records that the message is given up. The store tells the operator,
	// unless the message is itself an alert.
	Fail(ctx context.Context, id int64, now time.Time, why intake.Refusal) error
}

// Parts gives the content of stored messages.
type Parts interface {
	// Evidence writes the decoded content of one part of a stored message. It returns
	// nil only when that is all written.
	Evidence(ctx context.Context, inboundID int64, part string, w io.Writer) error
}
