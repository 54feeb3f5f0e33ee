package outbox

import (
	"context"

	"mfabot/intake"
)

// Answer is Send for a letter that a message from somebody provokes without changing
// anything. There are only so many of them a day: unsent says in words which cap kept
// this one back, and is empty where none did. That is put on record, and the operator
// told where it is not just one address that gets no more.
func (out *Outbox) Answer(ctx context.Context, w Work, l intake.Letter, from string) (unsent string, err error) {
	if l.To == "" {
		return "", nil
	}
	reached, err := out.spend(ctx, w, l.To)
	if err != nil {
		return "", err
	}
	if reached == nil {
		return "", out.queue(ctx, w, &intake.Outbound{Letter: l, Answer: true})
	}
	return reached.words, out.keptBack(ctx, w, l, from, reached)
}
