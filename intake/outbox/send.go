package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mfabot/intake"
)

// conversationLength bounds the References of a letter (RFC 5322, section 3.6.4):
// mail clients need the start and the newest, not all of a long history.
const conversationLength = 20

// Send puts a letter into the queue, as part of the conversation that it belongs to.
func (out *Outbox) Send(ctx context.Context, w Work, l intake.Letter) error {
	return out.queue(ctx, w, &intake.Outbound{Letter: l})
}

// queue is send for a letter that is marked already.
func (out *Outbox) queue(ctx context.Context, w Work, o *intake.Outbound) error {
	l := o.Letter
	if l.To == "" {
		return nil
	}
	if strings.HasPrefix(l.AnswersTo, seedPrefix) { // chosen by a stranger, it would be sent as the code of that seed
		l.AnswersTo, o.AnswersTo = "", ""
	}
	if earlier, ok := overtakes[l.Template]; ok {
		if err := w.OvertakeLetters(ctx, earlier, l.Ref, l.To); err != nil {
			return err
		}
	}
	o.Facts, o.State, o.CreatedAt, o.DueAt = l.Facts.Masked(), intake.Queued, w.Now, w.Now
	if l.Ref != "" {
		earlier, err := w.Conversation(ctx, l.Ref, l.To, conversationLength)
		if err != nil {
			return err
		}
		o.References = earlier
	}
	if l.AnswersTo != "" {
		o.References = append(slices.DeleteFunc(o.References, func(id string) bool { return id == l.AnswersTo }), l.AnswersTo)
	}
	id := l.Facts.Seed
	if id == "" {
		var err error
		if id, err = out.secret(intake.CodePrefix); err != nil {
			return err
		}
	}
	o.MessageID = id + "@" + domainOf(out.Address)
	return w.AddOutbound(ctx, o)
}

// overtakes are the letters in whose place another comes while they still wait to be
// sent, by the template of the other: the newest digest, and of one request what is
// to be done now. Warnings are overtaken by more than letters.
var overtakes = map[intake.Template]intake.Template{intake.LetterMorning: intake.LetterMorning, intake.LetterReminder: intake.LetterReminder, intake.LetterReview: intake.LetterReminder, intake.LetterDecided: intake.LetterReminder, intake.LetterAlreadyDecided: intake.LetterReminder}

// SendBoth sends a letter about an exception to its user and to its site.
func (out *Outbox) SendBoth(ctx context.Context, w Work, l intake.Letter) error {
	user, site := l, l
	user.To, user.Facts.Audience, user.AnswersTo, user.Facts.Evidence = l.Facts.User.Email, intake.ToUser, "", nil
	site.To, site.Facts.Audience = l.Facts.Site.Mailbox, intake.ToSite
	return errors.Join(out.Send(ctx, w, site), out.Send(ctx, w, user))
}

func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }
