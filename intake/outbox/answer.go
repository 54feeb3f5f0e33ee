package outbox

import (
	"context"

	"mfabot/intake"
)

// Answer is Send for a letter that answers a message which changed nothing. These are capped per day. If a
// cap keeps this one back, Answer records that, tells the operator if more than one address is affected, and
// returns the cap in words; unsent is empty otherwise. from is who wrote the message.
func (out *Outbox) Answer(ctx context.Context, w Work, l intake.Letter, from string) (unsent string, err error) {
	if l.To == "" {
		return "", nil
	}
	reached, err := out.spend(ctx, w, l)
	if err != nil {
		return "", err
	}
	if reached == nil {
		return "", out.queue(ctx, w, &intake.Outbound{Letter: l, Answer: true})
	}
	return reached.words, out.keptBack(ctx, w, l, from, reached)
}
