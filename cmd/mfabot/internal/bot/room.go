package bot

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// mostKept is how much of a large disk is kept for what must not wait, in bytes.
const mostKept = 64 << 20

// room keeps a part of the disk from incoming messages, so that what ends, and the letters and alerts about
// it, can still be put on record when anybody has filled the rest.
type room struct {
	space func() (free, total int64, err error) // nil where the database is a server's

	mu   sync.Mutex
	told time.Time // when the operator was last told that there is too little
}

// Kept is how much of a disk of that size is kept, in bytes: while no more is free, messages wait.
func Kept(total int64) int64 { return min(total/4, mostKept) }

// SpaceOf returns a function that measures the disk of a file, in bytes.
func SpaceOf(file string) func() (free, total int64, err error) {
	return func() (free, total int64, err error) {
		var s syscall.Statfs_t
		err = syscall.Statfs(filepath.Dir(file), &s)
		return int64(s.Bavail) * s.Bsize, int64(s.Blocks) * s.Bsize, err //nolint:gosec // bytes of a disk
	}
}

// fitting returns the messages that there is room for. low is the trouble if that is not all of them.
func (b *Bot) fitting(ctx context.Context, batch []intake.Arrival) (fit []intake.Arrival, low error) {
	if b.room.space == nil {
		return batch, nil
	}
	free, total, err := b.room.space()
	if err != nil {
		return nil, fmt.Errorf("free space of %s: %w", b.Settings.Database, err)
	}
	kept := Kept(total)
	spare, err := b.Store.Spare(ctx)
	if err != nil {
		return nil, err
	}
	left := free - kept
	if free > kept/2 { // the log of the database has no use for its free pages
		left += spare
	}
	for _, a := range batch {
		// Once in the log of the database, and once in its file.
		if cost := 2 * int64(len(a.Raw)); cost <= left {
			left -= cost
			fit = append(fit, a)
		} else {
			low = store.Full(fmt.Errorf("%d MB are free for %s, of which %d MB are kept for what ends",
				free>>20, b.Settings.Database, kept>>20))
		}
	}
	return fit, low
}

// tellLow tells the operator, once a day, that messages wait for room.
func (b *Bot) tellLow(ctx context.Context, low error) error {
	b.room.mu.Lock()
	defer b.room.mu.Unlock()
	now := b.Clock()
	if !b.room.told.IsZero() && now.Sub(b.room.told) < 24*time.Hour && !b.room.told.After(now) {
		return nil
	}
	err := b.Outbox.AlertOperator(ctx, intake.AlertSpace, outbox.Cause{}.Do("Make room on the disk of the database."),
		"Messages wait, since the disk is nearly full", "Cause: "+low.Error(),
		"They stay in the inbox until there is room. Nothing is lost. Exceptions end on time, and letters are sent.")
	if err == nil {
		b.room.told = now
	}
	return err
}
