package inbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// operatorMail is a message being handled that the operator wrote, or that has the code of a to-do.
type operatorMail struct {
	*reviewerMail                // what is asked of a reviewer's decision is asked of the operator's word too
	todo          *intake.Action // whose code it has; nil for none
	confirms      bool           // it is the code of the letter that asks to confirm an answer
	several       bool           // it has codes of to-dos of several references
}

// fromOperator handles the operator's answers to to-dos. What else the operator writes is read as anybody's.
func fromOperator(ctx context.Context, in *Inbox, m *message) (intake.Conclusion, bool, error) {
	operator := intake.Reviewer{Address: intake.Canonical(in.Operator)}
	mail, theirs := &operatorMail{reviewerMail: &reviewerMail{in, m, operator}}, m.from() == operator.Address
	if !theirs && !m.msg.Done {
		return intake.Conclusion{}, false, nil
	}
	if err := mail.find(ctx); err != nil {
		return intake.Conclusion{}, true, err
	}
	switch {
	case mail.todo == nil && (!theirs || !m.msg.Done || mail.otherwiseRegistered()):
		return intake.Conclusion{}, false, nil
	case !theirs:
		return mail.wrongHands(ctx)
	case mail.todo == nil:
		m.check("to-do", false, "it contains no code of a to-do")
		c, err := mail.notDone(ctx, intake.WhyNoCode)
		return c, true, err
	}
	m.check("to-do", true, "it has the code of to-do %d, about %s", mail.todo.ID, mail.todo.Ref)
	c, err := mail.answers(ctx)
	return c, true, err
}

// find looks for the to-do whose code is the nearest in the message. It is none where a reviewer's code is nearer.
func (m *operatorMail) find(ctx context.Context) error {
	for _, code := range codesIn(m.msg, m.covers) {
		todo, confirms, err := outbox.TodoByCode(ctx, m.out, m.Work, code)
		if errors.Is(err, intake.ErrNotFound) && m.todo == nil {
			_, err = m.ReviewByCode(ctx, outbox.HashCode(code))
			if err == nil {
				return nil
			}
		}
		switch {
		case errors.Is(err, intake.ErrNotFound):
		case err != nil:
			return err
		case m.todo == nil, confirms && todo.ID == m.todo.ID:
			m.todo, m.confirms = todo, confirms
		default:
			m.several = m.several || todo.Ref != m.todo.Ref
		}
	}
	return nil
}

// otherwiseRegistered reports whether the operator's address is a reviewer's or a site's as well.
func (m *operatorMail) otherwiseRegistered() bool {
	_, reviewer := m.Reviewers.ByAddress(m.from())
	_, site := m.siteOf(m.Mailbox, m.from())
	return reviewer || site
}

// wrongHands tells the operator that somebody else says that a to-do is done. That counts for nothing, and whoever wrote
// it is not told. A reviewer is answered as a reviewer, and what brings more than the word is read for that: mine is false.
func (m *operatorMail) wrongHands(ctx context.Context) (c intake.Conclusion, mine bool, err error) {
	m.check("operator", false, "%s is not the operator, whose to-do %d is not done by it", m.from(), m.todo.ID)
	e := intake.HistoryEntry{Ref: m.todo.Ref, Event: intake.EventWrongAddress, Text: fmt.Sprintf("with the code of to-do %d", m.todo.ID)}
	_, reviewer := m.Reviewers.ByAddress(m.from())
	c = intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyWrongAddress, Ref: m.todo.Ref, Folder: intake.RefusedBox}
	return c, !reviewer && !m.bringsEvidence(), m.securityEvent(ctx, m.message, e, intake.AlertWrongAddress,
		[]string{fmt.Sprintf("If it is done: mfabot done %d --as NAME", m.todo.ID)}, "Somebody else answered a to-do of yours",
		"Reference: "+m.todo.Ref, "From: "+m.from(),
		"Nothing was changed: only you say what is done.")
}

