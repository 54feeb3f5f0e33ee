package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// todo returns the last letter that asks the operator to do something by hand.
func (w *world) todo() intake.Outbound {
	w.t.Helper()
	var last intake.Outbound
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.Template == intake.LetterTodo {
			last = w.WithCode(o)
		}
	}
	return last
}

// left checks what is to be done by hand.
func (w *world) left(want ...string) {
	w.t.Helper()
	var got []string
	for _, a := range must(w.store.AskedActions(w.t.Context(), "", ""))(w.t) {
		got = append(got, fmt.Sprintf("%d %s %s", a.ID, a.Kind, a.User))
	}
	same(w.t, "to do", want, got)
}

// TestDoneByMail: the operator's DONE takes a to-do off the list, and those who were told that it does not work yet are
// told that it does. The audit names who said so, and by which message.
func TestDoneByMail(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"DONE", "Done.", "done, thanks\nSal Young",
		"DONE!\n\nKind regards\nSal\n\nOn Monday NHSmail Helpdesk wrote:\n> Exempt"} {
		w := newWorld(t)
		w.approved()
		w.left("1 apply " + sam)
		m := w.take("information LT-2026-00001", reply(w.todo(), ops, text))
		for _, o := range w.expect("applied > "+corner, "applied > "+sam) {
			same(t, "when it was switched on", w.now, o.Facts.At)
		}
		w.left()
		history := must(w.store.History(t.Context(), "LT-2026-00001"))(t)
		last := history[len(history)-1]
		same(t, "on record", "applied "+ops+fmt.Sprintf(" by hand, for %s; to-do 1, as message %d says", sam, m.ID),
			string(last.Event)+" "+last.By+" "+last.Text)

		must(w.RevokeByHand(t.Context(), "LT-2026-00001", "found", "Olu"))(t)
		w.sent()
		w.left("2 remove " + sam)
		w.take("information LT-2026-00001", reply(w.todo(), ops, text))
		w.expect()
		w.left()
	}
}

// TestNotDone: whatever is not the operator's own word to us leaves the to-do on the list, and the operator is told why.
func TestNotDone(t *testing.T) {
	t.Parallel()
	no := func(why intake.Why) string { return "todo-open " + string(why) + " > " + ops }
	for _, c := range []struct {
		name, text, took string
		change           func(w *world, e *email)
		letters          []string
	}{
		{"quoted", "> DONE", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"in a signature", "Who is this?\n-- \nDONE", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"not now", "Done tomorrow", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"a question", "Done?", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"taken back", "DONE\n\nActually no, I was in the wrong tenant", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"on second thought", "DONE\n\nOn second thought: ask Bo.", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"limited", "DONE\n\nNot for Sam yet.", "refused(no-command) LT-2026-00001", nil, []string{no(intake.WhyNoCommand)}},
		{"thanks", "Thank you", "information LT-2026-00001", nil, nil},
		{"out of office", "DONE", "ignored(automatic)", func(_ *world, e *email) { e.header = []string{"Auto-Submitted: auto-replied"} }, nil},
		{"a forger", "DONE", "quarantined(unauthenticated)", func(w *world, _ *email) { w.judge.unproven[ops] = true },
			[]string{"alert unproven-attempt with code -1 > " + ops}},
		{"a site", "DONE", "refused(wrong-address) LT-2026-00001", func(_ *world, e *email) { e.from = corner }, []string{"alert wrong-address > " + ops}},
		{"a stranger", "DONE", "refused(wrong-address) LT-2026-00001", func(_ *world, e *email) { e.from = stranger }, []string{"alert wrong-address > " + ops}},
		{"the user", "DONE", "refused(wrong-address) LT-2026-00001", func(_ *world, e *email) { e.from = sam }, []string{"alert wrong-address > " + ops}},
		{"a reviewer", "DONE", "refused(no-token)", func(_ *world, e *email) { e.from = asha },
			[]string{"alert wrong-address > " + ops, "not-understood no-token > " + asha}},
		{"a name like the operator's", "DONE", "refused(wrong-address) LT-2026-00001",
			func(_ *world, e *email) { e.from = "ops@helpdesk.test.evil.test" }, []string{"alert wrong-address > " + ops}},
		{"for them", "DONE", "refused(on-behalf) LT-2026-00001", func(_ *world, e *email) { e.header = []string{"Sender: sal@helpdesk.test"} },
			[]string{no(intake.WhyOnBehalf)}},
		{"to others", "DONE", "refused(not-addressed) LT-2026-00001", func(_ *world, e *email) { e.to = "To: <sal@helpdesk.test>" },
			[]string{no(intake.WhyNotAddressed)}},
		{"in a site's mailbox", "DONE", "refused(site-mailbox) LT-2026-00001", func(_ *world, e *email) { e.box = "own" },
			[]string{no(intake.WhySiteMailbox)}},
		{"a reference alone", "DONE", "refused(no-token)", func(_ *world, e *email) { e.answers = nil }, []string{no(intake.WhyNoCode)}},
		{"a code that nobody was given", "DONE", "refused(no-token)", func(_ *world, e *email) {
			e.answers = []string{"mfa-aaaaaaiaaaaaaaaaaaaaaaaaaaaaaaaa@helpdesk.test"} // it names the to-do
		}, []string{no(intake.WhyNoCode)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.approved()
			e := reply(w.todo(), ops, c.text)
			if c.change != nil {
				c.change(w, &e)
			}
			w.take(c.took, e)
			w.expect(c.letters...)
			w.left("1 apply " + sam)
			if slices.ContainsFunc(must(w.store.History(t.Context(), "LT-2026-00001"))(t), func(h intake.HistoryEntry) bool {
				return h.Event == intake.EventApplied
			}) {
				t.Error("it is on record as done")
			}
		})
	}
}

// TestDoneToBeConfirmed: where nothing proves that the operator wrote it to us, they are asked, and what answers that counts.
func TestDoneToBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.judge.uncovered = []string{"to", "sender"}
	w.take("refused(unconfirmed) LT-2026-00001", reply(w.todo(), ops, "DONE"))
	asking := w.expect("confirm > " + ops)[0]
	w.left("1 apply " + sam)
	w.take("information LT-2026-00001", email{from: ops, subject: "Re: [" + asking.Facts.Code + "]", text: "DONE"})
	w.expect("applied > "+corner, "applied > "+sam)
	w.left()
}

// TestDoneTwice: what is done already, or not to be done any more, is said to be so, each time, by mail and by command.
func TestDoneTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	exempt := w.todo()
	must(w.Done(t.Context(), "Sal Young", 1))(t)
	w.expect("applied > "+corner, "applied > "+sam)
	w.passes(time.Hour)
	w.sent()
	for range 3 {
		w.take("refused(already-decided) LT-2026-00001", reply(exempt, ops, "DONE"))
		f := w.expect("todo-open already-decided > " + ops)[0].Facts
		same(t, "who, and when", "Sal Young "+noon.String(), f.By+" "+f.At.String())
	}
	_, err := w.Done(t.Context(), "Sal Young", 1)
	says(t, err, "done already")
	_, err = w.Done(t.Context(), "Sal Young", 99)
	says(t, err, "no to-do 99")

	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "found", "Olu"))(t)
	w.sent()
	end := w.todo()
	must(w.Grant(t.Context(), sam, "other", "", ""))(t) // whoever grants does it there and then
	w.sent()
	w.left()
	w.take("refused(superseded) LT-2026-00001", reply(end, ops, "DONE"))
	w.expect("todo-open superseded > " + ops)
	_, err = w.Done(t.Context(), "Sal Young", 2)
	says(t, err, "later change for "+sam)
}

// TestDoneAfterARenewal: what was asked for one exception is about the one that has taken its place.
func TestDoneAfterARenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, _ := w.approved()
	w.take("renewal LT-2026-00002", reply(first, corner, "Again, please.", pdf("second")))
	review := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	w.take("decision LT-2026-00002", reply(review, asha, "APPROVE"))
	approval := w.expect("approved > "+corner, "decided > "+asha, "approved > "+sam, "decided > "+ben)[0]
	same(t, "still by hand", true, must(w.WithDirectory(t.Context(), approval))(t).Facts.ByHand)
	w.left("1 apply " + sam)
	w.take("information LT-2026-00001", reply(w.todo(), ops, "DONE"))
	same(t, "about", "LT-2026-00002", w.expect("applied > "+corner, "applied > "+sam)[0].Ref)
}

// TestDoneTooLate: what is over by the time that somebody says it is done is told to nobody as working.
func TestDoneTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.now = w.now.Add(180 * day) // not swept
	w.take("information LT-2026-00001", reply(w.todo(), ops, "DONE"))
	w.expect()
}

// TestDoneByAReviewer: an operator who is a reviewer too decides with the code of a review, and with the code of a to-do says
// that it is done, though each conversation mentions the other.
func TestDoneByAReviewer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.Operator = asha })
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	var decided intake.Outbound
	for _, o := range w.sent() {
		if o.Template == intake.LetterDecided && o.To == asha {
			decided = o
		}
	}
	todo := w.todo()
	e := reply(decided, asha, "DONE")
	e.answers = append([]string{todo.MessageID}, e.answers...)
	w.take("refused(no-command) "+a.Ref, e)
	w.left("1 apply " + sam)
	e = reply(todo, asha, "DONE")
	e.answers = append([]string{decided.MessageID, a.MessageID}, e.answers...)
	w.take("information "+a.Ref, e)
	w.left()
}

// TestSeveralTodos: codes of to-dos about several references say of none that it is done.
func TestSeveralTodos(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	first := w.todo()
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: strings.ReplaceAll(asked, sam, kim),
		files: []string{pdf("kim")}})
	review := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	w.take("decision LT-2026-00002", reply(review, asha, "APPROVE"))
	w.sent()
	e := reply(w.todo(), ops, "DONE")
	e.subject += " [" + first.Facts.Code + "]"
	w.take("refused(several-requests) LT-2026-00002", e)
	w.expect("todo-open several-requests > " + ops)
	w.left("1 apply "+sam, "2 apply "+kim)
}

// TestStatusByHand: a site is told that its exception is not switched on yet, for as long as that is so.
func TestStatusByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	byHand := func() bool {
		w.take("information", email{from: corner, subject: "MFA", text: "STATUS"})
		return w.expect("status > " + corner)[0].Facts.Running[0].ByHand
	}
	same(t, "before", true, byHand())
	must(w.Done(t.Context(), "Sal", 1))(t)
	w.sent()
	same(t, "after", false, byHand())
}

// saidAgain is what the operator was told since the last time of what nobody has done, as "5 Mar 09:00 morning: 1 apply", with a
// mark behind what is overdue.
func (w *world) saidAgain() (out []string) {
	w.t.Helper()
	w.sent()
	for _, o := range w.toOperator {
		line := o.CreatedAt.In(w.config.Policy.Zone).Format("2 Jan 15:04 ") + string(o.Template) + ":"
		for _, l := range o.Facts.Todos {
			line += fmt.Sprintf(" %d %s", l.ID, l.Kind)
			if l.Overdue {
				line += "!"
			}
		}
		same(w.t, "to", w.config.Operator, o.To)
		out = append(out, line)
	}
	w.toOperator = nil
	return out
}

// TestSaidAgain: what nobody has done is said again on each working morning, whatever it is: to exempt, to end, and to call.
func TestSaidAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  intake.ActionKind
		begin func(w *world) // at noon on a Thursday
	}{
		{intake.ToApply, func(w *world) { w.approved() }},
		{intake.ToRemove, func(w *world) {
			w.approved()
			must(w.Done(w.t.Context(), "Sal", 1))(w.t)
			must(w.RevokeByHand(w.t.Context(), "LT-2026-00001", "found", "Olu"))(w.t)
		}},
		{intake.ToCall, func(w *world) {
			must(w.Grant(w.t.Context(), sam, "other", "", ""))(w.t)
			granted := w.expect("granted > " + sam)[0]
			w.takeAll(w.arrival(bounceOf(granted, "5.1.1")))
		}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.now = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC) // a Thursday
			w.sweep()
			c.begin(w)
			todos := must(w.store.AskedActions(t.Context(), "", ""))(t)
			same(t, "to do", 1, len(todos))
			same(t, "what", c.kind, todos[0].Kind)
			id := todos[0].ID
			one := fmt.Sprintf(" %d %s", id, c.kind)
			w.sent()
			w.toOperator = nil
			w.passes(23 * time.Hour)
			same(t, "on the next morning", []string{"6 Mar 09:00 morning:" + one}, w.saidAgain())
			w.passes(2 * time.Hour)
			w.sent()
			same(t, "a day later", []string(nil), w.saidAgain())
			w.passes(5 * day)
			late := ":" + one + "!"
			want := []string{"9 Mar 09:00 morning" + late, "10 Mar 09:00 morning" + late, "11 Mar 09:00 morning" + late}
			if c.kind == intake.ToCall { // the user is to be exempt no longer since
				for i := range want {
					want[i] += fmt.Sprintf(" %d remove!", id+1)
				}
			}
			same(t, "every working morning", want, w.saidAgain())
			must(w.Done(t.Context(), "Sal", id))(t)
			if c.kind == intake.ToCall {
				must(w.Done(t.Context(), "Sal", id+1))(t)
			}
			w.passes(3 * day)
			same(t, "once it is done", []string(nil), w.saidAgain())
		})
	}
}

// TestOneDigest: an operator who is a reviewer gets one digest, with both.
func TestOneDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) { c.Operator = asha })
	w.now = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	w.sweep()
	w.approved()
	w.asksFor(kim)
	w.passes(23 * time.Hour)
	w.sent()
	same(t, "digests", 2, len(w.mornings))
	for _, o := range w.mornings {
		same(t, o.To, []int{1, map[string]int{asha: 1}[o.To]}, []int{len(o.Facts.Undecided), len(o.Facts.Todos)})
	}
	same(t, "apart", []string(nil), w.saidAgain())

	must(w.Delegate(t.Context(), asha, ben, "", "Ops"))(t)
	w.passes(3 * day)
	same(t, "what the operator must do is said while the reviewer is away",
		[]string{"9 Mar 09:00 morning: 1 apply!"}, w.saidAgain())
}
