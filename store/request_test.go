package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// testNextRef: references count up by prefix and year, without gaps, and go on
// where they were after reopening.
func testNextRef(t *testing.T, open opener) {
	s := open(t)
	for _, c := range []struct {
		prefix string
		year   int
		want   string
	}{
		{"LT", 2026, "LT-2026-00001"},
		{"LT", 2026, "LT-2026-00002"},
		{"ST", 2026, "ST-2026-00001"},
		{"LT", 2027, "LT-2027-00001"},
		{"LT", 2026, "LT-2026-00003"},
	} {
		do(t, s, func(ctx context.Context, tx *store.Tx) {
			same(t, "reference", c.want, must(tx.NextRef(ctx, c.prefix, c.year))(t))
		})
	}
	ok(t, s.Close())
	do(t, open(t), func(ctx context.Context, tx *store.Tx) {
		same(t, "after reopening", "LT-2026-00004", nextRef(ctx, t, tx))
	})
}

func testRequests(t *testing.T, open opener) {
	s := open(t)
	first := addMessage(t, s, 1, "first")
	r := request("LT-2026-00001", first.ID)
	bare := &intake.Request{Ref: "LT-2026-00002", State: intake.Incomplete, InboundID: first.ID, ReceivedAt: noon}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		_, err := tx.Request(ctx, r.Ref)
		wantNotFound(t, "no request", err)
		ok(t, tx.AddRequest(ctx, r))
		ok(t, tx.AddRequest(ctx, bare))
		if r.Version == 0 {
			t.Error("no version was given")
		}
		same(t, "within the transaction", r, must(tx.Request(ctx, r.Ref))(t))
	})
	same(t, "request", r, must(s.Request(t.Context(), r.Ref))(t))
	same(t, "bare request", bare, must(s.Request(t.Context(), bare.Ref))(t))
	_, err := s.Request(t.Context(), "LT-2026-09999")
	wantNotFound(t, "no request", err)

	second := addMessage(t, s, 2, "second")
	does := evidence(second.ID, "2")
	doesNot := evidence(second.ID, "1.3")
	doesNot.Counts, doesNot.Why = false, "it is a signature"
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddEvidence(ctx, r.Ref, []intake.Evidence{does, doesNot}))
		ok(t, tx.AddEvidence(ctx, r.Ref, nil))
	})
	want := []intake.Evidence{r.Evidence[0], does, doesNot}
	same(t, "evidence, in order", want, must(s.Request(t.Context(), r.Ref))(t).Evidence)

	for _, c := range []struct {
		name string
		add  func(ctx context.Context, tx *store.Tx) error
	}{
		{"a reference twice", func(ctx context.Context, tx *store.Tx) error { return tx.AddRequest(ctx, request(r.Ref, first.ID)) }},
		{"no message", func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRequest(ctx, request("LT-2026-00003", 999))
		}},
		{"evidence twice", func(ctx context.Context, tx *store.Tx) error {
			return tx.AddEvidence(ctx, r.Ref, []intake.Evidence{does})
		}},
		{"evidence of no request", func(ctx context.Context, tx *store.Tx) error {
			return tx.AddEvidence(ctx, "LT-2026-09999", []intake.Evidence{does})
		}},
	} {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return c.add(t.Context(), tx) }); err == nil {
			t.Errorf("%s was stored", c.name)
		}
	}
}

// testUpdateRequest: a change counts only when nobody else was faster.
func testUpdateRequest(t *testing.T, open opener) {
	s := open(t)
	r := addRequest(t, s, "LT-2026-00001", 1)
	read := func() *intake.Request { return must(s.Request(t.Context(), r.Ref))(t) }
	mine, theirs := read(), read()
	mine.State, mine.User = intake.NeedsInfo, intake.User{Email: "kim@corner.test", Name: "Kim"}
	mine.Reason, mine.Justification = "other", "more"
	mine.Senders = append(mine.Senders, "kim@corner.test")
	mine.AuthMethod, mine.WaitingSince, mine.LapsesAt, mine.Digest = "no", noon.Add(time.Hour), time.Time{}, "another"
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.UpdateRequest(ctx, mine, intake.Pending)) })
	if mine.Version <= theirs.Version {
		t.Errorf("version went from %d to %d", theirs.Version, mine.Version)
	}
	same(t, "after the change", mine, read())

	do(t, s, func(ctx context.Context, tx *store.Tx) {
		theirs.State = intake.Rejected
		wantStale(t, "an old version and state", tx.UpdateRequest(ctx, theirs, intake.Pending))
		wantStale(t, "an old version", tx.UpdateRequest(ctx, theirs, intake.NeedsInfo))
		wrong := *mine
		wantStale(t, "another state", tx.UpdateRequest(ctx, &wrong, intake.Pending))
		same(t, "version after a stale change", mine.Version, wrong.Version)
		wrong.Ref = "LT-2026-09999"
		wantStale(t, "no request", tx.UpdateRequest(ctx, &wrong, intake.NeedsInfo))
		mine.State = intake.Pending
		ok(t, tx.UpdateRequest(ctx, mine, intake.NeedsInfo)) // the version in hand goes along
	})
	same(t, "after the second change", mine, read())
}