// conditions returns what an answer to a to-do must meet. The first that is not met is the one that is answered.
func (m *operatorMail) conditions() []condition {
	return []condition{
		{"in a mailbox of ours", !m.SitesCanWrite(m.Mailbox), intake.WhySiteMailbox, "no site can write to the mailbox it came into",
			"it came into a site's own mailbox, to which people there can write"},
		{"sent by the operator", !m.onBehalf(m.sender), intake.WhyOnBehalf, "nobody else sent it for them",
			"its Sender field names " + cmp.Or(m.msg.Sender, "somebody else")},
		{"written to us", !m.elsewhere(), intake.WhyNotAddressed, "it was not addressed to others only",
			"neither To nor Cc names " + m.Address},
		{"one to-do", !m.several, intake.WhySeveral, "its codes are of one reference", "it has codes of to-dos of several references"},
		{"framed by the author", m.framed(), intake.WhyNoCommand, "its parts are as the author divided them", badFraming},
		{"command", m.msg.Done, intake.WhyNoCommand, "the first line of the new text is DONE",
			"the first line of the new text is not DONE, or there is doubt"},
		{"not overtaken", m.todo.State == intake.ActionAsked || m.todo.State == intake.ActionDone, intake.WhySuperseded,
			"nothing has taken its place", "a later change for the same user has taken its place"},
		{"not done yet", m.todo.State == intake.ActionAsked, intake.WhyDecided, "it is to be done", "it was done before"},
	}
}

// answers handles an answer of the operator's to a to-do.
func (m *operatorMail) answers(ctx context.Context) (intake.Conclusion, error) {
	if !m.msg.Done && m.means().acknowledges {
		m.check("thanks", true, "it only thanks or acknowledges")
		return m.noted(ctx, m.todo.Ref)
	}
	for _, c := range m.conditions() {
		if !m.either(c.name, c.met, c.yes, c.no) {
			return m.notDone(ctx, c.why)
		}
	}
	if !m.confirms && !m.meantForUs() {
		return m.askToConfirm(ctx)
	}
	err := outbox.TodoDone(ctx, m.out, m.Work, m.todo, m.from(), fmt.Sprintf(", as message %d says", m.inbound.ID))
	return intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: m.todo.Ref, Folder: intake.Processed}, err
}

// askToConfirm asks the operator, at their own address, to say once more that a to-do is done: the message may have been
// meant for somebody else.
func (m *operatorMail) askToConfirm(ctx context.Context) (intake.Conclusion, error) {
	c := intake.Conclusion{Outcome: intake.OutcomeRefused, Reason: intake.WhyUnconfirmed, Ref: m.todo.Ref, Folder: intake.RefusedBox}
	if may, err := (confirmation{m.Inbox, m.message}).mayAsk(ctx, "confirm", m.Operator, "the operator"); !may || err != nil {
		return c, err
	}
	f, err := m.facts(ctx)
	if err != nil {
		return c, err
	}
	f.Why, f.Said, f.Command = "", m.msg.NewText, "DONE"
	f.Seed, f.CodeHash = outbox.ToConfirmTodo(m.out, m.todo)
	return c, m.out.Send(ctx, m.Work, intake.Letter{Template: intake.LetterConfirm, To: m.Operator, Ref: m.todo.Ref,
		AnswersTo: m.msg.MessageID, Facts: f})
}

// notDone tells the operator that an answer to a to-do changed nothing, and why.
func (m *operatorMail) notDone(ctx context.Context, why intake.Why) (intake.Conclusion, error) {
	l := intake.Letter{Template: intake.LetterTodoOpen, To: m.Operator, Facts: intake.Facts{Audience: intake.ToOperator}}
	if m.todo != nil {
		f, err := m.facts(ctx)
		if err != nil {
			return intake.Conclusion{}, err
		}
		l.Ref, l.Facts = m.todo.Ref, f
	}
	l.Facts.Why, l.Facts.Said = why, m.msg.NewText
	if why == intake.WhyOnBehalf {
		l.Facts.By = m.msg.Sender
	}
	return m.refuse(ctx, m.message, l)
}

// facts returns what letters say of the to-do: also by whom and when it was done.
func (m *operatorMail) facts(ctx context.Context) (intake.Facts, error) {
	e, err := m.Exception(ctx, m.todo.Ref)
	if errors.Is(err, intake.ErrNotFound) { // somebody has changed it
		e, err = &intake.Exception{Ref: m.todo.Ref, User: intake.User{Email: m.todo.User}}, nil
	}
	if err != nil {
		return intake.Facts{}, err
	}
	f := outbox.FactsOfTodo(m.Service, m.todo, e)
	if m.todo.State != intake.ActionDone {
		return f, nil
	}
	history, err := m.History(ctx, m.todo.Ref)
	for _, h := range slices.Backward(history) {
		if h.Event == outbox.DoneAs(m.todo.Kind) {
			f.By, f.At = h.By, h.At
			break
		}
	}
	return f, err
}
