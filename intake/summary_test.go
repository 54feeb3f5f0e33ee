package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// withSummary has the sites told each week.
func withSummary(c *config) {
	p := *c.Policy
	p.Review.SiteSummary = true
	c.Policy = &p
}

// summaries are the summaries since the last time, as "9 Mar 08:30 > pharmacy@corner.test: LT-2026-00001 ...", and no other letter.
func (w *world) summaries() (out []string) {
	w.t.Helper()
	for _, o := range w.sent() {
		if o.Template != intake.LetterSummary {
			continue
		}
		line := o.CreatedAt.In(w.config.Policy.Zone).Format("2 Jan 15:04") + " > " + o.To + ":"
		for _, f := range o.Facts.Requests {
			line += " " + f.Ref + " " + f.State
		}
		for _, f := range o.Facts.Running {
			line += " " + f.Ref + " until " + f.Ends.Format("2 Jan")
			if !f.RenewBy.IsZero() {
				line += " renew by " + f.RenewBy.Format("2 Jan")
			}
			line += " " + f.Renewal
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// TestSummary: each site that something is on record of is told once a week, on the first working morning, if the policy says so.
func TestSummary(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // on a Monday
	w.approved()
	w.take("request LT-2026-00002", email{from: bright, subject: "MFA", text: strings.ReplaceAll(asked, sam,
		"lee@bright.test"), files: []string{pdf("lee")}})
	w.passes(8 * day)
	same(t, "by itself", []string(nil), w.summaries())

	w = newWorld(t, withSummary)
	w.approved()
	w.take("request LT-2026-00002", email{from: bright, subject: "MFA", text: strings.ReplaceAll(asked, sam,
		"lee@bright.test"), files: []string{pdf("lee")}})
	w.sweep()
	same(t, "when it is switched on", []string{"2 Mar 12:00 > " + bright + ": LT-2026-00002 pending",
		"2 Mar 12:00 > " + corner + ": LT-2026-00001 until 29 Aug"}, sorted(w.summaries()))
	w.delivered()
	w.asksFor(kim)
	w.passes(6 * day)
	same(t, "in the same week", []string(nil), w.summaries())
	w.now = time.Date(2026, 3, 9, 8, 29, 0, 0, time.UTC)
	w.sweep()
	same(t, "too early", []string(nil), w.summaries())
	w.now = w.now.Add(time.Minute)
	w.sweep()
	same(t, "on Monday", []string{"9 Mar 08:30 > " + bright + ": LT-2026-00002 pending",
		"9 Mar 08:30 > " + corner + ": LT-2026-00003 pending LT-2026-00001 until 29 Aug"}, sorted(w.summaries()))
	w.configure(withSummary)
	w.sweep()
	w.now = w.now.Add(-6 * day) // to the Tuesday before
	w.sweep()
	w.now = w.now.Add(6 * day)
	w.sweep()
	same(t, "after a restart, and with the clock put back", []string(nil), w.summaries())
}

func sorted(lines []string) []string { return slices.Sorted(slices.Values(lines)) }

// TestSummaryOnAWorkingDay: where Monday is a holiday it comes on Tuesday; where the bot was down, on the next working morning of
// the week.
func TestSummaryOnAWorkingDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	w.approved()
	w.sweep()
	w.summaries()
	at := func(month time.Month, d, h int) []string {
		w.now = time.Date(2026, month, d, h, 0, 0, 0, time.UTC)
		w.sweep()
		w.delivered()
		return w.summaries()
	}
	want := func(on string) []string { return []string{on + " > " + corner + ": LT-2026-00001 until 29 Aug"} }
	same(t, "Easter Monday", []string(nil), at(4, 6, 12))
	same(t, "the Tuesday", want("7 Apr 13:00"), at(4, 7, 12))
	same(t, "by night", []string(nil), at(4, 15, 2))
	same(t, "on a Wednesday", want("15 Apr 13:00"), at(4, 15, 12))
	same(t, "at the weekend", []string(nil), at(4, 25, 12))
}

// TestSummaryEnds: what ends within eight weeks is told with the last day for a renewal, unless one is asked for; of what is over, and of
// short-term exceptions, nothing is.
func TestSummaryEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	w.approved()
	must(w.Grant(t.Context(), kim, "no-signal", "FA001", ""))(t)
	at := func(month time.Month, d int) []string {
		w.now = time.Date(2026, month, d, 12, 0, 0, 0, time.UTC)
		w.sweep()
		w.delivered()
		return w.summaries()
	}
	w.now = w.now.Add(time.Hour)
	same(t, "a short-term exception runs", []string{"2 Mar 12:00 > " + corner + ": LT-2026-00001 until 29 Aug"}, at(3, 2))
	same(t, "far away", []string{"29 Jun 13:00 > " + corner + ": LT-2026-00001 until 29 Aug"}, at(6, 29))
	same(t, "within 8 weeks", []string{"6 Jul 13:00 > " + corner + ": LT-2026-00001 until 29 Aug renew by 19 Aug"}, at(7, 6))
	w.take("renewal LT-2026-00002", w.answer("LT-2026-00001", "The exception is still needed. The new evidence is attached.", pdf("new")))
	w.sent()
	same(t, "a renewal is asked for", []string{"13 Jul 13:00 > " + corner + ": LT-2026-00002 pending " +
		"LT-2026-00001 until 29 Aug renew by 19 Aug LT-2026-00002"}, at(7, 13))
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "no longer needed", ""))(t)
	w.sent()
	same(t, "over", []string{"20 Jul 13:00 > " + corner + ": LT-2026-00002 pending"}, at(7, 20))
}

