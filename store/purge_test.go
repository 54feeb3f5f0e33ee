package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// conclude gives a message its outcome.
func conclude(t *testing.T, s *store.Store, id int64, c intake.Conclusion) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Conclude(ctx, id, c, []intake.Check{{Name: "sender", Result: "from sam@corner.test"}}))
	})
}

// closed is a rejected request, with the message that began it, a short-term
// exception of the same user's, letters and a history.
func closed(t *testing.T, s *store.Store, raw string) *intake.Request {
	t.Helper()
	m := message(1, "first")
	m.Raw = []byte(raw)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
	r := request("LT-2026-00001", m.ID)
	r.State = intake.Rejected
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.AddRequest(ctx, r))
		e := exception("ST-2026-00001", day)
		e.Category = intake.Short
		ok(t, tx.AddException(ctx, e))
		ok(t, tx.CloseException(ctx, e.Ref, intake.Ended, noon))
		ok(t, tx.AddReview(ctx, &intake.Review{Ref: r.Ref, Reviewer: "asha@helpdesk.test", Purpose: intake.ToDecide,
			CodeHash: "hash", CreatedAt: noon}))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: r.Ref, At: noon, Event: "reject", By: "asha@helpdesk.test",
			Text: "sam@corner.test is no user"}))
		ok(t, tx.AddOutbound(ctx, letter("1@helpdesk.test")))
	})
	conclude(t, s, m.ID, intake.Conclusion{Outcome: intake.OutcomeRequest, Ref: r.Ref, Folder: intake.Processed})
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: 1, At: noon, As: intake.SentAs{Subject: "for sam@corner.test", To: "sam@corner.test"}}))
	return r
}

func testReferences(t *testing.T, open opener) {
	s := open(t)
	r := closed(t, s, "first")
	addRequest(t, s, "LT-2026-00002", 2)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Hold(ctx, intake.Hold{Ref: r.Ref, At: noon, By: "Jo Hill", Reason: "complaint"}))
		wantStale(t, "a second hold", tx.Hold(ctx, intake.Hold{Ref: r.Ref, At: noon}))
		o := letter("2@helpdesk.test")
		o.Ref = "ST-2026-00001"
		ok(t, tx.AddOutbound(ctx, o))
	})
	want := []intake.Reference{
		{Ref: "LT-2026-00001", Ending: intake.EndingRejected, ClosedAt: r.WaitingSince, Held: true},
		{Ref: "ST-2026-00001", Ending: intake.EndingShortTerm, ClosedAt: noon.Add(180 * day), Waiting: true},
	}
	same(t, "what is over", want, must(s.References(t.Context(), "", noon.Add(180*day), 10))(t))
	same(t, "the first", want[:1], must(s.References(t.Context(), "", noon.Add(180*day), 1))(t))
	same(t, "those after it", want[1:], must(s.References(t.Context(), r.Ref, noon.Add(180*day), 10))(t))
	same(t, "what was over before", want[:1], must(s.References(t.Context(), "", noon.Add(180*day-time.Second), 10))(t))
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "one", want[0], must(tx.Reference(ctx, r.Ref))(t))
		same(t, "one that is open", intake.Reference{Ref: "LT-2026-00002"}, must(tx.Reference(ctx, "LT-2026-00002"))(t))
		_, err := tx.Reference(ctx, "LT-2026-00009")
		wantNotFound(t, "another", err)
		same(t, "hold", must(s.HoldOn(ctx, r.Ref))(t), must(tx.HoldOn(ctx, r.Ref))(t))
		same(t, "hold", &intake.Hold{Ref: r.Ref, At: noon, By: "Jo Hill", Reason: "complaint"}, must(tx.HoldOn(ctx, r.Ref))(t))
		ok(t, tx.Release(ctx, r.Ref))
		wantStale(t, "a second release", tx.Release(ctx, r.Ref))
		_, err = tx.HoldOn(ctx, r.Ref)
		wantNotFound(t, "released", err)
	})
}

