package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

const patAtCorner = "pat@corner.test"

// exempted has three users of a site be exempt, from one day after the other of these.
func (w *world) exempted(days ...int) {
	w.t.Helper()
	w.threeUsers()
	for i, d := range days {
		w.now = noon.Add(time.Duration(d) * day)
		must(w.DecideByHand(w.t.Context(), fmt.Sprintf("LT-2026-%05d", i+1), "approve", "", asha))(w.t)
	}
	w.sent()
	w.delivered()
}

// warnedTogether is the letter that warns a site of the three at noon of the first one's 150th day.
func (w *world) warnedTogether() intake.Outbound {
	w.t.Helper()
	w.exempted(0, 2, 3)
	w.now = noon.Add(150 * day)
	w.sweep()
	return w.expect("warnings > "+corner, "warning > "+sam, "warning > "+kim, "warning > "+patAtCorner)[0]
}

// nextNotices are those of exceptions, as clocks in London show them.
func (w *world) nextNotices(refs ...string) (out []string) {
	w.t.Helper()
	for _, ref := range refs {
		e := must(w.store.Exception(w.t.Context(), ref))(w.t)
		out = append(out, e.NextNoticeAt.In(w.config.Policy.Zone).Format("Mon 2 Jan 15:04"))
	}
	return out
}

var three = []string{"LT-2026-00001", "LT-2026-00002", "LT-2026-00003"}

// TestWarnedTogether: of all exceptions of a site with the same warning within a week it is warned in one letter, each user
// by themselves, and each exception once for each of its warnings. Only the last comes to each by itself.
func TestWarnedTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	same(t, "of", three, l.Refs())
	for i, ends := range []string{"Sat 29 Aug", "Mon 31 Aug", "Tue 1 Sep"} {
		row := l.Facts.Warned[i]
		same(t, "ends", ends, row.Ends.In(w.config.Policy.Zone).Format("Mon 2 Jan"))
		same(t, "in time", "Wed 19 Aug", l.Facts.Warned[0].RenewBy.In(w.config.Policy.Zone).Format("Mon 2 Jan"))
	}
	same(t, "next", []string{"Fri 14 Aug 08:30", "Mon 17 Aug 13:00", "Tue 18 Aug 13:00"}, w.nextNotices(three...))
	for _, ref := range three {
		w.events(ref, "complete", "approve", "warning")
	}
	w.delivered()
	var got []string
	for w.now.Before(noon.Add(183 * day)) {
		w.now = w.now.Add(30 * time.Minute)
		w.sweep()
		w.delivered()
		for _, o := range w.sent() {
			if o.To == corner {
				got = append(got, fmt.Sprint(o.CreatedAt.In(w.config.Policy.Zone).Format("Mon 2 Jan 15:04 "), o.Template,
					" ", len(o.Refs())))
			}
		}
	}
	same(t, "to the site", []string{"Fri 14 Aug 08:30 warnings 3", "Fri 21 Aug 08:30 warnings 3", "Fri 28 Aug 13:00 warning 1",
		"Sat 29 Aug 13:00 ended 1", "Sun 30 Aug 13:00 warning 1", "Mon 31 Aug 13:00 ended 1", "Mon 31 Aug 13:00 warning 1",
		"Tue 1 Sep 13:00 ended 1"}, got)
	for _, ref := range three {
		w.events(ref, "complete", "approve", "warning", "warning", "warning", "warning", "ended")
	}
}

// TestLastWarningTogether: of those that end on one day a site has its last warning together too.
func TestLastWarningTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exempted(0, 0, 0)
	w.now = noon.Add(179 * day)
	w.sweep()
	l := w.expect("warnings > "+corner, "warning > "+sam, "warning > "+kim, "warning > "+patAtCorner)[0]
	same(t, "of", three, l.Refs())
}