// TestSummaryRefused: a site whose mailbox refuses us gets none.
func TestSummaryRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	o, _ := w.approved()
	ok(t, w.store.Update(t.Context(), func(tx *store.Tx) error { return tx.Bounced(t.Context(), o.ID, "5.1.1", w.now) }))
	w.sweep()
	same(t, "refused", []string(nil), w.summaries())
	w.passes(6 * day)
	w.summaries()
	w.now = time.Date(2026, 3, 23, 12, 0, 0, 0, time.UTC)
	w.sweep()
	same(t, "weeks later", 1, len(w.summaries()))
}

// TestSummaryOfWeekBefore: an unsent one is overtaken.
func TestSummaryOfWeekBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	w.approved()
	w.sweep()
	w.now = w.now.Add(7 * day)
	w.sweep()
	var states []string
	for _, o := range must(w.store.Outbound(t.Context()))(t) {
		if o.Template == intake.LetterSummary {
			states = append(states, string(o.State)+" "+o.LastError)
		}
	}
	same(t, "states", []string{"failed " + intake.Overtaken, "queued "}, states)
}

// TestSummaryOfManySites: they come in pages, each site once, and the queue never has more than a few.
func TestSummaryOfManySites(t *testing.T) {
	t.Parallel()
	const n = 130
	var csv strings.Builder
	csv.WriteString(sites)
	for i := range n {
		fmt.Fprintf(&csv, "G%04d,Site %d,pharmacy,box%d@corner.test,,\n", i, i, i)
	}
	register := must(intake.ReadSites("sites.csv", strings.NewReader(csv.String())))(t)
	w := newWorld(t, withSummary, func(c *config) { c.Sites = intake.NewRegister(register) })
	w.now = w.now.Add(-4 * time.Hour) // before the morning
	for i := range n {
		w.takeAll(w.arrival(email{from: fmt.Sprintf("box%d@corner.test", i), subject: "MFA",
			text: strings.ReplaceAll(asked, sam, fmt.Sprintf("user%d@corner.test", i)), files: []string{pdf(fmt.Sprint(i))}}))
	}
	w.sent()
	w.delivered()
	w.now = w.now.Add(4 * time.Hour)
	got := make(map[string]int)
	for range n {
		w.now = w.now.Add(time.Second)
		w.configure(withSummary, func(c *config) { c.Sites = intake.NewRegister(register) }) // as after a crash
		w.sweep()
		some := w.summaries()
		if len(some) > 100 {
			t.Errorf("%d at once", len(some))
		}
		for _, line := range some {
			_, to, _ := strings.Cut(line, " > ")
			to, _, _ = strings.Cut(to, ":")
			got[to]++
		}
		w.delivered()
		if len(some) == 0 {
			break
		}
	}
	same(t, "sites", n, len(got))
	for to, times := range got {
		same(t, to, 1, times)
	}
}

// written has a summary of two users sent, and returns it.
func (w *world) written() intake.Outbound {
	w.t.Helper()
	w.approved()
	w.asksFor(kim)
	w.sweep()
	w.deliverAll()
	all := must(w.store.Outbound(w.t.Context()))(w.t)
	i := slices.IndexFunc(all, func(o intake.Outbound) bool { return o.Template == intake.LetterSummary })
	if i < 0 {
		w.t.Fatal("no summary")
	}
	return all[i]
}

// TestSummaryOfOneErased: who is erased is in no summary any more, and the others that it tells of are.
func TestSummaryOfOneErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	id := w.written().ID
	now := func() *intake.Outbound { return must(w.store.OutboundByID(t.Context(), id))(t) }
	same(t, "before", []string{kim, sam}, []string{now().Facts.Requests[0].User.Email, now().Facts.Running[0].User.Email})
	must(w.DecideByHand(t.Context(), "LT-2026-00002", "reject", "no", asha))(t)
	w.deliverAll()
	must(w.Erase(t.Context(), kim, "Jo Hill"))(t)
	same(t, "after", []string{"[erased]", sam}, []string{now().Facts.Requests[0].User.Email, now().Facts.Running[0].User.Email})
	same(t, "where they still are", []string(nil), w.everywhere(kim))
}

// TestSummaryExported: a summary is on record of the site that it went to, and not of a user, as it tells of others too.
func TestSummaryExported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	id := w.written().ID
	of := func(addr string) bool {
		return slices.ContainsFunc(must(w.store.Person(t.Context(), addr))(t).Letters, func(o intake.Outbound) bool { return o.ID == id })
	}
	same(t, "of the site", true, of(corner))
	same(t, "of a user", false, of(sam))
}

// TestSummaryPurged: a summary is kept for as long as what else is of no request, however long the exceptions go on of which it tells.
func TestSummaryPurged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSummary)
	o := w.written()
	kept := w.config.Policy.Retention["personal.other"]
	for _, c := range []struct {
		after time.Duration
		says  bool
	}{{kept - time.Hour, true}, {kept, false}} {
		w.now = o.CreatedAt.Add(c.after)
		w.purged()
		same(t, "after "+c.after.String(), c.says, len(must(w.store.OutboundByID(t.Context(), o.ID))(t).Facts.Requests) > 0)
	}
}
