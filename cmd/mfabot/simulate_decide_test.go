package main

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"mfabot/cmd/mfabot/internal/sim"
	"mfabot/intake"
)

// verifyRequests checks that each request went through states that follow from one another, and that what it
// says agrees with the letters.
func (r *record) verifyRequests() {
	for _, ref := range r.refs() {
		req := r.requests[ref]
		if req == nil {
			r.check("every reference is a request or an exception", strings.HasPrefix(ref, "ST-"), "%s", ref)
			continue
		}
		state, decided, ruled := intake.Received, 0, 0
		for _, h := range r.history[ref] {
			event := h.Event
			next, err := intake.Next(state, event)
			if !slices.ContainsFunc(intake.Transitions(), func(t intake.Transition) bool { return t.On == event }) {
				continue
			}
			r.check("each state follows from the one before", err == nil, "%s: %s in %s", ref, event, state)
			state = next
			switch event {
			case intake.EventApprove:
				decided++
				ruled++
			case intake.EventApproval, intake.EventReject, intake.EventAsk:
				ruled++
			}
		}
		r.check("the state is that of the history", state == req.State, "%s is %s, and by its history %s", ref, req.State, state)
		r.check("a request is approved once at most", decided <= 1, "%s: %d times", ref, decided)
		used := 0
		for _, v := range r.reviews[ref] {
			if v.Decision != "" && v.Purpose == intake.ToDecide {
				used++
			}
		}
		r.check("each decision uses one code", used == ruled, "%s: %d codes, %d decisions", ref, used, ruled)
		r.verifyNews(ref)
	}
	r.verifyApprovals()
}

// verifyNews checks that everything that happened to a request was told, once.
func (r *record) verifyNews(ref string) {
	reviewer := func(o intake.Outbound) bool { return o.Facts.Why == intake.WhyReviewer }
	toSite := func(o intake.Outbound) bool { return o.Facts.Audience == intake.ToSite }
	toUser := func(o intake.Outbound) bool { return o.Facts.Audience == intake.ToUser }
	first := func(o intake.Outbound) bool { return !o.Facts.Again && o.Facts.Why != intake.WhyStillOpen }
	for _, n := range []struct {
		event    intake.Event
		template intake.Template
		keep     func(intake.Outbound) bool
	}{
		{intake.EventApprove, intake.LetterApproved, toSite},
		{intake.EventApprove, intake.LetterApproved, toUser},
		{intake.EventReject, intake.LetterRejected, reviewer},
		{intake.EventAsk, intake.LetterQuestion, first},
		{intake.EventLapse, intake.LetterLapsed, nil},
		{intake.EventWithdraw, intake.LetterWithdrawn, nil},
	} {
		happened, told := len(r.events(ref, n.event)), r.count(ref, n.template, n.keep)
		unsaid := 0
		if n.event == intake.EventWithdraw { // the letter is the answer
			unsaid = r.lateWithdrawals(ref) + r.joined(ref)
		}
		r.check("what happens to a request is told once", told <= happened && happened-told <= unsaid,
			"%s: %s %d times, told %d times", ref, n.event, happened, told)
	}
	again := func(o intake.Outbound) bool { return o.Facts.Again }
	asked := r.count(ref, intake.LetterQuestion, again) + r.count(ref, intake.LetterIncomplete, again)
	r.check("a site is asked again once for each time that it was asked",
		asked == len(r.events(ref, "remind-site")) &&
			asked <= len(r.events(ref, intake.EventAsk))+len(r.events(ref, intake.EventUnclear)),
		"%s: asked again %d times", ref, asked)
}