// TestWarnedApart: who is warned at another time, of something else or by another address is not warned with the others.
func TestWarnedApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days [3]int
		then func(w *world)
		want []string // the letters to the site, of how many
	}{
		"more than a week later": {[3]int{0, 8, 9}, func(*world) {}, []string{"warning 1"}},
		"one of them":            {[3]int{0, 7, 8}, func(*world) {}, []string{"warnings 2"}},
		"a warning behind": {[3]int{0, 0, 0}, func(w *world) {
			w.now = noon.Add(149 * day)
			w.take("request LT-2026-00004", email{from: corner, subject: "MFA", text: form("lou@corner.test",
				"accessibility"), files: []string{pdf("y")}})
			must(w.DecideByHand(w.t.Context(), "LT-2026-00004", "approve", "UNTIL 2026-08-20", asha))(w.t)
			w.sent()
		}, []string{"warnings 3"}},
		"by another address": {[3]int{0, 0, 0}, func(w *world) {
			w.config.Sites.Use(contacts(w.t, "new@corner.test"))
			w.take("request LT-2026-00004", email{from: "new@corner.test", subject: "MFA", text: form("lou@corner.test", "accessibility"),
				files: []string{pdf("y")}})
			must(w.DecideByHand(w.t.Context(), "LT-2026-00004", "approve", "", asha))(w.t)
			w.sent()
		}, []string{"warnings 3", "warning 1"}},
		"for a day": {[3]int{0, 0, 0}, func(w *world) {
			w.now = noon.Add(150*day - 23*time.Hour)
			must(w.Grant(w.t.Context(), "lou@corner.test", "other", "FA001", ""))(w.t)
			w.sent()
		}, []string{"warnings 3", "warning 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.exempted(c.days[:]...)
			c.then(w)
			w.now = noon.Add(150 * day)
			w.sweep()
			var got []string
			for _, o := range w.sent() {
				if o.Facts.Audience == intake.ToSite {
					got = append(got, fmt.Sprint(o.Template, " ", len(o.Refs())))
				}
			}
			same(t, "to the site", c.want, got)
		})
	}
}

// TestRenewalOfOneOfSeveral: an answer with the code of one of them is about that one; what answers the letter itself is mail of
// the site like any other, and says for itself whom it is about.
func TestRenewalOfOneOfSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	w.delivered()
	w.now = w.now.Add(time.Hour)
	tap := func(i int) email {
		return email{from: corner, subject: "[" + three[i] + "] [" + l.Facts.Warned[i].Code + "]",
			text: "The exception is still needed. The new evidence is attached.", files: []string{pdf(fmt.Sprint("new", i))}}
	}
	w.take("renewal LT-2026-00004", tap(1))
	w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "of", "LT-2026-00002", w.inState("LT-2026-00004", intake.Pending).Renews)
	w.tamper(`UPDATE letter_row SET ref = ref || '9'`) // it only leads to the letter
	w.take("renewal LT-2026-00005", tap(2))
	same(t, "of", "LT-2026-00003", w.inState("LT-2026-00005", intake.Pending).Renews)
	w.sent()
	forged := strings.TrimSuffix(invented, "@helpdesk.test")
	w.tamper(fmt.Sprintf(`INSERT INTO letter_row (letter, ref, code) VALUES (%d, 'LT-2026-00001', '%s')`, l.ID, forged))
	m := w.takeAll(w.arrival(email{from: corner, subject: "[" + forged + "]", text: "It is still needed.",
		files: []string{pdf("forged")}}))[0]
	if m.Outcome == intake.OutcomeRenewal {
		t.Error("a code that is not in the letter renews")
	}
	w.sent()
	e := email{from: corner, subject: "Re: MFA exceptions", answers: []string{l.MessageID}, text: "Thank you, that is helpful."}
	same(t, "about none of them", "", w.takeAll(w.arrival(e))[0].Ref)
}

// TestSeveralInAnotherLanguage: who asks for the letter once more is warned of those that still end as it said, and of no other; of
// none, it is told what is on record. What was asked for is no notice that has come since.
func TestSeveralInAnotherLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Welsh = map[string]string{"Other": "Arall"}
	l := w.warnedTogether()
	w.delivered()
	asks := func() intake.Outbound {
		t.Helper()
		w.now = w.now.Add(time.Hour)
		w.take("information", email{from: corner, subject: "Re: MFA exceptions", answers: []string{l.MessageID}, text: "CYMRAEG"})
		all := w.sent()
		if len(all) != 1 {
			t.Fatalf("%d letters", len(all))
		}
		return all[0]
	}
	same(t, "of all", three, asks().Refs())
	must(w.RevokeByHand(t.Context(), "LT-2026-00002", "left", "Olu"))(t)
	w.sent()
	same(t, "of those that are left", []string{"LT-2026-00001", "LT-2026-00003"}, asks().Refs())
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Olu"))(t)
	must(w.RevokeByHand(t.Context(), "LT-2026-00003", "left", "Olu"))(t)
	w.sent()
	same(t, "of none", intake.LetterStatus, asks().Template)
}

