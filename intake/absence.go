package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Away is which reviewers are away.
type Away interface {
	// Absences returns the last one of each reviewer, over or not.
	Absences(ctx context.Context) ([]Absence, error)
	// SetAbsence puts an absence in the place of the reviewer's last one.
	SetAbsence(ctx context.Context, a Absence) error
	// EndAbsence ends a reviewer's absence, if it lasts: one that an automatic
	// reply told of, or with byHand also one by command; else ErrStale.
	EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error
	// OpenReviews returns the references of the pending requests on which a
	// reviewer holds a code to decide, longest waiting first.
	OpenReviews(ctx context.Context, reviewer string) ([]string, error)
}

// Absence is a time in which a reviewer's deputy is asked besides. What the
// reviewer decides nonetheless counts.
type Absence struct {
	Reviewer string // the registered address
	Since    time.Time
	Until    time.Time // zero where only a command ends it
	EndedAt  time.Time // before that; zero for not
	Deputy   string    // who stands in; empty for the one of the configuration
	ByHand   bool      // a command said so, and not an automatic reply
}

// At reports whether it lasts at a moment.
func (a Absence) At(now time.Time) bool {
	return a.EndedAt.IsZero() && (a.Until.IsZero() || now.Before(a.Until))
}

// over is when it ended or will; zero where that is not known.
func (a Absence) over() time.Time {
	if a.EndedAt.IsZero() {
		return a.Until
	}
	return a.EndedAt
}

// away are the absences that last, by reviewer.
func (p *Panel) away(ctx context.Context, tx ReviewTx) (map[string]Absence, error) {
	all, err := tx.Absences(ctx)
	out := make(map[string]Absence)
	for _, a := range all {
		if a.At(tx.Now) {
			out[a.Reviewer] = a
		}
	}
	return out, err
}

// answeredWithin is how old a letter may be that an automatic reply answers: it
// may have been under way for some days.
const answeredWithin = 5 * 24 * time.Hour

// absent takes note of a reviewer's automatic reply that says they are away. It
// is no decision and gets no answer; but it has the deputy asked, who may decide
// then. So a forged one does nothing at all: the sender must be proven, and the proof
// hold for every field that is read, as the deputy could else make an automatic reply
// of what the reviewer wrote to them by hand. It must be addressed to us, and be to a
// letter that we sent to the reviewer lately, and since they were last away. It begins
// one absence a day at most.
func (in *Inbox) absent(ctx context.Context, t *turn) error {
	sender, known := in.Reviewers.ByAddress(t.from())
	if !known || !t.msg.Away || !t.check("absence proven", t.verdict.Authentic, "the sender of this automatic reply is %s", t.from()) {
		return nil
	}
	if !t.check("absence covered", len(t.verdict.Uncovered) == 0, "fields of this automatic reply that the proof says nothing of: %s", cmp.Or(strings.Join(t.verdict.Uncovered, ", "), "none")) ||
		!t.check("absence is for us", in.addressed(t), "this automatic reply is to %s", strings.Join(slices.Concat(t.msg.To, t.msg.Cc), ", ")) {
		return nil
	}
	written, err := in.lastAnswered(ctx, t, sender)
	if err != nil || !t.check("absence of now", t.Now.Sub(written) < answeredWithin, "it answers a letter of ours to %s of %s", sender.Address, in.orNever(written)) {
		return err
	}
	all, err := t.Absences(ctx)
	if err != nil {
		return err
	}
	a := Absence{Reviewer: sender.Address, Since: t.Now, Until: t.Now.Add(in.Policy.Review.AbsenceLasts)}
	if i := slices.IndexFunc(all, func(o Absence) bool { return o.Reviewer == sender.Address }); i >= 0 {
		last := all[i]
		switch {
		case last.At(t.Now) && last.ByHand:
			return nil
		case last.At(t.Now):
			a.Since, a.Deputy = last.Since, last.Deputy
			return t.SetAbsence(ctx, a) // which is longer by it
		case !t.check("absence is news", !written.Before(last.over()), "the letter that it answers was written before %s came back on %s", sender.Address, in.moment(last.over())):
			return nil
		}
	}
	err = t.Spend(ctx, NewAllowance("away:"+sender.Address, 1), t.Now)
	if errors.Is(err, ErrSpent) {
		t.check("one absence a day", false, "another began today")
		return nil
	}
	return errors.Join(err, in.panel.begins(ctx, t.ReviewTx, a, sender.Address, "an automatic reply says so"))
}

// orNever shows the time of a letter, or that there is none.
func (in *Inbox) orNever(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return in.moment(t)
}

