package store_test

import (
	"context"
	"testing"

	"mfabot/intake"
	"mfabot/store"
)

// testPerson: what is on record of somebody, and whose else it is.
func testPerson(t *testing.T, open opener) {
	s := open(t)
	r := mentioned(t, s)
	other := request("LT-2026-00002", addMessage(t, s, 2, "of both").ID)
	other.User.Email = "kim@corner.test"
	about := addMessage(t, s, 3, "about the first")
	addMessage(t, s, 4, "of neither")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddRequest(ctx, other))
		ok(t, tx.AddEvidence(ctx, r.Ref, []intake.Evidence{evidence(other.InboundID, "3")}))
	})
	conclude(t, s, about.ID, intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: r.Ref + "," + other.Ref, Folder: intake.Processed})
	p := must(s.Person(t.Context(), "sam@corner.test"))(t)
	same(t, "references", []string{r.Ref, "ST-2026-00001"}, p.Refs)
	var messages, letters []int64
	for _, m := range p.Messages {
		messages = append(messages, m.ID)
	}
	for _, l := range p.Letters {
		letters = append(letters, l.ID)
	}
	same(t, "messages", []int64{1, other.InboundID, about.ID}, messages)
	same(t, "letters", []int64{1, 2}, letters)
	same(t, "others", map[int64][]string{1: nil, other.InboundID: {other.Ref}, about.ID: {other.Ref}}, p.Others)
	same(t, "of nobody", store.Person{Others: map[int64][]string{}}, must(s.Person(t.Context(), "nobody@corner.test"))(t))
}
