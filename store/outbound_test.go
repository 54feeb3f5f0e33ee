package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

func testOutbound(t *testing.T, open opener) {
	s := open(t)
	full := letter("one@helpdesk.test")
	bare := &intake.Outbound{MessageID: "two@helpdesk.test", State: intake.Queued, CreatedAt: noon, DueAt: noon}
	full.Facts.Evidence = []intake.EvidenceFacts{{Filename: "a <b> & \"c\".pdf", Size: 1 << 40, Counts: true, Why: "✓"}}
	full.Facts.History = []intake.HistoryFacts{{At: noon, Event: "complete", By: "x", Text: "y\n"}}
	full.Answer, full.StandsFor = true, 7
	full.Facts.Lines, full.Facts.Code, full.Facts.Ends = []string{"a", ""}, "mfa-x", noon
	addLetters(t, s, full, bare)
	if full.ID == 0 || full.ID == bare.ID {
		t.Errorf("numbers are %d and %d", full.ID, bare.ID)
	}
	same(t, "outbound, in order", []intake.Outbound{*full, *bare}, must(s.Outbound(t.Context()))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "by Message-ID", full, must(tx.OutboundByMessageID(ctx, "one@helpdesk.test"))(t))
		_, err := tx.OutboundByMessageID(ctx, "three@helpdesk.test")
		wantNotFound(t, "no such message", err)
	})
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.AddOutbound(t.Context(), letter("one@helpdesk.test")) })
	if err == nil {
		t.Error("a Message-ID was given out twice")
	}
}

// testBounced: a letter comes back once.
func testBounced(t *testing.T, open opener) {
	s := open(t)
	one, two := letter("1@h"), letter("2@h")
	addLetters(t, s, one, two)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Bounced(ctx, one.ID, "5.1.1", noon))
		wantStale(t, "twice", tx.Bounced(ctx, one.ID, "5.2.2", noon.Add(time.Hour)))
		ok(t, tx.Bounced(ctx, two.ID, "", noon))
		wantStale(t, "no letter", tx.Bounced(ctx, 999, "5.1.1", noon))
	})
	one.BouncedAt, one.BounceStatus, two.BouncedAt = noon, "5.1.1", noon
	same(t, "outbound", []intake.Outbound{*one, *two}, must(s.Outbound(t.Context()))(t))
}

func testBouncedLately(t *testing.T, open opener) {
	s := open(t)
	back, fine := letter("1@h"), letter("2@h")
	fine.To = "jo@corner.test"
	addLetters(t, s, back, letter("3@h"), fine)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Bounced(ctx, back.ID, "5.1.1", noon))
		for _, c := range []struct {
			address string
			since   time.Time
			want    bool
		}{{back.To, noon.Add(-time.Second), true}, {back.To, noon, false}, {fine.To, noon.Add(-day), false}, {"nobody@corner.test", noon.Add(-day), false}} {
			same(t, c.address+" since "+c.since.String(), c.want, must(tx.BouncedLately(ctx, c.address, c.since))(t))
			same(t, c.address+" between", c.want, must(tx.BouncedBetween(ctx, c.address, c.since, noon))(t))
			same(t, c.address+" before", false, must(tx.BouncedBetween(ctx, c.address, c.since, noon.Add(-time.Second)))(t))
		}
	})
}

// testTriedFor: a letter and those in its place are one.
func testTriedFor(t *testing.T, open opener) {
	s := open(t)
	one, other := letter("1@h"), letter("2@h")
	addLetters(t, s, one, other)
	jo, pat := letter("3@h"), letter("4@h")
	jo.To, jo.StandsFor, pat.To, pat.StandsFor = "jo@corner.test", one.ID, "pat@corner.test", one.ID
	addLetters(t, s, jo, pat)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "for the first", []string{one.To, jo.To, pat.To}, must(tx.TriedFor(ctx, one.ID))(t))
		same(t, "for the other", []string{other.To}, must(tx.TriedFor(ctx, other.ID))(t))
		same(t, "for none", []string(nil), must(tx.TriedFor(ctx, 0))(t))
	})
}

