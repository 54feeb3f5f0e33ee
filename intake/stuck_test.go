package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
	"mfabot/intake/inbound"
	"mfabot/parser"
)

// stuckAt is a message that the server does not hand over.
func (w *world) stuckAt(uid uint32) intake.Stuck {
	return intake.Stuck{Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: 1, UID: uid}, Step: intake.StuckReading, Size: 1234,
		Cause: "BAD Command Error. 12"}.Again(w.now)
}

// TestStuckTold: the operator hears once of a message that the server does not hand over, with all that is known.
func TestStuckTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ok(t, w.NoteStuck(t.Context(), nil, nil))
	s := w.stuckAt(2)
	ok(t, w.NoteStuck(t.Context(), []intake.Stuck{s}, nil))
	alert := w.expect("alert stuck > " + ops)[0]
	same(t, "headline", "A message is stuck in the mailbox helpdesk", alert.Facts.Headline)
	w.alerts(alert, "UID 2, 1234 bytes, not handed over", "BAD Command Error. 12", "read as new")
	ok(t, w.NoteStuck(t.Context(), []intake.Stuck{s.Again(w.now)}, nil))
	w.expect()
	same(t, "on record", 2, must(w.Stuck(t.Context(), "helpdesk"))(t)[0].Tries)
	ok(t, w.NoteStuck(t.Context(), nil, []intake.Copy{s.Copy}))
	same(t, "on record in the end", 0, len(must(w.Stuck(t.Context(), "helpdesk"))(t)))
}

// TestStuckPassing: nobody hears of what the server is likely to get over, unless it does not.
func TestStuckPassing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.stuckAt(2)
	s.Step, s.Passing = intake.StuckFiling, true
	ok(t, w.NoteStuck(t.Context(), []intake.Stuck{s}, nil))
	w.expect()
	s.Passing = false
	ok(t, w.NoteStuck(t.Context(), []intake.Stuck{s}, nil))
	w.alerts(w.expect("alert stuck > " + ops)[0], "mailbox is full")
}

// TestManyStuck: an alert about many names some, and says how many there are.
func TestManyStuck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []intake.Stuck
	for uid := range uint32(200) {
		all = append(all, w.stuckAt(uid+1))
	}
	ok(t, w.NoteStuck(t.Context(), all, nil))
	alert := w.expect("alert stuck > " + ops)[0]
	same(t, "headline", "200 messages are stuck in the mailbox helpdesk", alert.Facts.Headline)
	if text := strings.Join(alert.Facts.Lines, "\n"); !strings.Contains(text, "And 180 more") || len(alert.Facts.Lines) > 25 {
		t.Errorf("lines %q", text)
	}
}

// TestAlone: until when a server wants to be left alone is on record for each mailbox, until it is over.
func TestAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := w.now.Add(5 * time.Minute)
	same(t, "before", true, must(w.Alone(t.Context(), "helpdesk"))(t).IsZero())
	ok(t, w.NoteAlone(t.Context(), "helpdesk", until))
	same(t, "asked", until, must(w.Alone(t.Context(), "helpdesk"))(t))
	same(t, "another", true, must(w.Alone(t.Context(), "other"))(t).IsZero())
	ok(t, w.NoteAlone(t.Context(), "helpdesk", time.Time{}))
	same(t, "over", true, must(w.Alone(t.Context(), "helpdesk"))(t).IsZero())
}

// TestStuckPauses: the pauses grow to a bound, and a clock that was set back puts off no attempt for longer.
func TestStuckPauses(t *testing.T) {
	t.Parallel()
	var s intake.Stuck
	var pauses []time.Duration
	for range 12 {
		s = s.Again(noon)
		pauses = append(pauses, s.NextAt.Sub(noon))
	}
	same(t, "pauses", "[1m0s 2m0s 4m0s 8m0s 16m0s 32m0s 1h4m0s 2h8m0s 4h16m0s 6h0m0s 6h0m0s 6h0m0s]", fmt.Sprint(pauses))
	for at, due := range map[time.Time]bool{noon: false, s.NextAt.Add(-time.Second): false, s.NextAt: true, noon.Add(-day): true} {
		same(t, "due "+at.String(), due, s.Due(at))
	}
}

