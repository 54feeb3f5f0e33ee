package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// testFind: requests and exceptions are found by words, whatever accents there are, the newest first and no more than are
// wanted, behind any number of names that only may have the word.
func testFind(t *testing.T, open opener) {
	s := open(t)
	id := addMessage(t, s, 1, "of all").ID
	const others = 1200
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, name := range []string{"Siân Vaughan", "Sian Lee", "Sia\u0302n O’Brien", "Tom_Hale"} {
			r := request(fmt.Sprintf("LT-2026-%05d", i+1), id)
			e := exception(r.Ref, day)
			r.User, e.User = intake.User{Email: fmt.Sprintf("user%d@corner.test", i), Name: name}, intake.User{Name: name}
			r.ReceivedAt, e.StartsAt = noon.Add(time.Duration(i)*time.Second), noon.Add(time.Duration(i)*time.Second)
			r.SiteCode, e.SiteCode = fmt.Sprintf("FA00%d", i), fmt.Sprintf("FA00%d", i)
			ok(t, tx.AddRequest(ctx, r))
			ok(t, tx.AddException(ctx, e))
		}
		for i := range others { // newer, with names that are no ASCII
			e := exception(fmt.Sprintf("ST-2026-%05d", i+1), day)
			e.User, e.SiteCode, e.StartsAt = intake.User{Name: "Zoë"}, "V2001", noon.Add(day)
			ok(t, tx.AddException(ctx, e))
		}
	})
	find := func(limit int, all ...store.Sought) (requests, exceptions string) {
		t.Helper()
		var refs [2][]string
		for r, err := range s.FindRequests(t.Context(), all, 1) {
			ok(t, err)
			if refs[0] = append(refs[0], r.Ref[len("LT-2026-0000"):]); len(refs[0]) == limit {
				break
			}
		}
		for e, err := range s.FindExceptions(t.Context(), all, limit) {
			ok(t, err)
			if refs[1] = append(refs[1], e.Ref[len("LT-2026-0000"):]); len(refs[1]) == limit {
				break
			}
		}
		return strings.Join(refs[0], " "), strings.Join(refs[1], " ")
	}
	word := func(word string, sites ...string) store.Sought { return store.Sought{Word: word, Sites: sites} }
	many := make([]string, 6000)
	for i := range many {
		many[i] = fmt.Sprintf("XX%04d", i)
	}
	for _, c := range []struct {
		limit                int
		all                  []store.Sought
		requests, exceptions string
	}{
		{10, []store.Sought{word("sian")}, "3 2 1", "3 2 1"},
		{2, []store.Sought{word("sian")}, "3 2", "3 2"},
		{10, []store.Sought{word("sian"), word("o'brien")}, "3", "3"},
		{10, []store.Sought{word("user1@")}, "2", ""},
		{10, []store.Sought{word("lt-2026-00004")}, "4", "4"},
		{10, []store.Sought{word("tom_")}, "4", "4"},
		{10, []store.Sought{word("sian_")}, "", ""},
		{10, []store.Sought{word("fa002"), word("sian")}, "3", "3"},
		{10, []store.Sought{word("oak", "FA000", "FA003")}, "4 1", "4 1"},
		{10, []store.Sought{word("oak", "FA000", "FA003"), word("vaughan")}, "1", "1"},
		{10, []store.Sought{word("oak", many...)}, "", ""},
		{10, []store.Sought{word("oak", append(many, "FA001")...), word("sian")}, "2", "2"},
		{10, []store.Sought{word("", "FA001")}, "2", "2"},
	} {
		requests, exceptions := find(c.limit, c.all...)
		same(t, "requests", c.requests, requests)
		same(t, "exceptions", c.exceptions, exceptions)
	}
}

// testListed: what is listed comes the newest first, a page at a time, and only what is wanted of it.
func testListed(t *testing.T, open opener) {
	s := open(t)
	const many = 1300 // more than two pages
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i := range many {
			e := exception(fmt.Sprintf("ST-2025-%05d", i), day)
			e.StartsAt, e.EndsAt = noon.Add(time.Duration(i/2)*time.Hour), noon.Add(time.Duration(i/2+24)*time.Hour)
			e.SiteCode = []string{"FA001", "FA002"}[i%2]
			ok(t, tx.AddException(ctx, e))
		}
		ok(t, tx.CloseException(ctx, "ST-2025-00005", intake.Revoked, noon))
	})
	now := noon.Add((many/2 - 24) * time.Hour)
	for _, c := range []struct {
		name        string
		l           store.Listing
		first, last string
		n           int
	}{
		{"all", store.Listing{First: 1}, "ST-2025-01299", "ST-2025-00000", many},
		{"of a site", store.Listing{First: 40, Site: "FA002"}, "ST-2025-01299", "ST-2025-00001", many / 2},
		{"active", store.Listing{First: 40, States: []string{"active"}}, "ST-2025-01299", "ST-2025-01206", 94},
		{"ended, with those that nobody closed", store.Listing{First: 40, States: []string{"ended"}}, "ST-2025-01205", "ST-2025-00000", 1205},
		{"either", store.Listing{First: 2, States: []string{"active", "revoked"}}, "ST-2025-01299", "ST-2025-00005", 95},
		{"of late", store.Listing{First: 3, Since: noon.Add(648 * time.Hour)}, "ST-2025-01299", "ST-2025-01296", 4},
		{"none", store.Listing{First: 3, Site: "FA003"}, "", "", 0},
	} {
		var refs []string
		for e, err := range s.ListExceptions(t.Context(), c.l, now) {
			ok(t, err)
			refs = append(refs, e.Ref)
		}
		same(t, c.name+": how many", c.n, len(refs))
		same(t, c.name+": in order", true, slices.IsSortedFunc(refs, func(a, b string) int { return strings.Compare(b, a) }))
		if len(refs) > 0 {
			same(t, c.name, []string{c.first, c.last}, []string{refs[0], refs[len(refs)-1]})
		}
	}

	r := mentioned(t, s)
	site := store.Listing{First: 1, Site: r.SiteCode, Addresses: []string{r.RequestedBy}}
	other := addMessage(t, s, 9, "of another")
	conclude(t, s, other.ID, intake.Conclusion{Outcome: intake.OutcomeQuarantined, Folder: intake.Quarantine})
	messages := func(l store.Listing) (ids []int64) {
		for m, err := range s.ListInbound(t.Context(), l) {
			ok(t, err)
			ids = append(ids, m.ID)
		}
		return ids
	}
	letters := func(l store.Listing) (ids []int64) {
		for o, err := range s.ListOutbound(t.Context(), l) {
			ok(t, err)
			ids = append(ids, o.ID)
		}
		return ids
	}
	same(t, "messages", []int64{other.ID, 1}, messages(store.Listing{First: 1}))
	same(t, "quarantined", []int64{other.ID}, messages(store.Listing{First: 1, States: []string{"quarantined"}}))
	same(t, "of no state", []int64(nil), messages(store.Listing{First: 1, States: []string{"decision"}}))
	same(t, "later", []int64(nil), messages(store.Listing{First: 1, Since: noon.Add(day)}))
	same(t, "of its site", 1, len(messages(store.Listing{First: 1, Site: r.SiteCode, Addresses: []string{"nobody"}})))
	same(t, "letters", []int64{2, 1}, letters(store.Listing{First: 1}))
	same(t, "queued", 1, len(letters(store.Listing{First: 5, States: []string{"queued", "failed"}})))
	same(t, "of the site", 2, len(letters(site)))
	same(t, "of another", 0, len(letters(store.Listing{First: 1, Site: "FA009", Addresses: []string{"nobody"}})))
}
