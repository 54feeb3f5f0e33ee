package mailbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
	"mfabot/intake/mailbox/imaptest"
	"mfabot/parser"
)

func TestMemServer(t *testing.T) {
	for name, srv := range map[string]server{
		"everything":      newMemServer(imap.CapIMAP4rev2),
		"move only":       newMemServer(imap.CapMove),
		"uidplus only":    newMemServer(imap.CapUIDPlus, imap.CapNamespace),
		"nothing but rev": newMemServer(),
	} {
		t.Run(name, func(t *testing.T) { runSuite(t, srv) })
	}
}

func runSuite(t *testing.T, srv server) {
	for name, test := range map[string]func(*testing.T, server){
		"ascending":       testAscending,
		"known":           testKnown,
		"returned":        testReturned,
		"original":        testOriginal,
		"flags":           testFlags,
		"crash":           testCrash,
		"takeFails":       testTakeFails,
		"removed":         testRemoved,
		"marked":          testMarked,
		"othersMarked":    testOthersMarked,
		"folders":         testFolders,
		"folderRemoved":   testFolderRemoved,
		"folderName":      testFolderName,
		"uidValidity":     testUIDValidity,
		"oversize":        testOversize,
		"largeInTurn":     testLargeInTurn,
		"batchCount":      testBatchCount,
		"wrongPassword":   testWrongPassword,
		"cut":             testCut,
		"idle":            testIdle,
		"waitCancelled":   testWaitCancelled,
		"connectionEnded": testConnectionEnded,
		"period":          testPeriod,
		"readOnly":        testReadOnly,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, srv)
		})
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testAscending(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.Batch = 2
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	cfg.Now = func() time.Time { return at }
	p, l := meet(t, cfg), newLedger()
	var texts []string
	for i := range 5 {
		texts = append(texts, letter(fmt.Sprint(i)))
		p.add("INBOX", texts[i])
	}
	validity := p.open("INBOX")
	w := watch(t, cfg, l)
	equal(t, "never read", w.LastRead(), time.Time{})
	for _, want := range []int{2, 2, 1, 0} {
		n, err := w.Step(t.Context())
		if n != want || err != nil {
			t.Fatalf("Step = %d, %v; want %d", n, err, want)
		}
	}
	equal(t, "last read", w.LastRead(), at)
	for i, a := range l.taken {
		if time.Since(a.At).Abs() > time.Minute {
			t.Errorf("it came at %v", a.At)
		}
		a.At = time.Time{}
		equal(t, "arrival", a, intake.Arrival{
			Copy: intake.Copy{Mailbox: "helpdesk", UIDValidity: validity, UID: uint32(i + 1)},
			Raw:  []byte(texts[i]),
			Size: int64(len(texts[i])),
		})
	}
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), texts)
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "unfiled", len(l.unfiled), 0)
}

// What is on record and not filed is not taken again, whatever lies beside it.
func testKnown(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	for i := range 4 {
		p.add("INBOX", letter(fmt.Sprint(i)))
	}
	validity := p.open("INBOX")
	for _, uid := range []uint32{2, 3} {
		c := intake.Copy{Mailbox: "helpdesk", UIDValidity: validity, UID: uid}
		l.known[c], l.unfiled[c] = true, intake.Filing{Copy: c, Folder: intake.Quarantine}
	}
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 4})
	equal(t, "quarantine", p.texts(srv.folder(intake.Quarantine)), []string{letter("1"), letter("2")})
}

// A number is not a message: what is in the inbox under the number of one that was filed is handed over.
func testReturned(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("another"))
	c := intake.Copy{Mailbox: "helpdesk", UIDValidity: p.open("INBOX"), UID: 1}
	l.known[c] = true
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1})
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "stuck", len(l.stuck), 0)
}

// In the place of a note, the message is read that the server can retrieve by now, and no other.
func testOriginal(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w) // which makes the folders
	m := &intake.Inbound{ID: 5, Conclusion: intake.Conclusion{Folder: intake.Quarantine}}
	note := parser.ServerNote{Subject: "MFA for Sam Green", From: "Oak Street"}
	original := letter("MFA for Sam Green")
	for _, raw := range []string{imaptest.StandIn, letter("Re: MFA for Sam Green"), letter("Other")} {
		p.add(srv.folder(intake.Quarantine), raw)
	}
	if raw, err := w.Original(t.Context(), m, note); err == nil || !strings.Contains(err.Error(), "holds 0 such messages") {
		t.Errorf("Original = %q, %v", raw, err)
	}
	p.add(srv.folder(intake.Quarantine), original)
	raw, err := w.Original(t.Context(), m, note)
	equal(t, "error", err, error(nil))
	equal(t, "original", string(raw), original)
	p.add(srv.folder(intake.Quarantine), original)
	if _, err := w.Original(t.Context(), m, note); err == nil || !strings.Contains(err.Error(), "holds 2 such messages") {
		t.Errorf("of two: %v", err)
	}
	if _, err := w.Original(t.Context(), m, parser.ServerNote{}); err == nil {
		t.Error("no error where the note names nothing")
	}
	drain(t, w) // it still watches the inbox
}

