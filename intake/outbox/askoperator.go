package outbox

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// Where no directory is connected, a person makes each change by hand. It is a to-do from then on, whatever becomes of
// the email that asks for it, until somebody says that it is done: by command, or by a reply to that email, which brings
// its code back. The code is made of the to-do as it is on record, so that it is for this one and no other.

// Todos stores what the operator is asked to do by hand.
type Todos interface {
	// AddAction adds an action, in place of those of its user that are still to be done; a call beside them.
	AddAction(ctx context.Context, a *intake.Action) error
	// Action returns one action, or ErrNotFound.
	Action(ctx context.Context, id int64) (*intake.Action, error)
	// AskedActions returns what is to be done by hand, oldest first; only what is about a reference or a user, unless
	// these are empty.
	AskedActions(ctx context.Context, ref, user string) ([]intake.Action, error)
	// FinishAction records that one was done by hand; ErrStale if it is not to be done any more.
	FinishAction(ctx context.Context, id int64, now time.Time) error
	// EndAction ends an action. One that was overtaken meanwhile stays overtaken.
	EndAction(ctx context.Context, id int64, how intake.ActionState, now time.Time) error
}

// AskOperatorToExempt asks the operator to exempt an exception's user from MFA, as there is no directory to do it.
func (out *Outbox) AskOperatorToExempt(ctx context.Context, w Work, e *intake.Exception) error {
	return askOperator(ctx, out, w, e, intake.ToApply)
}

// AskOperatorToEndExemption asks the operator to end the exemption of an exception's user.
func (out *Outbox) AskOperatorToEndExemption(ctx context.Context, w Work, e *intake.Exception) error {
	return askOperator(ctx, out, w, e, intake.ToRemove)
}

// TodoWords says what is to be done by hand about a user.
func TodoWords(kind intake.ActionKind, user string) string {
	//exhaustive:ignore
	switch kind {
	case intake.ToRemove:
		return "End the MFA exemption of " + user
	case intake.ToCall:
		return "Tell by telephone what an email about " + user + " could not"
	}
	return "Exempt " + user + " from MFA"
}

// askOperator adds a to-do, and tells the operator. On a day with more than alerts may come, it is told of with others.
func askOperator(ctx context.Context, out *Outbox, w Work, e *intake.Exception, kind intake.ActionKind) error {
	headline := TodoWords(kind, e.User.Email) + " now"
	a := &intake.Action{Ref: e.Ref, User: e.User.Email, Kind: kind, State: intake.ActionAsked, CreatedAt: w.Now, DueAt: w.Now}
	if err := w.AddAction(ctx, a); err != nil {
		return err
	}
	may, err := mayAlert(ctx, out, w, intake.AlertDirectory, Cause{})
	if err != nil {
		return err
	}
	if !may {
		return w.KeepAlert(ctx, intake.KeptAlerts{Kind: intake.AlertDirectory, N: 1, Since: w.Now,
			Lines: []string{fmt.Sprintf("%s; Reference: %s; when it is done: mfabot done %d --as NAME", headline, e.Ref, a.ID)}})
	}
	f := FactsOfTodo(out.Service, a, e)
	f.Headline, f.Command = headline, "DONE"
	f.Seed = todoSeed(a, false)
	f.CodeHash = HashCode(out.code(f.Seed))
	return out.Send(ctx, w, intake.Letter{Template: intake.LetterTodo, To: out.Operator, Ref: a.Ref, Facts: f})
}

// FactsOfTodo returns what letters to the operator say of a to-do.
func FactsOfTodo(s *intake.Service, a *intake.Action, e *intake.Exception) intake.Facts {
	f := s.FactsOfException(e)
	f.Audience, f.Why, f.At = intake.ToOperator, intake.Why(intake.AlertDirectory), a.CreatedAt
	f.TodoFacts = intake.TodoFacts{TodoID: a.ID, TodoKind: a.Kind}
	return f
}

// ToConfirmTodo returns the seed and the hash of the code with which the operator confirms that a to-do is done.
func ToConfirmTodo(out *Outbox, a *intake.Action) (seed, hash string) {
	seed = todoSeed(a, true)
	return seed, HashCode(out.code(seed))
}

