package notify

import (
	"context"
	"io"
	"time"

	"mfabot/intake"
)

// Queue is the queue of outbound messages kept by the store. Retry and Fail return intake.ErrStale if the message has
// meanwhile been taken out of the queue.
type Queue interface {
	// Due returns at most limit queued messages that are due, oldest first.
	Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
	// Wanted reports whether there is one that an operator wants to be tried at once.
	Wanted(ctx context.Context) (bool, error)
	// Try records attempts at messages, before anything is dialled, and returns those that are still in the queue.
	Try(ctx context.Context, messages []int64) (waiting []int64, err error)
	// Waits reports whether a message is still in the queue.
	Waits(ctx context.Context, id int64) (bool, error)
	// Skip records that messages were not tried after all, and that they are due as they say.
	Skip(ctx context.Context, messages []intake.Outbound) error
	// Sent records that the server has taken messages, and as what. After an intake.ErrStale all but some are on record that
	// cannot be.
	Sent(ctx context.Context, accepted ...intake.Accepted) error
	// Retry puts the message back until due, as an attempt failed at a moment.
	Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error
	// LastTaken returns when the server last took a message to anybody but an address, and when one was last refused for
	// good; zero where that never was.
	LastTaken(ctx context.Context, but string) (taken, refused time.Time, err error)
	// Stopped tells the operator, once, that the server refuses what we send, in its words.
	Stopped(ctx context.Context, said string) error
	// WordsFailed tells the operator, once a day for each template, that own words for it could not be filled, and why: a letter went
	// out in others.
	WordsFailed(ctx context.Context, t intake.Template, why string) error
	// Fail records that the message is given up. The store alerts the operator, unless the message is itself
	// an alert.
	Fail(ctx context.Context, id int64, now time.Time, why intake.Refusal) error
}

// Parts supplies the content of stored messages.
type Parts interface {
	// Evidence writes the decoded content of one part of a stored message. It returns nil only once all of it
	// is written.
	Evidence(ctx context.Context, inboundID int64, part string, w io.Writer) error
}