// What came before a mailbox's beginning stays where it is, to the second, and is counted; what was moved away is not.
func testPeriod(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	midnight := time.Date(2026, 6, 1, 23, 0, 0, 0, time.UTC) // of 2 June in London
	l.period = intake.Period{From: midnight, Until: midnight.AddDate(0, 0, 10)}
	for i, at := range []time.Time{
		midnight.AddDate(-2, 0, 0), midnight.AddDate(0, 0, -1), midnight.Add(-time.Second), midnight,
		midnight.Add(time.Hour), l.period.Until.Add(-time.Second), l.period.Until, l.period.Until.AddDate(0, 0, 9),
	} {
		p.addAt("INBOX", letter(fmt.Sprint(i)), at)
	}
	w := watch(t, cfg, l)
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{4, 5, 6})
	equal(t, "taken at", l.taken[0].At, midnight)
	equal(t, "left", l.left[len(l.left)-1], 5)
	p.remove("INBOX", 1)
	p.remove("INBOX", 8)
	p.add("INBOX", letter("new"))
	l.period = intake.Period{From: midnight.AddDate(0, 0, -3)}
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{4, 5, 6, 2, 3, 7, 9})
	equal(t, "left", l.left[len(l.left)-1], 0)
}

// What people read is as new as what they did not, and stays as they left it.
func testFlags(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("read"), imap.FlagSeen)
	p.add("INBOX", letter("unread"))
	drain(t, watch(t, cfg, l))
	equal(t, "taken", l.uids(), []uint32{1, 2})
	for _, m := range p.messages(srv.folder(intake.Processed)) {
		read := strings.Contains(string(m.BodySection[0].Bytes), "Subject: read")
		equal(t, "\\Seen", slices.Contains(m.Flags, imap.FlagSeen), read)
		equal(t, "\\Deleted", slices.Contains(m.Flags, imap.FlagDeleted), false)
	}
}

func testCrash(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("one"))
	p.add("INBOX", letter("two"))

	// Ended between the commit and the filing.
	dying, dial := cfg, cfg.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	dials := 0
	dying.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials++; dials > 1 {
			return nil, errors.New("the program has ended")
		}
		conn, err := dial(ctx, network, addr)
		l.into = func(intake.Arrival) intake.Folder { _ = conn.Close(); return intake.Processed }
		return conn, err
	}
	if _, err := watch(t, dying, l).Step(t.Context()); err == nil {
		t.Fatal("no error")
	}
	equal(t, "inbox after the first stop", len(p.bodies("INBOX")), 2)
	equal(t, "taken", l.uids(), []uint32{1, 2})

	// Stopped between the filing and its record.
	l.filedErr = errors.New("database is gone")
	if _, err := watch(t, cfg, l).Step(t.Context()); !errors.Is(err, l.filedErr) {
		t.Fatal(err)
	}
	l.filedErr = nil
	drain(t, watch(t, cfg, l))
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	equal(t, "unfiled", len(l.unfiled), 0)
	equal(t, "taken once", len(l.taken), 2)
	texts := slices.Sorted(slices.Values(p.texts(srv.folder(intake.Processed))))
	equal(t, "processed", texts, []string{letter("one"), letter("two")})
}

func testTakeFails(t *testing.T, srv server) {
	cfg := srv.config(t)
	cfg.Batch = 1
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("one"))
	p.add("INBOX", letter("two"))
	l.takeErr = errors.New("disk full")
	w := watch(t, cfg, l)
	if n, err := w.Step(t.Context()); n != 0 || !errors.Is(err, l.takeErr) {
		t.Fatalf("Step = %d, %v", n, err)
	}
	equal(t, "inbox", p.texts("INBOX"), []string{letter("one"), letter("two")})
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string(nil))
	if w.s == nil {
		t.Error("the connection is not to blame")
	}
	l.takeErr = nil
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{1, 2})
}