func testPurge(t *testing.T, open opener) {
	s := open(t)
	r := closed(t, s, "first")
	kept := intake.KeptMessage{ID: 1, Outcome: intake.OutcomeRequest, ReceivedAt: noon, Size: 5, HasRaw: true,
		Holds: []string{r.Ref}, Names: []string{r.Ref}}
	for _, read := range []func(context.Context, int64, time.Time, int) ([]intake.KeptMessage, error){s.KeptMessages, s.RawMessages} {
		same(t, "kept", []intake.KeptMessage{kept}, must(read(t.Context(), 0, noon, 10))(t))
		same(t, "after it", 0, len(must(read(t.Context(), 1, noon, 10))(t)))
		same(t, "before it came", 0, len(must(read(t.Context(), 0, noon.Add(-time.Second), 10))(t)))
	}
	later := noon.Add(day)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		same(t, "kept", kept, must(tx.KeptMessage(ctx, 1))(t))
		same(t, "messages", []int64{1}, must(tx.MessagesOf(ctx, r.Ref))(t))
		same(t, "files", []string{"sha of 2"}, must(tx.Files(ctx, 1))(t))
		ok(t, tx.PurgeRaw(ctx, 1, later))
		wantStale(t, "again", tx.PurgeRaw(ctx, 1, later))
	})
	same(t, "with a raw message", 0, len(must(s.RawMessages(t.Context(), 0, noon, 10))(t)))
	m, err := s.Message(t.Context(), 1)
	if !errors.Is(err, intake.ErrPurged) || m.Subject != "About first" {
		t.Errorf("the message: %+v, %v, want what is left and ErrPurged", m, err)
	}
	_, err = s.Raw(t.Context(), 2)
	wantNotFound(t, "a message that there never was", err)
	got := must(s.Request(t.Context(), r.Ref))(t)
	same(t, "evidence that counts", 0, len(got.Counting()))
	same(t, "evidence", true, got.Evidence[0].Counts && got.Evidence[0].Purged)

	proof := intake.HistoryEntry{Ref: r.Ref, At: later, Event: intake.EventPurged, Text: "one message"}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, proof))
		ok(t, tx.PurgeReference(ctx, r.Ref, later))
		ok(t, tx.PurgeReference(ctx, "ST-2026-00001", later))
		ok(t, tx.PurgeMessage(ctx, 1, later))
		_, err := tx.KeptMessage(ctx, 1)
		wantNotFound(t, "what is kept of it", err)
	})
	same(t, "history", []intake.HistoryEntry{{Ref: r.Ref, At: noon, Event: "reject"}, proof}, must(s.History(t.Context(), r.Ref))(t))
	same(t, "ledger", "digest of first, outcome request of "+r.Ref, func() string {
		m := must(s.Inbound(t.Context()))(t)[0]
		return m.Digest + ", outcome " + string(m.Outcome) + " of " + m.Ref + m.From + m.Subject + m.MessageID
	}())
	o := must(s.Outbound(t.Context()))(t)[0]
	same(t, "letter", []any{"", intake.Facts{}, 0, intake.Sent}, []any{o.To, o.Facts, len(o.Attach), o.State})
	for _, gone := range []string{"sam", "corner.test", "tremor"} {
		if where := dumped(t, s, gone); len(where) > 0 && gone != "corner.test" { // the site's own address stays
			t.Errorf("%q is still in %v", gone, where)
		}
	}
	same(t, "where the site's address stays", []string{"exception.site_address", "request.site_address"}, dumped(t, s, "corner.test"))
}

// testPurgeLoose: letters and entries that belong to no reference go with their age,
// those of a reference with it.
func testPurgeLoose(t *testing.T, open opener) {
	s := open(t)
	closed(t, s, "first")
	for i, ref := range []string{"", "", "LT-2026-00001"} {
		o := letter(string(rune('a'+i)) + "@helpdesk.test")
		o.Ref = ref
		addLetters(t, s, o)
	}
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: 2, At: noon}))
	ok(t, s.Sent(t.Context(), intake.Accepted{ID: 4, At: noon}))
	var ids intake.Loose
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.Record(ctx, intake.HistoryEntry{At: noon, Event: "unproven-attempt", By: "sue@elsewhere.test"}))
		ok(t, tx.Record(ctx, intake.HistoryEntry{Ref: "LT-2026-00001,LT-2026-00002", At: noon, Event: "requeued", By: "Jo Hill"}))
		for _, want := range []struct{ before, letters, entries int }{{-1, 0, 0}, {0, 1, 2}} { // of two letters one waits to be sent
			before := noon.Add(time.Duration(want.before) * time.Second)
			letters, entries, err := tx.CountLoose(ctx, before)
			ok(t, err)
			same(t, "loose", []int{want.letters, want.entries}, []int{letters, entries})
			ids = intake.Loose{Letters: must(tx.LooseLetters(ctx, 0, before, 10))(t), Entries: must(tx.LooseEntries(ctx, 0, before, 10))(t)}
			same(t, "which", []int{want.letters, want.entries}, []int{len(ids.Letters), len(ids.Entries)})
		}
		same(t, "a page", ids.Entries[:1], must(tx.LooseEntries(ctx, 0, noon, 1))(t))
		same(t, "the next", ids.Entries[1:], must(tx.LooseEntries(ctx, ids.Entries[0], noon, 10))(t))
		same(t, "after the letter", 0, len(must(tx.LooseLetters(ctx, ids.Letters[0], noon, 10))(t)))
		ok(t, tx.Hold(ctx, intake.Hold{Ref: "LT-2026-00002", At: noon}))
		letters, entries, err := tx.PurgeLoose(ctx, ids, noon, noon)
		ok(t, err)
		same(t, "purged, but for what is held", []int{1, 1}, []int{letters, entries})
	})
	same(t, "where sue is", 0, len(dumped(t, s, "sue@")))
	same(t, "where Jo is", []string{"audit.by"}, dumped(t, s, "Jo Hill"))
}

