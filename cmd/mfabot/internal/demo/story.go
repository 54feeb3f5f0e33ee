package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// story plays the part of the people: it writes their mail, lets the bot work, reads what arrives in their
// mailboxes, and tells all of it as it happens.
type story struct {
	office  *post.Office
	bot     *bot.Bot
	clock   *Clock
	out     io.Writer
	files   *folder
	written int              // messages sent to the service
	letters []arrived        // what the bot has sent, as it arrived
	known   map[int64]bool   // the outbound messages among them
	ledger  []intake.Inbound // as last told
	toldAt  time.Time        // when the last line was told
}

// arrived is a letter of the bot in its recipient's mailbox.
type arrived struct {
	intake.Outbound
	raw []byte
}

// patience is how long a mail server may take to deliver a message.
const patience = 30 * time.Second

// mail is a message that somebody writes.
type mail struct {
	app     post.App
	from    string
	person  string // who writes from a shared mailbox, in Sender
	subject string
	answers *arrived // nil for a new conversation
	body    string
	files   []post.File
	away    bool // it is an automatic reply: they are away
	want    intake.Outcome
}

// post sends a message to the service, lets the bot deal with it, and tells what became of it. It fails if
// the outcome is not the one wanted.
func (s *story) post(ctx context.Context, m mail) error {
	s.clock.Advance(7 * time.Minute)
	client := post.Client{App: m.app, Date: s.clock.Now(), Sender: m.person}
	var raw []byte
	switch {
	case m.away:
		raw = post.OutOfOffice(m.from, m.answers.raw, s.clock.Now())
	case m.answers != nil:
		raw = client.Reply(m.from, m.answers.raw, m.body, m.files)
	default:
		raw = client.New(m.from, Service, m.subject, m.body, m.files)
	}
	s.tellMail(m)
	if err := s.files.write("from "+post.Bare(m.from), raw); err != nil {
		return err
	}
	if err := s.office.Send(ctx, post.Bare(m.from), []string{Service}, raw); err != nil {
		return err
	}
	s.written++
	id := post.MessageID(raw)
	arriving, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := s.office.Await(arriving, Service, func(raw []byte) bool { return post.MessageID(raw) == id }); err != nil {
		return fmt.Errorf("the message of %s did not arrive: %w", m.from, err)
	}
	if err := s.work(ctx); err != nil {
		return err
	}
	last := s.ledger[len(s.ledger)-1]
	if last.Outcome != m.want {
		return fmt.Errorf("the message of %s ended as %q (%s), expected %q", m.from, last.Outcome, last.Reason, m.want)
	}
	return nil
}

// work lets the bot do all there is to do now, and tells it.
func (s *story) work(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.bot.Settle(ctx); err != nil {
		return err
	}
	ledger, err := s.bot.Store.Inbound(ctx)
	if err != nil {
		return err
	}
	for _, m := range ledger[len(s.ledger):] {
		s.tellOutcome(m)
	}
	s.ledger = ledger
	return s.collect(ctx)
}

// collect reads the letters that the bot has sent out of people's mailboxes.
func (s *story) collect(ctx context.Context) error {
	outbound, err := s.bot.Store.Outbound(ctx)
	if err != nil {
		return err
	}
	for _, stored := range outbound {
		o := s.bot.Outbox.WithCode(stored)
		if s.known[o.ID] {
			continue
		}
		if o.State != intake.Sent {
			return fmt.Errorf("the letter %q to %s was not sent: %s", o.Template, o.To, o.LastError)
		}
		got, err := s.office.Await(ctx, o.To, func(raw []byte) bool { return post.MessageID(raw) == o.MessageID })
		if err != nil {
			return fmt.Errorf("the letter %q to %s did not arrive: %w", o.Template, o.To, err)
		}
		s.known[o.ID] = true
		s.letters = append(s.letters, arrived{o, got.Raw})
		s.tellLetter(o, got.Raw)
		if err := s.files.write(string(o.Template)+" to "+o.To, got.Raw); err != nil {
			return err
		}
	}
	return nil
}

// letter is the newest letter of a template that somebody got.
func (s *story) letter(template intake.Template, to string) (*arrived, error) {
	for i := len(s.letters) - 1; i >= 0; i-- {
		if l := s.letters[i]; l.Template == template && l.To == post.Bare(to) {
			return &l, nil
		}
	}
	return nil, fmt.Errorf("%s got no letter %q", to, template)
}

// answer posts an answer to the newest letter of a template.
func (s *story) answer(ctx context.Context, template intake.Template, m mail) error {
	l, err := s.letter(template, m.from)
	if err != nil {
		return err
	}
	m.answers = l
	return s.post(ctx, m)
}

// passUntilEnded moves the clock from one due notice to the next until an exception has ended.
func (s *story) passUntilEnded(ctx context.Context, ref string) error {
	for {
		exceptions, err := s.bot.Store.Exceptions(ctx)
		if err != nil {
			return err
		}
		next := time.Time{}
		for _, e := range exceptions {
			if e.Ref == ref && e.State != intake.Active {
				return nil
			}
			if e.State == intake.Active && (next.IsZero() || e.NextNoticeAt.Before(next)) {
				next = e.NextNoticeAt
			}
		}
		if next.IsZero() {
			return fmt.Errorf("%s is not an exception", ref)
		}
		s.clock.Advance(next.Sub(s.clock.Now()))
		if err := s.work(ctx); err != nil {
			return err
		}
	}
}

// check compares what went in with what came out.
func (s *story) check(ctx context.Context) (summary string, err error) {
	t, err := s.bot.Store.Totals(ctx)
	if err != nil {
		return "", err
	}
	summary = fmt.Sprintf("%d messages in, %d accounted for, %d out", s.written, t.Concluded, t.Sent)
	if t.Inbound != s.written || t.Concluded != s.written || t.Queued+t.Failed > 0 || t.Sent != len(s.letters) {
		return summary, errors.New("the sums do not agree: " + summary)
	}
	for _, folder := range []intake.Folder{intake.Processed, intake.RefusedBox, intake.Quarantine} {
		want := 0
		for _, m := range s.ledger {
			if m.Folder == folder {
				want++
			}
		}
		got, err := s.office.Read(ctx, Service, string(folder))
		if err != nil {
			return summary, err
		}
		if len(got) != want {
			return summary, fmt.Errorf("the folder %s has %d messages, expected %d", folder, len(got), want)
		}
	}
	left, err := s.office.Read(ctx, Service, "INBOX")
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%d messages were left in the inbox", len(left))
	}
	return summary, err
}
