package mailbox

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// rehearsed is a visit that has found the folders, beside a person.
func rehearsed(t *testing.T, caps ...imap.Cap) (*Visit, *person) {
	t.Helper()
	cfg := newMemServer(caps...).config(t)
	p := meet(t, cfg)
	v := NewVisit(cfg)
	t.Cleanup(v.Leave)
	if err := v.Enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Folders(t.Context()); err != nil {
		t.Fatal(err)
	}
	return v, p
}

func test(id string) []byte { return []byte("Message-ID: <" + id + ">\r\n" + letter("test")) }

// TestRehearse: nothing remains of a test message, whatever the server can do, and what others have marked stays.
func TestRehearse(t *testing.T) {
	t.Parallel()
	for name, caps := range map[string][]imap.Cap{
		"MOVE":    {imap.CapMove, imap.CapUIDPlus},
		"UIDPLUS": {imap.CapUIDPlus},
		"neither": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, p := rehearsed(t, caps...)
			for range 2 {
				came, err := v.Rehearse(t.Context(), "t1@doctor.invalid", test("t1@doctor.invalid"))
				if err != nil || time.Since(came) > time.Minute {
					t.Fatal(came, err)
				}
				for _, folder := range []string{"INBOX", "Processed", "Refused", "Quarantine"} {
					equal(t, folder, p.texts(folder), []string(nil))
				}
			}
			p.add("Refused", letter("theirs"), imap.FlagDeleted)
			p.add("Processed", letter("theirs too"), imap.FlagDeleted)
			if _, err := v.Rehearse(t.Context(), "t2@doctor.invalid", test("t2@doctor.invalid")); err != nil {
				t.Fatal(err)
			}
			for folder, subject := range map[string]string{"Refused": "theirs", "Processed": "theirs too"} {
				if texts := strings.Join(p.texts(folder), "\n"); !strings.Contains(texts, subject) {
					t.Errorf("%s has lost what somebody else has marked: %q", folder, texts)
				}
			}
		})
	}
}

// TestNewest: what is read is not seen by that, the newest first, of every folder.
func TestNewest(t *testing.T) {
	t.Parallel()
	v, p := rehearsed(t, imap.CapMove)
	now := time.Now().Truncate(time.Second)
	p.addAt("INBOX", "From: a@one.test\r\n\r\nfirst", now.Add(-3*time.Hour))
	p.addAt("INBOX", "From: a@one.test\r\n\r\nthird", now.Add(-time.Hour))
	p.addAt("Processed", "From: b@two.test\r\nMessage-ID: <x@two.test>\r\n\r\nsecond", now.Add(-2*time.Hour))
	said := func(from string, most int) (out []string) {
		found, err := v.Newest(t.Context(), most, from)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			_, text, _ := strings.Cut(string(f.Raw), "\r\n\r\n")
			out = append(out, string(f.Folder)+": "+text)
		}
		return out
	}
	equal(t, "all", said("", 5), []string{": third", "Processed: second", ": first"})
	equal(t, "one of each", said("", 1), []string{": third", "Processed: second"})
	equal(t, "of one", said("@two.test", 5), []string{"Processed: second"})
	if m, ok, err := v.Find(t.Context(), "x@two.test"); !ok || err != nil || m.Folder != intake.Processed ||
		!m.At.Equal(now.Add(-2*time.Hour)) {
		t.Errorf("found %+v, %v, %v", m, ok, err)
	}
	if _, ok, err := v.Find(t.Context(), "y@two.test"); ok || err != nil {
		t.Errorf("found what is not there: %v", err)
	}
	for _, m := range p.messages("INBOX") {
		if len(m.Flags) > 0 {
			t.Errorf("flags %v", m.Flags)
		}
	}
}