// testQueue follows letters from the queue to their end.
func testQueue(t *testing.T, open opener) {
	s := open(t)
	second, first, later := letter("second@helpdesk.test"), letter("first@helpdesk.test"), letter("later@helpdesk.test")
	first.DueAt, later.DueAt = noon.Add(-time.Hour), noon.Add(time.Hour)
	also := letter("also@helpdesk.test")
	for i, o := range []*intake.Outbound{second, first, later, also} {
		o.Ref = fmt.Sprintf("LT-2026-%05d", i)
	}
	addLetters(t, s, second, first, later, also)
	due := func(after time.Duration, limit int) (ids []string) {
		t.Helper()
		for _, o := range must(s.Due(t.Context(), noon.Add(after), limit))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	one := func(o *intake.Outbound) *intake.Outbound {
		t.Helper()
		var got *intake.Outbound
		do(t, s, func(ctx context.Context, tx *store.Tx) { got = must(tx.OutboundByMessageID(ctx, o.MessageID))(t) })
		return got
	}
	same(t, "due before all", []string(nil), due(-2*time.Hour, 9))
	same(t, "due, longest first", []string{first.MessageID, second.MessageID, also.MessageID}, due(0, 9))
	same(t, "due, at most one", []string{first.MessageID}, due(0, 1))
	same(t, "due later", []string{first.MessageID, second.MessageID, also.MessageID, later.MessageID}, due(time.Hour, 9))

	try(t, s, first.ID)
	same(t, "due while tried", first.MessageID, due(0, 9)[0]) // a crash between the two leaves it in the queue
	ok(t, s.Retry(t.Context(), first.ID, noon, noon.Add(2*time.Hour), "451 busy"))
	first.Attempts, first.TriedAt, first.DueAt, first.LastError = 1, noon, noon.Add(2*time.Hour), "451 busy"
	same(t, "put back", first, one(first))
	same(t, "due after it was put back", []string{second.MessageID, also.MessageID}, due(0, 9))

	try(t, s, first.ID)
	first.SentAs = intake.SentAs{Subject: "For sam", To: "ops@helpdesk.test"}
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: first.ID, At: noon.Add(3 * time.Hour), As: first.SentAs}))
	first.Attempts, first.State, first.SentAt, first.LastError = 2, intake.Sent, noon.Add(3*time.Hour), ""
	same(t, "sent", first, one(first))

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		got := must(tx.GiveUp(ctx, second.ID, "550 no such user"))(t)
		second.State, second.LastError = intake.Failed, "550 no such user"
		same(t, "given up", second, got)
	})
	same(t, "due in the end", []string{also.MessageID, later.MessageID}, due(900*time.Hour, 9))
}

// testQueueGuards: what has left the queue is not touched again.
func testQueueGuards(t *testing.T, open opener) {
	s := open(t)
	sent, failed := letter("sent@helpdesk.test"), letter("failed@helpdesk.test")
	addLetters(t, s, sent, failed)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon}))
	do(t, s, func(ctx context.Context, tx *store.Tx) { must(tx.GiveUp(ctx, failed.ID, "550"))(t) })
	before := must(s.Outbound(t.Context()))(t)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon})) // once more, as its commit was in doubt
	for _, id := range []int64{sent.ID, failed.ID, 999} {
		same(t, "tried", 0, len(must(s.Try(t.Context(), []int64{id}))(t)))
		wantStale(t, "Sent", s.Sent(t.Context(), intake.Accepted{ID: id, At: noon.Add(time.Minute)}))
		wantStale(t, "Retry", s.Retry(t.Context(), id, noon, noon, "x"))
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			_, err := tx.GiveUp(ctx, id, "x")
			wantStale(t, "GiveUp", err)
		})
	}
	same(t, "outbound", before, must(s.Outbound(t.Context()))(t))
}

