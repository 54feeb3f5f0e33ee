package main

import (
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
	"mfabot/intake/desk"
	"mfabot/intake/inbound"
)

// hand counts the decisions by command that are known to have been made, and those that may have been made.
type hand struct{ sure, maybe int }

// atDesk has the operator use commands, on the running bot or on one opened for it.
func (s *simulation) atDesk(do func(s *simulation)) {
	if s.start() != nil {
		return
	}
	do(s)
	if s.world.Dead() {
		s.stop()
	}
}

// grants is a call to the helpdesk. If it is not confirmed, the caller may ask again.
func (p *people) grants(s *simulation) {
	who := simSites[p.dice.IntN(len(simSites))]
	site := ""
	if p.dice.Chance(.5) {
		site = []string{"FX101", "V2002", "VL303"}[p.dice.IntN(3)]
	}
	user, again := p.user(who.user), p.dice.Chance(.3)
	_, err := s.bot.Desk.Grant(s.ctx, user, "phone-misplaced", site, "")
	if err != nil && again && !s.world.Dead() {
		_, err = s.bot.Desk.Grant(s.ctx, user, "phone-misplaced", site, "")
	}
	p.world.Trace.Note("> the operator grants 24 hours to %s: %v", user, err == nil)
}

// revokesByHand is a revocation on the command line.
func (p *people) revokesByHand(s *simulation) {
	exceptions, err := s.bot.Store.Exceptions(s.ctx)
	if err != nil || len(exceptions) == 0 {
		return
	}
	e := sim.Pick(p.dice, exceptions)
	_, err = s.bot.Desk.RevokeByHand(s.ctx, e.Ref, "left", "The operator")
	p.world.Trace.Note("> the operator revokes %s: %v", e.Ref, err == nil)
}

// decidesByHand is a decision on the command line.
func (p *people) decidesByHand(s *simulation) {
	undecided, err := s.bot.Store.Undecided(s.ctx)
	if err != nil || len(undecided) == 0 {
		return
	}
	req := sim.Pick(p.dice, undecided)
	verb, text := "approve", ""
	if p.dice.Chance(.4) {
		verb, text = "reject", "The letter is about somebody else."
	}
	p.decideByHand(s, req, verb, text)
}

// approvesAll approves all that waits on the command line, so that what was asked for together also ends together.
func (p *people) approvesAll(s *simulation) {
	undecided, err := s.bot.Store.Undecided(s.ctx)
	if err != nil {
		return
	}
	for _, req := range undecided {
		p.decideByHand(s, req, "approve", "")
	}
}

// decideByHand decides on a request on the command line.
func (p *people) decideByHand(s *simulation, req intake.Request, verb, text string) {
	ref, who := req.Ref, post.Bare(sim.Pick(p.dice, rivals))
	_, err := s.bot.Desk.DecideByHand(s.ctx, desk.ByHand{Ref: ref, Verb: verb, Text: text, As: who, User: req.User.Email})
	p.world.Trace.Note("> the operator decides on %s as %s, %s: %v", ref, who, verb, err == nil)
	if p.byHand == nil {
		p.byHand = make(map[string]hand)
	}
	h := p.byHand[ref+" "+who]
	if err == nil {
		h.sure++
	} else {
		h.maybe++
	}
	p.byHand[ref+" "+who] = h
}

// requeues has a message that was set aside read again.
func (p *people) requeues(s *simulation) {
	ledger, err := s.bot.Store.Inbound(s.ctx)
	if err != nil {
		return
	}
	for _, m := range ledger {
		if m.Outcome == intake.OutcomeQuarantined && p.dice.Chance(.5) {
			_, err := s.bot.Desk.Requeue(s.ctx, m.ID, inbound.Again{})
			p.world.Trace.Note("> the operator has message %d read again: %v", m.ID, err == nil)
			return
		}
	}
}

// delegates has a deputy stand in for a reviewer, or reports the reviewer back.
func (p *people) delegates(s *simulation) {
	who, until := post.Bare(sim.Pick(p.dice, rivals)), ""
	if p.dice.Chance(.5) {
		until = p.world.Clock.Now().AddDate(0, 0, p.dice.IntN(30)).Format(time.DateOnly)
	}
	if p.dice.Chance(.3) {
		err := s.bot.Desk.Return(s.ctx, who, "The operator")
		p.world.Trace.Note("> the operator says that %s is back: %v", who, err == nil)
		return
	}
	_, err := s.bot.Desk.Delegate(s.ctx, who, "", until, "The operator")
	p.world.Trace.Note("> the operator says that %s is away until %q: %v", who, until, err == nil)
}
