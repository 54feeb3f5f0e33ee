package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// digests are the digests since the last time, as "3 Mar 08:30 > asha: LT-2026-00001 1".
func (w *world) digests() (out []string) {
	w.t.Helper()
	w.sent()
	for _, o := range w.mornings {
		name, _, _ := strings.Cut(o.To, "@")
		line := o.CreatedAt.In(w.config.Policy.Zone).Format("2 Jan 15:04") + " > " + name + ":"
		for _, f := range o.Facts.Undecided {
			line += fmt.Sprintf(" %s %d %s", f.Ref[8:], f.Days, strings.Join(f.Asked, "; "))
			if f.Renews != "" {
				line += " renews " + f.Renews[8:] + " " + f.Runs.Format("2 Jan")
			}
		}
		for _, f := range o.Facts.Ending {
			line += " ends " + f.Ref[8:] + " " + f.Ends.Format("2 Jan") + " " + f.Renewal
			if f.Yours {
				line += " to decide"
			}
		}
		out = append(out, strings.TrimSpace(line))
	}
	w.mornings = nil
	return out
}

// TestMorning: on each working morning, once, to those who have something to do.
func TestMorning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	w.now = time.Date(2026, 3, 5, 7, 0, 0, 0, time.UTC) // a Thursday
	w.sweep()
	w.pending()
	w.passes(3 * time.Hour)
	w.asksFor(kim)
	w.passes(15 * time.Hour)
	same(t, "the first morning", []string{"5 Mar 09:00 > asha: 00001 0 Ben Okoro", "5 Mar 09:00 > ben: 00001 0 Asha Patel"}, w.digests())
	w.passes(4 * day)
	same(t, "oldest first, and not at weekends", []string{
		"6 Mar 09:00 > asha: 00001 1 Ben Okoro 00002 0 Ben Okoro", "6 Mar 09:00 > ben: 00001 1 Asha Patel 00002 0 Asha Patel",
		"9 Mar 09:00 > asha: 00001 2 Ben Okoro 00002 1 Ben Okoro", "9 Mar 09:00 > ben: 00001 2 Asha Patel 00002 1 Asha Patel"}, w.digests())
	must(w.Delegate(t.Context(), asha, "", "", "Ops"))(t)
	w.later(30*time.Hour + 20*time.Minute) // it was down in the morning
	same(t, "not to who is away", []string{"11 Mar 07:20"}, []string{w.now.Format("2 Jan 15:04")})
	same(t, "of the day that was missed", []string(nil), w.digests())
	w.later(9 * time.Hour)
	same(t, "late, and who stands in gets it", []string{
		"11 Mar 16:20 > ben: 00001 4 Asha Patel, who is away; Cleo Dunn 00002 4 Asha Patel, who is away; Cleo Dunn",
		"11 Mar 16:20 > cleo: 00001 4 Asha Patel, who is away; Ben Okoro 00002 4 Asha Patel, who is away; Ben Okoro"}, w.digests())
}

// TestMorningDecides: what waits can be decided from the digest, with the code that its reviewer has already.
func TestMorningDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.asksFor(kim)
	w.delivered()
	w.passes(day)
	w.sent()
	digest := w.mornings[0]
	same(t, "to", asha, digest.To)
	same(t, "the code is the review email's", a.Facts.Code, digest.Facts.Undecided[0].Code)
	w.take("refused(no-token)", email{from: asha, subject: "Re: a digest", text: "APPROVE",
		answers: []string{digest.MessageID}})
	w.take("refused(not-yours) LT-2026-00002", tapped(ben, digest.Facts.Undecided[1], "APPROVE"))
	w.take("decision LT-2026-00001", tapped(asha, digest.Facts.Undecided[0], "APPROVE"))
	w.take("decision LT-2026-00002", tapped(asha, digest.Facts.Undecided[1], "REJECT The letter is about somebody else"))
	w.inState("LT-2026-00001", intake.Approved)
	w.inState("LT-2026-00002", intake.Rejected)
}

// TestMorningUnseen: what a reviewer cannot have looked at is not decided from the digest.
func TestMorningUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pending()
	w.delivered()
	w.asksFor(kim)
	w.passes(day) // while the email about the second is not sent
	w.sent()
	digest := w.mornings[0]
	same(t, "links", []bool{true, false}, []bool{digest.Facts.Undecided[0].Code != "", digest.Facts.Undecided[1].Code != ""})
}