// testTogether: letters are tried, skipped and recorded as sent several at a time, and one that has left the queue is in
// nobody's way.
func testTogether(t *testing.T, open opener) {
	s := open(t)
	var all []*intake.Outbound
	for _, id := range []string{"gone@h", "first@h", "second@h", "third@h"} {
		all = append(all, letter(id))
	}
	addLetters(t, s, all...)
	gone, first, second, third := all[0], all[1], all[2], all[3]
	do(t, s, func(ctx context.Context, tx *store.Tx) { must(tx.GiveUp(ctx, gone.ID, "550"))(t) })
	before := must(s.Outbound(t.Context()))(t)
	ids := []int64{gone.ID, third.ID, first.ID, second.ID, 999}
	same(t, "tried", []int64{third.ID, first.ID, second.ID}, must(s.Try(t.Context(), ids))(t))
	for id, want := range map[int64]bool{gone.ID: false, first.ID: true, 999: false} {
		same(t, "waits", want, must(s.Waits(t.Context(), id))(t))
	}
	ok(t, s.Skip(t.Context(), before))
	same(t, "skipped", before, must(s.Outbound(t.Context()))(t))
	put := before[2]
	put.DueAt, put.LastError = noon.Add(time.Hour), "the server is away"
	ok(t, s.Skip(t.Context(), []intake.Outbound{put}))
	same(t, "skipped, and put back", put, must(s.Outbound(t.Context()))(t)[2])

	must(s.Try(t.Context(), ids))(t)
	accepted := func(o *intake.Outbound) intake.Accepted {
		return intake.Accepted{ID: o.ID, At: noon.Add(time.Duration(o.ID))}
	}
	wantStale(t, "Sent", s.Sent(t.Context(), accepted(first), accepted(gone), accepted(second)))
	states := map[string]intake.OutboundState{}
	for _, o := range must(s.Outbound(t.Context()))(t) {
		states[o.MessageID] = o.State
	}
	same(t, "states", map[string]intake.OutboundState{gone.MessageID: intake.Failed, first.MessageID: intake.Sent,
		second.MessageID: intake.Sent, third.MessageID: intake.Queued}, states)
}

// testSendAgain: what was given up, or sent in vain, is in the queue again as if it had not been tried.
func testSendAgain(t *testing.T, open opener) {
	s := open(t)
	sent, failed, queued, overtaken := letter("sent@h"), letter("failed@h"), letter("queued@h"), letter("overtaken@h")
	addLetters(t, s, sent, failed, queued, overtaken)
	try(t, s, sent.ID)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon}))
	try(t, s, failed.ID)
	due := noon.Add(time.Hour)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		must(tx.GiveUp(ctx, failed.ID, "550"))(t)
		must(tx.GiveUp(ctx, overtaken.ID, intake.Overtaken))(t)
		ok(t, tx.Bounced(ctx, sent.ID, "5.1.1", noon))
		for _, o := range []*intake.Outbound{sent, failed} {
			got := must(tx.SendAgain(ctx, o.ID, due))(t)
			want := *o
			want.State, want.DueAt, want.Attempts, want.LastError = intake.Queued, due, 1, got.LastError
			same(t, o.MessageID, want, *got)
			_, err := tx.SendAgain(ctx, o.ID, due)
			wantStale(t, "twice", err)
		}
		for _, id := range []int64{queued.ID, overtaken.ID, 999} {
			_, err := tx.SendAgain(ctx, id, due)
			wantStale(t, "neither", err)
		}
	})
}

