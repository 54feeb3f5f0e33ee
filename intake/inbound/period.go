package inbound

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Marks are the numbers that inbound remembers from one start to the next.
type Marks interface {
	// Mark returns a number that is remembered, or ErrNotFound.
	Mark(ctx context.Context, m intake.Mark) (int64, error)
	// SetMark remembers a number in the place of the one before.
	SetMark(ctx context.Context, m intake.Mark, n int64) error
	// FirstReceived returns when the first message of a mailbox was recorded, or ErrNotFound.
	FirstReceived(ctx context.Context, mailbox string) (time.Time, error)
}

// Period returns when a message must have come into a mailbox to be taken: since the day that the configuration names,
// or else that of the first start with it. A mailbox may have been in use before, and nobody expects an answer to mail
// that a person answered long ago.
func (in *Inbox) Period(ctx context.Context, mailbox string) (intake.Period, error) {
	begins, err := in.begins(ctx, mailbox)
	if err == nil && begins.IsZero() {
		err = in.update(ctx, func(tx Tx) error {
			first, err := tx.FirstReceived(ctx, mailbox)
			if errors.Is(err, intake.ErrNotFound) || first.After(tx.Now) {
				first, err = tx.Now, nil
			}
			if err != nil {
				return err
			}
			if moved := first.Add(-in.Offset); moved.Before(first) {
				first = moved
			}
			local := first.In(in.Policy.Zone)
			begins = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, in.Policy.Zone).UTC()
			return tx.SetMark(ctx, intake.MarkBegan(mailbox), begins.Unix())
		})
	}
	return intake.Period{From: begins}, err
}

// begins returns from when on a mailbox is read; zero if it never was looked at.
func (in *Inbox) begins(ctx context.Context, mailbox string) (time.Time, error) {
	if since := in.Mailboxes[mailbox].Since; !since.IsZero() {
		return since, nil
	}
	n, err := in.store.Mark(ctx, intake.MarkBegan(mailbox))
	if errors.Is(err, intake.ErrNotFound) {
		return time.Time{}, nil
	}
	begins := time.Unix(n, 0).UTC()
	if begins.After(in.ReadClock()) { // the clock was ahead then
		return time.Time{}, err
	}
	return begins, err
}

// Left tells the operator of messages that stay in a mailbox since they came before its period, once they are more than
// before.
func (in *Inbox) Left(ctx context.Context, mailbox string, n int) error {
	period, err := in.Period(ctx, mailbox)
	if err != nil {
		return err
	}
	return in.update(ctx, func(tx Tx) error {
		told, err := tx.Mark(ctx, intake.MarkLeft(mailbox))
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return err
		}
		if int64(n) == told {
			return nil
		}
		if err := tx.SetMark(ctx, intake.MarkLeft(mailbox), int64(n)); err != nil || int64(n) < told {
			return err
		}
		date := period.From.In(in.Policy.Zone)
		in.log.Info("messages that came before the mailbox's beginning are left alone", "mailbox", mailbox, "messages", n,
			"since", date.Format(time.DateOnly))
		return in.out.Alert(ctx, tx.Work, intake.AlertLeft, fmt.Sprintf("Old mail is left alone in the mailbox %s", mailbox),
			fmt.Sprintf("Messages: %d, which came before %s", n, date.Format("2 January 2006")),
			"None of them is read, and nobody is answered. They stay where they are, unless somebody moves them.",
			"To see those of the last month, say: mfabot import --since "+date.AddDate(0, -1, 0).Format(time.DateOnly)+" --dry-run",
			"To have them read as if they had come now: the same without --dry-run. With --no-answers none of their authors is answered.")
	})
}

