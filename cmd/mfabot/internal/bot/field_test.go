package bot

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/mailbox/imaptest"
)

// TestField has mail servers as they were met in the field, with what the operator hears of them.
func TestField(t *testing.T) {
	t.Parallel()
	troubles := imaptest.Troubles()
	for row, name := range fieldTroubles() {
		trouble, there := troubles[name]
		if !there {
			t.Fatalf("no trouble %q", name)
		}
		t.Run(row, tellsOfOne(trouble.Oddity, trouble.Words))
	}
	for row, holds := range map[string]func(t *testing.T){
		"t_poison NoData":          nothingHandedOver,
		"t_poison ExchangeUidLast": uidLast,
		"t_poison NotConnected":    notConnected,
		"t_flow2 placeholder":      noteInstead,
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			holds(t)
		})
	}
}

// fieldTroubles are the troubles of servers in the field with one message.
func fieldTroubles() map[string]string {
	return map[string]string{
		"t_poison Bad12":        "BAD",
		"t_poison CloseOn2":     "closes",
		"t_poison LiteralShort": "the literal is cut",
		"t_poison NoOne":        "NO",
	}
}

// Of a mailbox that is not handed over at all, every message is named.
func nothingHandedOver(t *testing.T) {
	b := newOddBot(t, imaptest.Oddity{Fetch: func(*imaptest.Conn, int, imaptest.Message, bool) bool { return true }})
	b.settle()
	b.told(1, "UID 1", "UID 2", "UID 3", "UID 4")
	if code, text := b.health(); code != http.StatusServiceUnavailable || !strings.Contains(text, "message 4 is not handed over") {
		t.Errorf("readyz: %d %s", code, text)
	}
}

// Exchange names a message behind its contents, which is no trouble.
func uidLast(t *testing.T) {
	b := newOddBot(t, imaptest.Wordings()["UID last"])
	b.settle()
	if uids := b.onRecord(); !slices.Equal(uids, []uint32{1, 2, 3, 4}) {
		t.Errorf("on record are %v", uids)
	}
	b.told(0)
	if code, text := b.health(); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, text)
	}
}

// A mailbox that lets us in and then cannot be read is told of after some time, once a day, and the health check says so.
func notConnected(t *testing.T) {
	b := newOddBot(t, imaptest.Oddity{Answer: func(c *imaptest.Conn, command string) bool {
		if !strings.HasPrefix(command, "SELECT") {
			return false
		}
		c.Say("TAG BAD User is authenticated but not connected.")
		return true
	}})
	l := b.lookout
	for passed := time.Duration(0); passed < 12*time.Hour; passed += 5 * time.Minute {
		if n, err := b.Watchers[0].Step(t.Context()); n != 0 || err == nil {
			t.Fatalf("Step: %d, %v", n, err)
		}
		_, err := l.step(t.Context())
		done(t, err)
		if n, due := len(b.alerts(intake.AlertUnread)), passed >= intake.AlarmAfter; (n > 0) != due || n > 1 {
			t.Fatalf("%d alerts after %v", n, passed)
		}
		b.now = b.now.Add(5 * time.Minute)
	}
	if text := b.alerts(intake.AlertUnread)[0]; !strings.Contains(text, "mailbox helpdesk") ||
		!strings.Contains(text, "authenticated but not connected") {
		t.Errorf("the operator is told: %s", text)
	}
	if code, text := b.health(); code != http.StatusServiceUnavailable || !strings.Contains(text, "mailbox helpdesk: not read yet") {
		t.Errorf("readyz: %d %s", code, text)
	}
	b.mail.Mend(imaptest.Oddity{})
	b.settle()
	if uids := b.onRecord(); len(uids) != 4 {
		t.Errorf("on record are %v", uids)
	}
}

// A message in whose place the server hands over a note stays in the inbox, the operator is told whose it is, and it is read
// once the server hands it over. Where an older version took the note for the message, requeue reads the message.
func noteInstead(t *testing.T) {
	trouble := imaptest.Troubles()["a stand-in"]
	b := newOddBot(t, trouble.Oddity)
	b.settle()
	b.told(1, "UID 2", trouble.Words)
	if left := b.mail.Inbox(); len(left) != 1 || left[0].UID != imaptest.Second {
		t.Errorf("in the inbox are %v", left)
	}
	b.mail.Mend(imaptest.Oddity{})
	b.now = b.now.Add(6 * time.Hour)
	b.settle()
	if uids := b.onRecord(); !slices.Equal(uids, []uint32{1, 2, 3, 4}) || len(b.mail.Inbox()) != 0 {
		t.Errorf("on record are %v, in the inbox %v", uids, b.mail.Inbox())
	}

	note := intake.Copy{Mailbox: "helpdesk", UIDValidity: 7, UID: 99}
	_, err := b.Inbox.Take(t.Context(), []intake.Arrival{{Copy: note, Raw: []byte(imaptest.StandIn)}})
	done(t, err)
	ledger, err := b.Store.Inbound(t.Context())
	done(t, err)
	taken := ledger[len(ledger)-1]
	b.mail.Deliver("From: <" + lakeside + ">\r\nTo: <" + mfa + ">\r\nSubject: MFA for Sam Green\r\nMessage-ID: <5@care.test>\r\n" +
		"Date: " + b.now.Format(time.RFC1123Z) + "\r\n\r\nHello.\r\n")
	became, err := b.Desk.Requeue(t.Context(), taken.ID, inbound.Again{})
	done(t, err)
	original, err := b.Store.Message(t.Context(), taken.ID)
	done(t, err)
	if taken.Outcome != intake.OutcomeQuarantined || became.Outcome == intake.OutcomeQuarantined ||
		original.Subject != "MFA for Sam Green" {
		t.Errorf("the note is %s; %q is %s %s", taken.Outcome, original.Subject, became.Outcome, became.Reason)
	}
}