// testTryNow: what waits is due at once, and what it would wait for before it; nothing else.
func testTryNow(t *testing.T, open opener) {
	s := open(t)
	other, before, wanted, after, sent := letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h"), letter("5@h")
	other.To = "other@x.test"
	addLetters(t, s, other, before, wanted, after, sent)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon}))
	late := noon.Add(time.Hour)
	for _, o := range []*intake.Outbound{other, before, wanted, after} {
		ok(t, s.Retry(t.Context(), o.ID, noon, late, "550 no"))
	}
	same(t, "wanted", false, must(s.Wanted(t.Context()))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "due", time.Time{}, must(tx.TryNow(ctx, wanted.ID))(t).DueAt)
		for _, id := range []int64{sent.ID, 999} {
			_, err := tx.TryNow(ctx, id)
			wantStale(t, "does not wait", err)
		}
		for o, due := range map[*intake.Outbound]time.Time{other: late, before: {}, after: late} {
			same(t, o.MessageID, due, must(tx.OutboundByID(ctx, o.ID))(t).DueAt)
		}
	})
	same(t, "wanted", true, must(s.Wanted(t.Context()))(t))
	same(t, "first", before.ID, must(s.Due(t.Context(), noon, 9))(t)[0].ID)
}

// testReached: when the first letter to an address was taken that has not come back.
func testReached(t *testing.T, open opener) {
	s := open(t)
	one, two, three, other, queued := letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h"), letter("5@h")
	other.To = "other@x.test"
	addLetters(t, s, one, two, three, other, queued)
	for i, o := range []*intake.Outbound{one, two, three, other} {
		ok(t, s.Sent(t.Context(), intake.Accepted{ID: o.ID, At: noon.Add(time.Duration(i) * time.Hour)}))
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Bounced(ctx, two.ID, "5.1.1", noon.Add(2*time.Hour)))
	})
	reached := func(since time.Time) time.Time { return must(s.Reached(t.Context(), one.To, since))(t) }
	same(t, "first", noon, reached(noon.Add(-time.Second)))
	same(t, "what came back does not count", noon.Add(2*time.Hour), reached(noon))
	same(t, "none", true, reached(noon.Add(2*time.Hour)).IsZero())
}

// testLastTaken: what the server did last with letters to others.
func testLastTaken(t *testing.T, open opener) {
	s := open(t)
	last := func(but string) (taken, refused time.Time) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			var err error
			taken, refused, err = tx.LastTaken(ctx, but)
			ok(t, err)
		})
		return taken, refused
	}
	taken, refused := last("")
	same(t, "nothing yet", []bool{true, true}, []bool{taken.IsZero(), refused.IsZero()})
	one, two, three := letter("1@h"), letter("2@h"), letter("3@h")
	one.To, two.To, three.To = "one@x.test", "two@x.test", "three@x.test"
	addLetters(t, s, one, two, three)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: one.ID, At: noon}))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: two.ID, At: noon.Add(time.Hour)}))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Bounced(ctx, three.ID, "5.1.1", noon.Add(time.Minute)))
	})
	for but, want := range map[string][]time.Time{"": {noon.Add(time.Hour), noon.Add(time.Minute)},
		two.To: {noon, noon.Add(time.Minute)}, three.To: {noon.Add(time.Hour), {}}} {
		taken, refused := last(but)
		same(t, but, want, []time.Time{taken, refused})
	}
}

