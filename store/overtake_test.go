package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// notice is a letter about an exception.
func notice(id string, template intake.Template, ref string) *intake.Outbound {
	o := letter(id)
	o.Template, o.Ref = template, ref
	return o
}

// testOvertake: only the warnings of an exception that wait leave the queue, and one
// that was on its way is on record as sent.
func testOvertake(t *testing.T, open opener) {
	s := open(t)
	const ref = "LT-2026-00001"
	all := []*intake.Outbound{notice("waits@h", intake.LetterWarning, ref), notice("tried@h", intake.LetterWarning, ref),
		notice("sent@h", intake.LetterWarning, ref), notice("failed@h", intake.LetterWarning, ref),
		notice("other@h", intake.LetterWarning, "LT-2026-00002"), notice("ended@h", intake.LetterEnded, ref)}
	all[1].To = "sam@corner.test"
	addLetters(t, s, all...)
	try(t, s, all[1].ID)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: all[2].ID, At: noon}))
	do(t, s, func(ctx context.Context, tx *store.Tx) { must(tx.GiveUp(ctx, all[3].ID, "550"))(t) })
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "recipients", []string{all[0].To, all[1].To}, must(tx.Overtake(ctx, ref))(t))
		same(t, "again", []string(nil), must(tx.Overtake(ctx, ref))(t))
	})
	states := func() (out []string) {
		for _, o := range must(s.Outbound(t.Context()))(t) {
			out = append(out, fmt.Sprint(o.MessageID, " ", o.State, " ", o.LastError))
		}
		return out
	}
	want := []string{"waits@h failed " + intake.Overtaken, "tried@h failed " + intake.Overtaken, "sent@h sent ",
		"failed@h failed 550", "other@h queued ", "ended@h queued "}
	same(t, "states", want, states())
	same(t, "tried", 0, len(must(s.Try(t.Context(), []int64{all[0].ID}))(t)))
	wantStale(t, "Retry", s.Retry(t.Context(), all[1].ID, noon, noon, "451"))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: all[1].ID, At: noon}))
	want[1] = "tried@h sent "
	same(t, "after one was sent", want, states())
}

// testOvertakeLetters: of what waits, only that of the template, the request and the
// address leaves the queue.
func testOvertakeLetters(t *testing.T, open opener) {
	s := open(t)
	const ref = "LT-2026-00001"
	all := []*intake.Outbound{notice("waits@h", intake.LetterReminder, ref), notice("sent@h", intake.LetterReminder, ref),
		notice("other@h", intake.LetterReminder, "LT-2026-00002"), notice("review@h", intake.LetterReview, ref),
		notice("kim@h", intake.LetterReminder, ref), notice("morning@h", intake.LetterMorning, "")}
	all[4].To = "kim@corner.test"
	addLetters(t, s, all...)
	try(t, s, all[0].ID)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: all[1].ID, At: noon}))
	waiting := func() (out []string) {
		for _, o := range must(s.Outbound(t.Context()))(t) {
			if o.State == intake.Queued {
				out = append(out, o.MessageID)
			}
		}
		return out
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.OvertakeLetters(ctx, intake.LetterReminder, ref, all[0].To))
	})
	same(t, "waiting", []string{"other@h", "review@h", "kim@h", "morning@h"}, waiting())
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.OvertakeLetters(ctx, intake.LetterMorning, "", all[5].To))
	})
	same(t, "waiting then", []string{"other@h", "review@h", "kim@h"}, waiting())
	same(t, "tried", 0, len(must(s.Try(t.Context(), []int64{all[0].ID}))(t)))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: all[0].ID, At: noon})) // it was on its way
}

