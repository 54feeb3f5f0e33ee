package main

import (
	"strings"

	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// late reports whether a message came so long ago when it was read that nobody is answered about it.
func (r *record) late(m intake.Inbound) bool {
	c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
	return c != nil && m.ReceivedAt.Sub(c.At) > r.bot.Settings.Policy.AnswerWithin
}

// waits reports whether a message waits for the operator for another reason than what it says: there were too many of
// its site, or it needs an answer and came too long ago for one.
func (r *record) waits(m intake.Inbound) bool {
	needs := m.Reason == intake.WhyNeedsAnswer
	r.check("only what came long ago waits for an answer", !needs || r.late(m), "message %d: %v", m.ID, m.Checks)
	return needs || tooMany(m)
}

// lateWithdrawals is how many withdrawals of a request were read too late for an answer.
func (r *record) lateWithdrawals(ref string) (n int) {
	for _, m := range r.ledger {
		if m.Ref == ref && m.Outcome == intake.OutcomeWithdrawal && r.late(m) {
			n++
		}
	}
	return n
}

// joined is how many withdrawals of a request closed it since its users had been asked for already: its site is told about
// theirs, and is asked for nothing more about this one.
func (r *record) joined(ref string) (n int) {
	for _, h := range r.events(ref, intake.EventWithdraw) {
		others, is := strings.CutPrefix(h.Text, "it is for a user who was asked for already: ")
		if !is {
			continue
		}
		n++
		for other := range strings.SplitSeq(others, ",") {
			r.check("a request is joined to one of its site", r.requests[other] != nil &&
				r.requests[other].SiteCode == r.requests[ref].SiteCode,
				"%s to %s", ref, other)
		}
		for _, o := range r.outbound {
			r.check("nothing is asked about a request that is joined to another",
				o.Ref != ref || o.Template != intake.LetterIncomplete || o.State != intake.Queued, "%s: letter %d waits", ref, o.ID)
		}
	}
	return n
}