// testPurgeAbsences: a reviewer's newest absence goes once it has been over for long enough, whoever ended it; one that lasts stays.
func testPurgeAbsences(t *testing.T, open opener) {
	s := open(t)
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for reviewer, until := range map[string]time.Time{"over@h": noon.Add(time.Hour), "lasts@h": {},
			"ended@h": {}, "late@h": noon.Add(3 * time.Hour)} {
			ok(t, tx.SetAbsence(ctx, intake.Absence{Reviewer: reviewer, Since: noon, Until: until, ByHand: true}))
		}
		ok(t, tx.EndAbsence(ctx, "ended@h", true, noon.Add(2*time.Hour)))
		for _, c := range []struct {
			at   time.Duration
			want int
		}{{time.Hour - time.Second, 0}, {time.Hour, 1}, {2 * time.Hour, 1}, {2 * time.Hour, 0}} {
			same(t, "over", c.want, must(tx.OverAbsences(ctx, noon.Add(c.at)))(t))
			same(t, "purged", c.want, must(tx.PurgeAbsences(ctx, noon.Add(c.at)))(t))
		}
	})
	var left []string
	for _, a := range must(s.Absences(t.Context()))(t) {
		left = append(left, a.Reviewer)
	}
	same(t, "left", []string{"lasts@h", "late@h"}, left)
}

// dumped returns in which columns of all tables a text is, in whatever case.
func dumped(t *testing.T, s *store.Store, text string) []string {
	t.Helper()
	_, read := s.Pools()
	columns := make(map[string][]string)
	rows, err := read.QueryContext(t.Context(), store.AllColumns(s))
	ok(t, err)
	defer func() { ok(t, rows.Close()) }()
	for rows.Next() {
		var table, column string
		ok(t, rows.Scan(&table, &column))
		columns[table] = append(columns[table], column)
	}
	ok(t, rows.Err())
	var where []string
	for table, names := range columns {
		for _, name := range names {
			var n int
			ok(t, read.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE lower(CAST(`+name+
				` AS TEXT)) LIKE '%' || $1 || '%'`, strings.ToLower(text)).Scan(&n))
			if n > 0 {
				where = append(where, table+"."+name)
			}
		}
	}
	slices.Sort(where)
	return where
}

// TestPurgedIsGoneFromTheFile: neither the database's file nor its log has a byte of
// what was purged, however it was stored.
func TestPurgedIsGoneFromTheFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mfabot.db")
	s := inFile(file)(t)
	var noise bytes.Buffer // that cannot be compressed, so that it is stored as it is
	random := rand.New(rand.NewPCG(1, 2))
	for noise.Len() < 300_000 {
		noise.WriteByte(byte(random.Uint32()))
	}
	r := closed(t, s, noise.String())
	needles := map[string][]byte{
		"the beginning": noise.Bytes()[100:140],
		"the middle":    noise.Bytes()[150_000:150_040],
		"the end":       noise.Bytes()[299_900:299_940],
		"the details":   []byte("a tremor"), "the name": []byte("Sam Lee"), "the words of the history": []byte("is no user")}
	for what, needle := range needles {
		if !onDisk(t, file, needle) {
			t.Errorf("%s cannot be found before it is purged", what)
		}
	}
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		ok(t, tx.PurgeRaw(ctx, r.InboundID, noon))
		ok(t, tx.PurgeMessage(ctx, r.InboundID, noon))
		ok(t, tx.PurgeReference(ctx, r.Ref, noon))
		ok(t, tx.PurgeReference(ctx, "ST-2026-00001", noon))
	})
	ok(t, s.Wipe(t.Context()))
	for what, needle := range needles {
		if onDisk(t, file, needle) {
			t.Errorf("%s is still on the disk", what)
		}
	}
	ok(t, store.Verify(t.Context(), file))
}

// onDisk reports whether the database's files hold some bytes.
func onDisk(t *testing.T, file string, needle []byte) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(file + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(content, needle) {
			return true
		}
	}
	return false
}

// TestWipeWaitsForNobody: while somebody reads what was there before, it says so
// soon, and the bot goes on.
func TestWipeWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)(t)
	addMessage(t, s, 1, "first")
	_, read := s.Pools()
	tx := must(read.BeginTx(t.Context(), nil))(t)
	var n int
	ok(t, tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM inbound`).Scan(&n))
	addMessage(t, s, 2, "second")
	if err := s.Wipe(t.Context()); !errors.Is(err, intake.ErrBusy) {
		t.Errorf("while somebody reads: %v, want ErrBusy", err)
	}
	addMessage(t, s, 3, "third")
	ok(t, tx.Rollback())
	ok(t, s.Wipe(t.Context()))
}