func testLaterNotice(t *testing.T, open opener) {
	s := open(t)
	const ref = "LT-2026-00001"
	warning, instead := notice("1@h", intake.LetterWarning, ref), notice("2@h", intake.LetterWarning, ref)
	instead.CreatedAt, instead.StandsFor = noon.Add(time.Hour), 1
	other := notice("3@h", intake.LetterReceipt, ref)
	other.CreatedAt = noon.Add(time.Hour)
	again := notice("4@h", intake.LetterWarning, ref)
	again.CreatedAt, again.Answer = noon.Add(time.Hour), true
	addLetters(t, s, warning, instead, other, again)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "none but in its place, and what was asked for once more", false, must(tx.LaterNotice(ctx, ref, noon))(t))
		same(t, "itself", true, must(tx.LaterNotice(ctx, ref, noon.Add(-time.Second)))(t))
	})
	for _, template := range []intake.Template{intake.LetterWarning, intake.LetterEnded, intake.LetterRevoked} {
		ref := "LT-2026-1" + string(template)
		later := notice(string(template)+"@h", template, ref)
		later.CreatedAt = noon.Add(time.Hour)
		addLetters(t, s, later)
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			same(t, string(template), true, must(tx.LaterNotice(ctx, ref, noon))(t))
			same(t, string(template)+" itself", false, must(tx.LaterNotice(ctx, ref, noon.Add(time.Hour)))(t))
		})
	}
}

// testOvertakeBefore: of one template, those of before, so many at a time; summaries go out after all else.
func testOvertakeBefore(t *testing.T, open opener) {
	s := open(t)
	at := func(o *intake.Outbound, after time.Duration) *intake.Outbound {
		o.CreatedAt = noon.Add(after)
		return o
	}
	addLetters(t, s, at(notice("1@h", intake.LetterSummary, ""), 0), at(notice("2@h", intake.LetterSummary, ""), time.Hour),
		at(notice("3@h", intake.LetterSummary, ""), 2*time.Hour), at(notice("4@h", intake.LetterReceipt, ""), 0))
	due := must(s.Due(t.Context(), noon.Add(day), 9))(t)
	same(t, "goes first", "4@h", due[0].MessageID)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "untried", 2, must(tx.Untried(ctx, intake.LetterSummary, noon.Add(time.Hour)))(t))
		same(t, "one", 1, must(tx.OvertakeBefore(ctx, intake.LetterSummary, noon.Add(2*time.Hour), 1))(t))
		same(t, "the other", 1, must(tx.OvertakeBefore(ctx, intake.LetterSummary, noon.Add(2*time.Hour), 9))(t))
		same(t, "none", 0, must(tx.OvertakeBefore(ctx, intake.LetterSummary, noon.Add(2*time.Hour), 9))(t))
	})
	try(t, s, must(s.Outbound(t.Context()))(t)[2].ID)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "all tried", 0, must(tx.Untried(ctx, intake.LetterSummary, noon))(t))
	})
}

// testHeld: a letter that is held is not due before, however long that is, keeps nothing else about the same from going out, and is not
// counted among those that wait.
func testHeld(t *testing.T, open opener) {
	s := open(t)
	held, other := notice("held@h", intake.LetterDecided, "LT-2026-00001"), notice("other@h", intake.LetterReminder, "LT-2026-00001")
	held.HeldUntil = noon.Add(5 * day)
	addLetters(t, s, held, other)
	due := func(after time.Duration) (ids []string) {
		t.Helper()
		for _, o := range must(s.Due(t.Context(), noon.Add(after), 9))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	for _, after := range []time.Duration{0, day, 4 * day, 5*day - time.Second} {
		same(t, after.String(), []string{"other@h"}, due(after))
	}
	same(t, "counted", []intake.Figure{{What: "queued", N: 1, Oldest: noon}}, must(s.Figures(t.Context(), noon, noon))(t))
	same(t, "on record", held.HeldUntil, must(s.Outbound(t.Context()))(t)[0].HeldUntil)
	same(t, "then", []string{"held@h"}, due(5*day)) // which the other waits for now
}

// testWarningWaits: a warning is not due while another notice of its exception is.
func testWarningWaits(t *testing.T, open opener) {
	s := open(t)
	const ref = "LT-2026-00001"
	e := exception(ref, 10*day)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddException(ctx, e)) })
	addLetters(t, s, notice("warning@h", intake.LetterWarning, ref))
	for after, want := range map[time.Duration]int{0: 1, 10*day - time.Second: 1, 10 * day: 0, 20 * day: 0} {
		same(t, "due after "+after.String(), want, len(must(s.Due(t.Context(), noon.Add(after), 9))(t)))
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.SetNextNotice(ctx, ref, e.NextNoticeAt, noon.Add(30*day)))
	})
	same(t, "due once that is seen to", 1, len(must(s.Due(t.Context(), noon.Add(20*day), 9))(t)))
}