// TestMorningEnds: what ends within a week is told, and whether a renewal is asked for.
func TestMorningEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE UNTIL 2026-03-13"))
	var approval intake.Outbound
	for _, o := range w.sent() {
		if o.To == corner {
			approval = o
		}
	}
	w.passes(3*day + 22*time.Hour)
	same(t, "more than a week before", []string(nil), w.digests())
	same(t, "it is", "6 Mar 10:00", w.now.Format("2 Jan 15:04"))
	w.passes(day)
	w.digests()
	w.passes(2 * day)
	same(t, "a week before", []string{"9 Mar 09:00 > asha: ends 00001 13 Mar", "9 Mar 09:00 > ben: ends 00001 13 Mar"}, w.digests())
	w.take("renewal LT-2026-00002", reply(approval, corner, "Please renew it.", pdf("new")))
	w.delivered()
	w.passes(day)
	w.sent()
	digest := w.mornings[0]
	same(t, "with a renewal", []string{
		"10 Mar 09:00 > asha: 00002 0 Ben Okoro renews 00001 13 Mar ends 00001 13 Mar LT-2026-00002 to decide",
		"10 Mar 09:00 > ben: 00002 0 Asha Patel renews 00001 13 Mar ends 00001 13 Mar LT-2026-00002 to decide"}, w.digests())
	w.take("decision LT-2026-00002", tapped(asha, digest.Facts.Undecided[0], "INFO Who signed it?"))
	w.passes(day)
	same(t, "with one that waits for the site", []string{"11 Mar 09:00 > asha: ends 00001 13 Mar LT-2026-00002",
		"11 Mar 09:00 > ben: ends 00001 13 Mar LT-2026-00002"}, w.digests())
}

// TestMorningBarred: nobody is told of what they may not decide on.
func TestMorningBarred(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.takeAll(w.arrival(email{from: bright, subject: "MFA", text: asked, files: []string{pdf("x")}}))[0] // whose contact ben is
	w.passes(day)
	same(t, "the digests", []string{"2 Mar 13:00 > asha: 00001 0", "3 Mar 09:00 > asha: 00001 0"}, w.digests())
	same(t, "outcome", "request LT-2026-00001", outcome(m))
}

// TestHolidaysOver: that the list has come to its end is told once.
func TestHolidaysOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) {
		c.Holidays = must(intake.ReadHolidays("days.txt", []byte("2025-12-25 Christmas Day")))(t)
	})
	w.passes(3 * day)
	w.expect("alert holidays > " + ops)
	w.configure()
	w.passes(3 * day)
	w.expect()
}

// decidedLater has the other reviewers told in the digest what one has decided.
func decidedLater(c *config) {
	p := *c.Policy
	p.Review.DecidedLater = true
	c.Policy = &p
}

// decided is what the digests since the last time tell of decisions, as "asha: 00001 approved by Ben Okoro".
func (w *world) decided() (out []string) {
	w.t.Helper()
	w.sent()
	for _, o := range w.mornings {
		name, _, _ := strings.Cut(o.To, "@")
		for _, d := range o.Facts.Decided {
			out = append(out, fmt.Sprintf("%s: %s %s by %s", name, d.Ref[8:], d.Decision, d.By))
		}
	}
	return out
}

// waitsFor counts the letters of decisions that wait to be sent to a reviewer.
func (w *world) waitsFor(to string) (n int) {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.Template == intake.LetterDecided && o.To == to && o.State == intake.Queued {
			n++
		}
	}
	return n
}