// TestOneOfSeveralOvertaken: while the letter waits, what is no longer true of one of them leaves it, and it goes on about the
// others; with the last of them it goes altogether.
func TestOneOfSeveralOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	revoke := func(ref string) {
		must(w.RevokeByHand(t.Context(), ref, "left", "Olu"))(t)
	}
	revoke("LT-2026-00002")
	left := w.letterOf(l.ID)
	same(t, "left", []string{"LT-2026-00001", "LT-2026-00003"}, left.Refs())
	same(t, "it still waits", intake.Queued, left.State)
	w.events("LT-2026-00002", "complete", "approve", "warning", "overtaken", "overtaken", "revoke")
	revoke("LT-2026-00003")
	w.now = noon.Add(164*day + 20*time.Hour)
	w.sweep()
	left = w.letterOf(l.ID)
	same(t, "the last of them", "failed "+intake.Overtaken, string(left.State)+" "+left.LastError)
	for _, o := range w.sent() {
		if o.Template == intake.LetterAlert {
			t.Errorf("the operator is alerted: %s", o.Facts.Headline)
		}
	}
}

// TestSeveralWaitForTheSweep: a letter that warns of several is not sent while another notice of one of them is due.
func TestSeveralWaitForTheSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	waits := func() bool {
		for _, o := range must(w.store.Due(t.Context(), w.now, 99))(t) {
			if o.ID == l.ID {
				return false
			}
		}
		return true
	}
	same(t, "due", false, waits())
	w.now = noon.Add(164*day + 20*time.Hour)
	same(t, "a notice of the first is due", true, waits())
}

// TestSeveralUndelivered: where the site's mailbox refuses the letter, its contact is warned of those of which it is still true,
// and an answer from the mailbox counts as before.
func TestSeveralUndelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	w.delivered()
	must(w.RevokeByHand(t.Context(), "LT-2026-00002", "left", "Olu"))(t)
	w.sent()
	w.take("ignored(bounce) LT-2026-00001,LT-2026-00002,LT-2026-00003", bounceOf(l, "5.1.1"))
	got := w.expect("alert bounce > "+ops, "warnings > "+jo)
	w.alerts(got[0], "About: LT-2026-00001, LT-2026-00002, LT-2026-00003", "The site's contact "+jo+" gets it instead")
	same(t, "of", []string{"LT-2026-00001", "LT-2026-00003"}, got[1].Refs())
	same(t, "instead of", corner, got[1].Facts.InsteadOf)
	w.events("LT-2026-00003", "complete", "approve", "warning", "undelivered")
	w.now = w.now.Add(time.Hour)
	w.take("renewal LT-2026-00004", email{from: corner, subject: "[LT-2026-00003] [" + got[1].Facts.Warned[1].Code + "]",
		text: "Still needed.", files: []string{pdf("new")}})
	w.sent()

	w.delivered()
	w.now = w.now.Add(10 * day)
	for _, ref := range []string{"LT-2026-00001", "LT-2026-00003"} {
		must(w.RevokeByHand(t.Context(), ref, "left", "Olu"))(t)
	}
	w.sent()
	w.take("ignored(bounce) LT-2026-00001,LT-2026-00003", bounceOf(got[1], "5.1.1"))
	w.alerts(w.expect("alert bounce > " + ops)[0], "Nobody gets it instead: a later notice has been written.")
}

// TestErasedFromSeveral: who is erased leaves the letters that warned of them with others.
func TestErasedFromSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.warnedTogether()
	w.delivered()
	must(w.RevokeByHand(t.Context(), "LT-2026-00002", "left", "Olu"))(t)
	for _, todo := range must(w.store.AskedActions(t.Context(), "", ""))(t) {
		must(w.Done(t.Context(), "Jo Hill", todo.ID))(t)
	}
	w.deliverAll()
	must(w.Erase(t.Context(), kim, "Olu"))(t)
	same(t, "left", []string{"LT-2026-00001", "LT-2026-00003"}, w.letterOf(l.ID).Refs())
	same(t, "where they are", []string(nil), w.everywhere(kim))
}

// TestNoticesOfBefore: what was set by another version, or by other holidays, comes by day too.
func TestNoticesOfBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.now = noon.Add(150 * day)
	w.sweep()
	w.sent()
	w.delivered()
	set := noon.Add(166 * day) // a Saturday
	ok(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		e, err := tx.Exception(t.Context(), "LT-2026-00001")
		ok(t, err)
		return tx.SetNextNotice(t.Context(), e.Ref, e.NextNoticeAt, set)
	}))
	for w.now.Before(set) {
		w.now = w.now.Add(30 * time.Minute)
		w.sweep()
	}
	same(t, "warned", "Fri 14 Aug 08:30", w.expect("warning > "+corner, "warning > "+sam)[0].CreatedAt.
		In(w.config.Policy.Zone).Format("Mon 2 Jan 15:04"))
}
