package inbound

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

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
func (m *reviewerMail) absent(ctx context.Context) error {
	if !m.msg.Away || !m.check("absence proven", m.verdict.Authentic, "the sender of this automatic reply is %s", m.from()) {
		return nil
	}
	if !m.check("absence covered", len(m.verdict.Uncovered) == 0, "fields of this automatic reply that the proof says nothing of: %s", cmp.Or(strings.Join(m.verdict.Uncovered, ", "), "none")) ||
		!m.check("absence is for us", m.addressed(), "this automatic reply is to %s", strings.Join(slices.Concat(m.msg.To, m.msg.Cc), ", ")) {
		return nil
	}
	written, err := m.lastAnswered(ctx)
	if err != nil || !m.check("absence of now", m.Now.Sub(written) < answeredWithin, "it answers a letter of ours to %s of %s", m.sender.Address, m.orNever(written)) {
		return err
	}
	all, err := m.Absences(ctx)
	if err != nil {
		return err
	}
	a := intake.Absence{Reviewer: m.sender.Address, Since: m.Now, Until: m.Now.Add(m.Policy.Review.AbsenceLasts)}
	if i := slices.IndexFunc(all, func(o intake.Absence) bool { return o.Reviewer == m.sender.Address }); i >= 0 {
		last := all[i]
		switch {
		case last.At(m.Now) && last.ByHand:
			return nil
		case last.At(m.Now):
			a.Since, a.Deputy = last.Since, last.Deputy
			return m.SetAbsence(ctx, a) // which is longer by it
		case !m.check("absence is news", !written.Before(last.Over()), "the letter that it answers was written before %s came back on %s", m.sender.Address, m.Moment(last.Over())):
			return nil
		}
	}
	err = m.Spend(ctx, intake.NewAllowance("away:"+m.sender.Address, 1), m.Now)
	if errors.Is(err, intake.ErrSpent) {
		m.check("one absence a day", false, "another began today")
		return nil
	}
	return errors.Join(err, m.panel.BeginAbsence(ctx, m.Tx, a, m.sender.Address, "an automatic reply says so"))
}

// orNever shows the time of a letter, or that there is none.
func (m *reviewerMail) orNever(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return m.Moment(t)
}

// lastAnswered is when the newest of our letters to a reviewer was written that a
// message answers, or whose code it brings; zero where there is none.
func (m *reviewerMail) lastAnswered(ctx context.Context) (newest time.Time, err error) {
	later := func(at time.Time) {
		if at.After(newest) {
			newest = at
		}
	}
	for _, id := range m.answered() {
		o, err := m.out.LetterOf(ctx, m.Work, id)
		if err == nil && o.To == m.sender.Address {
			later(o.CreatedAt)
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return newest, err
		}
	}
	for _, token := range codesIn(m.msg, m.covers) {
		review, err := m.ReviewByCode(ctx, outbox.HashCode(token))
		if err == nil && review.Reviewer == m.sender.Address {
			later(review.CreatedAt)
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return newest, err
		}
	}
	return newest, nil
}

// present takes note that a reviewer writes by hand: an absence of which an
// automatic reply told is over.
func (m *reviewerMail) present(ctx context.Context) error {
	if m.onBehalf(m.sender) {
		return nil
	}
	err := m.EndAbsence(ctx, m.sender.Address, false, m.Now)
	if errors.Is(err, intake.ErrStale) {
		return nil
	}
	return errors.Join(err, m.Record(ctx, intake.HistoryEntry{At: m.Now, Event: intake.EventBack, By: m.sender.Address, Text: m.sender.Address + " is back: they wrote to us"}))
}
