package review

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// What the operator is to do by hand is asked for once, and then said again in the digest of each working morning until it is
// done. What nobody has done for a day raises an alert, at whatever hour.

// todoLines returns what the operator is to do by hand, longest waiting first.
func todoLines(ctx context.Context, s *sweep, todos []intake.Action) ([]intake.TodoLine, error) {
	var out []intake.TodoLine
	for _, a := range todos {
		l := intake.TodoLine{ID: a.ID, Kind: a.Kind, Ref: a.Ref, User: intake.User{Email: a.User}, Since: a.CreatedAt,
			Overdue: a.Overdue(s.Now)}
		e, err := s.Exception(ctx, a.Ref)
		if err != nil && !errors.Is(err, intake.ErrNotFound) { // somebody else than us has changed it: it is to be done all the same
			return nil, err
		}
		if err == nil {
			l.Site = s.FactsOfSite(e.SiteCode)
			if e.User.Email == a.User {
				l.User = e.User
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// todosOf returns what the operator's digest says of what is to be done by hand.
func todosOf(ctx context.Context, s *sweep) (f intake.DigestFacts, err error) {
	todos, err := s.AskedActions(ctx, "", "")
	if err != nil {
		return f, err
	}
	f.TodosTotal = len(todos)
	for _, a := range todos {
		if a.Overdue(s.Now) {
			f.TodosOverdue++
		}
	}
	f.Todos, err = todoLines(ctx, s, todos[:min(len(todos), mostListed)])
	return f, err
}

// sendTodos sends the operator a digest of what is to be done by hand, where there is anything.
func sendTodos(ctx context.Context, s *sweep, todos intake.DigestFacts) error {
	if todos.TodosTotal == 0 {
		return nil
	}
	f := intake.Facts{Audience: intake.ToOperator, At: s.Now, DigestFacts: todos}
	return s.out.Send(ctx, s.Work, intake.Letter{Template: intake.LetterMorning, To: s.Operator, Facts: f})
}

// mostNeglected bounds how many an alert names.
const mostNeglected = 20

// neglected tells the operator, once, of what nobody has done for a day.
func (s *sweep) neglected(ctx context.Context) error {
	late, err := s.Neglected(ctx, s.Now.Add(-intake.OverdueAfter))
	if err != nil || len(late) == 0 {
		return err
	}
	lines, err := todoLines(ctx, s, late[:min(len(late), mostNeglected)])
	if err != nil {
		return err
	}
	about := outbox.Cause{Urgent: slices.ContainsFunc(late, func(a intake.Action) bool { return a.Kind == intake.ToRemove })}
	headline := fmt.Sprintf("%d things to do by hand are overdue", len(late))
	if len(late) == 1 {
		headline, about.User, about.Site = "A thing to do by hand is overdue", lines[0].User, lines[0].Site
	}
	var said []string
	for _, l := range lines {
		said = append(said, fmt.Sprintf("%s; Reference: %s; asked for on %s; when it is done: mfabot done %d --as NAME",
			outbox.TodoWords(l.Kind, l.User.Email), l.Ref, s.Moment(l.Since), l.ID))
	}
	if more := len(late) - len(lines); more > 0 {
		said = append(said, fmt.Sprintf("And %d more: mfabot todo", more))
	}
	for _, a := range late {
		if err := s.ToldOverdue(ctx, a.ID, s.Now); err != nil {
			return err
		}
	}
	return s.out.Alert(ctx, s.Work, intake.AlertOverdue, about.Do("Do it now, and say that it is done with the command that "+
		"stands beside it."), headline, said...)
}