// came returns when a message came: into the mailbox, as the server says, or to the server that added the first Received
// field (RFC 5321, section 4.4) if that was earlier, since whoever copies old mail into a mailbox may give it the day of
// the copy. It is zero if neither is known.
func (r *reading) came(s *intake.Service) time.Time {
	at := r.At
	for _, f := range r.msg.Header {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		date := f.Value[strings.LastIndexByte(f.Value, ';')+1:]
		if received, err := mail.ParseDate(strings.TrimSpace(date)); err == nil && (at.IsZero() || received.Before(at)) {
			at = received.UTC()
		}
		break
	}
	if now, moved := s.ReadClock(), at.Add(s.Offset); !at.IsZero() && now.Sub(moved).Abs() < now.Sub(at).Abs() {
		return moved
	}
	return at
}

// before sets aside what is older than the mailbox's beginning and came into the mailbox later, as when the mail of
// another is copied into it.
func (in *Inbox) before(ctx context.Context, m *message) (intake.Conclusion, bool, error) {
	came := m.came(in.Service)
	if m.again || m.Imported || came.IsZero() || m.check("of the mailbox's time", !came.Before(m.begins),
		"it came on %s; the mailbox is read from %s on", in.Moment(came), in.Moment(m.begins)) {
		return intake.Conclusion{}, false, nil
	}
	c, err := in.quarantine(ctx, m.Work, m.inbound, intake.WhyBefore, nil)
	return c, true, err
}

// mute has a message's author get no answer where the operator says so, or if it came too long ago: what became of it
// was settled in another way, or will be by the operator, who is told.
func (in *Inbox) mute(m *message) {
	came := m.came(in.Service)
	old := !came.IsZero() && m.Now.Sub(came) > in.Policy.AnswerWithin
	if m.again || !old && !m.reading.Unanswered {
		return
	}
	m.check("of late", !old, "it came on %s; mail is answered within %d hours", orNever(in.Service, came), int(in.Policy.AnswerWithin.Hours()))
	m.Mute = &outbox.Mute{To: []string{m.from()}}
	if site, ok := in.siteOf(m.Mailbox, m.from()); ok {
		m.Mute.To = append(m.Mute.To, site.Mailboxes()...)
	}
}

// unanswerable is the error for a message that cannot be dealt with unless its author is answered, who is not to be. All
// that was done about it is undone.
type unanswerable struct {
	kept   intake.Template
	checks []intake.Check
}

func (e *unanswerable) Error() string {
	return "it needs an answer (" + string(e.kept) + "), and came too long ago for one"
}

// asks are the letters without whose answer nothing goes on, or without which their recipient would wait in vain.
var asks = []intake.Template{intake.LetterIncomplete, intake.LetterRejected, intake.LetterQuestion, intake.LetterAddress,
	intake.LetterNeedEvidence, intake.LetterBelongs, intake.LetterEncrypted, intake.LetterConfirm, intake.LetterSeveral}

// muted deals with the answers that a message's author did not get: where one was needed the message waits for the
// operator. Otherwise the operator is told.
func (in *Inbox) muted(ctx context.Context, m *message, c intake.Conclusion) error {
	if m.Mute == nil || len(m.Mute.Kept) == 0 {
		return nil
	}
	var names []string
	for _, kept := range m.Mute.Kept {
		for _, ask := range asks {
			if kept == ask {
				return &unanswerable{kept, m.inbound.Checks}
			}
		}
		names = append(names, string(kept))
	}
	m.check("answered", false, "%s was not sent to %s", strings.Join(names, ", "), m.from())
	if err := m.Record(ctx, intake.HistoryEntry{Ref: c.Ref, At: m.Now, Event: intake.EventUnanswered, By: m.from(),
		Text: strings.Join(names, ", ") + " was not sent: the message came too long ago, or was imported without answers"}); err != nil {
		return err
	}
	if c.Outcome == intake.OutcomeRefused {
		return nil // nothing was done, and its author knows as much as before
	}
	return in.out.Alert(ctx, m.Work, intake.AlertUnanswered, "An old message was read, and its author was not answered",
		"From: "+m.from(), "Subject: "+m.inbound.Subject, "Came: "+orNever(in.Service, m.came(in.Service)),
		"Reference: "+c.Ref, "Not sent: "+strings.Join(names, ", "),
		fmt.Sprintf("Tell them yourself if they still wait for it: `mfabot why %d` says what was done.", m.inbound.ID))
}