// lastAnswered is when the newest of our letters to a reviewer was written that a
// message answers, or whose code it brings; zero where there is none.
func (in *Inbox) lastAnswered(ctx context.Context, t *turn, r Reviewer) (newest time.Time, err error) {
	later := func(at time.Time) {
		if at.After(newest) {
			newest = at
		}
	}
	for _, id := range t.answered() {
		o, err := in.out.outboundOf(ctx, t, id)
		if err == nil && o.To == r.Address {
			later(o.CreatedAt)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return newest, err
		}
	}
	for _, token := range tokensIn(t.msg, t.covers) {
		review, err := t.ReviewByToken(ctx, hashToken(token))
		if err == nil && review.Reviewer == r.Address {
			later(review.CreatedAt)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return newest, err
		}
	}
	return newest, nil
}

// begins puts an absence on record, and has the deputy asked for every review that
// is open.
func (p *Panel) begins(ctx context.Context, tx ReviewTx, a Absence, by, why string) error {
	text := a.Reviewer + " is away: " + why
	if !a.Until.IsZero() {
		text += "; until " + p.moment(a.Until) + " at most"
	}
	refs, err := tx.OpenReviews(ctx, a.Reviewer)
	if err = errors.Join(err, tx.SetAbsence(ctx, a), tx.Record(ctx, HistoryEntry{At: tx.Now, Event: "away", By: by, Text: text})); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := p.chase(ctx, tx, ref); err != nil {
			return err
		}
	}
	return nil
}

// present takes note that a reviewer writes by hand: an absence of which an
// automatic reply told is over.
func (in *Inbox) present(ctx context.Context, t *turn, r Reviewer) error {
	if t.onBehalf(r) {
		return nil
	}
	err := t.EndAbsence(ctx, r.Address, false, t.Now)
	if errors.Is(err, ErrStale) {
		return nil
	}
	return errors.Join(err, t.Record(ctx, HistoryEntry{At: t.Now, Event: "back", By: r.Address, Text: r.Address + " is back: they wrote to us"}))
}

// Delegate has another reviewer or deputy stand in for a reviewer from now on: to,
// or the reviewer's own deputy where that is empty; through the day until, as
// 2026-12-24, or until Return. It returns the absence.
func (d *Desk) Delegate(ctx context.Context, reviewer, to, until, as string) (Absence, error) {
	r, ok := d.Reviewers.ByAddress(reviewer)
	if !ok {
		return Absence{}, fmt.Errorf("%q is no reviewer: expected the address of a [[reviewer]] of the configuration", reviewer)
	}
	address := cmp.Or(to, r.Deputy)
	deputy, ok := d.Reviewers.ByAddress(address)
	switch {
	case address == "":
		return Absence{}, fmt.Errorf("%s has no deputy in the configuration: expected --to ADDRESS", r.Address)
	case !ok:
		return Absence{}, fmt.Errorf("%q may not decide: expected the address of a [[reviewer]] of the configuration, or of a deputy", address)
	case deputy.Address == r.Address:
		return Absence{}, fmt.Errorf("%s cannot stand in for themselves: expected somebody else's address", r.Address)
	}
	a := Absence{Reviewer: r.Address, Deputy: deputy.Address, ByHand: true}
	err := d.update(ctx, func(tx DeskTx) error {
		a.Since = d.Now()
		if until != "" {
			_, end, err := d.dayOf(until)
			if err != nil || !end.After(a.Since) {
				return fmt.Errorf("expected a day from today on, such as %s, not %q", a.Since.In(d.Policy.Zone).AddDate(0, 0, 7).Format(time.DateOnly), until)
			}
			a.Until = end
		}
		return d.panel.begins(ctx, tx.ReviewTx, a, as, deputy.Address+" stands in")
	})
	return a, err
}

// Return ends a reviewer's absence, however it began. What the deputy was asked
// meanwhile they may decide still.
func (d *Desk) Return(ctx context.Context, reviewer, as string) error {
	r, ok := d.Reviewers.ByAddress(reviewer)
	if !ok {
		return fmt.Errorf("%q is no reviewer: expected the address of a [[reviewer]] of the configuration", reviewer)
	}
	return d.update(ctx, func(tx DeskTx) error {

		err := tx.EndAbsence(ctx, r.Address, true, tx.Now)
		if errors.Is(err, ErrStale) {
			return fmt.Errorf("%s is not away", r.Address)
		}
		return errors.Join(err, tx.Record(ctx, HistoryEntry{At: tx.Now, Event: "back", By: strings.TrimSpace(as), Text: r.Address + " is back"}))
	})
}
