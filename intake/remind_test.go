package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// followed lists the letters since the last time, as "4 Mar 12:00 reminder > asha".
func (w *world) followed() (out []string) {
	w.t.Helper()
	for _, o := range w.sent() {
		name, _, _ := strings.Cut(o.To, "@")
		what := strings.TrimSpace(string(o.Template) + " " + string(o.Facts.Why))
		out = append(out, o.CreatedAt.In(w.config.Policy.Zone).Format("2 Jan 15:04 ")+what+" > "+name)
	}
	return out
}

// passes lets time pass, with a sweep every hour.
func (w *world) passes(d time.Duration) {
	w.t.Helper()
	for until := w.now.Add(d); w.now.Before(until); {
		w.now = w.now.Add(time.Hour)
		w.sweep()
	}
}

// later is passes for a bot that was down meanwhile.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.now = w.now.Add(d)
	w.sweep()
}

// TestNobodyDecides: reminders, the deputy, the operator, each on its day, over Easter and a change of the
// clocks; and nothing is ever decided by it.
func TestNobodyDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	w.pending()
	w.passes(50 * day)
	same(t, "letters", []string{
		"4 Mar 12:00 reminder > asha", "4 Mar 12:00 reminder > ben",
		"9 Mar 12:00 reminder > asha", "9 Mar 12:00 reminder > ben",
		"11 Mar 12:00 review undecided > cleo", "11 Mar 12:00 reminder > ben", "11 Mar 12:00 reminder > asha",
		"13 Mar 12:00 reminder > cleo",
		"16 Mar 12:00 alert undecided > ops",
		"18 Mar 12:00 reminder > cleo",
		"20 Mar 12:00 reminder > cleo",
		"23 Mar 12:00 alert undecided > ops",
		"30 Mar 12:00 alert undecided > ops",
		"8 Apr 12:00 alert undecided > ops",
		"15 Apr 12:00 alert undecided > ops",
	}, w.followed())
	w.inState("LT-2026-00001", intake.Pending)
	same(t, "exceptions", 0, len(must(w.store.Exceptions(t.Context()))(t)))
}

// TestDownMeanwhile: however much was missed, one letter to each, with what is true.
func TestDownMeanwhile(t *testing.T) {
	t.Parallel()
	for days, want := range map[float64][]string{
		1.9: nil,
		6:   {"8 Mar 12:00 reminder > asha", "8 Mar 12:00 reminder > ben"},
		8:   {"10 Mar 12:00 reminder > asha", "10 Mar 12:00 reminder > ben"},
		10:  {"12 Mar 12:00 review undecided > cleo", "12 Mar 12:00 reminder > ben", "12 Mar 12:00 reminder > asha"},
		300: {"27 Dec 12:00 review undecided > cleo", "27 Dec 12:00 reminder > ben", "27 Dec 12:00 reminder > asha",
			"27 Dec 12:00 alert undecided > ops"},
	} {
		w := newWorld(t, withCleo)
		w.pending()
		w.later(time.Duration(days * float64(day)))
		same(t, fmt.Sprint(days), want, w.followed())
		w.later(time.Hour)
		w.later(-2 * day) // the clock goes back
		w.later(2 * day)
		same(t, fmt.Sprint(days, " again"), []string(nil), w.followed())
	}
}

// TestReminderDecides: a reply to a reminder decides, and so does one to the email before it.
func TestReminderDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, _, _ := w.pending()
	w.later(2 * day)
	o := w.expect("reminder > "+asha, "reminder > "+ben)[0]
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, sam, kim),
		files: []string{pdf("second")}})
	second := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	same(t, "reminder", []any{intake.LetterReminder, first.Ref, asha, 2, noon, 0},
		[]any{o.Template, o.Ref, o.To, o.Facts.Days, o.Facts.At, len(o.Attach)})
	if o.Facts.Code == "" || o.Facts.Code == first.Facts.Code || !slices.Contains(o.References, first.MessageID) {
		t.Errorf("the reminder has the code %q and answers %q", o.Facts.Code, o.References)
	}
	w.take("decision "+o.Ref, reply(o, asha, "APPROVE"))
	w.take("refused(already-decided) "+o.Ref, reply(first, asha, "APPROVE"))
	w.take("decision "+second.Ref, reply(second, asha, "REJECT No"))
	w.sent()
	w.passes(20 * day)
	same(t, "afterwards", []string(nil), w.followed())
	w.events(o.Ref, "complete", "reminded", "reminded", "approve")
}

