package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// Letters stores the queue of outbound messages.
type Letters interface {
	// AddOutbound puts a message into the queue.
	AddOutbound(ctx context.Context, o *intake.Outbound) error
	// OvertakeLetters takes a template's unsent letters to an address about a request out of the queue; with
	// an empty ref, those that are about no request.
	OvertakeLetters(ctx context.Context, template intake.Template, ref, to string) error
	// Unsent returns the letters of some templates to an address that are in the queue, oldest first.
	Unsent(ctx context.Context, t []intake.Template, to string) ([]intake.Outbound, error)
	// Conversation returns the Message-IDs of the letters to an address about a reference, oldest first. Of
	// more than limit it returns the newest.
	Conversation(ctx context.Context, ref, to string, limit int) ([]string, error)
	// CountLetters counts letters of some templates to an address since a moment; an empty why counts every
	// reason.
	CountLetters(ctx context.Context, t []intake.Template, to string, why intake.Why, since time.Time) (int, error)
	// LetterWaits reports whether a letter of a template to an address waits to be sent, with the reason why.
	LetterWaits(ctx context.Context, t intake.Template, to string, why intake.Why) (bool, error)
}

// Languages remembers which language a site writes in.
type Languages interface {
	// Mark returns a number that is remembered, or ErrNotFound.
	Mark(ctx context.Context, m intake.Mark) (int64, error)
	// SetMark remembers a number in the place of the one before.
	SetMark(ctx context.Context, m intake.Mark, n int64) error
}

// conversationLength bounds the References of a letter (RFC 5322, section 3.6.4). Mail clients need the
// newest to show a conversation, not all of a long history.
const conversationLength = 20

// Send puts a letter into the queue, as part of its conversation. A letter to nobody is dropped.
func (out *Outbox) Send(ctx context.Context, w Work, l intake.Letter) error {
	return out.queue(ctx, w, &intake.Outbound{Letter: l})
}

// SendLater is Send for a letter that is held until a moment, unless another one takes up what it says before.
func SendLater(ctx context.Context, out *Outbox, w Work, l intake.Letter, until time.Time) error {
	return out.queue(ctx, w, &intake.Outbound{Letter: l, HeldUntil: until})
}

// queue is Send for a letter whose Answer or StandsFor is set.
func (out *Outbox) queue(ctx context.Context, w Work, o *intake.Outbound) error {
	l := o.Letter
	if l.To == "" || w.Mute.keeps(o) {
		return nil
	}
	if strings.HasPrefix(l.AnswersTo, seedPrefix) {
		// A stranger chose it: sending it would turn the seed into its code.
		l.AnswersTo, o.AnswersTo = "", ""
	}
	if earlier, ok := overtakes[l.Template]; ok {
		if err := w.OvertakeLetters(ctx, earlier, l.Ref, l.To); err != nil {
			return err
		}
	}
	o.Facts, o.State, o.CreatedAt, o.DueAt = l.Facts.Masked(), intake.Queued, w.Now, w.Now
	if err := out.choose(ctx, w, o); err != nil {
		return err
	}
	if err := codeRows(out, o); err != nil {
		return err
	}
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
	if id == "" || l.Template == intake.LetterConfirm { // whose code is no review's, so that it is not found by it
		var err error
		if id, err = out.newID(intake.CodePrefix); err != nil {
			return err
		}
	}
	o.MessageID = id + "@" + domainOf(out.Address)
	return w.AddOutbound(ctx, o)
}

// choose sets the language of a letter to a site or its user: the one that the site has asked for, or else that the register
// has for it, or else that it last wrote in.
func (out *Outbox) choose(ctx context.Context, w Work, o *intake.Outbound) error {
	f := &o.Facts
	if f.Audience != intake.ToSite && f.Audience != intake.ToUser || f.LanguageAsked {
		return nil
	}
	site, ok := out.Sites.Now().ByCode(f.Site.ODSCode)
	if f.Site.ODSCode == "" {
		site, ok = out.Sites.Now().ByMailbox(o.To)
	}
	if !ok {
		return nil
	}
	f.Language = cmp.Or(site.Language, f.Language)
	mark, err := w.Mark(ctx, intake.MarkWelsh(site.ODSCode))
	if errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	switch {
	case mark == intake.AskedWelsh, mark == intake.WroteWelsh && site.Language == "":
		f.Language = intake.Welsh
	case mark == intake.AskedEnglish:
		f.Language = intake.English
	}
	return err
}

// overtakes says which unsent letter each template replaces: a digest the one before, what a site is asked the
// earlier asking, and of one request a newer letter the reminder. Warnings are not here, as more than letters overtakes them.
//
//exhaustive:ignore
var overtakes = map[intake.Template]intake.Template{
	intake.LetterIncomplete:     intake.LetterIncomplete,
	intake.LetterMorning:        intake.LetterMorning,
	intake.LetterReminder:       intake.LetterReminder,
	intake.LetterReminders:      intake.LetterReminders,
	intake.LetterReview:         intake.LetterReminder,
	intake.LetterDecided:        intake.LetterReminder,
	intake.LetterAlreadyDecided: intake.LetterReminder,
}

// SendBoth sends a letter about an exception to its user and to its site.
func (out *Outbox) SendBoth(ctx context.Context, w Work, l intake.Letter) error {
	site := l
	site.To, site.Facts.Audience = l.Facts.Site.Mailbox, intake.ToSite
	if err := out.Send(ctx, w, site); err != nil {
		return err
	}
	return SendUser(ctx, out, w, l)
}

// SendUser sends a letter about an exception to its user, without the evidence.
func SendUser(ctx context.Context, out *Outbox, w Work, l intake.Letter) error {
	l.To, l.Facts.Audience, l.AnswersTo, l.Facts.Evidence = l.Facts.User.Email, intake.ToUser, "", nil
	return out.Send(ctx, w, l)
}

// SendReachable is SendBoth, without the letter to a user whose address lately refused one for good.
func (out *Outbox) SendReachable(ctx context.Context, w Work, l intake.Letter) error {
	gone, err := w.BouncedLately(ctx, l.Facts.User.Email, w.Now.Add(-avoidBounced))
	if err != nil {
		return err
	}
	if gone {
		l.To, l.Facts.Audience = l.Facts.Site.Mailbox, intake.ToSite
		return out.Send(ctx, w, l)
	}
	return out.SendBoth(ctx, w, l)
}

func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }
