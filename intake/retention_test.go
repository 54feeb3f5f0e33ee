package intake_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/retain"
	"mfabot/store"
)

// deliverAll marks the letters in the queue as sent.
func (w *world) deliverAll() {
	w.t.Helper()
	for _, o := range must(w.store.Outbound(w.t.Context()))(w.t) {
		if o.State == intake.Queued {
			ok(w.t, w.store.Sent(w.t.Context(), intake.Accepted{ID: o.ID, At: w.now}))
		}
	}
}

// due is what a purge would delete now.
func (w *world) due() (due []retain.Purge) {
	w.t.Helper()
	ok(w.t, w.DuePurges(w.t.Context(), func(p retain.Purge) error {
		due = append(due, p)
		return nil
	}))
	return due
}

// purged does what is due now and returns "what rule message" of each.
func (w *world) purged() []string {
	w.t.Helper()
	var got []string
	due := w.due()
	ok(w.t, w.Purge(w.t.Context(), "", func(p retain.Purge) error {
		name := p.What() + " " + p.Rule
		if p.Message > 0 {
			name += fmt.Sprintf(" %d", p.Message)
		}
		if p.Ledger {
			name += " ledger"
		}
		if len(got) < len(due) {
			same(w.t, "what was due", due[len(got)], p)
		}
		got = append(got, name)
		return nil
	}))
	same(w.t, "number of what was due", len(due), len(got))
	return got
}

// raw reports whether a raw message is kept.
func (w *world) raw(id int64) bool {
	w.t.Helper()
	_, err := w.store.Message(w.t.Context(), id)
	if err != nil && !errors.Is(err, intake.ErrPurged) {
		w.t.Fatal(err)
	}
	return err == nil
}

// TestRetentionByEnding: how long things are kept, by what became of them.
func TestRetentionByEnding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		play  func(w *world) // at noon
		want  []string       // of message 1, or ST-2026-00001
		after []time.Duration
	}{
		{"rejected", func(w *world) { w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked}) },
			[]string{"LT-2026-00001 evidence.rejected 1", "LT-2026-00001 personal.rejected"}, []time.Duration{30 * day, 365 * day}},
		{"withdrawn", func(w *world) {
			a, _, _ := w.pending()
			w.take("withdrawal "+a.Ref, w.answer(a.Ref, "WITHDRAW"))
		}, []string{"LT-2026-00001 evidence.withdrawn 1", "LT-2026-00001 personal.withdrawn"}, []time.Duration{30 * day, 180 * day}},
		{"lapsed", func(w *world) {
			w.take("request LT-2026-00001", email{from: corner, subject: "MFA",
				text: "An exception for sam.lee@corner.test, please.", files: []string{pdf("first")}})
			w.now = w.now.Add(14 * day)
			w.sweep()
		}, []string{"LT-2026-00001 evidence.lapsed 1", "LT-2026-00001 personal.lapsed"}, []time.Duration{44 * day, 194 * day}},
		{"ended", func(w *world) {
			w.approved()
			w.now = w.now.Add(181 * day)
			w.sweep()
		}, []string{"LT-2026-00001 evidence.approved 1", "LT-2026-00001 personal.approved"}, []time.Duration{270 * day, 910 * day}},
		{"revoked", func(w *world) {
			w.approved()
			must(w.RevokeByHand(w.t.Context(), "LT-2026-00001", "left", "Jo Hill"))(w.t)
		}, []string{"LT-2026-00001 evidence.approved 1", "LT-2026-00001 personal.approved"}, []time.Duration{90 * day, 730 * day}},
		{"short term", func(w *world) {
			must(w.Grant(w.t.Context(), sam, "no-signal", "", ""))(w.t)
			w.now = w.now.Add(2 * day)
			w.sweep()
		}, []string{"ST-2026-00001 personal.short_term"}, []time.Duration{366 * day}},
		{"refused", func(w *world) { w.take("refused(not-registered)", email{from: stranger, subject: "MFA", text: asked}) },
			[]string{"message 1 messages.refused 1", "message 1 personal.other 1 ledger"}, []time.Duration{30 * day, 180 * day}},
		{"ignored", func(w *world) {
			w.take("ignored(automatic)", email{from: corner, subject: "Away", text: "I am away.",
				header: []string{"Auto-Submitted: auto-replied"}})
		}, []string{"message 1 messages.ignored 1", "message 1 personal.other 1 ledger"}, []time.Duration{30 * day, 180 * day}},
		{"quarantined", func(w *world) { w.take("quarantined(unclear-sender)", email{subject: "MFA", text: asked}) },
			[]string{"message 1 messages.quarantined 1", "message 1 personal.other 1 ledger"}, []time.Duration{90 * day, 180 * day}},
		{"guidance", func(w *world) {
			w.take("short-term guidance", email{from: corner, subject: "MFA",
				text: "Sam Lee, sam.lee@corner.test, has lost her phone and needs a short-term exception for today."})
		}, []string{"message 1 messages.other 1", "message 1 personal.other 1 ledger"}, []time.Duration{30 * day, 180 * day}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.play(w)
			same(t, "before they are sent", 0, len(w.purged()))
			w.deliverAll()
			for i, want := range c.want {
				w.now = noon.Add(c.after[i] - time.Second)
				if got := w.purged(); slices.Contains(got, want) {
					t.Errorf("%q a second too early", want)
				}
				w.now = noon.Add(c.after[i])
				if got := w.purged(); !slices.Contains(got, want) {
					t.Errorf("after %v: %q, want %q", c.after[i], got, want)
				}
			}
		})
	}
}

// TestRetentionTodo: what nobody has said to be done for as long as personal data is kept holds up no purge, and leaves the list.
func TestRetentionTodo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := must(w.Grant(t.Context(), sam, "no-signal", "", ""))(t)
	must(w.RevokeByHand(t.Context(), e.Ref, "found", "Olu"))(t)
	w.deliverAll()
	w.left("1 remove " + sam)
	w.now = noon.Add(366 * day)
	same(t, "purged", true, slices.Contains(w.purged(), e.Ref+" personal.short_term"))
	w.left()
}

// TestSharedMessageIsKeptForTheLast: one message may serve several requests.
func TestSharedMessageIsKeptForTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001,LT-2026-00002", email{from: corner, subject: "MFA", files: []string{pdf("both")},
		text: "User: sam.lee@corner.test\nUser: kim.day@corner.test\nReason: accessibility\nDetails: Both have a tremor.\n"})
	must(w.DecideByHand(t.Context(), "LT-2026-00001", "reject", "no", asha))(t)
	w.deliverAll()
	w.now = noon.Add(400 * day)
	w.purged()
	same(t, "kept for the open one", true, w.raw(1))
	same(t, "the user of the closed one", "", w.inState("LT-2026-00001", intake.Rejected).User.Email)
	same(t, "the other's user", kim, w.inState("LT-2026-00002", intake.Pending).User.Email)
	must(w.DecideByHand(t.Context(), "LT-2026-00002", "reject", "no", asha))(t)
	w.deliverAll()
	w.now = w.now.Add(30*day - time.Second)
	w.purged()
	same(t, "kept to the last second", true, w.raw(1))
	w.now = w.now.Add(time.Second)
	w.purged()
	same(t, "kept after it", false, w.raw(1))
	for _, ref := range []string{"LT-2026-00001", "LT-2026-00002"} {
		h := must(w.store.History(t.Context(), ref))(t)
		if proof := h[len(h)-1]; proof.Event != intake.EventPurged || !strings.Contains(proof.Text, "SHA-256") {
			t.Errorf("the proof of %s: %+v", ref, proof)
		}
	}
}