// TestRemindedWho: only those whose decision is waited for.
func TestRemindedWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	a, b, _ := w.pending()
	w.passes(day)
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.passes(day)
	same(t, "who has not approved, since they were asked", []string{"4 Mar 12:00 reminder > ben"}, w.followed())
	w.take("decision "+b.Ref, reply(b, ben, "INFO Who signed it?"))
	w.sent()
	w.passes(5 * day)
	same(t, "while the site is asked", []string(nil), w.followed())
	question := must(w.store.Outbound(t.Context()))(t)
	i := slices.IndexFunc(question, func(o intake.Outbound) bool { return o.Template == intake.LetterQuestion })
	w.take("information "+a.Ref, reply(w.WithCode(question[i]), corner, "Dr Wren did."))
	w.sent()
	w.passes(3 * day)
	same(t, "asked again", []string{"11 Mar 12:00 reminder > asha", "11 Mar 12:00 reminder > ben"}, w.followed())
}

// TestDeputyOnStandby: one who is only a deputy decides where they were asked, and nowhere else.
func TestDeputyOnStandby(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, _, _ := w.pending()
	w.take("refused(no-token)", email{from: cleo, subject: "Re: [" + a.Ref + "]", text: "APPROVE"})
	w.expect("not-understood no-token > " + cleo)
	w.take("refused(not-yours) "+a.Ref, reply(a, cleo, "APPROVE"))
	w.expect("not-understood not-yours > " + cleo)
	_, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", cleo)
	if err == nil || !strings.Contains(err.Error(), "is only a deputy, and was not asked") {
		t.Errorf("by hand: %v", err)
	}
	w.later(9 * day)
	c := w.expect("review undecided > "+cleo, "reminder > "+ben, "reminder > "+asha)[0]
	same(t, "facts", []any{"Asha Patel", 7, noon, 1, 1},
		[]any{c.Facts.InPlaceOf, c.Facts.Days, c.Facts.At, len(c.Attach), len(c.Facts.History)})
	w.take("information "+a.Ref, w.answer(a.Ref, "Here is more.", pdf("second")))
	again := w.expect("review > "+cleo, toAsha, toBen, "receipt > "+corner)[0]
	w.take("refused(superseded) "+a.Ref, reply(c, cleo, "APPROVE"))
	w.expect("not-understood superseded > " + cleo)
	w.take("decision "+a.Ref, reply(again, cleo, "APPROVE"))
	w.expect("decided > "+asha, "decided > "+ben, "decided > "+cleo, "approved > "+corner, "approved > "+sam)
	w.pending() // of the next one they hear nothing
}

// TestDeputyBarred: a deputy of the site itself is not asked; the reviewer is reminded once more.
func TestDeputyBarred(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo, func(c *config) {
		c.Sites = intake.NewRegister(must(intake.ReadSites("sites.csv",
			strings.NewReader(strings.Replace(sites, "jo@corner.test", "jo@corner.test;"+cleo, 1))))(t))
	})
	w.pending()
	w.later(9 * day)
	w.expect("reminder > "+asha, "reminder > "+ben)
}

// TestDeputyIsReviewer: who was asked already is told once that they are the deputy too.
func TestDeputyIsReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.Reviewers[0].Deputy, c.Reviewers[1].Deputy = ben, asha })
	w.pending()
	w.later(9 * day)
	l := w.expect("reminder undecided > "+ben, "reminder undecided > "+asha)
	same(t, "in place of", []string{"Asha Patel", "Ben Okoro"}, []string{l[0].Facts.InPlaceOf, l[1].Facts.InPlaceOf})
}

// tapped is the email that a link in a letter about several requests opens.
func tapped(from string, u intake.UndecidedFacts, words string) email {
	return email{from: from, subject: "[" + u.Ref + "] [" + u.Code + "]", text: words}
}