// verifyApprovals checks that whatever was approved was approved by a genuine message of each reviewer whose
// name is in the history, with the code of a review email that had reached them, and that each such message
// that arrived had its effect or its answer.
func (r *record) verifyApprovals() {
	backed := make(map[string]int) // by reference and reviewer
	for _, m := range r.ledger {
		c := r.copies[sim.Name{Validity: m.UIDValidity, UID: m.UID}]
		if c == nil || r.people.mail(c).by != byReviewer || r.people.mail(c).verb == "revoke" || m.Reason == "duplicate" {
			continue
		}
		l := r.people.mail(c)
		if l.sham {
			r.check(noEffect, m.Outcome != intake.OutcomeDecision, "message %d decides on %s", m.ID, m.Ref)
			continue
		}
		review := r.reviewOf(l.answers)
		if review == nil {
			r.check("a review email has its code on record", false, "%s", l.answers.Subject)
			continue
		}
		if m.Outcome != intake.OutcomeDecision {
			r.check("a decision without effect is answered with the reason", m.Reason != "", "message %d", m.ID)
			r.check("a decision that holds has its effect", r.explained(m, l, review),
				"message %d, %s of %s: %s", m.ID, l.verb, review.Ref, m.Reason)
			continue
		}
		r.check("only a command decides", l.verb != "", "message %d: %q", m.ID, l.words)
		r.check("a decision uses its own reviewer's code, or one made for second thoughts",
			review.Ref == m.Ref && review.Reviewer == m.From, "message %d", m.ID)
		backed[m.Ref+" "+m.From]++
	}
	for _, ref := range r.refs() {
		for _, h := range r.history[ref] {
			switch h.Event {
			case intake.EventApprove, intake.EventApproval, intake.EventReject, intake.EventAsk:
				backed[ref+" "+h.By]--
			}
		}
	}
	for what, n := range backed {
		byHand := r.people.byHand[what]
		r.check("every decision is a reviewer's own genuine message, or made by hand", -n >= byHand.sure && -n <= byHand.sure+byHand.maybe,
			"%s: %d decisions are not from messages, and %d were made by hand", what, -n, byHand.sure)
	}
}

// reviewOf is the code that a letter brought.
func (r *record) reviewOf(l *sim.Letter) *intake.Review {
	code, _, _ := strings.Cut(l.MessageID, "@")
	sum := sha256.Sum256([]byte(code))
	for _, ref := range r.refs() {
		for i, v := range r.reviews[ref] {
			if v.CodeHash == hex.EncodeToString(sum[:]) {
				return &r.reviews[ref][i]
			}
		}
	}
	return nil
}

// explained reports whether there is a reason on record why a command had no effect.
func (r *record) explained(m intake.Inbound, l *letterIn, review *intake.Review) bool {
	req := r.requests[review.Ref]
	switch m.Reason {
	case intake.WhyNoCommand, intake.WhyTextBelow, intake.WhyNoReason, intake.WhyNoQuestion:
		return l.verb == "" || l.words == ""
	case "already-decided":
		return len(r.events(review.Ref, intake.EventApprove))+len(r.events(review.Ref, intake.EventReject))+
			len(r.events(review.Ref, intake.EventWithdraw))+len(r.events(review.Ref, intake.EventLapse)) > 0
	case intake.WhySuperseded:
		return !review.VoidAt.IsZero()
	case intake.WhyNotNow: // the code is used, the request waits for its site, or they have approved by hand
		approved := slices.ContainsFunc(r.events(review.Ref, intake.EventApproval),
			func(h intake.HistoryEntry) bool { return h.By == m.From })
		return approved || !review.DecidedAt.IsZero() || len(r.events(review.Ref, intake.EventAsk)) > 0
	case intake.WhyBadUntil:
		return strings.Contains(l.words, "UNTIL")
	case intake.WhyExpired:
		return m.ReceivedAt.Sub(review.CreatedAt) >= r.settings.Policy.CodesLast
	case intake.WhyBarred:
		return req != nil
	}
	return false
}