func testBegunBy(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	other := request("LT-2026-00003", m.ID)
	other.SiteCode = "FB002"
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddRequest(ctx, request("LT-2026-00002", m.ID)))
		ok(t, tx.AddRequest(ctx, request("LT-2026-00001", m.ID)))
		ok(t, tx.AddRequest(ctx, other))
		same(t, "of the site", []string{"LT-2026-00001", "LT-2026-00002"}, must(tx.RequestsBegunBy(ctx, "FA001", m.MessageID))(t))
		same(t, "of the other site", []string{"LT-2026-00003"}, must(tx.RequestsBegunBy(ctx, "FB002", m.MessageID))(t))
		same(t, "of a third site", []string(nil), must(tx.RequestsBegunBy(ctx, "FC003", m.MessageID))(t))
		same(t, "by another message", []string(nil), must(tx.RequestsBegunBy(ctx, "FA001", "other@corner.test"))(t))
	})
}

// testOpenRequests: of a site, and of one user where one is named.
func testOpenRequests(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, state := range []intake.State{intake.Incomplete, intake.Pending, intake.NeedsInfo, intake.Approved, intake.Rejected,
			intake.Withdrawn, intake.Lapsed, intake.Pending, intake.Pending} {
			r := request(nextRef(ctx, t, tx), m.ID)
			r.State = state
			switch i {
			case 0:
				r.User, r.ReceivedAt = intake.User{}, noon.Add(time.Hour)
			case 7:
				r.User.Email = "kim@corner.test"
			case 8:
				r.SiteCode = "FB002"
			}
			ok(t, tx.AddRequest(ctx, r))
		}
		for _, c := range []struct {
			site, email string
			want        []string
		}{
			{"FA001", "", []string{"LT-2026-00002", "LT-2026-00003", "LT-2026-00008", "LT-2026-00001"}},
			{"FA001", "sam@corner.test", []string{"LT-2026-00002", "LT-2026-00003"}},
			{"FA001", "kim@corner.test", []string{"LT-2026-00008"}},
			{"FA001", "nobody@corner.test", nil},
			{"FB002", "", []string{"LT-2026-00009"}},
			{"FC003", "", nil},
		} {
			same(t, c.site+" "+c.email, c.want, must(tx.OpenRequests(ctx, c.site, c.email))(t))
		}
	})
}

// testSeenFile: what matters is that a file came for somebody else, with another message of the same site.
func testSeenFile(t *testing.T, open opener) {
	s := open(t)
	r := addRequest(t, s, "LT-2026-00001", 1)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, c := range []struct {
			what, site, file, user string
			inboundID              int64
			want                   bool
		}{
			{"for another user", "FA001", "sha of 2", "kim@corner.test", r.InboundID + 1, true},
			{"for the same user", "FA001", "sha of 2", "sam@corner.test", r.InboundID + 1, false},
			{"with the same message", "FA001", "sha of 2", "kim@corner.test", r.InboundID, false},
			{"of another site", "FB002", "sha of 2", "kim@corner.test", r.InboundID + 1, false},
			{"another file", "FA001", "sha of 3", "kim@corner.test", r.InboundID + 1, false},
		} {
			same(t, c.what, c.want, must(tx.SeenFile(ctx, c.site, c.file, c.user, c.inboundID))(t))
		}
		same(t, "with another request", r.Ref, must(tx.WithFile(ctx, "sha of 2", "LT-2026-00009"))(t)[0].Ref)
		same(t, "with its own", 0, len(must(tx.WithFile(ctx, "sha of 2", r.Ref))(t)))
		same(t, "with none", 0, len(must(tx.WithFile(ctx, "sha of 3", "LT-2026-00009"))(t)))
	})
}

