package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// byOperator is the operator, who answers to-dos.
const byOperator = "operator"

// asksBack is a site that wants to know where things stand, or a person: nothing changes by it.
func (p *people) asksBack() {
	who := simSites[p.dice.IntN(len(simSites))]
	word := sim.Pick(p.dice, []string{"STATUS", "Status.\n\nJo", "HELP\nPlease call us.", "STATWS", "CYMORTH"})
	l := letterIn{by: bySite, from: who.site}
	if l.answers = p.letter(who.site, "We have your request", "MFA exception"); l.answers != nil && p.dice.Chance(.5) {
		p.write(l, "Re: "+l.answers.Subject, word, "")
		return
	}
	l.answers = nil
	p.write(l, "MFA", word, "")
}

// saysDone is an answer to a to-do: mostly the operator's, and mostly that it is done.
func (p *people) saysDone() {
	l := p.letter(operations, " from MFA now", "End the MFA exemption of ")
	if l == nil {
		return
	}
	m := letterIn{by: byOperator, from: operations, verb: "done", answers: l}
	if p.dice.Chance(.2) {
		m.by, m.from = byStranger, "Ann Other <ann@elsewhere.test>"
	}
	words := sim.Pick(p.dice, []string{"DONE", "Done.\n\nSal", "done, thanks", "Done tomorrow", "DONE\n\nNot for everybody yet."})
	if strings.Contains(words, "tomorrow") || strings.Contains(words, "Not for") {
		m.verb = ""
	}
	p.write(m, "Re: "+l.Subject, words, "")
}

// doneByHand is what the operator says to be done on the command line.
func (p *people) doneByHand(s *simulation) {
	todos, err := s.bot.Store.AskedActions(s.ctx, "", "")
	if err != nil || len(todos) == 0 {
		return
	}
	_, err = s.bot.Desk.Done(s.ctx, "The operator", sim.Pick(p.dice, todos).ID)
	p.world.Trace.Note("> the operator says that something is done: %v", err == nil)
}

// verifyByHand checks, where no directory is connected, that what the operator is asked to do makes it exempt whoever has an
// exception, and that it is done once they have said so, and not before.
func (r *record) verifyByHand() {
	if len(r.tamperer.forged)+len(r.tamperer.lost) > 0 || !r.tamperer.since.IsZero() {
		return
	}
	last := make(map[string]intake.Action)
	for id := int64(1); ; id++ {
		a, err := r.bot.Store.Action(r.ctx, id)
		if errors.Is(err, intake.ErrNotFound) {
			break
		}
		if err != nil {
			r.check("readable", false, "action %d: %v", id, err)
			return
		}
		r.verifyTodo(a)
		if a.User != "" && a.Kind != intake.ToCall && !(a.State == intake.ActionVoid && last[a.User].ID > 0) {
			last[a.User] = *a
		}
	}
	active := make(map[string]bool)
	for _, e := range r.exceptions {
		active[e.User.Email] = active[e.User.Email] || e.StateAt(r.now) == intake.Active
	}
	for user, a := range last {
		r.check("what was to be exempted by hand is to be ended by hand", active[user] || a.Kind == intake.ToRemove,
			"%s: %s is %s, and no exception is active", user, a.Kind, a.State)
		r.check("nobody is to be ended by hand who is exempt", !active[user] || a.Kind == intake.ToApply || a.State != intake.ActionAsked,
			"%s has an active exception, and to-do %d", user, a.ID)
	}
}

// verifyTodo checks that a to-do is done if, and only if, the operator has said so in time.
func (r *record) verifyTodo(a *intake.Action) {
	r.check("without a directory every change is a to-do", a.State != intake.ActionOpen, "action %d is %s", a.ID, a.State)
	said := false
	for _, m := range r.ledger {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		if c == nil || m.Outcome != intake.OutcomeInformation {
			continue
		}
		l := r.people.mail(c)
		said = said || l.by == byOperator && l.verb == "done" && slices.ContainsFunc(r.outbound, func(o intake.Outbound) bool {
			return o.Template == intake.LetterTodo && o.Facts.TodoID == a.ID && o.MessageID == l.answers.MessageID
		})
	}
	doneAs := map[intake.ActionKind]intake.Event{
		intake.ToApply: intake.EventApplied, intake.ToRemove: intake.EventRemoved, intake.ToCall: intake.EventCalled,
	}[a.Kind]
	onRecord := slices.IndexFunc(r.history[a.Ref], func(h intake.HistoryEntry) bool {
		return h.Event == doneAs && (strings.Contains(h.Text, fmt.Sprintf("to-do %d,", a.ID)) ||
			strings.HasSuffix(h.Text, fmt.Sprintf("to-do %d", a.ID)))
	})
	if a.User == "" { // forgotten, with the words of its history
		return
	}
	r.check("a to-do is done once somebody has said so", (a.State == intake.ActionDone) == (onRecord >= 0), "to-do %d is %s", a.ID, a.State)
	if onRecord < 0 {
		r.check("what the operator says to be done is done", !said, "to-do %d is %s", a.ID, a.State)
		return
	}
	by := r.history[a.Ref][onRecord].By
	r.check("only the operator says what is done", by == "The operator" || by == operations && said,
		"to-do %d, by %s", a.ID, cmp.Or(by, "nobody"))
}
