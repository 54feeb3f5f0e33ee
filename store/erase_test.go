package store_test

import (
	"context"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// mentioned is a database with one request of sam's, and with sam's address wherever one can stand.
func mentioned(t *testing.T, s *store.Store) *intake.Request {
	t.Helper()
	const sam = "sam@corner.test"
	m := message(1, "first")
	m.From, m.Subject = sam, "Request of Sam@Corner.TEST"
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
	r := request("LT-2026-00001", m.ID)
	r.Justification = "ask " + sam + ", not xsam@corner.test"
	e := exception("ST-2026-00001", day)
	e.Category, e.SiteAddress, e.Note = intake.Short, sam, "called by "+sam
	sent, waits := letter("1@helpdesk.test"), letter("2@helpdesk.test")
	sent.To = sam
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddRequest(ctx, r))
		ok(t, tx.AddException(ctx, e))
		ok(t, tx.AddOutbound(ctx, sent))
		ok(t, tx.AddOutbound(ctx, waits))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon, Event: "complete", By: sam}))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon, Event: "approve", By: "asha@helpdesk.test",
			Text: "as xsam@corner.test"}))
		ok(t, tx.Spend(ctx, intake.NewAllowance("address:"+sam, 2), noon))
		ok(t, tx.SetAbsence(ctx, intake.Absence{Reviewer: "asha@helpdesk.test", Since: noon, Deputy: sam}))
		ok(t, tx.SetAbsence(ctx, intake.Absence{Reviewer: sam, Since: noon}))
		ok(t, tx.Remind(ctx, intake.Reminded{Ref: r.Ref, Reviewer: sam, Since: noon, Stage: 1, At: noon}))
	})
	conclude(t, s, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: r.Ref, Folder: intake.Processed})
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: sent.ID, At: noon, As: intake.SentAs{Subject: "Trial, for " + sam, To: sam}}))
	return r
}

func testTraces(t *testing.T, open opener) {
	s := open(t)
	r := mentioned(t, s)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		want := intake.Traces{Refs: []string{r.Ref, "ST-2026-00001"}, Asked: []string{"ST-2026-00001"},
			Messages: []int64{1}, Letters: []int64{1}, Queued: 1}
		same(t, "traces", want, must(tx.Traces(ctx, "sam@corner.test"))(t))
		same(t, "of nobody", intake.Traces{}, must(tx.Traces(ctx, "nobody@corner.test"))(t))
	})
}

// testEraseMentions: an address goes from every text, one that only ends alike stays.
func testEraseMentions(t *testing.T, open opener) {
	s := open(t)
	r := mentioned(t, s)
	other := letter("other@helpdesk.test")
	other.Ref = ""
	addLetters(t, s, other)
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: other.ID, At: noon, As: intake.SentAs{Subject: "Trial, for sam@corner.test", To: "sam@corner.test"}}))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.PurgeLetter(ctx, 1, noon))
		n, refs, err := tx.EraseMentions(ctx, "sam@corner.test")
		ok(t, err)
		if n == 0 || n != len(refs) {
			t.Errorf("%d texts, of the references %q", n, refs)
		}
		again, _, err := tx.EraseMentions(ctx, "sam@corner.test")
		ok(t, err)
		same(t, "texts left", 0, again)
	})
	got := must(s.Request(t.Context(), r.Ref))(t)
	same(t, "justification", "ask [erased], not xsam@corner.test", got.Justification)
	same(t, "subject", "Request of [erased]", must(s.Inbound(t.Context()))(t)[0].Subject)
	letters := must(s.Outbound(t.Context()))(t)
	same(t, "the letter to them", intake.Facts{}, letters[0].Facts)
	same(t, "as what it was sent", intake.SentAs{Subject: "Trial, for [erased]", To: "[erased]"}, letters[2].SentAs)
	same(t, "the user in the other letter", "[erased]", letters[1].Facts.User.Email)
	same(t, "history", []intake.HistoryEntry{{Ref: r.Ref, At: noon, Event: "complete"},
		{Ref: r.Ref, At: noon, Event: "approve", By: "asha@helpdesk.test", Text: "as xsam@corner.test"}},
		must(s.History(t.Context(), r.Ref))(t))
	same(t, "absences", []intake.Absence{{Reviewer: "asha@helpdesk.test", Since: noon, Deputy: "[erased]"}},
		must(s.Absences(t.Context()))(t))
	same(t, "reminders", 0, len(must(s.Reminded(t.Context(), r.Ref))(t)))
}