// TestOneReminder: whoever is late with many requests gets one reminder of all of them, and so does the operator.
// Each can be decided from it by itself, and no answer to it decides anything.
func TestOneReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo, caps(func(p *intake.Policy) { p.RequestsADay = 1000 }))
	for b := range 12 {
		var users []string
		for i := range 10 {
			users = append(users, fmt.Sprintf("u%d.%d@corner.test", b, i))
		}
		w.takeAll(w.arrival(asksFor(corner, fmt.Sprint("batch ", b), users...)))
	}
	w.sent()
	w.later(2 * day)
	l := w.expect("reminders > "+asha, "reminders > "+ben)[0]
	same(t, "reminder", []any{120, 50, 2, ""}, []any{l.Facts.UndecidedTotal, len(l.Facts.Undecided), l.Facts.Undecided[0].Days, l.Ref})

	w.take("refused(several-requests)", reply(l, asha, "APPROVE"))
	w.expect("not-understood several-requests > " + asha)
	w.take("decision LT-2026-00007", tapped(asha, l.Facts.Undecided[6], "APPROVE"))
	w.take("decision LT-2026-00008", tapped(asha, l.Facts.Undecided[7], "REJECT The letter is about somebody else"))
	w.take("refused(not-yours) LT-2026-00009", tapped(ben, l.Facts.Undecided[8], "APPROVE"))
	w.take("refused(no-reason) LT-2026-00009", tapped(asha, l.Facts.Undecided[8], "REJECT "))
	w.inState("LT-2026-00006", intake.Pending)
	w.inState("LT-2026-00007", intake.Approved)
	w.inState("LT-2026-00008", intake.Rejected)
	w.events("LT-2026-00001", "complete", "reminded", "reminded")
	w.sent()

	w.later(20 * day)
	count := make(map[string]int)
	for _, o := range w.sent() {
		count[string(o.Template)+" > "+o.To]++
	}
	same(t, "to ben", 1, count["reminders > "+ben]+count["reminder > "+ben])
	same(t, "to asha", 1, count["reminders > "+asha]+count["reminder > "+asha])
	same(t, "to the operator", 1, count["alert > "+ops])
}

// TestRemindersGathered: requests that come one after the other are reminded of together, a day's in one letter, and
// never on a day without work.
func TestRemindersGathered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC) // a Wednesday
	for i := range 20 {
		w.now = w.now.Add(15 * time.Minute)
		w.asksFor(fmt.Sprintf("user%d@corner.test", i))
	}
	w.sent()
	w.passes(4*day + 16*time.Hour)
	same(t, "letters", []string{
		"6 Mar 10:00 reminders > asha", "6 Mar 10:00 reminders > ben",
		"9 Mar 00:00 reminders > asha", "9 Mar 00:00 reminders > ben",
	}, w.followed())
}

// TestOneEscalation: the operator is told of all that has waited too long in one alert.
func TestOneEscalation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 20
	for i := range n {
		w.now = w.now.Add(10 * time.Minute)
		w.asksFor(fmt.Sprintf("user%d@corner.test", i))
	}
	w.later(13 * day)
	w.sent()
	w.passes(2 * day)
	alerts := 0
	var told strings.Builder
	for _, o := range w.sent() {
		if o.Facts.Why == intake.Why(intake.AlertUndecided) {
			alerts++
			told.WriteString(strings.Join(o.Facts.Lines, "\n"))
		}
	}
	same(t, "alerts in two days", 2, alerts)
	for i := range n { // nothing is dropped because something else was told within the hour
		if ref := fmt.Sprintf("LT-2026-%05d", i+1); !strings.Contains(told.String(), ref) {
			t.Errorf("%s is in no alert", ref)
		}
	}
}

// TestRemindedOfRenewals: a reminder of several requests says which of them renews what, and when that ends.
func TestRemindedOfRenewals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE UNTIL 2026-05-01"))
	var approval intake.Outbound
	for _, o := range w.sent() {
		if o.To == corner {
			approval = o
		}
	}
	w.take("renewal LT-2026-00002", reply(approval, corner, "Please renew it.", pdf("new")))
	w.asksFor(kim)
	w.sent()
	w.later(2 * day)
	var got []string
	for _, u := range w.expect("reminders > "+asha, "reminders > "+ben)[0].Facts.Undecided {
		got = append(got, fmt.Sprint(u.Ref, " ", u.Renews, " ", u.Runs.Format("2 Jan 2006")))
	}
	same(t, "reminded of", []string{"LT-2026-00002 LT-2026-00001 1 May 2026", "LT-2026-00003  1 Jan 0001"}, got)
}