// testConversation: what the first letter answered stands first, whatever is left
// out of a long conversation.
func testConversation(t *testing.T, open opener) {
	s := open(t)
	conversation := func(ref, to string, limit int) (ids []string) {
		t.Helper()
		do(t, s, func(ctx context.Context, tx *store.Tx) { ids = must(tx.Conversation(ctx, ref, to, limit))(t) })
		return ids
	}
	same(t, "none", []string(nil), conversation("LT-2026-00001", "pharmacy@corner.test", 9))
	one, two, three := letter("1@h"), letter("2@h"), letter("3@h")
	two.AnswersTo, three.AnswersTo = "", "third@corner.test"
	user, other := letter("u@h"), letter("o@h")
	user.To, user.AnswersTo = "sam@corner.test", ""
	other.Ref = "LT-2026-00002"
	addLetters(t, s, one, user, other, two, three)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: one.ID, At: noon})) // the queue makes no difference
	same(t, "the site's", []string{"first@corner.test", "1@h", "2@h", "3@h"}, conversation("LT-2026-00001", "pharmacy@corner.test", 9))
	same(t, "the newest two of it", []string{"first@corner.test", "2@h", "3@h"}, conversation("LT-2026-00001", "pharmacy@corner.test", 2))
	same(t, "the user's", []string{"u@h"}, conversation("LT-2026-00001", "sam@corner.test", 9))
	same(t, "the site's about another", []string{"first@corner.test", "o@h"}, conversation("LT-2026-00002", "pharmacy@corner.test", 9))
}

func testCountLetters(t *testing.T, open opener) {
	s := open(t)
	add := func(template intake.Template, to string, why intake.Why, after time.Duration) {
		o := letter(string(template) + to + string(why) + after.String())
		o.Template, o.To, o.Facts.Why, o.CreatedAt = template, to, why, noon.Add(after)
		addLetters(t, s, o)
	}
	add(intake.LetterRefused, "x@y", intake.WhyNotRegistered, 0)
	add(intake.LetterRefused, "x@y", intake.WhyPersonalMailbox, time.Hour)
	add(intake.LetterTooLarge, "x@y", "", 2*time.Hour)
	add(intake.LetterReceipt, "x@y", "", 2*time.Hour)
	add(intake.LetterRefused, "z@y", intake.WhyNotRegistered, 2*time.Hour)
	both := []intake.Template{intake.LetterRefused, intake.LetterTooLarge}
	for _, c := range []struct {
		name      string
		templates []intake.Template
		to        string
		why       intake.Why
		after     time.Duration
		want      int
	}{
		{"all of two templates", both, "x@y", "", -time.Second, 3},
		{"one template", both[:1], "x@y", "", -time.Second, 2},
		{"one reason", both, "x@y", intake.WhyNotRegistered, -time.Second, 1},
		{"after the first", both, "x@y", "", 0, 2},
		{"after the last", both, "x@y", "", 2 * time.Hour, 0},
		{"another address", both, "z@y", "", -time.Second, 1},
		{"nobody", both, "nobody@y", "", -time.Second, 0},
	} {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			same(t, c.name, c.want, must(tx.CountLetters(ctx, c.templates, c.to, c.why, noon.Add(c.after)))(t))
		})
	}
}

func testLetterWaits(t *testing.T, open opener) {
	s := open(t)
	o := letter("1@h")
	o.Template, o.To, o.Facts.Why = intake.LetterAlert, "x@y", "submission"
	addLetters(t, s, o)
	waits := func(template intake.Template, to string, why intake.Why) (yes bool) {
		do(t, s, func(ctx context.Context, tx *store.Tx) { yes = must(tx.LetterWaits(ctx, template, to, why))(t) })
		return yes
	}
	same(t, "it", true, waits(intake.LetterAlert, "x@y", "submission"))
	same(t, "another template", false, waits(intake.LetterRefused, "x@y", "submission"))
	same(t, "another address", false, waits(intake.LetterAlert, "z@y", "submission"))
	same(t, "another reason", false, waits(intake.LetterAlert, "x@y", "unread"))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: o.ID, At: noon}))
	same(t, "it, once it is sent", false, waits(intake.LetterAlert, "x@y", "submission"))
}