func testRemoved(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	for _, s := range []string{"a", "b", "c"} {
		p.add("INBOX", letter(s))
	}
	// Removed after it went on record, before it was filed.
	l.into = func(a intake.Arrival) intake.Folder {
		if a.UID == 2 {
			p.remove("INBOX", 2)
		}
		return intake.Processed
	}
	w := watch(t, cfg, l)
	drain(t, w)
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{letter("a"), letter("c")})
	equal(t, "unfiled", len(l.unfiled), 0)

	// Removed while it is all there is.
	p.add("INBOX", letter("d"))
	l.into = func(a intake.Arrival) intake.Folder { p.remove("INBOX", a.UID); return intake.Processed }
	if _, err := w.Step(t.Context()); err != nil {
		t.Log(err) // the memory server's answer is malformed when there is nothing to move
	}
	drain(t, w)
	equal(t, "unfiled", len(l.unfiled), 0)

	// Removed after the search, before the fetch.
	p.add("INBOX", letter("e"))
	p.add("INBOX", letter("f"))
	l.into = nil
	if err := w.scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.remove("INBOX", 5)
	drain(t, w)
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4, 6})
}

// A message that a person has marked for deletion is new all the same, and its copy in the folder is not
// marked.
func testMarked(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("marked"), imap.FlagDeleted)
	drain(t, watch(t, cfg, l))
	equal(t, "inbox", p.texts("INBOX"), []string(nil))
	processed := slices.Collect(maps.Values(p.messages(srv.folder(intake.Processed))))
	if len(processed) != 1 || slices.Contains(processed[0].Flags, imap.FlagDeleted) {
		t.Errorf("processed: %+v", processed)
	}
}

// What a person has marked and we have no business with is never expunged, and what we could not expunge
// because of it is not copied again.
func testOthersMarked(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("theirs"))
	l.into = func(a intake.Arrival) intake.Folder {
		if a.UID == 2 {
			p.add("INBOX", letter("late"), imap.FlagDeleted)
		}
		if strings.Contains(string(a.Raw), "theirs") {
			return "" // held back
		}
		return intake.Processed
	}
	p.add("INBOX", letter("ours"))
	w := watch(t, cfg, l)
	if n, err := w.Step(t.Context()); n != 1 || err != nil {
		t.Fatalf("Step = %d, %v", n, err)
	}
	inbox := p.texts("INBOX")
	if !slices.Contains(inbox, letter("late")) || !slices.Contains(inbox, letter("theirs")) {
		t.Errorf("somebody else's message was expunged: %q", inbox)
	}
	drain(t, w)
	equal(t, "inbox", p.texts("INBOX"), []string{letter("theirs")})
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{letter("ours"), letter("late")})
}

func testFolders(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	folders := []intake.Folder{intake.Processed, intake.RefusedBox, intake.Quarantine}
	p.must(p.c.Create(srv.folder(intake.RefusedBox), nil).Wait())
	p.add(srv.folder(intake.RefusedBox), letter("old"))
	for i := range folders {
		p.add("INBOX", letter(fmt.Sprint(i)))
	}
	l.into = func(a intake.Arrival) intake.Folder { return folders[a.UID-1] }
	drain(t, watch(t, cfg, l))
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{letter("0")})
	equal(t, "refused", p.texts(srv.folder(intake.RefusedBox)), []string{letter("old"), letter("1")})
	equal(t, "quarantine", p.texts(srv.folder(intake.Quarantine)), []string{letter("2")})
}

// Another folder than INBOX, with a name that is not ASCII.
func testFolderName(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	name := srv.folder("Überprüfung & Co")
	p.must(p.c.Create(name, nil).Wait())
	cfg.Folder = strings.ReplaceAll(name, ".", "/")
	p.add(name, letter("one"))
	drain(t, watch(t, cfg, l))
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{letter("one")})
	equal(t, "watched", p.texts(name), []string(nil))
}

func testFolderRemoved(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	w := watch(t, cfg, l)
	drain(t, w)
	p.must(p.c.Delete(srv.folder(intake.Processed)).Wait())
	p.add("INBOX", letter("one"))
	drain(t, w)
	equal(t, "processed", p.texts(srv.folder(intake.Processed)), []string{letter("one")})
}

func testUIDValidity(t *testing.T, srv server) {
	cfg := srv.config(t)
	p, l := meet(t, cfg), newLedger()
	p.add("INBOX", letter("kept"))
	before := p.open("INBOX")
	l.into = func(intake.Arrival) intake.Folder { return "" } // held back
	w := watch(t, cfg, l)
	drain(t, w)
	l.into, l.taken = nil, nil
	srv.renumber(t, cfg)
	for len(l.taken) == 0 { // a server may end the session first
		if n, err := w.Step(t.Context()); n == 0 && err == nil {
			t.Fatal("not seen as new")
		}
	}
	after := meet(t, cfg).open("INBOX")
	if before == after || l.taken[0].UIDValidity != after {
		t.Errorf("UIDVALIDITY %d, then %d, taken with %d", before, after, l.taken[0].UIDValidity)
	}
}