func testLapsing(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for ref, at := range map[string]time.Time{"LT-2026-00001": noon.Add(2 * time.Hour),
			"LT-2026-00002": noon.Add(time.Hour), "LT-2026-00003": {}} {
			r := request(ref, m.ID)
			r.LapsesAt = at
			ok(t, tx.AddRequest(ctx, r))
		}
		for _, c := range []struct {
			after time.Duration
			limit int
			want  []string
		}{
			{0, 9, nil},
			{time.Hour - time.Second, 9, nil},
			{time.Hour, 9, []string{"LT-2026-00002"}},
			{1000 * time.Hour, 9, []string{"LT-2026-00002", "LT-2026-00001"}},
			{1000 * time.Hour, 1, []string{"LT-2026-00002"}},
		} {
			same(t, "lapsing after "+c.after.String(), c.want, must(tx.Lapsing(ctx, noon.Add(c.after), c.limit))(t))
		}
	})
}

func testUndecided(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	want := []string{"LT-2026-00003", "LT-2026-00002", "LT-2026-00001"}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, state := range []intake.State{intake.Incomplete, intake.Pending, intake.NeedsInfo, intake.Approved, intake.Rejected,
			intake.Withdrawn, intake.Lapsed} {
			r := request(nextRef(ctx, t, tx), m.ID)
			r.State, r.WaitingSince = state, noon.Add(-time.Duration(i)*time.Hour)
			ok(t, tx.AddRequest(ctx, r))
		}
	})
	var got []string
	for _, r := range must(s.Undecided(t.Context()))(t) {
		got = append(got, r.Ref)
		same(t, "evidence of "+r.Ref, []intake.Evidence{evidence(m.ID, "2")}, r.Evidence)
	}
	same(t, "undecided, longest first", want, got)
}

func testReviews(t *testing.T, open opener) {
	s := open(t)
	r := addRequest(t, s, "LT-2026-00001", 1)
	other := addRequest(t, s, "LT-2026-00002", 2)
	reviews := make([]*intake.Review, 4)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i := range reviews {
			reviews[i] = &intake.Review{Ref: r.Ref, Reviewer: "asha@helpdesk.test", Purpose: intake.ToDecide,
				CodeHash: "hash" + string(rune('0'+i)), Digest: "d", CreatedAt: noon}
		}
		reviews[3].Ref, reviews[3].Purpose = other.Ref, intake.ToRevoke
		reviews[0].Together, reviews[3].Together = "all", "all"
		for _, v := range reviews {
			ok(t, tx.AddReview(ctx, v))
			same(t, "review", v, must(tx.ReviewByCode(ctx, v.CodeHash))(t))
		}
		_, err := tx.ReviewByCode(ctx, "another")
		wantNotFound(t, "no such code", err)
		same(t, "together", []int{2, 0, 0}, []int{len(must(tx.ReviewsTogether(ctx, "all"))(t)),
			len(must(tx.ReviewsTogether(ctx, "hash0"))(t)), len(must(tx.ReviewsTogether(ctx, ""))(t))})

		ok(t, tx.Decide(ctx, reviews[0].ID, intake.EventReject, "no letter", noon.Add(time.Hour)))
		wantStale(t, "a second decision", tx.Decide(ctx, reviews[0].ID, intake.EventApprove, "", noon.Add(2*time.Hour)))
		ok(t, tx.VoidReviews(ctx, r.Ref, noon.Add(3*time.Hour)))
		ok(t, tx.VoidReviews(ctx, r.Ref, noon.Add(4*time.Hour))) // the first time stays
		wantStale(t, "a decision with a void code", tx.Decide(ctx, reviews[1].ID, intake.EventApprove, "", noon))
		wantStale(t, "a decision without a code", tx.Decide(ctx, 999, intake.EventApprove, "", noon))
		ok(t, tx.VoidReviews(ctx, "LT-2026-09999", noon))
		ok(t, tx.VoidReview(ctx, reviews[0].ID, noon.Add(4*time.Hour)))
		ok(t, tx.Decide(ctx, reviews[3].ID, intake.EventRevoke, "left", noon.Add(time.Hour))) // another request's
	})
	reviews[0].Decision, reviews[0].Text, reviews[0].DecidedAt = intake.EventReject, "no letter", noon.Add(time.Hour)
	var want []intake.Review
	for _, v := range reviews[:3] {
		v.VoidAt = noon.Add(3 * time.Hour)
		want = append(want, *v)
	}
	same(t, "reviews, in order", want, must(s.Reviews(t.Context(), r.Ref))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "within a transaction", want, must(tx.Reviews(ctx, r.Ref))(t))
	})
	same(t, "of no request", []intake.Review(nil), must(s.Reviews(t.Context(), "LT-2026-09999"))(t))

	err := s.Update(t.Context(), func(tx *store.Tx) error {
		again := *reviews[1]
		return tx.AddReview(t.Context(), &again)
	})
	if err == nil {
		t.Error("a code was given out twice")
	}
}