// testUnsent: of what is in the queue for an address, only some templates.
func testUnsent(t *testing.T, open opener) {
	s := open(t)
	decided, warning, other, sent := letter("1@h"), letter("2@h"), letter("3@h"), letter("4@h")
	decided.Template, warning.Template, other.Template, sent.Template = intake.LetterDecided, intake.LetterWarning, intake.LetterDecided,
		intake.LetterDecided
	decided.To, warning.To, other.To, sent.To = "x@y", "x@y", "z@y", "x@y"
	addLetters(t, s, decided, warning, other, sent)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon}))
	unsent := func(templates ...intake.Template) (ids []string) {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			for _, o := range must(tx.Unsent(ctx, templates, "x@y"))(t) {
				ids = append(ids, o.MessageID)
			}
		})
		return ids
	}
	same(t, "of one template", []string{"1@h"}, unsent(intake.LetterDecided))
	same(t, "of two", []string{"1@h", "2@h"}, unsent(intake.LetterDecided, intake.LetterWarning))
}

// testOrder: a conversation keeps its order, and nobody waits for what is less
// urgent.
func testOrder(t *testing.T, open opener) {
	s := open(t)
	receipt, question, other, stray := letter("receipt@h"), letter("question@h"), letter("other@h"), letter("stray@h")
	receipt.Template, question.Template = intake.LetterReceipt, intake.LetterQuestion
	other.Template, stray.Template = intake.LetterApproved, intake.LetterRefused
	other.Ref, stray.Ref = "LT-2026-00099", ""
	another := letter("another@h")
	another.Ref, another.Template = "", intake.LetterRefused
	addLetters(t, s, receipt, question, other, stray, another)
	due := func() (ids []string) {
		t.Helper()
		for _, o := range must(s.Due(t.Context(), noon, 9))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	same(t, "due", []string{"other@h", "stray@h", "another@h", "receipt@h"}, due())
	ok(t, s.Retry(t.Context(), receipt.ID, noon, noon.Add(time.Hour), "451"))
	same(t, "while the first is put back", []string{"other@h", "stray@h", "another@h"}, due())
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: receipt.ID, At: noon}))
	same(t, "once the first is sent", []string{"other@h", "question@h", "stray@h", "another@h"}, due())
}

// testUrgent: what a site can send any number of delays no decision, warning or end.
func testUrgent(t *testing.T, open opener) {
	s := open(t)
	add := func(id, ref string, template intake.Template, why intake.Why) *intake.Outbound {
		o := letter(id)
		o.Ref, o.Template, o.Facts.Why, o.DueAt = ref, template, why, noon
		addLetters(t, s, o)
		return o
	}
	for i := range 30 {
		ref := fmt.Sprintf("LT-2026-001%02d", i)
		add("receipt"+ref, ref, intake.LetterReceipt, "")
		add("review"+ref, ref+"r", intake.LetterReview, "")
		add("rejected"+ref, ref+"n", intake.LetterRejected, intake.WhyNoEvidence)
	}
	first := add("first", "LT-2026-00001", intake.LetterReceipt, "")
	add("approved", "LT-2026-00001", intake.LetterApproved, "")
	add("ended", "LT-2026-00002", intake.LetterEnded, "")
	add("revoked", "LT-2026-00003", intake.LetterRevoked, "")
	add("warning", "LT-2026-00004", intake.LetterWarning, "")
	add("refused", "LT-2026-00005", intake.LetterRejected, intake.WhyReviewer)
	add("alert", "", intake.LetterAlert, "")
	add("reminder", "LT-2026-00001", intake.LetterReminder, "")
	due := func(limit int) (ids []string) {
		t.Helper()
		for _, o := range must(s.Due(t.Context(), noon.Add(time.Minute), limit))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	others := []string{"ended", "revoked", "warning", "refused", "alert"}
	same(t, "due, a receipt before its decision", append([]string{"first"}, others...), due(6))
	ok(t, s.Retry(t.Context(), first.ID, noon, noon.Add(time.Hour), "451"))
	same(t, "due, once the receipt was put back", append([]string{"approved"}, others...), due(6))
	if all := due(200); len(all) != 90+6 || slices.Contains(all, "reminder") {
		t.Errorf("due, with what is not urgent: %v", all)
	}
}