// TestAbsencePurged: that a reviewer was away is kept as long as what belongs to no request, from when they came back, and that it is
// purged is on record.
func TestAbsencePurged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withCleo)
	a, _, _ := w.pending()
	w.take("ignored(automatic)", autoReply(a, asha))
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.isAway(false)
	w.deliverAll()
	kept := func() int { return len(must(w.store.Absences(t.Context()))(t)) }
	w.now = noon.Add(180*day - time.Second)
	w.purged()
	same(t, "kept to the last second", 1, kept())
	w.now = noon.Add(180 * day)
	due := w.due()
	same(t, "due", 1, due[len(due)-1].Absences)
	w.purged()
	same(t, "kept after it", 0, kept())
	h := must(w.store.History(t.Context(), ""))(t)
	if proof := h[len(h)-1]; proof.Event != intake.EventPurged || !strings.Contains(proof.Text, "absences of reviewers: 1") {
		t.Errorf("the proof: %+v", proof)
	}
}

// TestResubmittedAfterPurge: evidence that is gone is no evidence.
func TestResubmittedAfterPurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	must(w.DecideByHand(t.Context(), a.Ref, "reject", "too old", asha))(t)
	w.deliverAll()
	w.sent()
	w.now = noon.Add(40 * day)
	w.purged()
	w.take("request "+a.Ref, w.answer(a.Ref, "Here is a new one.", pdf("second")))
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "attached", []int64{2}, func() (ids []int64) {
		for _, f := range l[0].Attach {
			ids = append(ids, f.InboundID)
		}
		return ids
	}())
	same(t, "listed", 1, len(l[0].Facts.Evidence))
	w.now = w.now.Add(365 * day)
	w.purged()
	same(t, "the new one is kept while it is open", true, w.raw(2))
}

// TestNight: once a night after two o'clock where the policy is, and once after the bot was down.
func TestNight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("refused(not-registered)", email{from: stranger, subject: "MFA", text: asked})
	ok(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Record(t.Context(), intake.HistoryEntry{At: w.now, Event: "at work"})
	}))
	w.deliverAll()
	night := func() int { return must(w.Night(t.Context()))(t) }
	due := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) // 30 days after noon
	for _, c := range []struct {
		at   time.Time
		want int
	}{
		{due.Add(-time.Hour), 0},
		{due.Add(time.Hour), 0}, // by day
		{time.Date(2026, 4, 2, 0, 59, 59, 0, time.UTC), 0},
		{time.Date(2026, 4, 2, 1, 0, 0, 0, time.UTC), 1}, // two o'clock British Summer Time
		{time.Date(2026, 4, 2, 1, 0, 30, 0, time.UTC), 0},
	} {
		w.now = c.at
		same(t, c.at.String(), c.want, night())
		same(t, "and then", 0, night())
	}
	w.take("refused(not-registered)", email{from: stranger, subject: "MFA", text: asked + "again"})
	w.deliverAll()
	w.now = w.now.Add(100*day + 7*time.Hour)
	w.configure() // a new process
	w.sent()
	same(t, "after downtime", 0, night())
	w.expect("alert purge > " + ops)
	for range 3 { // the bot is at work again
		same(t, "in the first days", 0, night())
		w.sweep()
		w.delivered()
		w.later(day)
	}
	w.configure()
	w.sent()
	same(t, "after three days", 1, night())
	w.expect()
}

// TestNightInPages: more than is looked at at once goes all the same, between what stays, and if the bot stops in the middle.
func TestNightInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept, _, ask := w.pending()
	for i := range 9 {
		var strangers []intake.Arrival
		for j := range 50 {
			strangers = append(strangers, w.arrival(email{from: stranger, subject: "MFA", text: fmt.Sprint(asked, i, j)}))
		}
		w.takeAll(strangers...)
		w.take("information "+kept.Ref, reply(ask, corner, fmt.Sprint("The letter is on its way, page ", i)))
	}
	w.deliverAll()
	ok(t, w.PlaceHold(t.Context(), kept.Ref, "complaint", "Jo Hill"))
	purge := func() (n int) {
		for {
			once := must(w.Night(t.Context()))(t)
			if once == 0 {
				return n
			}
			if n += once; once > 200 {
				t.Errorf("%d at once", once)
			}
			w.configure() // a new process
		}
	}
	for range 2 { // raw messages, and then what the ledger says of them
		w.later(40 * day)
		ok(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
			return tx.Record(t.Context(), intake.HistoryEntry{At: w.now.Add(-7 * day), Event: "at work"})
		}))
		due := 0
		for _, p := range w.due() {
			due += max(1, p.Letters+p.Entries)
		}
		same(t, "purged", due, purge())
		if left := w.due(); due < 450 || len(left) > 0 {
			t.Errorf("%d were due, and are left: %+v", due, left)
		}
		w.later(800 * day)
	}
}

