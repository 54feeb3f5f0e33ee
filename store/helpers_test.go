package store_test

import (
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
	"mfabot/store"
)

// opener opens the same, at first empty, database each time it is called within
// one test, and closes it when the test ends.
type opener func(t *testing.T) *store.Store

// noon is the time at which the tests begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// inFile opens the SQLite database of a file.
func inFile(file string) opener {
	return func(t *testing.T) *store.Store {
		t.Helper()
		return closing(t, must(store.Open(t.Context(), file))(t))
	}
}

// closing returns a store that is closed when the test ends.
func closing(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// newSQLite returns an opener of a database in a folder of the test's own.
func newSQLite(t *testing.T) opener {
	t.Helper()
	return inFile(filepath.Join(t.TempDir(), "mfabot.db"))
}

// do runs fn in a transaction that must succeed.
func do(t *testing.T, s *store.Store, fn func(ctx context.Context, tx *store.Tx)) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		fn(t.Context(), tx)
		return nil
	})
	ok(t, err)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must is for calls that return a value besides the error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// message is an inbound message of the first mailbox.
func message(uid uint32, content string) *intake.Inbound {
	return &intake.Inbound{
		Arrival: intake.Arrival{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: uid},
			Raw: []byte(content), Size: int64(len(content))},
		Digest: "digest of " + content, MessageID: content + "@corner.test", From: "pharmacy@corner.test", Subject: "About " + content,
		ReceivedAt: noon, Checks: []intake.Check{{Name: "sender", Passed: true, Result: "dkim: pass"}},
	}
}

// addInbound puts a message in the ledger and keeps all of it.
func addInbound(ctx context.Context, tx *store.Tx, m *intake.Inbound) error {
	if err := tx.AddInbound(ctx, m); err != nil {
		return err
	}
	return tx.Keep(ctx, m, len(m.Raw))
}

// addMessage stores a message and returns it with its number.
func addMessage(t *testing.T, s *store.Store, uid uint32, content string) *intake.Inbound {
	t.Helper()
	m := message(uid, content)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, addInbound(ctx, tx, m)) })
	return m
}

// raw is the bytes of a stored message.
func raw(t *testing.T, s *store.Store, id int64) []byte {
	t.Helper()
	r := must(s.Raw(t.Context(), id))(t)
	all := must(io.ReadAll(r))(t)
	ok(t, r.Close())
	return all
}

// request is a pending request begun by a message.
func request(ref string, inboundID int64) *intake.Request {
	return &intake.Request{Ref: ref, State: intake.Pending, User: intake.User{Email: "sam@corner.test", Name: "Sam Lee"}, SiteCode: "FA001",
		SiteAddress: "pharmacy@corner.test", Reason: "accessibility", Justification: "a tremor", AuthMethod: "yes", RequestedBy: "pharmacy@corner.test",
		Senders: []string{"jo@corner.test", "pat@corner.test"}, ReceivedAt: noon, WaitingSince: noon.Add(time.Minute),
		LapsesAt: noon.Add(time.Hour), Renews: "LT-2025-00001", Corrects: "LT-2025-00003",
		Digest: "of the request", InboundID: inboundID,
		Evidence: []intake.Evidence{evidence(inboundID, "2")}}
}

func evidence(inboundID int64, part string) intake.Evidence {
	return intake.Evidence{InboundID: inboundID, Part: part, Filename: "letter " + part + ".pdf", MediaType: "application/pdf",
		DeclaredType: "application/octet-stream", Size: 1234, SHA256: "sha of " + part, Counts: true, Why: "a PDF"}
}

// addRequest stores a request and the message that began it.
func addRequest(t *testing.T, s *store.Store, ref string, uid uint32) *intake.Request {
	t.Helper()
	r := request(ref, addMessage(t, s, uid, ref).ID)
	do(t, s, func(ctx context.Context, tx *store.Tx) { ok(t, tx.AddRequest(ctx, r)) })
	return r
}

// exception is an active one of 180 days whose next notice is at noon of a day.
func exception(ref string, noticeAfter time.Duration) *intake.Exception {
	return &intake.Exception{Ref: ref, Category: intake.Long, State: intake.Active,
		User: intake.User{Email: "sam@corner.test", Name: "Sam Lee"}, SiteCode: "FA001", SiteAddress: "pharmacy@corner.test",
		Reason: "accessibility", Note: "by telephone", GrantedBy: "Asha Patel",
		StartsAt: noon, EndsAt: noon.Add(180 * 24 * time.Hour), NextNoticeAt: noon.Add(noticeAfter)}
}

// letter is an outbound message that is due at once.
func letter(id string) *intake.Outbound {
	return &intake.Outbound{Letter: intake.Letter{Template: intake.LetterReceipt, To: "pharmacy@corner.test", Ref: "LT-2026-00001",
		Facts: intake.Facts{Audience: intake.ToSite, User: intake.User{Email: "sam@corner.test"},
			RequestFacts: intake.RequestFacts{ReceivedAt: noon}}, AnswersTo: "first@corner.test",
		Attach: []intake.Attachment{{InboundID: 1, Part: "2", Filename: "letter.pdf", MediaType: "application/pdf"}}},
		MessageID: id, References: []string{"first@corner.test"}, State: intake.Queued, CreatedAt: noon, DueAt: noon}
}

// addLetters puts letters into the queue, in order.
func addLetters(t *testing.T, s *store.Store, letters ...*intake.Outbound) {
	t.Helper()
	do(t, s, func(ctx context.Context, tx *store.Tx) {
		for _, o := range letters {
			ok(t, tx.AddOutbound(ctx, o))
		}
	})
}

// try records that the delivery of a letter is about to be tried.
func try(t *testing.T, s *store.Store, letter int64) {
	t.Helper()
	same(t, "tried", []int64{letter}, must(s.Try(t.Context(), []int64{letter}))(t))
}
