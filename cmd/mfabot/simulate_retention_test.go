package main

import (
	"maps"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// keepingNames is a policy's retention, changed so that raw messages go, and names, addresses and text stay:
// the checks at the end rely on these.
func keepingNames(r intake.Retention) intake.Retention {
	r = maps.Clone(r)
	for rule := range r {
		if strings.HasPrefix(rule, "personal.") {
			r[rule] = 100 * 365 * 24 * time.Hour
		}
	}
	return r
}

// verifyPurged checks that a purged raw message was no longer needed: it was old, and not of a request that
// is open, or whose exception is active or has only just ended.
func (r *record) verifyPurged(m intake.Inbound) {
	const rule = "a raw message goes only when it is over for all that it serves"
	keep, now := r.settings.Policy.Retention, r.now.Add(r.world.Clock.PutBack()) // since then
	r.check(rule, now.Sub(m.ReceivedAt) >= keep["messages.ignored"], "message %d came at %v", m.ID, m.ReceivedAt)
	for ref, req := range r.requests {
		serves := req.InboundID == m.ID || slices.ContainsFunc(req.Evidence, func(e intake.Evidence) bool { return e.InboundID == m.ID })
		proof := r.events(ref, intake.EventPurged)
		// It may have been over, and go on since.
		if !serves || len(proof) > 0 && len(r.events(ref, intake.EventResubmit)) > 0 {
			continue
		}
		closed, kept := req.WaitingSince, keep["evidence."+string(req.State)]
		i := slices.IndexFunc(r.exceptions, func(e intake.Exception) bool { return e.Ref == ref })
		if i >= 0 {
			closed = r.exceptions[i].EndsAt
			if c := r.exceptions[i].ClosedAt; !c.IsZero() && c.Before(closed) {
				closed = c
			}
		}
		open := kept == 0 || i >= 0 && r.exceptions[i].State == intake.Active
		r.check(rule, !open && now.Sub(closed) >= kept, "message %d of %s, which is %s since %v", m.ID, ref, req.State, closed)
		r.check("what is purged is on record", len(proof) > 0, "message %d of %s", m.ID, ref)
	}
}
