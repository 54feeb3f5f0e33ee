package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

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

// AlikeFor is for how long a letter counts as sent before.
const AlikeFor = 30 * 24 * time.Hour

// SentAlike returns how many letters of the last 30 days say the same to the same address about the same reference, but
// for what differs in every letter, and the words of the site's own that it repeats.
func SentAlike(ctx context.Context, w Work, l intake.Letter) (n int, err error) {
	ids, err := w.Conversation(ctx, l.Ref, l.To, conversationLength)
	if err != nil {
		return 0, err
	}
	want, err := told(l)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		o, err := w.OutboundByMessageID(ctx, id)
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if o.Template != l.Template || w.Now.Sub(o.CreatedAt) > AlikeFor {
			continue
		}
		has, err := told(o.Letter)
		if err != nil {
			return 0, err
		}
		if has == want {
			n++
		}
	}
	return n, nil
}

// Readable reports whether a letter can be had in another language: one to a site or a user that has not been forgotten or
// taken back, and asks nobody to confirm who they are.
func Readable(o *intake.Outbound) bool {
	to := o.Facts.Audience
	return (to == intake.ToSite || to == intake.ToUser) && o.State != intake.Failed && o.Template != intake.LetterConfirm
}

// Newest returns the newest letter that can be had in another language of those about the same reference, to the same address.
// A warning says only what is still true; where nothing of it is, there is none.
func Newest(ctx context.Context, w Work, like *intake.Outbound) (*intake.Outbound, error) {
	o, err := newest(ctx, w, like)
	if err != nil {
		return nil, err
	}
	again := *o
	if still, err := stillTrue(ctx, w, o, &again.Letter); err != nil || !still {
		return nil, err
	}
	return &again, nil
}

// newest is Newest, whatever the letter says.
func newest(ctx context.Context, w Work, like *intake.Outbound) (*intake.Outbound, error) {
	if like.Ref == "" {
		return like, nil
	}
	ids, err := w.Conversation(ctx, like.Ref, like.To, conversationLength)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(ids) {
		o, err := w.OutboundByMessageID(ctx, id)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		if err == nil && o.Ref == like.Ref && o.To == like.To && Readable(o) {
			return o, nil
		}
	}
	return like, nil
}

// told is what a letter tells, without what differs in every letter and the words that a site adds.
func told(l intake.Letter) (string, error) {
	f := l.Facts.Masked()
	f.At, f.Said, f.Seed, f.CodeHash, f.AllSeed, f.AllHash = time.Time{}, "", "", "", "", ""
	f.Code, f.Justification, f.ReasonWords = "", "", nil
	f.Language = ""
	f.Ends = time.Time{} // by when the site must answer
	f.Evidence = slices.DeleteFunc(slices.Clone(f.Evidence), func(e intake.EvidenceFacts) bool { return !e.Counts })
	text, err := json.Marshal(f)
	return string(text), err
}
