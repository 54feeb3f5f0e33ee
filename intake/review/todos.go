package review

import (
	"context"
	"errors"

	"mfabot/intake"
)

// What the operator is to do by hand is asked for once, and then said again in the digest of each working morning until it is
// done.

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