// filedAll puts on record that all messages have left their mailbox.
func (w *world) filedAll() {
	w.t.Helper()
	ok(w.t, w.Filed(w.t.Context(), must(w.Unfiled(w.t.Context(), "helpdesk", 1, 0, 99))(w.t)))
}

// TestNumberIsNoMessage: another message under the number of one that was filed is read, and the operator told; the same
// one is filed again, and nothing else comes of it.
func TestNumberIsNoMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.arrival(email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}})
	before := w.takeAll(first)[0]
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.filedAll()
	same(t, "returned", []uint32{first.UID}, must(w.Returned(t.Context(), "helpdesk", 1, []uint32{first.UID, 99}))(t))

	filings := must(w.Take(t.Context(), []intake.Arrival{first}))(t)
	same(t, "filed again", []intake.Filing{{Copy: first.Copy, Folder: intake.Processed}}, filings)
	same(t, "on record", 1, len(must(w.store.Inbound(t.Context()))(t)))
	w.expect()

	other := w.arrival(email{from: bright, subject: "MFA", text: "Please exempt Kim Day, kim.day@corner.test, who is blind.",
		files: []string{pdf("other")}})
	other.Copy = first.Copy
	filings = must(w.Take(t.Context(), []intake.Arrival{other}))(t)
	same(t, "filings", []intake.Filing{{Copy: first.Copy, Folder: intake.Processed}}, filings)
	ledger := must(w.store.Inbound(t.Context()))(t)
	same(t, "outcomes", "request LT-2026-00001, request LT-2026-00002", outcome(ledger[0])+", "+outcome(ledger[1]))
	same(t, "the old one's number", uint32(0), ledger[0].UID)
	same(t, "the new one's number", first.UID, ledger[1].UID)
	alert := w.expect("alert number > "+ops, toAsha, "receipt > "+bright)[0]
	if want := fmt.Sprintf("UID %d was message %d", first.UID, before.ID); !strings.Contains(alert.Facts.Lines[0], want) {
		t.Errorf("no %q in %q", want, alert.Facts.Lines)
	}
}

// shelves are mailboxes in which a message can be read in whose place there was a note.
type shelves struct {
	raw  []byte
	note parser.ServerNote
}

func (s *shelves) Whole(context.Context, *intake.Inbound) ([]byte, error) {
	return nil, errors.New("nobody asked for it")
}

func (s *shelves) Original(_ context.Context, _ *intake.Inbound, note parser.ServerNote) ([]byte, error) {
	s.note = note
	if s.raw == nil {
		return nil, errors.New("the note is still there")
	}
	return s.raw, nil
}

// TestRequeueNote: in the place of a note of the mail server, which an older version took for a message, the message is
// read, and is on record from then on.
func TestRequeueNote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.take("quarantined(unclear-sender)", email{subject: "Retrieval using the IMAP4 protocol failed for the following message: 12345",
		text: "The server couldn't retrieve the following message:\n\nSubject: \"MFA\"\nFrom: \"Corner\" (pharmacy@corner.test)\n"})
	w.sent()
	boxes := new(shelves)
	w.Desk = desk.New(desk.Config{Service: w.Outbox.Service, Outbox: w.Outbox, Panel: w.Panel, Inbox: w.Inbox, Accounts: w.Enforcer,
		Messages: w.store, Boxes: boxes})
	if _, err := w.Requeue(t.Context(), m.ID, inbound.Again{}); err == nil {
		t.Error("no error while the server hands over the note")
	}
	boxes.raw = email{from: corner, subject: "MFA", text: asked, files: []string{pdf("x")}}.raw(77, w.now)
	c := must(w.Requeue(t.Context(), m.ID, inbound.Again{}))(t)
	same(t, "outcome", "request LT-2026-00001", strings.TrimSpace(string(c.Outcome)+" "+c.Ref))
	same(t, "asked for", parser.ServerNote{Subject: "MFA", From: `"Corner" (pharmacy@corner.test)`}, boxes.note)
	w.expect(toAsha, toBen, "receipt > "+corner)
	got := must(w.store.Message(t.Context(), m.ID))(t)
	same(t, "on record", corner+" MFA", got.From+" "+got.Subject)
	same(t, "stored", string(boxes.raw), string(got.Raw))
	same(t, "size", int64(len(boxes.raw)), got.Size)
}