// TestDecidedInTheMorning: who decided is told at once, and the others in the next digest, from which they can end what was
// approved. What is ended, or is done by a command, nobody waits to hear.
func TestDecidedInTheMorning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, decidedLater)
	w.now = time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC) // a Thursday
	w.sweep()
	a, b, _ := w.pending()
	w.take("decision LT-2026-00001", reply(a, asha, "APPROVE"))
	later := func() (out []string) {
		for _, o := range w.sent() {
			if o.Template == intake.LetterDecided {
				at := slices.MaxFunc([]time.Time{o.DueAt, o.HeldUntil}, time.Time.Compare)
				out = append(out, o.To+" "+at.In(w.config.Policy.Zone).Format("2 Jan 15:04"))
			}
		}
		return out
	}
	same(t, "who decided at once, and the other the next morning", []string{asha + " 5 Mar 10:00", ben + " 6 Mar 09:30"}, later())
	w.take("refused(already-decided) LT-2026-00001", reply(b, ben, "REJECT too late"))
	w.expect("already-decided already-decided > " + ben)
	w.mornings = nil
	w.passes(day)
	same(t, "in the digest", []string{"ben: 00001 approved by Asha Patel"}, w.decided())
	told := w.mornings[0].Facts.Decided[0]
	same(t, "not by itself as well", 0, w.waitsFor(ben))
	w.delivered()
	w.mornings = nil
	w.passes(3 * day)
	same(t, "once", []string(nil), append(w.decided(), later()...))
	w.take("decision LT-2026-00001", tapped(ben, intake.UndecidedFacts{Ref: told.Ref, Code: told.Code}, "REVOKE It is for somebody else"))
	for _, o := range w.sent() {
		if o.Template == intake.LetterDecided {
			same(t, "the end is told at once", []time.Time{w.now, {}}, []time.Time{o.DueAt, o.HeldUntil})
		}
	}
}

// TestDecidedOverEaster: what is decided before days off waits for the digest after them, and what else the reviewer is told about the
// request does not wait for it.
func TestDecidedOverEaster(t *testing.T) {
	t.Parallel()
	w := newWorld(t, decidedLater)
	w.now = time.Date(2026, 4, 2, 16, 0, 0, 0, time.UTC) // the Thursday before
	w.sweep()
	a, b, _ := w.pending()
	w.delivered()
	w.take("decision "+a.Ref, reply(a, asha, "REJECT The letter is about somebody else"))
	w.take("refused(already-decided) "+a.Ref, reply(b, ben, "APPROVE"))
	due := func() (out []string) {
		for _, o := range must(w.store.Due(t.Context(), w.now, 20))(t) {
			if o.To == ben {
				out = append(out, string(o.Template))
			}
		}
		return out
	}
	same(t, "at once", []string{"already-decided"}, due())
	for w.now = w.now.Add(time.Hour); w.now.Before(time.Date(2026, 4, 7, 7, 0, 0, 0, time.UTC)); w.now = w.now.Add(time.Hour) {
		same(t, "on "+w.now.Format("Mon 15:04"), []string{"already-decided"}, due())
		w.sweep()
	}
	w.sent()
	w.mornings = nil
	w.passes(time.Hour)
	same(t, "on the Tuesday", []string{"ben: 00001 rejected by Asha Patel"}, w.decided())
	same(t, "and not by itself", 0, w.waitsFor(ben))
}

// TestDecidedIsNotLost: what a digest that was not sent tells of decisions, the next one tells; and what somebody who is away
// would read in a digest goes out by itself.
func TestDecidedIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, decidedLater)
	w.now = time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	w.sweep()
	a, _, _ := w.pending()
	w.delivered()
	w.take("decision LT-2026-00001", reply(a, asha, "REJECT The letter is about somebody else"))
	w.asksFor(kim)
	w.passes(4*day + 20*time.Hour) // nothing is sent meanwhile
	same(t, "in each digest, as none was sent", []string{"ben: 00001 rejected by Asha Patel",
		"ben: 00001 rejected by Asha Patel"}, w.decided())
	w.delivered()
	w.mornings = nil
	w.passes(day)
	same(t, "once it was sent", []string(nil), w.decided())

	v := newWorld(t, decidedLater, withCleo)
	v.now = time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	v.sweep()
	_, b, _ := v.pending()
	must(v.Delegate(t.Context(), asha, "", "", "Ops"))(t)
	v.take("decision LT-2026-00001", reply(b, ben, "REJECT The letter is about somebody else"))
	v.passes(day)
	same(t, "not in a digest to who is away", []string{"cleo: 00001 rejected by Ben Okoro"}, v.decided())
	same(t, "but by itself", 1, v.waitsFor(asha))
}

// TestDecidedByCommand: what is decided by a command is told at once, also to whoever it is said to be from.
func TestDecidedByCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, decidedLater, func(c *config) { c.Typist = "root on mail1" })
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "REJECT The letter is about somebody else"))
	for _, o := range w.sent() {
		if o.Template == intake.LetterDecided {
			same(t, "told to "+o.To, []time.Time{w.now, {}}, []time.Time{o.DueAt, o.HeldUntil})
		}
	}
}