// verifyExceptions checks that each exception was approved or granted, and that its start and its end were
// told.
func (r *record) verifyExceptions() {
	toSite := func(o intake.Outbound) bool { return o.Facts.Audience == intake.ToSite && o.Facts.Elsewhere == "" }
	toUser := func(o intake.Outbound) bool { return o.Facts.Audience == intake.ToUser }
	approved := 0
	for _, e := range r.exceptions {
		begun := intake.EventApprove
		template := intake.LetterApproved
		if e.Category == intake.Short {
			begun, template = intake.EventGranted, intake.LetterGranted
		} else {
			approved++
		}
		r.check("an exception has been approved or granted, once", len(r.events(e.Ref, begun)) == 1, "%s", e.Ref)
		sites := 1
		if e.SiteAddress == "" {
			sites = 0
		}
		told := func(template intake.Template, n int, what string) {
			users, at := r.count(e.Ref, template, toUser), r.count(e.Ref, template, toSite)
			r.check("the life of an exception is told to its user and its site", users == n && at == n*sites,
				"%s: %s, told %d times to the user and %d times to the site, expected %d", e.Ref, what, users, at, n)
		}
		told(template, 1, "begun")
		ended, revoked := len(r.events(e.Ref, intake.EventEnded)), len(r.events(e.Ref, intake.EventRevoke))
		superseded := len(r.events(e.Ref, intake.EventSuperseded))
		over := map[intake.ExceptionState]int{intake.Ended: ended, intake.Revoked: revoked, intake.Superseded: superseded}
		r.check("an exception ends once, as its history says", ended+revoked+superseded == over[e.State] && over[e.State] <= 1,
			"%s is %s: ended %d, revoked %d, superseded %d", e.Ref, e.State, ended, revoked, superseded)
		r.check("an exception whose time is over is ended", e.State != intake.Active || r.now.Before(e.EndsAt),
			"%s ended at %v", e.Ref, e.EndsAt)
		if ended > 0 && r.replacedAtEnd(e) {
			// The news of another exception took its place, unless the end was announced earlier within that
			// second.
			ended = min(r.count(e.Ref, intake.LetterEnded, toUser), 1)
		}
		told(intake.LetterEnded, ended, "ended")
		told(intake.LetterRevoked, revoked, "revoked")
		told(intake.LetterWarning, len(r.events(e.Ref, intake.EventWarning)), "warned of")
		r.verifyOtherSites(e, map[intake.Template]int{intake.LetterReplaced: 1, intake.LetterEnded: ended, intake.LetterRevoked: revoked,
			intake.LetterWarning: len(r.events(e.Ref, intake.EventWarning))})
	}
	n := 0
	for _, req := range r.requests {
		if req.State == intake.Approved {
			n++
		}
	}
	for ref := range r.tamperer.lost {
		if strings.HasPrefix(ref, "LT-") {
			approved++
		}
	}
	r.check("approved requests are exceptions, and no others", n == approved, "%d requests, %d exceptions", n, approved)
}

// verifyOtherSites checks that each other site whose exception this one has replaced, itself or by those between,
// was told so often what became of it, under the reference of its own latest.
func (r *record) verifyOtherSites(e intake.Exception, want map[intake.Template]int) {
	told := []string{e.SiteCode, ""}
	for _, old := range r.replacedBy(e) {
		if slices.Contains(told, old.SiteCode) {
			continue
		}
		told = append(told, old.SiteCode)
		for template, n := range want {
			letters := r.count(old.Ref, template, func(o intake.Outbound) bool {
				return o.Facts.Elsewhere == e.Ref && o.To == old.SiteAddress
			})
			r.check("whoever was told of an exception is told what becomes of it", letters == n,
				"%s, which replaced %s of %s: %d letters %s, want %d", e.Ref, old.Ref, old.SiteAddress, letters, template, n)
		}
	}
}

