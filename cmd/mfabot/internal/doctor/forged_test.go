package doctor

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// TestForgedIsNoBreak: mail that a stranger forges, however much of it, is no sign that the mail server has stopped to say who
// sends: the server does say that this is not proven. Where only signatures prove anybody, that one lacks is none either. What
// answers a letter of ours is, as only who got that can.
func TestForgedIsNoBreak(t *testing.T) {
	t.Parallel()
	const refused = "Authentication-Results: mx.helpdesk.test; dmarc=fail header.from=pharmacy.test; " +
		"spf=fail smtp.mailfrom=pharmacy.test\r\n"
	signed := func(c *clinic) {
		c.edit(`authserv_id = "mx.helpdesk.test"`, "dkim = true")
		c.edit("[[mailbox]]", "resolver = \""+nameServer(c.t, dnsmessage.RCodeNameError)+"\"\n[[mailbox]]")
	}
	for _, c := range []struct {
		name, above string
		trust       []func(*clinic)
		answers     bool
	}{
		{name: "refused by the server", above: refused},
		{name: "nothing known to the server", above: "Authentication-Results: mx.helpdesk.test; dmarc=none; spf=none\r\n"},
		{name: "refused, in answer to a letter", above: refused, answers: true},
		{name: "without a signature", trust: []func(*clinic){signed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, c.trust...)
			if c.answers {
				writes(1, oakStreet, pharmacy)(w)
				w.answers = "In-Reply-To: <" + w.letterTo(oakStreet) + ">\r\n"
			}
			writes(5, oakStreet, c.above)(w)
			code, text := w.readyz()
			if said := strings.Contains(text, "prove nobody"); said != c.answers || (code == http.StatusOK) == c.answers {
				t.Errorf("/readyz: %d, and that mail proves nobody is said: %v\n%s", code, said, text)
			}
			w.goesOn(90 * time.Minute)
			if alarmed := slices.Contains(w.alarms(), "proof broken"); alarmed != c.answers {
				t.Errorf("an alarm is given: %v, %q", alarmed, w.alarms())
			}
		})
	}
}

// letterTo is the Message-ID of the letter that went to an address.
func (w *ward) letterTo(addr string) string {
	w.t.Helper()
	all, err := w.bot.Store.Outbound(w.t.Context())
	done(w.t, err)
	for _, o := range all {
		if o.To == addr {
			return o.MessageID
		}
	}
	w.t.Fatalf("no letter went to %s", addr)
	return ""
}