// TestNightOfWrongClock: a clock that is years ahead deletes nothing, whatever it has the bot do first.
func TestNightOfWrongClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision "+a.Ref, reply(a, asha, "REJECT no"))
	w.delivered()
	right := w.now
	w.now = right.Add(10 * 365 * day)
	for range 2 {
		w.sweep()
		w.delivered()
		w.sent()
		same(t, "purged", 0, must(w.Night(t.Context()))(t))
		w.configure() // a new process
		w.later(day)
	}
	if n := len(w.sent()); n > 0 {
		t.Errorf("the second night told of %d things", n)
	}
	w.now = right.Add(time.Hour)
	same(t, "kept", true, w.raw(1))
	same(t, "subject", sam, must(w.store.Request(t.Context(), a.Ref))(t).User.Email)
	w.now = right.Add(31 * day) // by the right clock it goes when it is time
	if must(w.Night(t.Context()))(t) == 0 || w.raw(1) {
		t.Error("nothing is purged by the right clock")
	}
}

// TestHeld: nothing of a held reference goes, nor what is about it.
func TestHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
	w.deliverAll()
	ok(t, w.PlaceHold(t.Context(), "LT-2026-00001", "complaint", "Jo Hill"))
	w.now = noon.Add(2000 * day)
	same(t, "purged while held", 0, len(w.purged()))
	same(t, "kept", true, w.raw(1))
	ok(t, w.ReleaseHold(t.Context(), "LT-2026-00001", "Jo Hill"))
	w.events("LT-2026-00001", "no-evidence", "held", "released")
	if got := w.purged(); len(got) == 0 || w.raw(1) {
		t.Errorf("after the release: %q, and it is kept: %v", got, w.raw(1))
	}
}

// TestRetentionOfPolicy: what a policy leaves out is as in the embedded one.
func TestRetentionOfPolicy(t *testing.T) {
	t.Parallel()
	embedded := must(intake.DefaultPolicy())(t)
	text := string(must(os.ReadFile("policy.toml"))(t))
	head, rest, _ := strings.Cut(text, "[retention.messages]")
	_, tail, _ := strings.Cut(rest, "[short_term]")
	without := head + "[short_term]" + tail
	same(t, "without", embedded.Retention, must(intake.ReadPolicy("policy.toml", []byte(without)))(t).Retention)
	one := must(intake.ReadPolicy("policy.toml", []byte(without+"\n[retention.evidence]\nrejected = \"60d\"\n")))(t)
	same(t, "one of its own", 60*day, one.Retention["evidence.rejected"])
	same(t, "the others", embedded.Retention["evidence.approved"], one.Retention["evidence.approved"])
	for _, c := range []struct{ more, want string }{
		{"[retention.evidence]\nrejected = \"a month\"",
			`retention.evidence.rejected: expected a duration such as 24h or 180d, not "a month"`},
		{"[retention.evidence]\nrefused = \"30d\"",
			"retention.evidence.refused: there is no such key here: expected one of approved, lapsed, rejected, short_term, withdrawn"},
		{"[retention]\nletters = \"30d\"", "retention.letters: there is no such key here"},
		{"[retention.personal]\nlapsed = \"10d\"", "retention.personal.lapsed: expected at least as long as retention.evidence.lapsed"},
		{"[retention.messages]\nquarantined = \"200d\"",
			"retention.personal.other: expected at least as long as retention.messages.quarantined"},
	} {
		_, err := intake.ReadPolicy("policy.toml", []byte(without+"\n"+c.more+"\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.more, err, c.want)
		}
	}
}
