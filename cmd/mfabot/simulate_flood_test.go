package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// What a day allows a site: so little that a flood costs little, and more than the others ask for in most days.
const (
	simRequests  = 12
	simAdditions = 8
)

// floods is a site that does not stop: it asks, or adds to what it asked, more often than a day allows, while others
// write as they always do. What was decided meanwhile, and what ends, goes out before what the flood has caused.
func (p *people) floods(s *simulation) {
	if s.start() != nil {
		return
	}
	p.world.Trace.Note("== a site floods")
	receipt := p.letter(optician, "We have your request")
	adds, n := receipt != nil && p.dice.Chance(.5), simRequests/2+3
	if adds {
		n = simAdditions/2 + 3
	}
	for i := range n {
		switch {
		case i == n/2:
			p.act(s)
			p.reviews()
		case adds:
			p.write(letterIn{by: bySite, from: optician, answers: receipt}, "Re: "+receipt.Subject,
				fmt.Sprintf("Here is more, number %d.", p.dice.IntN(1_000_000)), p.evidence())
		default:
			user := fmt.Sprintf("user%d.%s", p.dice.IntN(1_000_000), post.Bare(nia))
			p.write(letterIn{by: bySite, from: optician}, "MFA exception for "+user, p.form(user), p.evidence())
		}
	}
	s.sendsInOrder()
}

// sendsInOrder has the bot read what is there before it sends anything, and checks what it sends first. What goes wrong
// meanwhile does not matter: fewer letters are sent then, and in the same order.
func (s *simulation) sendsInOrder() {
	if s.bot == nil { // it has crashed, and is not started again yet
		return
	}
	for _, w := range s.bot.Watchers {
		for n, err := w.Step(s.ctx); err == nil && n > 0; n, err = w.Step(s.ctx) {
		}
	}
	_, swept := s.bot.Sweep(s.ctx)
	_, applied := s.bot.Enforce(s.ctx)
	first := len(s.world.Post.Accepted)
	_, sent := s.bot.Sender.Step(s.ctx)
	outbound, err := s.bot.Store.Outbound(s.ctx)
	if err != nil {
		s.world.Trace.Remark("the bot says: %v", errors.Join(swept, applied, sent, err))
		return
	}
	letters := make(map[string]intake.Outbound)
	for _, o := range outbound {
		letters[s.bot.Outbox.WithCode(o).MessageID] = o
	}
	var behind string
	for _, l := range s.world.Post.Accepted[first:] {
		o := letters[l.MessageID]
		s.check("what is decided, what ends and what the operator must do goes before what a flood causes",
			behind == "" || !isUrgent(o), "%s to %s comes after %s", o.Template, o.To, behind)
		escorts := slices.ContainsFunc(outbound, func(later intake.Outbound) bool {
			return later.ID > o.ID && later.Ref == o.Ref && later.To == o.To && o.Ref != "" && isUrgent(later)
		})
		if !isUrgent(o) && !escorts {
			behind = fmt.Sprintf("%s to %s", o.Template, o.To)
		}
	}
}

// isUrgent reports whether somebody depends on a letter, and no number of messages causes one.
func isUrgent(o intake.Outbound) bool {
	return slices.Contains([]intake.Template{intake.LetterApproved, intake.LetterGranted, intake.LetterApplied, intake.LetterWarning,
		intake.LetterWarnings, intake.LetterEnded, intake.LetterReplaced, intake.LetterRevoked,
		intake.LetterRejectedAll, intake.LetterAlert,
		intake.LetterTodo}, o.Template) ||
		(o.Template == intake.LetterRejected || o.Template == intake.LetterNotRenewed) && o.Facts.Why == intake.WhyReviewer
}

// tooMany reports whether a message was set aside as one too many of its site.
func tooMany(m intake.Inbound) bool {
	return m.Outcome == intake.OutcomeQuarantined && m.Reason == intake.WhyTooMany
}

// verifyFloods checks that no site gets more than a day allows it, that one which wants more is told, and that no
// other is.
func (r *record) verifyFloods() {
	wrote, last := make(map[string]int), make(map[string]intake.Inbound)
	for _, m := range r.ledger {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		if c != nil && r.people.mail(c).by == bySite {
			wrote[m.From]++
		}
		if tooMany(m) {
			last[m.From] = m
		}
	}
	for from, m := range last {
		r.check("only what a site wants beyond a day's is set aside", wrote[from] > min(simRequests, simAdditions)/2,
			"%s wrote %d messages", from, wrote[from])
		told := slices.ContainsFunc(r.outbound, func(o intake.Outbound) bool { return o.Template == intake.LetterTooMany && o.To == from })
		alerted := slices.ContainsFunc(r.outbound, func(o intake.Outbound) bool {
			return o.Template == intake.LetterAlert && o.Facts.Why == intake.Why(intake.AlertTooMany)
		})
		r.check("a site that wants more than a day allows is told, and the operator", told && alerted,
			"%s, whose message %d was set aside: %v, %v", from, m.ID, told, alerted)
	}
	if r.world.Faults.Counts[sim.ClockBack] > 0 {
		return // a day is longer than its hours then
	}
	asked, added := make(map[string][]time.Time), make(map[string][]time.Time)
	for ref, req := range r.requests {
		for _, h := range r.history[ref] {
			switch h.Event {
			case intake.EventAddMore, intake.EventAnswer, intake.EventResubmit:
				added[req.SiteCode] = append(added[req.SiteCode], h.At)
			}
		}
		asked[req.SiteCode] = append(asked[req.SiteCode], req.ReceivedAt)
	}
	r.withinDay("requests", asked, simRequests)
	r.withinDay("additions", added, simAdditions)
}

// withinDay checks that no more than most of the moments of each site lie within 24 hours, but for what the operator
// let through.
func (r *record) withinDay(what string, moments map[string][]time.Time, most int) {
	for _, entries := range r.history {
		for _, h := range entries {
			if h.Event == intake.EventRequeued {
				most++
			}
		}
	}
	for site, at := range moments {
		slices.SortFunc(at, time.Time.Compare)
		for i := range at {
			n := 0
			for n < len(at)-i && at[i+n].Sub(at[i]) < 24*time.Hour {
				n++
			}
			r.check("a site gets no more in a day than that allows", n <= most, "%s: %d %s from %v on", site, n, what, at[i])
		}
	}
}