// several is a letter that warns of exceptions together.
func several(id string, refs ...string) *intake.Outbound {
	o := notice(id, intake.LetterWarnings, "")
	for _, ref := range refs {
		o.Facts.Warned = append(o.Facts.Warned, intake.WarnedFacts{Ref: ref, Code: "mfa-" + id + ref})
	}
	return o
}

// of lists the letters that warn of several, each with its state and what it is about.
func of(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	for _, o := range must(s.Outbound(t.Context()))(t) {
		out = append(out, fmt.Sprint(o.MessageID, " ", o.State, " ", o.Refs()))
	}
	return out
}

// testWarningsOfSeveral: what is written of one of several exceptions takes it out of the letters that wait, which is found by the
// codes of those that are left, and is not sent while another notice of one of them is due.
func testWarningsOfSeveral(t *testing.T, open opener) {
	s := open(t)
	const a, b, c = "LT-2026-00001", "LT-2026-00002", "LT-2026-00003"
	all := []*intake.Outbound{several("sent@h", a, b), several("waits@h", a, b), several("other@h", c)}
	all[1].CreatedAt = noon.Add(time.Hour)
	addLetters(t, s, all...)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: all[0].ID, At: noon}))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "by its code", all[1].ID, must(tx.OutboundByRow(ctx, "mfa-waits@h"+a))(t).ID)
		_, err := tx.OutboundByRow(ctx, "mfa-none")
		wantNotFound(t, "by none", err)
		same(t, "a later notice", true, must(tx.LaterNotice(ctx, a, noon))(t))
		same(t, "none of another", false, must(tx.LaterNotice(ctx, c, noon))(t))
		same(t, "recipients", []string{all[1].To}, must(tx.Overtake(ctx, a))(t))
		same(t, "again", []string(nil), must(tx.Overtake(ctx, a))(t))
		same(t, "as it may be on its way", all[1].ID, must(tx.OutboundByRow(ctx, "mfa-waits@h"+a))(t).ID)
	})
	same(t, "without one", []string{"sent@h sent [" + a + " " + b + "]", "waits@h queued [" + b + "]",
		"other@h queued [" + c + "]"}, of(t, s))
	due := func(after time.Duration) (ids []string) {
		for _, o := range must(s.Due(t.Context(), noon.Add(after), 9))(t) {
			ids = append(ids, o.MessageID)
		}
		return ids
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddException(ctx, exception(b, 10*day))) })
	same(t, "due", []string{"waits@h", "other@h"}, due(10*day-time.Second))
	same(t, "due with another notice", []string{"other@h"}, due(10*day))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "recipients", []string{all[1].To}, must(tx.Overtake(ctx, b))(t))
	})
	same(t, "with the last", []string{"sent@h sent [" + a + " " + b + "]", "waits@h failed [" + b + "]",
		"other@h queued [" + c + "]"}, of(t, s))
}

// testPurgeSeveral: who is purged leaves the letters that were sent of them with others. Such a letter is kept for as long as one of
// those whom it is about, and none of them is purged while it waits.
func testPurgeSeveral(t *testing.T, open opener) {
	s := open(t)
	const a, b = "LT-2026-00001", "LT-2026-00002"
	for uid, ref := range []string{a, b} {
		addRequest(t, s, ref, uint32(uid)+1)
	}
	letter := several("several@h", a, b)
	addLetters(t, s, letter)
	waiting := func() bool { return must(s.Reference(t.Context(), a))(t).Waiting }
	same(t, "it waits", true, waiting())
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: letter.ID, At: noon}))
	same(t, "it waits no longer", false, waiting())
	purge := func(refs ...string) int {
		loose := 0
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			for _, ref := range refs {
				ok(t, tx.PurgeReference(ctx, ref, noon))
			}
			n, _, err := tx.CountLoose(ctx, noon.Add(time.Hour))
			ok(t, err)
			loose = n
		})
		return loose
	}
	same(t, "kept for them", 0, purge())
	same(t, "kept for one of them", 0, purge(a))
	same(t, "about", []string{"several@h sent [" + b + "]"}, of(t, s))
	purge(b)
	same(t, "about nobody", []string{"several@h sent []"}, of(t, s))
}