// replacedBy returns the exceptions whose place this one has taken, itself or by those between, latest first.
func (r *record) replacedBy(e intake.Exception) (all []intake.Exception) {
	for _, old := range r.exceptions {
		by := r.events(old.Ref, intake.EventSuperseded)
		if len(by) > 0 && by[0].Text == "by "+e.Ref {
			all = append(append(all, old), r.replacedBy(old)...)
		}
	}
	slices.SortStableFunc(all, func(a, b intake.Exception) int { return b.StartsAt.Compare(a.StartsAt) })
	return all
}

// replacedAtEnd reports whether another exception of the same user began when this one was closed.
func (r *record) replacedAtEnd(e intake.Exception) bool {
	return slices.ContainsFunc(r.exceptions, func(o intake.Exception) bool {
		return o.Ref != e.Ref && o.User.Email == e.User.Email && o.StartsAt.Equal(e.ClosedAt)
	})
}

// asking are the letters by which a site is asked for something.
var asking = []intake.Template{intake.LetterIncomplete, intake.LetterQuestion}

// wentOn reports whether the request that a letter is about waits for its site no more, or did not for a while: reviewers were asked
// to decide, or the site was asked something else.
func (r *record) wentOn(o intake.Outbound) bool {
	if req := r.requests[o.Ref]; req != nil && !req.State.WaitsForSite() {
		return true
	}
	return slices.ContainsFunc(r.outbound, func(l intake.Outbound) bool {
		return l.Ref == o.Ref && l.ID > o.ID && (l.Template == intake.LetterReview || slices.Contains(asking, l.Template))
	})
}

// verifyLetters checks that each letter was sent, and that each that was sent is on record.
func (r *record) verifyLetters() {
	known := make(map[string]intake.Outbound)
	for _, o := range r.outbound {
		known[o.MessageID] = o
		taken := r.taken[o.MessageID]
		switch o.State {
		case intake.Sent:
			r.check("what is on record as sent was taken", len(taken) > 0, "letter %d, %s to %s", o.ID, o.Template, o.To)
		case intake.Failed:
			if o.LastError == intake.Overtaken {
				r.check("only warnings, digests, reminders and summaries are overtaken, and what a site is asked no more",
					slices.Contains([]intake.Template{intake.LetterWarning, intake.LetterWarnings, intake.LetterMorning,
						intake.LetterReminder, intake.LetterReminders}, o.Template) ||
						slices.Contains(asking, o.Template) && (r.joined(o.Ref) > 0 || r.wentOn(o)) ||
						o.Template == intake.LetterSummary && r.weekBefore(o),
					"letter %d, %s to %s", o.ID, o.Template, o.To)
				break
			}
			refused := slices.ContainsFunc(r.world.Post.Refused, func(f sim.Refusal) bool { return f.To == o.To })
			r.check("what was given up was refused, or tried often and for days",
				refused || r.now.Sub(o.CreatedAt) > simTries && o.Attempts > simAttempts,
				"letter %d, %s to %s: %s", o.ID, o.Template, o.To, o.LastError)
			alerted := slices.ContainsFunc(r.history[append(o.Refs(), "")[0]],
				func(h intake.HistoryEntry) bool { return h.Event == "undelivered" && h.By == o.To })
			r.check("the operator is told of what was given up", alerted || o.To == operations,
				"letter %d, %s to %s", o.ID, o.Template, o.To)
		default:
			r.check("the queue is empty at rest", false, "letter %d, %s to %s", o.ID, o.Template, o.To)
		}
		for i, l := range taken {
			r.check("letters go to their recipients", l.To == o.To, "letter %d went to %s", o.ID, l.To)
			last := i == len(taken)-1 && o.State == intake.Sent
			r.check("a letter is sent again only where that it was taken could not be on record", last || l.Excused,
				"letter %d, %s to %s, %d times", o.ID, o.Template, o.To, len(taken))
		}
	}
	for _, l := range r.world.Post.Accepted {
		_, ok := known[l.MessageID]
		r.check("no letter is sent that is not on record", ok, "%s %q to %s", l.MessageID, l.Subject, l.To)
	}
}