// testUnanswered: a site is asked again once each time that it was asked, as long as
// there is time to answer.
func testUnanswered(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, c := range []struct {
			state         intake.State
			asked, lapses time.Duration
			reminded      time.Duration // zero for not at all
		}{
			{intake.NeedsInfo, 0, 14 * day, 0},
			{intake.Incomplete, -day, 13 * day, 0},
			{intake.NeedsInfo, time.Second, 14 * day, 0}, // asked later
			{intake.NeedsInfo, -10 * day, 7 * day, 0},    // its time is over
			{intake.Pending, -10 * day, 14 * day, 0},     // nothing was asked
			{intake.NeedsInfo, -2 * day, 14 * day, -day}, // reminded already
			{intake.NeedsInfo, -3 * day, 14 * day, -4 * day},
		} {
			r := request(fmt.Sprintf("LT-2026-%05d", i+1), m.ID)
			r.State, r.WaitingSince, r.LapsesAt = c.state, noon.Add(c.asked), noon.Add(c.lapses)
			ok(t, tx.AddRequest(ctx, r))
			ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon.Add(c.asked), Event: "ask"}))
			if c.reminded != 0 {
				ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon.Add(c.reminded), Event: "remind-site"}))
			}
		}
		want := []string{"LT-2026-00007", "LT-2026-00002", "LT-2026-00001"}
		same(t, "not answered", want, must(tx.Unanswered(ctx, noon.Add(7*day), noon, 9))(t))
		same(t, "at most two", want[:2], must(tx.Unanswered(ctx, noon.Add(7*day), noon, 2))(t))
	})
}

// testOpenFor: what waits for a user anywhere, and what would renew an exception.
func testOpenFor(t *testing.T, open opener) {
	s := open(t)
	m := addMessage(t, s, 1, "first")
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for i, state := range []intake.State{intake.Pending, intake.Rejected, intake.NeedsInfo, intake.Incomplete} {
			r := request(fmt.Sprintf("LT-2026-%05d", i+1), m.ID)
			r.State, r.SiteCode = state, fmt.Sprint("FA00", i)
			if i > 1 {
				r.Renews, r.Corrects = "", ""
			}
			ok(t, tx.AddRequest(ctx, r))
		}
		same(t, "of the user", []string{"LT-2026-00001", "LT-2026-00003", "LT-2026-00004"},
			must(tx.OpenRequestsFor(ctx, "sam@corner.test"))(t))
		same(t, "of nobody", []string(nil), must(tx.OpenRequestsFor(ctx, "kim@corner.test"))(t))
		var all []string
		for _, r := range must(tx.RequestsFor(ctx, "sam+x@corner.test"))(t) {
			all = append(all, r.Ref)
		}
		var begun []string
		for _, r := range append(must(tx.RequestsFrom(ctx, m.ID))(t), must(tx.RequestsFrom(ctx, m.ID+1))(t)...) {
			begun = append(begun, r.Ref)
		}
		same(t, "of the message", []string{"LT-2026-00001", "LT-2026-00002", "LT-2026-00003", "LT-2026-00004"}, begun)
		same(t, "all of the user", []string{"LT-2026-00004", "LT-2026-00003", "LT-2026-00002", "LT-2026-00001"}, all)
		same(t, "renews", "LT-2026-00001", must(tx.Renewing(ctx, "LT-2025-00001"))(t))
		same(t, "corrects", "LT-2026-00001", must(tx.Correcting(ctx, "LT-2025-00003"))(t))
		same(t, "corrects another", "", must(tx.Correcting(ctx, "LT-2025-00001"))(t))
		same(t, "renews another", "", must(tx.Renewing(ctx, "LT-2025-00002"))(t))
	})
}

// testKeepEvidence: a message that has evidence is kept whole, however little of it is asked for.
func testKeepEvidence(t *testing.T, open opener) {
	s := open(t)
	r := addRequest(t, s, "LT-2026-00001", 1)
	other := addMessage(t, s, 77, "another message")
	of := must(s.Message(t.Context(), r.InboundID))(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Keep(ctx, of, 3))
		ok(t, tx.Keep(ctx, other, 3))
	})
	same(t, "with evidence", of.Raw, raw(t, s, of.ID))
	same(t, "without", "ano", string(raw(t, s, other.ID)))
}
