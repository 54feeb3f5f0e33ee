package inbound

import (
	"context"
	"errors"
	"slices"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// userMail is a message of a user.
type userMail struct {
	*Inbox
	*message
}

// fromUser passes on to the operator what a user writes: somebody who has an exception, or who answers a letter
// of ours. They may ask for nothing here, and decide nothing, but must be read: it is how an account that is
// being taken over shows.
func fromUser(ctx context.Context, m userMail) (intake.Conclusion, bool, error) {
	ref, known, err := m.onRecord(ctx)
	if err != nil || !known {
		return intake.Conclusion{}, false, err
	}
	m.check("a user", true, "%s has been written to, or is on record, about %s", m.from(), ref)
	c, err := m.passOn(ctx, ref)
	return c, true, err
}

// inLanguage sends a user a letter of ours once more, in the language that they ask for: nobody but whom it went to is sent it.
// mine is false where that is not what they write about.
func (m userMail) inLanguage(ctx context.Context) (c intake.Conclusion, mine bool, err error) {
	language := languageAsked(m.Service, m.message)
	if language == "" {
		return c, false, nil
	}
	o, err := letterMeant(ctx, m.out, m.message, func(addr string) bool { return addr == m.from() })
	if err != nil || o == nil || o.Facts.Audience != intake.ToUser {
		return c, false, err
	}
	if c, err = m.noted(ctx, o.Ref); err == nil {
		err = sayAgain(ctx, m.Inbox, m.message, o, o.To, language)
	}
	return c, true, err
}

// onRecord returns the reference of what an author can be writing about: it answers a letter of ours to them that is
// about something of theirs, as our answers to strangers are not, or they have an exception. Only its own letters
// tell a reference to a stranger: one in a subject is anybody's.
func (m *message) onRecord(ctx context.Context) (ref string, known bool, err error) {
	for _, id := range m.answered() {
		o, err := m.OutboundByMessageID(ctx, id)
		if err == nil && o.To == m.from() && (o.Ref != "" || o.Facts.Audience == intake.ToUser) {
			return o.Ref, true, nil
		}
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return "", false, err
		}
	}
	unclosed, err := m.Unclosed(ctx, m.from())
	if err != nil {
		return "", false, err
	}
	if n := len(unclosed); n > 0 {
		return unclosed[n-1].Ref, true, nil
	}
	return "", false, nil
}

// passOn shows the operator what a user wrote, and tells the user what happens next. Mere thanks are only
// recorded, and so is what comes above a day's limit: whoever has a copy of a proven message can send it again.
func (m userMail) passOn(ctx context.Context, ref string) (intake.Conclusion, error) {
	if m.silent() || m.means().thanks {
		return m.noted(ctx, ref)
	}
	again, err := repeats(ctx, m.Service, m.message, "shown", ref)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if again {
		return m.noted(ctx, ref)
	}
	n := m.Policy.AnswersADay
	may, err := m.within(ctx, "passed on:"+m.from(), n,
		"it is recorded but not passed on: the limit is %d messages a day from one user", n)
	if err != nil {
		return intake.Conclusion{}, err
	}
	by := outbox.Cause{By: "the user of " + ref, User: intake.User{Email: m.from()}, Quote: outbox.Quote{Said: m.said()}}
	if !may {
		if err := m.out.Alert(ctx, m.Work, intake.AlertAnswers, outbox.Cause{By: by.By, User: by.User},
			"A user writes a lot", "From: "+m.from(),
			"About: "+ref, notPassedOn); err != nil {
			return intake.Conclusion{}, err
		}
		return m.noted(ctx, ref)
	}
	if by.Ref, err = m.activeOf(ctx); err != nil {
		return intake.Conclusion{}, err
	}
	exempt, todo, err := m.whatCanBeDone(ctx, m.Service, intake.User{Email: m.from()},
		"Nothing was changed. They were told that a person reads it. Please answer them, in writing if they cannot telephone.")
	if err != nil {
		return intake.Conclusion{}, err
	}
	lines := append([]string{"Reference: " + ref, "From: " + m.from(), "Subject: " + m.inbound.Subject}, exempt...)
	by.Todo = slices.Concat(todo, dataOf(m.from()))
	for _, a := range m.msg.Evidence {
		lines = append(lines, "Attached: "+a.Filename)
	}
	if err := m.out.Alert(ctx, m.Work, intake.AlertUserWrote, by, "Please answer what a user wrote about "+ref, lines...); err != nil {
		return intake.Conclusion{}, err
	}
	ends, err := m.exemptUntil(ctx)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if err := m.answer(ctx, m.message, intake.Letter{Template: intake.LetterPassedOn, To: m.from(), Ref: ref,
		AnswersTo: m.msg.MessageID, Facts: intake.Facts{Audience: intake.ToSender,
			ExceptionFacts: intake.ExceptionFacts{Ends: ends}}}); err != nil {
		return intake.Conclusion{}, err
	}
	return m.noted(ctx, ref)
}

// exemptUntil returns when the last of the user's active exceptions ends; zero if there is none.
func (m userMail) exemptUntil(ctx context.Context) (ends time.Time, err error) {
	unclosed, err := m.Unclosed(ctx, m.from())
	for _, e := range unclosed {
		if e.StateAt(m.Now) == intake.Active && e.EndsAt.After(ends) {
			ends = e.EndsAt
		}
	}
	return ends, err
}

// activeOf returns the reference of the author's active exception; empty for none.
func (m userMail) activeOf(ctx context.Context) (string, error) {
	unclosed, err := m.Unclosed(ctx, m.from())
	for _, e := range unclosed {
		if e.StateAt(m.Now) == intake.Active {
			return e.Ref, err
		}
	}
	return "", err
}

// dataOf tells the operator what to do about somebody's data, by their address.
func dataOf(addr string) []string {
	typed := intake.Typed(addr)
	if typed == "" {
		return []string{"Type no command with their address: it has characters that a shell takes for commands."}
	}
	return []string{"Only if they ask for their data: mfabot export " + typed + " --out FOLDER",
		"Only if they ask for their data to be deleted: mfabot erase " + typed}
}