// TodoByCode returns the to-do that a code is for, or ErrNotFound. confirms is set for the code that confirms an answer.
func TodoByCode(ctx context.Context, out *Outbox, w Work, code string) (a *intake.Action, confirms bool, err error) {
	raw, err := codeEncoding.DecodeString(strings.TrimPrefix(code, intake.CodePrefix))
	if err != nil || len(raw) != codeSize {
		return nil, false, intake.ErrNotFound
	}
	if a, err = w.Action(ctx, int64(binary.BigEndian.Uint32(raw))); err != nil {
		return nil, false, err
	}
	for _, confirms := range []bool{false, true} {
		if hmac.Equal([]byte(code), []byte(out.code(todoSeed(a, confirms)))) {
			return a, confirms, nil
		}
	}
	return nil, false, intake.ErrNotFound
}

// todoPrefix marks the seed of a to-do's code.
const todoPrefix = seedPrefix + "todo-"

// todoSeed returns the seed of a to-do's code. It names the to-do, which the code does as well.
func todoSeed(a *intake.Action, confirms bool) string {
	seed := fmt.Sprintf("%s%d-%d", todoPrefix, a.ID, a.CreatedAt.Unix())
	if confirms {
		seed += "-confirm"
	}
	return seed
}

// todoOf returns the number of the to-do that a seed names; 0 if it names none.
func todoOf(seed string) uint32 {
	var id uint32
	if _, err := fmt.Sscanf(seed, todoPrefix+"%d-", &id); err != nil {
		return 0
	}
	return id
}

// TodoDone records that a to-do is done, and tells those who were told that it was not. by says who did it, and how says
// how they said so. It returns ErrStale if it is not to be done any more.
func TodoDone(ctx context.Context, out *Outbox, w Work, a *intake.Action, by, how string) error {
	if err := w.FinishAction(ctx, a.ID, w.Now); err != nil {
		return err
	}
	if err := w.Record(ctx, intake.HistoryEntry{Ref: a.Ref, At: w.Now, Event: DoneAs(a.Kind), By: by,
		Text: fmt.Sprintf("by hand, for %s; to-do %d%s", a.User, a.ID, how)}); err != nil || a.Kind != intake.ToApply {
		return err
	}
	e, err := current(ctx, w, a.Ref)
	if errors.Is(err, intake.ErrNotFound) || err == nil && e.StateAt(w.Now) != intake.Active {
		return nil
	}
	if err != nil {
		return err
	}
	f := out.FactsOfException(e)
	f.At = w.Now
	return out.SendBoth(ctx, w, intake.Letter{Template: intake.LetterApplied, Ref: e.Ref, Facts: f})
}

// DoneAs returns the event as which a change is recorded that was made.
func DoneAs(kind intake.ActionKind) intake.Event {
	//exhaustive:ignore
	switch kind {
	case intake.ToRemove:
		return intake.EventRemoved
	case intake.ToCall:
		return intake.EventCalled
	}
	return intake.EventApplied
}

// askToCall adds to the to-dos that somebody is told by telephone what a letter about exceptions could not say, once for each
// exception, and returns the commands that say that it is done.
func askToCall(ctx context.Context, w Work, o *intake.Outbound) (commands []string, err error) {
	for _, ref := range o.Refs() {
		e, err := w.Exception(ctx, ref)
		if errors.Is(err, intake.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		todos, err := w.AskedActions(ctx, ref, "")
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(todos, func(a intake.Action) bool { return a.Kind == intake.ToCall })
		if i < 0 {
			a := intake.Action{Ref: ref, User: e.User.Email, Kind: intake.ToCall, State: intake.ActionAsked, CreatedAt: w.Now, DueAt: w.Now}
			if err := w.AddAction(ctx, &a); err != nil {
				return nil, err
			}
			todos, i = append(todos, a), len(todos)
		}
		commands = append(commands, fmt.Sprintf("When they have been told, say so: mfabot done %d --as NAME", todos[i].ID))
	}
	return commands, nil
}

// longestLine bounds how many exceptions are followed that took each other's place.
const longestLine = 100

// current returns the exception that has taken the place of one, or that one.
func current(ctx context.Context, w Work, ref string) (e *intake.Exception, err error) {
	for range longestLine {
		if e, err = w.Exception(ctx, ref); err != nil || e.State != intake.Superseded || e.SupersededBy == "" {
			break
		}
		ref = e.SupersededBy
	}
	return e, err
}
